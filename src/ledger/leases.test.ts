import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { aBatch, begin, openExample, secondUs, type Example } from '../../test/fixtures/example-ledger.ts';
import { exclusiveLease } from './ledger.ts';

let example: Example;
beforeEach(async () => {
  example = await openExample();
});
afterEach(() => example.close());

test('a held lease is refused with holder, since when and until when', async () => {
  const { ledger, clock } = example;
  clock.advanceUs(secondUs);
  await assert.rejects(ledger.leases.acquire('loop:late', '2@there', 1000), {
    code: 'LEDGER_LEASE_HELD',
    kind: 'conflict',
    message:
      'The lease loop:late is held by 1@here since 2001-09-09T01:46:40.000Z, until 2001-09-09T01:46:55.000Z unless renewed.',
  });
  // The same process twice is two holders.
  await assert.rejects(ledger.leases.acquire('loop:late', '1@here', 1000), { code: 'LEDGER_LEASE_HELD' });
  assert.equal((await ledger.leases.acquire('loop:early', '2@there', 1000)).epoch, 1);
});

test('an expired or returned lease goes to the next one with a higher epoch', async () => {
  const { ledger, lease, clock } = example;
  clock.advanceUs(15 * secondUs);
  const second = await ledger.leases.acquire('loop:late', '2@there', 1000);
  assert.deepEqual(second, { name: 'loop:late', holder: '2@there', epoch: 2 });
  await ledger.leases.release(second);
  assert.equal((await ledger.leases.current('loop:late'))?.holder, null);
  const third = await ledger.leases.acquire('loop:late', '3@there', 1000);
  assert.equal(third.epoch, 3);
  // What the losers still hold is worth nothing, and giving it back takes nothing away.
  await ledger.leases.release(lease);
  await assert.rejects(ledger.leases.renew(lease, 1000), { code: 'LEDGER_FENCED', kind: 'conflict' });
  await ledger.leases.renew(third, 1000);
});

test('renewing moves the expiry; an expired lease that nobody took is still good', async () => {
  const { ledger, lease, clock } = example;
  clock.advanceUs(10 * secondUs);
  await ledger.leases.renew(lease, 15_000);
  clock.advanceUs(10 * secondUs);
  await assert.rejects(ledger.leases.acquire('loop:late', '2@there', 1000), { code: 'LEDGER_LEASE_HELD' });
  clock.advanceUs(10 * secondUs);
  await ledger.leases.renew(lease, 15_000);
  const seen = await ledger.leases.current('loop:late');
  assert.equal(seen?.expiresUs, clock.nowUs() + 15 * secondUs);
  assert.equal(await ledger.leases.current('nobody'), null);
});

test('a dead holder is replaced at once, but only by one of those who saw it', async () => {
  const { ledger, lease } = example;
  const seen = await ledger.leases.current('loop:late');
  assert.ok(seen !== null);
  const heir = await ledger.leases.takeOver(seen, '2@here', 1000);
  assert.equal(heir.epoch, 2);
  await assert.rejects(ledger.leases.takeOver(seen, '3@here', 1000), { code: 'LEDGER_LEASE_HELD' });
  await assert.rejects(ledger.leases.renew(lease, 1000), { code: 'LEDGER_FENCED' });
});

test('the exclusive lease and all others shut each other out', async () => {
  const { ledger, lease, clock } = example;
  await assert.rejects(ledger.leases.acquire(exclusiveLease, '2@there', 1000), {
    code: 'LEDGER_LEASE_HELD',
  });
  clock.advanceUs(15 * secondUs);
  const whole = await ledger.leases.acquire(exclusiveLease, '2@there', 1000);
  await assert.rejects(ledger.leases.acquire('loop:other', '3@there', 1000), { code: 'LEDGER_LEASE_HELD' });
  // The holder of the lease that had expired is fenced, although nobody took that very lease.
  await assert.rejects(ledger.leases.renew(lease, 1000), { code: 'LEDGER_FENCED' });
  await ledger.leases.release(whole);
  assert.equal((await ledger.leases.acquire('loop:late', '1@here', 1000)).epoch, 2);
});

