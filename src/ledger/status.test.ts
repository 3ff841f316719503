import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import {
  aBatch,
  aModel,
  anEvaluation,
  begin,
  commit,
  commitChain,
  digestOfDraft,
  openExample,
  type Example,
} from '../../test/fixtures/example-ledger.ts';

let example: Example;
beforeEach(async () => {
  example = await openExample();
});
afterEach(() => example.close());

test('the impact of a batch is everything that rests on it and nothing else', async () => {
  const jan = await commitChain(example, 'jan');
  await commitChain(example, 'feb');
  const impact = await example.ledger.impact(digestOfDraft(jan.batch));
  const { batch, aliasEvents, ...rest } = impact;
  assert.equal(batch.digest, digestOfDraft(jan.batch));
  assert.deepEqual(
    Object.entries(rest).map(([kind, versions]) => [kind, versions.map((version) => version.digest)]),
    [
      ['validations', [digestOfDraft(jan.validation)]],
      ['datasets', [digestOfDraft(jan.dataset)]],
      ['trainingSets', [digestOfDraft(jan.trainingSet)]],
      ['models', [digestOfDraft(jan.model)]],
      ['evaluations', [digestOfDraft(jan.evaluation)]],
      ['decisions', [digestOfDraft(jan.decision)]],
    ],
  );
  assert.deepEqual(
    aliasEvents.map((event) => [event.sequence, event.model]),
    [[1, digestOfDraft(jan.model)]],
  );
});

test('a batch goes by its digest, the digest of its bytes, or a name under which it was delivered', async () => {
  const { batch } = await commitChain(example, 'jan');
  await commitChain(example, 'feb');
  const { ledger } = example;
  const digest = digestOfDraft(batch);
  const { raw } = batch.content;
  await ledger.deliveries.record([
    { source: 'flights', raw, name: 'again 100%_\\.parquet', outcome: 'repeated' },
  ]);
  for (const asked of [
    digest,
    digest.slice(0, 20),
    raw,
    raw.slice(0, 20),
    'landing/jan.parquet',
    'jan.parquet',
    'again 100%_\\.parquet',
  ]) {
    assert.equal((await ledger.impact(asked)).batch.digest, digest, asked);
  }
  for (const asked of ['an.parquet', '%', '_an.parquet', 'f'.repeat(64), '']) {
    await assert.rejects(ledger.impact(asked), { code: 'LEDGER_VERSION_MISSING' }, asked);
  }
  const other = await aBatch(example.blob, 'other');
  const delivery = { source: 'flights', raw: other.content.raw, name: 'next/jan.parquet' };
  await commit(example, 'ingest', [other], { deliveries: [{ ...delivery, outcome: 'new' }] });
  await assert.rejects(ledger.impact('jan.parquet'), { code: 'LEDGER_AMBIGUOUS' });
});

test('attempts count the distinct models judged on the same rows', async () => {
  const { ledger, blob } = example;
  const jan = await commitChain(example, 'jan');
  const rows = jan.trainingSet.content.evaluation.table.digest;
  assert.equal(await ledger.evaluationAttempts(rows), 1);
  // Another training set with the same evaluation rows, another model.
  const feb = await commitChain(example, 'feb');
  assert.equal(await ledger.evaluationAttempts(rows), 2);
  // The same model judged again, and a third model.
  const again = await anEvaluation(blob, 'again', { model: jan.model, trainingSet: feb.trainingSet });
  const third = await aModel(blob, 'third', jan.trainingSet);
  const judged = await anEvaluation(blob, 'third', { model: third, trainingSet: jan.trainingSet });
  await commit(example, 'evaluate', [again, third, judged]);
  assert.equal(await ledger.evaluationAttempts(rows), 3);
  assert.equal(await ledger.evaluationAttempts(jan.trainingSet.content.train.table.digest), 0);
  assert.equal(await ledger.evaluationAttempts('f'.repeat(64)), 0);
});

test('the status tells the newest success of each stage, aliases, the last run and who works', async () => {
  const { ledger, lease } = example;
  const empty = await ledger.status('late');
  assert.deepEqual([empty.stages, empty.lastRun, empty.champion], [[], null, null]);
  const jan = await commitChain(example, 'jan');
  const running = await begin(example, 'ingest', { key: 'next' });
  const status = await ledger.status('late');
  assert.deepEqual(
    status.stages.map(({ step, versions }) => [step.stage, versions.map((version) => version.digest)]),
    [
      ['ingest', [digestOfDraft(jan.batch)]],
      ['validate', [digestOfDraft(jan.validation), digestOfDraft(jan.dataset)]],
      ['featurize', [digestOfDraft(jan.trainingSet)]],
      ['train', [digestOfDraft(jan.model)]],
      ['evaluate', [digestOfDraft(jan.evaluation)]],
      ['register', [digestOfDraft(jan.decision)]],
    ],
  );
  assert.equal(status.champion?.model, digestOfDraft(jan.model));
  assert.equal(status.candidate, null);
  assert.equal(status.lastRun?.id, running.runId);
  assert.deepEqual(status.lastRunSteps, [running]);
  assert.deepEqual(
    status.leases.map((one) => one.holder),
    ['1@here'],
  );
  assert.deepEqual([status.versionCounts.batch, status.catalogVersion], [1, 1]);
  await ledger.leases.release(lease);
  const other = await ledger.status('other');
  assert.deepEqual([other.stages, other.leases, other.lastRun], [[], [], null]);
});
