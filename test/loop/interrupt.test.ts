import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { processTree, survivorsOf } from '../fixtures/process-tree.ts';
import { finalDigests, leftovers, sluice, startSluice } from '../fixtures/small-loop-run.ts';
import { withSmallLoop } from '../fixtures/small-loop.ts';

const stages = ['ingest', 'validate', 'featurize', 'train', 'evaluate'] as const;

test('Ctrl-C in any stage ends a run with 130, without a stack or a remnant, and the next run goes on', async () => {
  const wanted = await withSmallLoop(async (directory) => {
    assert.equal((await sluice(directory, 'run')).code, 0);
    return finalDigests(directory);
  });
  await withSmallLoop(async (directory) => {
    for (const stage of stages) await interruptIn(directory, stage);
    const end = await sluice(directory, 'run');
    assert.equal(end.code, 0, end.errors);
    assert.deepEqual(await finalDigests(directory), wanted);
  });
});

/** Presses Ctrl-C as soon as the stages before this one have told their ends. */
async function interruptIn(directory: string, stage: (typeof stages)[number]): Promise<void> {
  const { child, ended } = startSluice(directory, ['run']);
  let told = '';
  child.stderr?.on('data', (text: string) => (told += text));
  const before = stages.indexOf(stage);
  const isThere = (): boolean =>
    existsSync(path.join(directory, '.sluice', 'catalog.db')) && told.split('\n').length > before;
  while (!isThere() && child.exitCode === null) await sleep(5);
  await sleep(20);
  const children = process.platform === 'linux' ? processTree(child.pid ?? 0) : [];
  const startMs = performance.now();
  child.kill('SIGINT');
  const end = await ended;
  assert.equal(end.code, 130, `${stage}: ${end.signal} ${end.errors}`);
  assert.doesNotMatch(end.errors, /\n\s+at |\bbug\b/);
  assert.match(end.errors, /interrupted/);
  assert.ok(performance.now() - startMs < 10_000, 'nobody waits long for Ctrl-C');
  assert.deepEqual(leftovers(directory), []);
  assert.deepEqual(await survivorsOf(children, 2000), []);
}
