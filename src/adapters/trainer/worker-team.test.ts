import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { isSluiceError } from '../../base/errors.ts';
import { WorkerTeam } from './worker-team.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'sluice-'));
after(() => rmSync(folder, { recursive: true }));

/** Writes a worker that answers jobs by the given body. */
function aWorker(name: string, body: string): URL {
  const file = path.join(folder, `${name}.ts`);
  const module = new URL('./answer-jobs.ts', import.meta.url).href;
  writeFileSync(file, `import { answerJobs } from '${module}';\nanswerJobs((job, note) => { ${body} });\n`);
  return pathToFileURL(file);
}

const bounds = { trainer: 'test', signal: new AbortController().signal, timeoutMs: 20_000 };

test('every thread answers its jobs in order and sends notes on the way', async () => {
  const team = new WorkerTeam(aWorker('double', 'note(`saw ${job}`); return 2 * job;'), 2, bounds);
  const notes: unknown[] = [];
  assert.deepEqual(await team.askAll((index) => index + 10), [20, 22]);
  assert.deepEqual(await Promise.all([team.ask(0, 1, (note) => notes.push(note)), team.ask(0, 2)]), [2, 4]);
  assert.deepEqual(notes, ['saw 1']);
  await team.close();
});

test('a thread that throws rejects the jobs of all', async () => {
  const team = new WorkerTeam(
    aWorker('fails', 'if (job === 1) throw new RangeError("no room"); for (;;);'),
    2,
    bounds,
  );
  const open = team.ask(0, 0);
  await assert.rejects(
    team.ask(1, 1),
    (error) => isSluiceError(error, 'TRAIN_WORKER') && /no room/.test(error.message),
  );
  await assert.rejects(open, (error) => isSluiceError(error, 'TRAIN_WORKER'));
  await assert.rejects(team.ask(0, 0), (error) => isSluiceError(error, 'TRAIN_WORKER'));
  await team.close();
});
