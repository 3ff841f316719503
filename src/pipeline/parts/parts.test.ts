import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { openPipelineWorld, type PipelineWorld } from '../../../test/fixtures/pipeline-world.ts';
import { columns, landOrders, ordersLoop, runOrders } from '../../../test/fixtures/small-orders.ts';
import { digestBytes } from '../../base/digest.ts';
import { isSluiceError, type ErrorCode } from '../../base/errors.ts';
import { ingestRows } from '../../stages/ingest/ingest-file.ts';
import type { Version, VersionKind } from '../../records/version.ts';
import { atLeast, nonInferior } from '../define/define-gates.ts';
import { notNull, range } from '../define/define-rules.ts';
import { explainStage } from '../explain.ts';
import type { RunResult } from '../runner.ts';
import { givenPart, ingestRowsPart } from './ingest-given.ts';

async function inWorld(work: (world: PipelineWorld) => Promise<void>): Promise<void> {
  const world = await openPipelineWorld();
  landOrders(world);
  try {
    await work(world);
  } finally {
    await world.close();
  }
}

async function refuses(promise: Promise<unknown>, code: ErrorCode, text: RegExp): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(isSluiceError(error, code), String(error));
    assert.match(error.message, text);
    return true;
  });
}

function made<Kind extends VersionKind>(result: RunResult, kind: Kind): Version<Kind> {
  const found = [...result.versions.values()].flat().findLast((one) => one.kind === kind);
  assert.ok(found, `no ${kind}`);
  return found as Version<Kind>;
}

const states = (result: RunResult): readonly string[] => [...new Set(result.steps.map((step) => step.state))];

/** A model that answers like the first one but is another version. */
const another = (n: number): readonly string[] => [`train.params.note=${n}`];
const bad = ['train.params.column=bad'];

test('the first model becomes champion, and running again reuses everything and moves nothing', () =>
  inWorld(async (world) => {
    const first = await runOrders(world, ordersLoop());
    assert.equal(made(first, 'decision').content.outcome, 'champion');
    assert.deepEqual(states(first), ['done']);
    const second = await runOrders(world, ordersLoop());
    assert.deepEqual(states(second), ['reused']);
    assert.equal((await world.ledger.aliases.history('orders')).length, 1);
  }));

test('a model beside the champion becomes candidate or is refused, and each counts as an attempt', () =>
  inWorld(async (world) => {
    const champion = made(await runOrders(world, ordersLoop()), 'model').digest;
    const worse = await runOrders(world, ordersLoop({}, bad));
    const equal = await runOrders(world, ordersLoop({}, another(1)));
    assert.deepEqual(
      [worse, equal].map((result) => made(result, 'decision').content.outcome),
      ['refused', 'candidate'],
    );
    for (const result of [worse, equal]) assert.equal(made(result, 'evaluation').content.champion, champion);
    assert.deepEqual(
      [worse, equal].map((result) => made(result, 'evaluation').content.attempt),
      [2, 3],
    );
    assert.equal((await world.ledger.aliases.current('orders', 'champion'))?.model, champion);
  }));

test('the champion judged again under other gates is compared with nobody, and its alias stays where it is', () =>
  inWorld(async (world) => {
    await runOrders(world, ordersLoop());
    for (const bound of [0.61, 0.62]) {
      const gates = [atLeast('auc', bound), nonInferior('logLoss', { margin: 0.01 })];
      const result = await runOrders(world, ordersLoop({ evaluate: { replicates: 100, gates } }));
      const { champion, attempt } = made(result, 'evaluation').content;
      assert.deepEqual([champion, attempt, made(result, 'decision').content.outcome], [null, 1, 'champion']);
    }
    assert.equal((await world.ledger.aliases.history('orders')).length, 1);
  }));

test('a decision on a comparison with a champion that reigns no more moves nothing', () =>
  inWorld(async (world) => {
    await runOrders(world, ordersLoop());
    const other = made(await runOrders(world, ordersLoop({}, another(1))), 'model').digest;
    const upToEvaluate = ['ingest', 'validate', 'featurize', 'train', 'evaluate'] as const;
    const loop = ordersLoop({}, another(2));
    await runOrders(world, loop, { stages: upToEvaluate });
    await world.ledger.aliases.override({
      loop: 'orders',
      alias: 'champion',
      model: other,
      reason: 'by hand',
    });
    await refuses(runOrders(world, loop, { stages: ['register'] }), 'LEDGER_ALIAS_MOVED', /champion/);
    assert.notEqual((await world.ledger.aliases.current('orders', 'candidate'))?.model, undefined);
    const again = await runOrders(world, loop);
    assert.equal(made(again, 'evaluation').content.champion, other);
    assert.equal(made(again, 'decision').content.outcome, 'candidate');
  }));

test('of a sweep the model with the least validation loss is evaluated, and it is found again without the sweep', () =>
  inWorld(async (world) => {
    const sweep = ordersLoop({}, ['train.params.loss=0.5,0.3,0.4']);
    const result = await runOrders(world, sweep);
    assert.deepEqual(
      result.steps.filter((step) => step.stage === 'train').map((step) => step.subject),
      ['loss=0.5', 'loss=0.3', 'loss=0.4'],
    );
    const best = await world.ledger.versions.get(made(result, 'evaluation').content.model, 'model');
    assert.equal(best.content.params['loss'], 0.3);
    const alone = await runOrders(world, ordersLoop(), { stages: ['evaluate'] });
    assert.deepEqual(states(alone), ['reused']);
    assert.equal(made(alone, 'evaluation').content.model, best.digest);
  }));

