import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Json } from '../../base/canonical-json.ts';
import { digestBytes } from '../../base/digest.ts';
import { isSluiceError, type ErrorCode } from '../../base/errors.ts';
import type { Engine } from '../../ports/engine.ts';
import type { FeatureColumn, TrainContext, TrainSpec } from '../../ports/trainer.ts';
import { openDuckdb } from '../engine/duckdb.ts';
import { openTreesTrainer } from './trees.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'sluice-'));
const features: readonly FeatureColumn[] = [
  { name: 'x', kind: 'numeric' },
  { name: 'carrier "c"', kind: 'categorical' },
  { name: 'empty', kind: 'numeric' },
];
let engine: Engine;
let outputs = 0;

before(async () => {
  engine = await openDuckdb({ memoryMb: 200, threads: 1, temporaryDirectory: path.join(folder, 'spill') });
  await write('train', 'range < 40000');
  await write('validation', 'range >= 40000');
  await write('none', 'range < 0');
});
after(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

/** Rows with a pattern of a number (every tenth missing) and a text (nulls among them). */
async function write(name: string, condition: string, label = 'yes'): Promise<string> {
  const file = path.join(folder, `${name}.parquet`);
  await engine.writeParquet(
    `SELECT CASE WHEN range % 10 = 3 THEN NULL ELSE (range * 7919 % 1000) / 1000.0 END AS x,
            CASE WHEN range % 17 = 5 THEN NULL ELSE 'c' || (range % 7) END AS "carrier ""c""",
            CAST(NULL AS DOUBLE) AS empty, range AS _event_us,
            (hash(range) % 100 < 20 + 60 * ((range * 7919 % 1000 > 500)::INT) * (range % 7 IN (1, 4, 5))::INT)::INT AS yes,
            NULL::DOUBLE AS nothing, 1 AS one
     FROM range(45000) WHERE ${condition} ORDER BY range`,
    file,
  );
  return label;
}

function aSpec(changes: Partial<TrainSpec> = {}): TrainSpec {
  const outputDirectory = path.join(folder, `output-${outputs++}`);
  mkdirSync(outputDirectory);
  return {
    task: 'binary',
    trainPath: path.join(folder, 'train.parquet'),
    validationPath: path.join(folder, 'validation.parquet'),
    label: 'yes',
    features,
    params: { rounds: 12, leaves: 15 },
    seed: 3,
    outputDirectory,
    timeoutMs: 60_000,
    threads: 1,
    ...changes,
  };
}

function aContext(changes: Partial<TrainContext> = {}): TrainContext {
  return { engine, signal: new AbortController().signal, progress: () => {}, ...changes };
}

async function refuses(spec: TrainSpec, code: ErrorCode, pattern: RegExp): Promise<void> {
  await assert.rejects(openTreesTrainer().train(spec, aContext()), (error) => {
    assert.ok(isSluiceError(error, code), String(error));
    assert.match(error.message, pattern);
    return true;
  });
}

test('one and three threads leave the same bytes and the same scores', async () => {
  const alone = await openTreesTrainer().train(aSpec(), aContext());
  const three = await openTreesTrainer().train(aSpec({ threads: 3 }), aContext());
  assert.equal(digestBytes(readFileSync(alone.modelPath)), digestBytes(readFileSync(three.modelPath)));
  assert.deepEqual(alone.curve, three.curve);
  assert.deepEqual(alone.facts, three.facts);
  const file = path.join(folder, 'validation.parquet');
  assert.deepEqual(await alone.score?.(file), await three.score?.(file));
});

test('the curve ends at the log loss of the own scores on the validation rows', async () => {
  const spec = aSpec();
  const result = await openTreesTrainer().train(spec, aContext());
  const scores = (await result.score?.(spec.validationPath)) ?? new Float64Array(0);
  const table = await engine.columns(
    `SELECT yes::DOUBLE AS yes FROM read_parquet('${spec.validationPath}') ORDER BY _event_us`,
  );
  const labels = table.columns.get('yes');
  assert.ok(labels !== undefined && labels.type !== 'string');
  const losses = labels.values.map((label, row) => -Math.log(Math.abs(1 - label - (scores[row] ?? 0))));
  const last = result.curve.at(-1);
  assert.ok(last !== undefined);
  assert.deepEqual([last.split, last.round, last.metric], ['validation', 12, 'logLoss']);
  assert.ok(Math.abs(last.value - losses.reduce((a, b) => a + b) / losses.length) < 1e-12);
  assert.ok(last.value < 0.58);
});

test('importances are shares of the gain, and 0 for a column that is always missing', async () => {
  const { importances = {} } = await openTreesTrainer().train(aSpec(), aContext());
  assert.deepEqual(Object.keys(importances), ['x', 'carrier "c"', 'empty']);
  assert.ok(Math.abs(Object.values(importances).reduce((a, b) => a + b) - 1) < 1e-12);
  assert.equal(importances['empty'], 0);
  assert.ok((importances['x'] ?? 0) > 0.1);
});

test('a refit trains on training and validation rows with the best number of rounds', async () => {
  const params = { rounds: 60, leaves: 63, learningRate: 0.5, earlyStoppingRounds: 3, refit: true };
  const { facts, curve } = await openTreesTrainer().train(aSpec({ params }), aContext());
  const validation = curve.filter(({ split }) => split === 'validation');
  const best = validation.reduce((a, b) => (b.value < a.value ? b : a));
  assert.deepEqual(
    [facts['rows'], facts['rounds'], facts['stoppedEarly'], facts['refit']],
    [45_000, best.round, true, true],
  );
});

test('without validation rows there is a training curve alone', async () => {
  const params = { rounds: 3, earlyStoppingRounds: 2, refit: true };
  const spec = aSpec({ params, validationPath: path.join(folder, 'none.parquet') });
  const { curve, facts } = await openTreesTrainer().train(spec, aContext());
  assert.deepEqual(
    curve.map(({ split }) => split),
    ['train', 'train', 'train'],
  );
  assert.equal(facts['refit'], false);
});

test('balanced classes move the mean score to about a half', async () => {
  const spec = aSpec({ params: { rounds: 5, classWeight: 'balanced' } });
  const result = await openTreesTrainer().train(spec, aContext());
  const scores = (await result.score?.(spec.trainPath)) ?? new Float64Array(0);
  assert.ok(Math.abs(scores.reduce((a, b) => a + b) / scores.length - 0.5) < 0.05);
});

test('numbers are learnt as well as classes', async () => {
  const spec = aSpec({ task: 'regression', label: '_event_us', params: { rounds: 5 } });
  const { curve } = await openTreesTrainer().train(spec, aContext());
  assert.equal(curve[0]?.metric, 'rmse');
});

test('trainings that cannot make a model are refused by name', async () => {
  const none = path.join(folder, 'none.parquet');
  await refuses(aSpec({ trainPath: none }), 'TRAIN_NO_ROWS', /no rows/);
  await refuses(aSpec({ label: 'one' }), 'TRAIN_ONE_CLASS', /All 40000 training rows have the label 1/);
  await refuses(aSpec({ label: 'nothing' }), 'TRAIN_LABEL', /Row 0 .* of the training rows .* missing/);
  await refuses(aSpec({ label: 'x' }), 'TRAIN_LABEL', /allowed is 0 or 1/);
  await refuses(aSpec({ features: [] }), 'TRAIN_NO_FEATURES', /trees/);
  const infinite = path.join(folder, 'infinite.parquet');
  await engine.writeParquet(
    `SELECT CAST('-inf' AS DOUBLE) AS x, range % 2 AS yes FROM range(9) ORDER BY range`,
    infinite,
  );
  const spec = aSpec({ trainPath: infinite, validationPath: infinite, features: features.slice(0, 1) });
  await refuses(spec, 'TRAIN_FEATURE', /Row 0 .* column x holds -Infinity/);
});

test('an abort or a time-out ends a training at once', async () => {
  const controller = new AbortController();
  const params = { rounds: 10_000, leaves: 255 };
  const progress = (share: number): void => {
    if (share > 0.1) controller.abort(new DOMException('interrupted', 'AbortError'));
  };
  const aborted = openTreesTrainer().train(
    aSpec({ params, threads: 2 }),
    aContext({ signal: controller.signal, progress }),
  );
  await assert.rejects(aborted, { name: 'AbortError' });
  await refuses(aSpec({ params, timeoutMs: 300 }), 'TRAIN_TIMEOUT', /trees took longer than 300 ms/);
});

test('params are checked by name, value and what is allowed', () => {
  const trainer = openTreesTrainer();
  const refused = (params: Record<string, Json>, pattern: RegExp): void => {
    assert.throws(
      () => trainer.resolveParams(params),
      (error) => isSluiceError(error, 'TRAIN_PARAM') && pattern.test(error.message),
    );
  };
  refused({ leafs: 31 }, /leafs is 31; allowed: one of the keys rounds, leaves.*nearest: leaves/);
  refused({ leaves: 1 }, /leaves is 1; allowed: a whole number from 2 to 1024/);
  refused({ rounds: 2.5 }, /whole number/);
  refused({ learningRate: '0.1' }, /a number from/);
  refused({ refit: 1 }, /true or false/);
  refused({ classWeight: { 0: 1 } }, /balanced/);
  assert.equal(trainer.resolveParams({ classWeight: { 0: 1, 1: 3 } })['rounds'], 200);
});
