import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { naiveLinearScores, randomLinear, randomRows } from '../../../test/fixtures/random-models.ts';
import { digestBytes } from '../../base/digest.ts';
import type { LinearModel } from '../../math/linear/linear-model.ts';
import type { FeatureColumn } from '../../ports/trainer.ts';
import { linearToOnnx } from './linear-onnx.ts';
import { openOnnxRuntime } from './onnx.ts';

const runtime = openOnnxRuntime();
after(() => runtime.close());

async function difference(model: LinearModel): Promise<number> {
  const features = model.order.map((name): FeatureColumn => {
    return { name, kind: model.numeric.some((term) => term.name === name) ? 'numeric' : 'categorical' };
  });
  const levels = ['', 'L0', 'L2', 'L3', 'L4'];
  const rows = randomRows(
    features.map((feature) => (feature.kind === 'numeric' ? feature : { ...feature, levels })),
    3000,
    9,
  );
  const loaded = await runtime.load(linearToOnnx(model), { task: model.task, features });
  const found = await loaded.predict(rows);
  await loaded.close();
  const wanted = naiveLinearScores(model, rows);
  return wanted.reduce((most, score, row) => Math.max(most, Math.abs(score - (found[row] ?? NaN))), 0);
}

for (const task of ['binary', 'regression'] as const) {
  test(`the ONNX model of a linear model scores as it does, ${task}`, async () => {
    assert.ok((await difference(randomLinear(task, 2))) < 1e-12);
  });
}

test('a linear model may have numbers only, or categories only', async () => {
  const model = randomLinear('binary', 5);
  assert.ok((await difference({ ...model, categorical: [], order: ['n0', 'n1', 'n2'] })) < 1e-12);
  assert.ok((await difference({ ...model, numeric: [], order: ['c1', 'c0'] })) < 1e-12);
  assert.ok(
    (await difference({ ...model, numeric: [], categorical: model.categorical.slice(1), order: ['c1'] })) <
      1e-12,
  );
});

test('the same linear model gives the same bytes', () => {
  const model = randomLinear('binary', 7);
  assert.equal(digestBytes(linearToOnnx(model)), digestBytes(linearToOnnx(structuredClone(model))));
});