test('a paused holder that wakes after its lease was taken can commit nothing', async () => {
  const { ledger, lease, clock, blob } = example;
  const step = await begin(example, 'ingest');
  const batch = await aBatch(blob, 'jan');
  clock.advanceUs(16 * secondUs);
  const heir = await ledger.leases.acquire('loop:late', '2@there', 15_000);
  const outcome = { versions: [batch], verdict: null, facts: {} };
  const late = { step, lease, outcome, provenance: {} };
  const error = { code: 'X', message: 'x' };
  const draft = {
    runId: step.runId,
    stage: 'ingest',
    subject: '',
    key: step.key,
    fields: {},
    lease,
  } as const;
  for (const write of [
    () => ledger.journal.finishStep(late),
    () => ledger.journal.failStep({ step, lease, error }),
    () => ledger.journal.beginStep(draft),
    () => ledger.journal.reuseStep({ ...draft, from: step }),
    () => ledger.journal.startRun({ loop: 'late', config: {}, lease }),
    () => ledger.journal.abandonRunning(lease),
  ]) {
    await assert.rejects(write(), {
      code: 'LEDGER_FENCED',
      message: 'The lease loop:late of epoch 1 is lost: 2@there holds it with epoch 2.',
    });
  }
  // Nor may the heir end a step that ran under another epoch; it abandons it.
  await assert.rejects(ledger.journal.finishStep({ ...late, lease: heir }), { code: 'LEDGER_FENCED' });
  assert.deepEqual(await ledger.versions.find({ kind: 'batch' }), []);
  const abandoned = await ledger.journal.abandonRunning(heir);
  assert.deepEqual(
    abandoned.map((one) => [one.id, one.state]),
    [[step.id, 'abandoned']],
  );
});

test('racing processes get a lease one at a time, each with an epoch of its own', async () => {
  const workers = 3;
  const results = await Promise.all(Array.from({ length: workers }, () => race(example.catalog)));
  const epochs = results.flatMap((result) => result.epochs).sort((a, b) => a - b);
  assert.deepEqual(
    epochs,
    Array.from({ length: epochs.length }, (_, i) => i + 1),
  );
  assert.ok(epochs.length >= workers);
  assert.equal(results.filter((result) => result.hasWonTheLast).length, 1);
});

interface Raced {
  readonly epochs: number[];
  readonly hasWonTheLast: boolean;
}

/** A thread with a database connection of its own takes and returns one lease, then competes for another for good. */
function race(catalog: string): Promise<Raced> {
  const source = `
    const { parentPort, workerData, threadId } = require('node:worker_threads');
    (async () => {
      const { openSqliteTables } = await import(workerData.tables);
      const { openLedger } = await import(workerData.ledger);
      const { systemClock } = await import(workerData.clock);
      const tables = await openSqliteTables({ path: workerData.catalog });
      const { leases } = await openLedger({ tables, blob: {}, clock: systemClock, actor: 'racer' });
      const attempt = (name) => leases.acquire(name, threadId + '@here', 60000).catch((error) => {
        if (error.code !== 'LEDGER_LEASE_HELD') throw error;
        return null;
      });
      const epochs = [];
      for (let i = 0; i < 25; i++) {
        const lease = await attempt('raced');
        if (lease === null) continue;
        epochs.push(lease.epoch);
        await leases.release(lease);
      }
      const hasWonTheLast = (await attempt('last')) !== null;
      await tables.close();
      parentPort.postMessage({ epochs, hasWonTheLast });
    })();`;
  const at = (file: string): string => new URL(file, import.meta.url).href;
  const worker = new Worker(source, {
    eval: true,
    workerData: {
      catalog,
      tables: at('../adapters/tables/sqlite.ts'),
      ledger: at('./open-ledger.ts'),
      clock: at('../base/clock.ts'),
    },
  });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}
