import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import {
  aBatch,
  begin,
  commit,
  digestOfDraft,
  openExample,
  runSql,
  type Example,
} from '../../test/fixtures/example-ledger.ts';
import { digestBytes } from '../base/digest.ts';

let example: Example;
beforeEach(async () => {
  example = await openExample();
});
afterEach(() => example.close());

const startRun = ({ ledger, lease }: Example, loop = 'late') =>
  ledger.journal.startRun({ loop, config: { rows: 20, nested: { ok: true } }, lease });

test('a run is started, found again and ended once', async () => {
  const { ledger, clock } = example;
  const run = await startRun(example);
  assert.deepEqual(
    [run.loop, run.state, run.startedUs, run.endedUs, run.actor],
    ['late', 'running', clock.nowUs(), null, 'tester'],
  );
  assert.deepEqual(await ledger.journal.run(run.id), run);
  clock.advanceUs(5);
  const ended = await ledger.journal.endRun(run.id, 'failed');
  assert.deepEqual(ended, { ...run, state: 'failed', endedUs: clock.nowUs() });
  clock.advanceUs(5);
  assert.deepEqual(await ledger.journal.endRun(run.id, 'done'), ended);
  await assert.rejects(ledger.journal.endRun('run_0', 'done'), { code: 'LEDGER_RUN_MISSING' });
});

test('runs are listed newest first and go by a prefix or by latest', async () => {
  const { journal } = example.ledger;
  await assert.rejects(journal.run('latest'), { code: 'LEDGER_RUN_MISSING', kind: 'missing' });
  const first = await startRun(example);
  const second = await startRun(example, 'other');
  assert.deepEqual(
    (await journal.runs()).map((run) => run.id),
    [second.id, first.id],
  );
  assert.deepEqual(await journal.runs({ limit: 1 }), [second]);
  assert.deepEqual(await journal.runs({ loop: 'late' }), [first]);
  assert.deepEqual(await journal.run('latest'), second);
  assert.deepEqual(await journal.run(first.id.slice('run_'.length, -1)), first);
  await assert.rejects(journal.run('run_'), (error: Error & { code: string }) => {
    return error.code === 'LEDGER_AMBIGUOUS' && error.message.includes(`${first.id}, ${second.id}`);
  });
  await assert.rejects(journal.run('run_zz'), { code: 'LEDGER_RUN_MISSING' });
});

test('a damaged journal entry is named', async () => {
  const { ledger, tables } = example;
  const step = await begin(example, 'ingest');
  await runSql(tables, "update steps set fields = '[1]'");
  await assert.rejects(ledger.journal.steps(step.runId), { code: 'LEDGER_RECORD_CORRUPT' });
  await runSql(tables, `update steps set fields = '{"a":1}'`);
  await assert.rejects(ledger.journal.steps(step.runId), {
    code: 'LEDGER_RECORD_CORRUPT',
    message: `The record ${step.id} in the catalog is damaged: a is no text.`,
  });
  await runSql(tables, "update runs set config = 'x'");
  await assert.rejects(ledger.journal.run('latest'), { code: 'LEDGER_RECORD_CORRUPT' });
});

test('the newest done step of a key is reusable as long as its outputs exist', async () => {
  const { ledger, blob, tables } = example;
  const key = digestBytes('k');
  assert.equal(await ledger.journal.findReusable(key), null);
  const first = await aBatch(blob, 'first');
  const second = await aBatch(blob, 'second');
  await commit(example, 'ingest', [first], { key: 'k' });
  await commit(example, 'ingest', [first, second], { key: 'k' });
  await begin(example, 'ingest', { key: 'k' });
  const failing = await begin(example, 'ingest', { key: 'k' });
  const error = { code: 'INGEST_FILE', message: 'no file' };
  const failed = await ledger.journal.failStep({ step: failing, lease: example.lease, error });
  assert.deepEqual([failed.state, failed.error], ['failed', error]);
  assert.deepEqual((await ledger.journal.steps(failing.runId))[0], failed);
  const found = await ledger.journal.findReusable(key);
  assert.deepEqual(found?.outputs, [digestOfDraft(first), digestOfDraft(second)]);
  assert.deepEqual(await ledger.journal.missingBlobs(found), []);
  await blob.remove(second.content.raw);
  assert.deepEqual(await ledger.journal.missingBlobs(found), [second.content.raw]);
  await runSql(tables, 'delete from versions where digest = ?', [digestOfDraft(second)]);
  assert.deepEqual((await ledger.journal.findReusable(key))?.outputs, [digestOfDraft(first)]);
  await runSql(tables, 'delete from versions');
  assert.equal(await ledger.journal.findReusable(key), null);
});

test('a reused step takes outputs, verdict and facts from the earlier one', async () => {
  const { ledger, lease, blob } = example;
  await commit(example, 'ingest', [await aBatch(blob, 'jan')], { key: 'k' });
  const from = await ledger.journal.findReusable(digestBytes('k'));
  assert.ok(from !== null);
  const { id: runId } = await startRun(example);
  const draft = { runId, stage: 'ingest', subject: '', key: from.key, fields: from.fields, lease } as const;
  example.clock.advanceUs(3);
  const reused = await ledger.journal.reuseStep({ ...draft, from });
  assert.deepEqual(reused, {
    ...from,
    id: reused.id,
    runId,
    state: 'reused',
    startedUs: example.clock.nowUs(),
    endedUs: example.clock.nowUs(),
  });
  assert.deepEqual(await ledger.journal.steps(runId), [reused]);
  // A reused step is no source of reuse itself: the first one is.
  assert.equal((await ledger.journal.findReusable(from.key))?.id, from.id);
});

test('the latest step of a stage and subject is the last that was done or reused in that loop', async () => {
  const { ledger } = example;
  await commit(example, 'ingest', [], { key: 'old' });
  await commit(example, 'ingest', [], { key: 'new' });
  await begin(example, 'ingest', { key: 'running' });
  const query = { loop: 'late', stage: 'ingest', subject: '' } as const;
  assert.equal((await ledger.journal.latestStep(query))?.fields['note'], 'new');
  assert.equal(await ledger.journal.latestStep({ ...query, subject: 'x' }), null);
  assert.equal(await ledger.journal.latestStep({ ...query, loop: 'other' }), null);
  assert.equal(await ledger.journal.latestStep({ ...query, stage: 'train' }), null);
});

test('steps and runs that a dead process left running are closed by the next holder alone', async () => {
  const { ledger, lease } = example;
  const step = await begin(example, 'ingest');
  const otherLease = await ledger.leases.acquire('loop:other', '1@here', 1000);
  const other = await begin({ ledger, lease: otherLease }, 'ingest');
  assert.deepEqual(await ledger.journal.abandonRunning(lease), []);
  await ledger.leases.release(lease);
  const next = await ledger.leases.acquire('loop:late', '2@here', 1000);
  const abandoned = await ledger.journal.abandonRunning(next);
  assert.deepEqual(abandoned, [{ ...step, state: 'abandoned', endedUs: example.clock.nowUs() }]);
  assert.equal((await ledger.journal.run(step.runId)).state, 'interrupted');
  assert.equal((await ledger.journal.run(other.runId)).state, 'running');
  assert.deepEqual(await ledger.journal.steps(other.runId), [other]);
});
