import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../../src/base/random.ts';
import { processTree, survivorsOf } from '../fixtures/process-tree.ts';
import { finalDigests, leftovers, sluice, startSluice } from '../fixtures/small-loop-run.ts';
import { withSmallLoop } from '../fixtures/small-loop.ts';

test('Ctrl-C at any moment ends a run with 130, without a stack or a remnant, and the next run completes it', async (t) => {
  const { wanted, fullMs } = await withSmallLoop(async (directory) => {
    const end = await sluice(directory, 'run');
    return { wanted: await finalDigests(directory), fullMs: end.elapsedMs };
  });
  const random = seededRandom(130);
  let interrupted = 0;
  for (let loop = 0; loop < 3; loop++) {
    await withSmallLoop(async (directory) => {
      for (let attempt = 0; attempt < 3; attempt++) {
        const { child, ended } = startSluice(directory, ['run']);
        await sleep((0.3 + 0.7 * random.next()) * fullMs);
        const children = process.platform === 'linux' ? processTree(child.pid ?? 0) : [];
        const startMs = performance.now();
        child.kill('SIGINT');
        const end = await ended;
        if (end.code === 0) continue;
        interrupted += 1;
        assert.equal(end.code, 130, `${end.signal} ${end.errors}`);
        assert.doesNotMatch(end.errors, /\n\s+at |\bbug\b/);
        assert.match(end.errors, /interrupted/);
        assert.deepEqual(leftovers(directory), []);
        assert.deepEqual(await survivorsOf(children, 2000), []);
        assert.ok(performance.now() - startMs < 10_000, 'nobody waits long for Ctrl-C');
      }
      const end = await sluice(directory, 'run');
      assert.equal(end.code, 0, end.errors);
      assert.deepEqual(await finalDigests(directory), wanted);
    });
  }
  t.diagnostic(`${interrupted} runs interrupted`);
  assert.ok(interrupted > 0);
});
