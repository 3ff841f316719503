import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { isSluiceError } from '../../base/errors.ts';
import type { Engine } from '../../ports/engine.ts';
import type { TrainContext, TrainSpec } from '../../ports/trainer.ts';
import { openDuckdb } from '../engine/duckdb.ts';
import { openLinearTrainer } from './linear.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'sluice-'));
let engine: Engine;
let outputs = 0;

before(async () => {
  engine = await openDuckdb({ memoryMb: 200, threads: 1, temporaryDirectory: path.join(folder, 'spill') });
  for (const [name, condition] of [
    ['train', 'range < 8000'],
    ['validation', 'range >= 8000'],
  ] as const) {
    await engine.writeParquet(
      `SELECT CASE WHEN range % 9 = 3 THEN NULL ELSE (range * 7919 % 1000) / 1000.0 END AS x,
              CASE WHEN range % 17 = 5 THEN NULL ELSE 'c' || (range % 5) END AS carrier,
              (hash(range) % 100 < 10 + 50 * (range * 7919 % 1000) / 1000 + 30 * (range % 5 IN (1, 3))::INT)::INT AS yes,
              0 AS zero
       FROM range(10000) WHERE ${condition} ORDER BY range`,
      path.join(folder, `${name}.parquet`),
    );
  }
});
after(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

function aSpec(changes: Partial<TrainSpec> = {}): TrainSpec {
  const outputDirectory = path.join(folder, `output-${outputs++}`);
  mkdirSync(outputDirectory);
  return {
    task: 'binary',
    trainPath: path.join(folder, 'train.parquet'),
    validationPath: path.join(folder, 'validation.parquet'),
    label: 'yes',
    features: [
      { name: 'carrier', kind: 'categorical' },
      { name: 'x', kind: 'numeric' },
    ],
    params: {},
    seed: 3,
    outputDirectory,
    timeoutMs: 60_000,
    threads: 2,
    ...changes,
  };
}

const context = (): TrainContext => ({ engine, signal: new AbortController().signal, progress: () => {} });

test('the same spec leaves the same bytes, converges and tells shares that sum to 1', async () => {
  const [one, two] = [aSpec(), aSpec()];
  const first = await openLinearTrainer().train(one, context());
  const second = await openLinearTrainer().train(two, context());
  assert.deepEqual(readFileSync(first.modelPath), readFileSync(second.modelPath));
  assert.equal(first.facts['converged'], true);
  const shares = Object.values(first.importances ?? {});
  assert.ok(Math.abs(shares.reduce((a, b) => a + b, 0) - 1) < 1e-12 && shares.every((share) => share > 0.1));
});

test('the curve ends at the log loss of the own scores on the validation rows', async () => {
  const spec = aSpec();
  const { score, curve } = await openLinearTrainer().train(spec, context());
  assert.ok(score !== undefined);
  const scores = await score(spec.validationPath);
  const labels = (
    await engine.columns(`SELECT yes::DOUBLE AS yes FROM read_parquet('${spec.validationPath}')`)
  ).columns.get('yes');
  assert.ok(labels !== undefined && labels.type !== 'string');
  const losses = [...scores].map((p, row) => -Math.log(labels.values[row] === 1 ? p : 1 - p));
  const mean = losses.reduce((a, b) => a + b, 0) / losses.length;
  assert.ok(Math.abs((curve.at(-1)?.value ?? 0) - mean) < 1e-9);
  assert.ok(mean < 0.62);
});

test('one class, no features and unknown params are refused by name', async () => {
  const refuses = async (spec: TrainSpec, code: Parameters<typeof isSluiceError>[1]): Promise<void> => {
    await assert.rejects(openLinearTrainer().train(spec, context()), (error) => isSluiceError(error, code));
  };
  await refuses(aSpec({ label: 'zero' }), 'TRAIN_ONE_CLASS');
  await refuses(aSpec({ features: [] }), 'TRAIN_NO_FEATURES');
  await refuses(aSpec({ params: { alpha: 1 } }), 'TRAIN_PARAM');
});
