import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { openPipelineWorld, type PipelineWorld } from '../../test/fixtures/pipeline-world.ts';
import { isSluiceError } from '../base/errors.ts';
import { exclusiveLease } from '../ledger/ledger.ts';
import { keepLease } from './kept-lease.ts';

async function inWorld(work: (world: PipelineWorld) => Promise<void>): Promise<void> {
  const world = await openPipelineWorld();
  try {
    await work(world);
  } finally {
    await world.close();
  }
}

/** Yields `<pid>@<this host>` of a process that has ended. */
function deadHolder(): string {
  return `${spawnSync(process.execPath, ['-e', '']).pid}@${hostname()}`;
}

const ttlMs = 60_000;

test('a lease of a dead process of this machine is taken over at once', () =>
  inWorld(async ({ ledger, holder }) => {
    const dead = await ledger.leases.acquire('loop:a', deadHolder(), ttlMs);
    const kept = await keepLease({ ledger, name: 'loop:a', holder });
    assert.deepEqual([kept.lease.holder, kept.lease.epoch], [holder, dead.epoch + 1]);
    await kept.release();
    assert.equal((await ledger.leases.current('loop:a'))?.holder, null);
  }));

for (const [whose, other] of [
  ['a living process of this machine', `${process.pid}@${hostname()}`],
  ['a process of another machine', '1@elsewhere'],
  ['somebody who goes by no process id', 'me'],
] as const) {
  test(`a lease of ${whose} is left to it`, () =>
    inWorld(async ({ ledger, holder }) => {
      await ledger.leases.acquire('loop:a', other, ttlMs);
      await assert.rejects(
        keepLease({ ledger, name: 'loop:a', holder }),
        (error) => isSluiceError(error, 'LEDGER_LEASE_HELD') && error.message.includes(other),
      );
    }));
}

test('a garbage collector that died does not stand in the way for ever', () =>
  inWorld(async ({ ledger, holder }) => {
    await ledger.leases.acquire(exclusiveLease, deadHolder(), ttlMs);
    const kept = await keepLease({ ledger, name: 'loop:a', holder });
    assert.equal(kept.lease.name, 'loop:a');
    assert.equal((await ledger.leases.current(exclusiveLease))?.holder, null);
    await kept.release();
  }));

test('a lease is renewed while it is kept, and its loss is told', (context) =>
  inWorld(async ({ ledger, holder }) => {
    context.mock.timers.enable({ apis: ['setInterval'] });
    const kept = await keepLease({ ledger, name: 'loop:a', holder });
    const before = (await ledger.leases.current('loop:a'))?.expiresUs ?? 0;
    const settled = async (): Promise<void> => void (await ledger.leases.list());
    context.mock.timers.tick(5000);
    await settled();
    const seen = await ledger.leases.current('loop:a');
    assert.ok(seen !== null && seen.expiresUs > before);
    assert.equal(kept.lost.aborted, false);
    await ledger.leases.takeOver(seen, '7@elsewhere', ttlMs);
    context.mock.timers.tick(5000);
    for (let i = 0; i < 100 && !kept.lost.aborted; i++) await settled();
    assert.ok(isSluiceError(kept.lost.reason, 'LEDGER_FENCED'));
    await kept.release();
    assert.equal((await ledger.leases.current('loop:a'))?.holder, '7@elsewhere');
  }));
