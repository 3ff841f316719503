import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { killRuns, killText } from '../fixtures/killed-runs.ts';
import { processTree, survivorsOf } from '../fixtures/process-tree.ts';
import { sluice, startSluice } from '../fixtures/small-loop-run.ts';
import { withSmallLoop } from '../fixtures/small-loop.ts';

const isLinux = process.platform === 'linux';

test('25 kill -9 at random moments leave nothing that a restart does not mend', async (t) => {
  if (!isLinux) return t.skip('untested: processes are looked up in /proc');
  const report = await killRuns({ kills: 25, seed: 20_240_301 });
  t.diagnostic(killText(report));
  assert.equal(report.kills, 25);
});

test('a command trainer dies with the run that started it, and the next run takes over', async (t) => {
  if (!isLinux) return t.skip('untested: processes are looked up in /proc');
  await withSmallLoop(async (directory) => {
    const started = path.join(directory, 'started');
    writeFileSync(
      path.join(directory, 'hang.cjs'),
      `require('node:fs').writeFileSync(${JSON.stringify(started)}, String(process.pid));
       process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);`,
    );
    const command = ['--set', 'train.trainer=command'];
    const words = [...command, '--set', `train.params.command=["${process.execPath}","hang.cjs"]`];
    const { child, ended } = startSluice(directory, ['run', ...words]);
    while (!existsSync(started) || readFileSync(started, 'utf8') === '') await sleep(50);
    const tree = processTree(child.pid ?? 0);
    assert.ok(tree.some(({ pid }) => String(pid) === readFileSync(started, 'utf8')));
    child.kill('SIGKILL');
    await ended;
    assert.deepEqual(await survivorsOf(tree, 10_000), []);
    const end = await sluice(directory, 'run');
    assert.equal(end.code, 0, end.errors);
  });
});
