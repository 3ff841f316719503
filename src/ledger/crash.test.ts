import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { crashingTables } from '../../test/fixtures/crashing-tables.ts';
import {
  aChain,
  begin,
  commitChain,
  digestOfDraft,
  dump,
  openExample,
  openUnflushed,
  type Example,
} from '../../test/fixtures/example-ledger.ts';
import { manualClock } from '../base/clock.ts';
import type { Step } from '../records/step.ts';
import type { FinishStep, Lease, Ledger } from './ledger.ts';
import { openLedger } from './open-ledger.ts';

/** What a test of one write gets: a ledger that may die at any call. */
interface Scene {
  readonly ledger: Ledger;
  readonly lease: Lease;
  readonly step: Step;
  readonly finish: FinishStep;
}

const writes: Readonly<Record<string, (scene: Scene) => Promise<unknown>>> = {
  'finishing a step': ({ ledger, finish }) => ledger.journal.finishStep(finish),
  'failing a step': ({ ledger, lease, step }) =>
    ledger.journal.failStep({ step, lease, error: { code: 'X', message: 'y' } }),
  'abandoning steps': async ({ ledger, lease }) => ledger.journal.abandonRunning(lease),
  'overriding an alias': ({ ledger, finish }) =>
    ledger.aliases.override({
      loop: 'late',
      alias: 'candidate',
      reason: 'x',
      model: finish.aliasMoves?.[0]?.expected ?? '',
    }),
  'renewing a lease': ({ ledger, lease }) => ledger.leases.renew(lease, 99_000),
  'returning a lease': ({ ledger, lease }) => ledger.leases.release(lease),
  'taking a lease': ({ ledger }) => ledger.leases.acquire('another', '2@here', 1000),
  'remembering files': ({ ledger, step }) =>
    ledger.sourceFiles.remember([{ path: 'a', sizeBytes: 1, mtimeUs: 1, raw: step.key }]),
  'recording deliveries': ({ ledger, step }) =>
    ledger.deliveries.record([{ source: 's', raw: step.key, name: 'a', outcome: 'new' }]),
};

for (const [name, write] of Object.entries(writes)) {
  test(`${name} is done whole or not at all, whichever call is the last`, async () => {
    const example = await openExample();
    const directory = mkdtempSync(path.join(os.tmpdir(), 'sluice-'));
    try {
      const prepared = await prepare(example);
      const origin = path.join(directory, 'origin.db');
      await example.tables.backup(origin);
      const runOnce = (at: number, when: 'before' | 'after') =>
        attempt(example, { origin, at, when, write, prepared });
      const whole = await runOnce(Infinity, 'before');
      assert.ok(!whole.hasCrashed && whole.before !== whole.after);
      let states = new Set<string>();
      for (const when of ['before', 'after'] as const) {
        for (let at = 1; at <= whole.calls; at++) {
          const crashed = await runOnce(at, when);
          assert.ok(crashed.hasCrashed);
          assert.ok(
            crashed.after === whole.before || crashed.after === whole.after,
            `${when} call ${at} left a state in between`,
          );
          states = states.add(crashed.after);
        }
      }
      assert.equal(states.size, 2);
    } finally {
      rmSync(directory, { recursive: true });
      await example.close();
    }
  });
}

type Prepared = Omit<Scene, 'ledger'>;

/** A running step that will make a whole chain, move an alias and record a delivery. */
async function prepare(example: Example): Promise<Prepared> {
  const { model: champion } = await commitChain(example, 'jan');
  const { batch, validation, dataset, trainingSet, model, evaluation, decision } = await aChain(
    example.blob,
    'feb',
  );
  const step = await begin(example, 'register');
  const move = { loop: 'late', alias: 'champion', reason: 'better' } as const;
  const [moved, evidence] = [digestOfDraft(model), digestOfDraft(decision)];
  const versions = [batch, validation, dataset, trainingSet, model, evaluation, decision];
  const finish: FinishStep = {
    step,
    lease: example.lease,
    outcome: { versions, verdict: 'pass', facts: { rows: 1 } },
    provenance: { commit: 'def' },
    aliasMoves: [{ ...move, model: moved, evidence, expected: digestOfDraft(champion) }],
    deliveries: [{ source: 'flights', raw: batch.content.raw, name: 'feb', outcome: 'new' }],
  };
  return { lease: example.lease, step, finish };
}

interface Attempt {
  readonly origin: string;
  readonly at: number;
  readonly when: 'before' | 'after';
  readonly write: (scene: Scene) => Promise<unknown>;
  readonly prepared: Prepared;
}

async function attempt(example: Example, { origin, at, when, write, prepared }: Attempt) {
  const catalog = `${origin}.copy`;
  copyFileSync(origin, catalog);
  const clock = manualClock(example.clock.nowUs());
  let tables = await openUnflushed(catalog);
  const options = { blob: example.blob, clock, actor: 'tester' };
  const { lease, isAbandoning } = await heldLease(tables, options, { write, prepared });
  const before = await dump(tables);
  // Opening reads the catalog's version; counting starts after it.
  const reads = crashingTables(tables, Infinity, when);
  await openLedger({ ...options, tables: reads });
  const crashing = crashingTables(tables, reads.calls() + at, when);
  const ledger = await openLedger({ ...options, tables: crashing });
  const scene = { ...prepared, ledger, lease: isAbandoning ? lease : prepared.lease };
  await write(scene).catch((error: { code?: string }) => assert.equal(error.code, 'TABLES_UNAVAILABLE'));
  // The end of a process ends its connections: what was not committed is gone.
  await tables.close();
  tables = await openUnflushed(catalog);
  const after = await dump(tables);
  await tables.close();
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${catalog}${suffix}`, { force: true });
  return { before, after, calls: crashing.calls() - reads.calls(), hasCrashed: crashing.hasCrashed() };
}

/** Only abandoning needs a later epoch than the one the step runs under. */
async function heldLease(
  tables: Awaited<ReturnType<typeof openUnflushed>>,
  options: Omit<Parameters<typeof openLedger>[0], 'tables'>,
  { write, prepared }: Pick<Attempt, 'write' | 'prepared'>,
): Promise<{ readonly lease: Lease; readonly isAbandoning: boolean }> {
  if (write !== writes['abandoning steps']) return { lease: prepared.lease, isAbandoning: false };
  const { leases } = await openLedger({ ...options, tables });
  await leases.release(prepared.lease);
  return { lease: await leases.acquire(prepared.lease.name, '2@here', 15_000), isAbandoning: true };
}
