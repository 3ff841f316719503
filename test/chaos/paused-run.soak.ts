import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { catalogFacts } from '../fixtures/catalog-facts.ts';
import { finalDigests, leftovers, sluice, startSluice } from '../fixtures/small-loop-run.ts';
import { withSmallLoop } from '../fixtures/small-loop.ts';

test('a run that was paused for longer than its lease commits nothing beside the one that took over', async () => {
  await withSmallLoop(async (directory) => {
    const paused = startSluice(directory, ['run']);
    let told = '';
    paused.child.stderr?.on('data', (text: string) => (told += text));
    while (!told.includes('featurize')) await sleep(5);
    paused.child.kill('SIGSTOP');
    const early = await sluice(directory, 'run');
    assert.equal(early.code, 6, early.errors);
    // The lease is good for 15 s.
    await sleep(16_000);
    const second = await sluice(directory, 'run');
    assert.equal(second.code, 0, second.errors);
    const [final, facts] = [await finalDigests(directory), catalogFacts(directory)];
    paused.child.kill('SIGCONT');
    const end = await paused.ended;
    assert.equal(end.code, 6, `${end.output}\n${end.errors}`);
    assert.match(end.errors, /LEDGER_FENCED/);
    assert.deepEqual(await finalDigests(directory), final);
    assert.deepEqual(catalogFacts(directory), facts);
    assert.deepEqual([facts['unfinished'], facts['leases']], [[], []]);
    assert.deepEqual(leftovers(directory), []);
  });
});
