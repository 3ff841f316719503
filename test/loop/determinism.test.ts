import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { finalDigests, ran, runForSteps, sluice } from '../fixtures/small-loop-run.ts';
import { withSmallLoop } from '../fixtures/small-loop.ts';

test('runs in fresh folders give the same digests, whatever the path, the times of the files and the threads', async () => {
  await withSmallLoop(async (first) => {
    assert.equal((await sluice(first, 'run')).code, 0);
    const wanted = await finalDigests(first);
    assert.ok(Object.values(wanted).every((digest) => digest !== null));
    assert.ok('alias 0' in wanted, 'a champion');
    await withSmallLoop(async (second) => {
      const landing = path.join(second, 'landing');
      for (const [i, name] of readdirSync(landing).sort().reverse().entries()) {
        utimesSync(path.join(landing, name), 1e9 + i * 1000, 1e9 + i * 1000);
      }
      const end = await sluice(second, 'run', '--set', 'engine.threads=1', '--set', 'engine.memoryMb=300');
      assert.equal(end.code, 0, end.errors);
      assert.deepEqual(await finalDigests(second), wanted);
    });
  });
});

test('a second run reuses every step, within two seconds on an idle machine', async (t) => {
  await withSmallLoop(async (directory) => {
    const first = await runForSteps(directory);
    assert.equal(first.code, 0, first.errors);
    const second = await runForSteps(directory);
    assert.equal(second.code, 0, second.errors);
    assert.deepEqual(ran(second.steps), []);
    assert.deepEqual(
      second.steps.map(({ outputs }) => outputs),
      first.steps.map(({ outputs }) => outputs),
    );
    t.diagnostic(`first run ${Math.round(first.elapsedMs)} ms, second ${Math.round(second.elapsedMs)} ms`);
    // The promise is 2 s without npx; the bound leaves room for a busy machine.
    assert.ok(second.elapsedMs < 4000, `${Math.round(second.elapsedMs)} ms`);
  });
});

test('a run in a folder that another path leads to reuses what is there', async () => {
  await withSmallLoop(async (directory) => {
    const elsewhere = path.join(directory, 'sub');
    mkdirSync(elsewhere);
    assert.equal((await sluice(directory, 'run', '--quiet')).code, 0);
    const again = await sluice(elsewhere, 'run', '--json', '--project', '..');
    rmSync(elsewhere, { recursive: true });
    const { steps } = JSON.parse(again.output) as Awaited<ReturnType<typeof runForSteps>>;
    assert.deepEqual(ran(steps), []);
  });
});
