import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { catalogFacts } from '../fixtures/catalog-facts.ts';
import { finalDigests, leftovers, sluice, startSluice } from '../fixtures/small-loop-run.ts';
import { withSmallLoop } from '../fixtures/small-loop.ts';

test('of two runs that start at once in a new folder one ends normally and the other waits or is told who runs', async () => {
  await withSmallLoop(async (directory) => {
    const runs = [startSluice(directory, ['run']), startSluice(directory, ['run'])];
    const ends = await Promise.all(runs.map((run) => run.ended));
    const codes = ends.map((end) => end.code);
    assert.ok(codes.includes(0), ends.map((end) => end.errors).join('\n'));
    for (const [i, end] of ends.entries()) {
      if (end.code === 0) continue;
      assert.equal(end.code, 6, end.errors);
      assert.match(end.errors, new RegExp(`held by ${runs[1 - i]?.child.pid}@${hostname()} since `));
    }
    const alone = await withSmallLoop(async (other) => {
      assert.equal((await sluice(other, 'run')).code, 0);
      return finalDigests(other);
    });
    assert.deepEqual(await finalDigests(directory), alone);
    assert.deepEqual(leftovers(directory), []);
    const { unfinished, leases } = catalogFacts(directory);
    assert.deepEqual([unfinished, leases], [[], []]);
  });
});

test('a second run is told who holds the lease, and disturbs neither the first nor what it made', async () => {
  await withSmallLoop(async (directory) => {
    writeFileSync(
      path.join(directory, 'slow.cjs'),
      `require('node:fs').writeFileSync('started', ''); setInterval(() => {}, 1000);`,
    );
    const command = `train.params.command=["${process.execPath}","slow.cjs"]`;
    const first = startSluice(directory, ['run', '--set', 'train.trainer=command', '--set', command]);
    while (!existsSync(path.join(directory, 'started'))) await sleep(50);
    const second = await sluice(directory, 'run', '--json');
    assert.equal(second.code, 6);
    const { error } = JSON.parse(second.output) as {
      readonly error: { readonly code: string; readonly message: string };
    };
    assert.equal(error.code, 'LEDGER_LEASE_HELD');
    assert.match(error.message, new RegExp(`held by ${first.child.pid}@`));
    assert.equal((await sluice(directory, 'status')).code, 0, 'looking is allowed meanwhile');
    first.child.kill('SIGINT');
    assert.equal((await first.ended).code, 130);
    const third = await sluice(directory, 'run');
    assert.equal(third.code, 0, third.errors);
    assert.deepEqual(leftovers(directory), []);
  });
});
