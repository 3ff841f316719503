import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as fc from 'fast-check';
import { naiveForestScores, randomForest, randomRows } from '../../../test/fixtures/random-models.ts';
import { digestBytes } from '../../base/digest.ts';
import type { Forest, Tree } from '../../math/boosting/forest.ts';
import type { ColumnTable } from '../../ports/engine.ts';
import { forestToOnnx } from './forest-onnx.ts';
import { inspectOnnx } from './onnx-inspect.ts';
import { openOnnxRuntime } from './onnx.ts';

const runtime = openOnnxRuntime();
after(() => runtime.close());

/** Yields the largest difference between the exported model and the forest's definition. */
async function difference(forest: Forest, rows: ColumnTable): Promise<number> {
  const model = await runtime.load(forestToOnnx(forest), forest);
  const found = await model.predict(rows);
  await model.close();
  const wanted = naiveForestScores(forest, rows);
  return wanted.reduce((most, score, row) => Math.max(most, Math.abs(score - (found[row] ?? NaN))), 0);
}

const shapes = { trees: 12, leaves: 20, numeric: 3, categorical: 2, levels: 40, categoricalShare: 0.6 };

for (const [name, shape] of [
  ['both kinds of features', {}],
  ['numbers only', { categorical: 0 }],
  ['categories only', { numeric: 0 }],
  ['more levels than a byte can count', { levels: 600, trees: 6 }],
  ['one level', { levels: 1 }],
  ['stumps', { leaves: 2 }],
  ['leaves only', { leaves: 1 }],
  ['no trees', { trees: 0 }],
  ['leaves only, categories only', { leaves: 1, numeric: 0 }],
] as const) {
  test(`the ONNX model of a forest scores as the forest does: ${name}`, async () => {
    const forest = randomForest({ ...shapes, ...shape, task: 'binary', seed: 3 });
    assert.ok((await difference(forest, randomRows(forest.features, 2000, 4))) < 1e-12);
  });
}

test('random forests of random shapes score as they should', async () => {
  const shape = fc.record({
    seed: fc.integer(),
    task: fc.constantFrom('binary' as const, 'regression' as const),
    trees: fc.integer({ min: 0, max: 8 }),
    leaves: fc.integer({ min: 1, max: 31 }),
    numeric: fc.integer({ min: 1, max: 4 }),
    categorical: fc.integer({ min: 0, max: 3 }),
    levels: fc.integer({ min: 1, max: 20 }),
    categoricalShare: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(shape, async (one) => {
      const forest = randomForest(one);
      assert.ok((await difference(forest, randomRows(forest.features, 300, one.seed))) < 1e-12);
    }),
    { seed: 5, numRuns: 10 },
  );
});

function stump(threshold: number, missingLeft: 0 | 1 = 0): Tree {
  return {
    feature: [0, -1, -1],
    threshold: [threshold, 0, 0],
    leftLevels: [[], [], []],
    missingLeft: [missingLeft, 0, 0],
    left: [1, -1, -1],
    right: [2, -1, -1],
    value: [0, 1, 2],
  };
}

function numericForest(trees: readonly Tree[], names: readonly string[] = ['x']): Forest {
  const features = names.map((name) => ({ name, kind: 'numeric' as const }));
  return { task: 'regression', baseScore: 0, features, trees };
}

async function scores(forest: Forest, values: readonly number[]): Promise<number[]> {
  const model = await runtime.load(forestToOnnx(forest), forest);
  const columns = new Map(
    forest.features.map(({ name }) => [name, { type: 'double' as const, values: Float64Array.from(values) }]),
  );
  const found = await model.predict({ rows: values.length, columns });
  await model.close();
  return [...found];
}

test('thresholds are doubles: the next number above goes right', async () => {
  for (const threshold of [0.1, -5e-324, 2 ** 53 - 1]) {
    const next = nextUp(threshold);
    assert.deepEqual(
      await scores(numericForest([stump(threshold)]), [threshold, next]),
      [1, 2],
      String(threshold),
    );
  }
});

function nextUp(value: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + (value > 0 ? 1n : -1n));
  return view.getFloat64(0);
}

test('missing numbers go where the node says, infinities where they belong', async () => {
  assert.deepEqual(await scores(numericForest([stump(0, 1)]), [NaN, -Infinity, Infinity, -0]), [1, 1, 2, 1]);
  assert.deepEqual(await scores(numericForest([stump(0, 0)]), [NaN]), [2]);
});

test('probabilities far from a half stay above 0', async () => {
  const forest: Forest = { ...numericForest([]), task: 'binary', baseScore: -45 };
  assert.deepEqual(await scores(forest, [0]), [1 / (1 + Math.exp(45))]);
});

test('features may have any name, that of the output and of inner values included', async () => {
  const names = ['score', ':Concat0', '::', 'a b', 'ü'];
  assert.deepEqual(await scores(numericForest([stump(0), stump(1)], names), [0.5]), [3]);
});

test('the same forest gives the same bytes', () => {
  const forest = randomForest({ ...shapes, task: 'binary', seed: 8 });
  const again: Forest = structuredClone(forest);
  assert.equal(digestBytes(forestToOnnx(forest)), digestBytes(forestToOnnx(again)));
});

test('the model says its inputs by name and one score in doubles', () => {
  const forest = randomForest({ ...shapes, numeric: 1, categorical: 1, task: 'binary', seed: 8 });
  assert.deepEqual(inspectOnnx(forestToOnnx(forest)), {
    inputs: [
      { name: 'n0', type: 'double', dims: [null, 1] },
      { name: 'c0', type: 'string', dims: [null, 1] },
    ],
    outputs: [{ name: 'score', type: 'double', dims: [null, 1] }],
    opsets: { '': 21, 'ai.onnx.ml': 5 },
  });
});