test('a sweep without a loss to choose by is refused before the evaluation rows are touched', () =>
  inWorld(async (world) => {
    await refuses(
      runOrders(world, ordersLoop({}, ['train.params.note=1,2'])),
      'PIPELINE_NO_SEARCH',
      /2 models.*logLoss/,
    );
    const areas = ['train.params.loss=0.5,0.3', 'train.params.metric=auc'];
    await refuses(runOrders(world, ordersLoop({}, areas)), 'PIPELINE_NO_SEARCH', /no validation loss/);
    assert.deepEqual(await world.ledger.versions.find({ kind: 'evaluation' }), []);
  }));

test('a stage without its input says which stage makes it', () =>
  inWorld(async (world) => {
    const only = (stage: 'featurize' | 'train' | 'evaluate' | 'register'): Promise<RunResult> =>
      runOrders(world, ordersLoop(), { stages: [stage] });
    await refuses(only('featurize'), 'PIPELINE_NO_INPUT', /featurize needs a dataset.*validate/);
    await refuses(only('train'), 'PIPELINE_NO_INPUT', /train needs a training set.*featurize/);
    await refuses(only('evaluate'), 'PIPELINE_NO_INPUT', /evaluate needs a model.*train/);
    await refuses(only('register'), 'PIPELINE_NO_INPUT', /register needs an evaluation.*evaluate/);
  }));

test('when the contract stops every batch, that is what the run ends with', () =>
  inWorld(async (world) => {
    const rules = [range(columns.good, { max: 0.1 })];
    const result = runOrders(world, ordersLoop({ contract: { rules } }));
    await refuses(result, 'PIPELINE_NOTHING_ACCEPTED', /All 12 batches/);
    const { steps } = await runOrders(world, ordersLoop({ contract: { rules } }), { stages: ['validate'] });
    assert.deepEqual([...new Set(steps.map((step) => step.verdict))], ['fail']);
  }));

test('bytes that change between the look at them and their intake are refused', () =>
  inWorld(async (world) => {
    const part = givenPart(() =>
      Promise.resolve([
        {
          name: 'rows',
          raw: digestBytes('what was there before'),
          declaredAtUs: null,
          take: (context, arrival) =>
            ingestRows(context, { ...arrival, rows: [{ at: '2024-03-01T00:00:00Z' }] }),
        },
      ]),
    );
    await refuses(runOrders(world, ordersLoop(), { parts: [part] }), 'PIPELINE_FILE_CHANGED', /rows/);
    assert.deepEqual(await world.ledger.versions.find({ kind: 'batch' }), []);
    assert.deepEqual(await world.ledger.deliveries.list(), []);
  }));

test('rows given twice are one batch, and files that were cleared away stay in the dataset', () =>
  inWorld(async (world) => {
    const row = { at: '2024-03-01T05:30:00Z', shop: 'a', good: 0.2, bad: 0.4, late: false };
    await runOrders(world, ordersLoop(), { stages: ['ingest'] });
    for (let time = 0; time < 2; time++)
      await runOrders(world, ordersLoop(), { parts: [ingestRowsPart([row])] });
    rmSync(path.join(world.projectDirectory, 'orders'), { recursive: true });
    const result = await runOrders(world, ordersLoop(), { stages: ['ingest', 'validate'] });
    assert.deepEqual(
      [made(result, 'dataset').content.batches.length, made(result, 'dataset').content.rows],
      [13, 12 * 24 + 1],
    );
  }));

test('explain names what moved, what is new and what would be reused', () =>
  inWorld(async (world) => {
    const explain = async (loop = ordersLoop(), stage = 'train'): Promise<readonly string[]> =>
      ((await explainStage({ loop, surroundings: world, stage })) ?? []).map(({ subject, state, changes }) =>
        `${subject} ${state} ${changes.map(({ field, before, now }) => `${field}:${before}:${now}`).join(' ')}`.trim(),
      );
    assert.match((await explain(ordersLoop(), 'ingest'))[0] ?? '', /^orders\/00\.csv new /);
    await runOrders(world, ordersLoop());
    assert.deepEqual(await explain(), ['same']);
    assert.deepEqual(await explain(ordersLoop({}, ['train.seed=9'])), ['changed seed:1:9']);
    const rules = [notNull(columns.shop)];
    const [validate] = await explain(ordersLoop({ contract: { rules } }), 'validate');
    assert.match(validate ?? '', /^orders\/00\.csv changed contract\.rules/);
    assert.equal(await explainStage({ loop: ordersLoop(), surroundings: world, stage: 'deploy' }), null);
    const [model] = await world.ledger.versions.find({ kind: 'model' });
    for (const digest of model?.blobs ?? []) await world.blob.remove(digest);
    assert.deepEqual(await explain(), ['changed stored bytes:present:1 missing']);
  }));

test('the order of features is part of what a training set depends on', () =>
  inWorld(async (world) => {
    await runOrders(world, ordersLoop());
    const turned = ordersLoop({ features: { bad: columns.bad, good: columns.good } });
    const result = await runOrders(world, turned);
    assert.deepEqual(
      made(result, 'model').content.features.map((feature) => feature.name),
      ['bad', 'good'],
    );
  }));
