import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../base/random.ts';
import { newBoostSpace, type BoostJob, type BoostParams, type BoostSpace } from './boost-space.ts';
import { boost, type BoostOutcome } from './boost.ts';
import { categoricalBins, writeCategoricalBins } from './categorical-bins.ts';
import type { Forest } from './forest.ts';
import { massScale } from './histogram.ts';
import { numericEdges, writeNumericBins } from './numeric-bins.ts';
import { flattenForest, scoreForest } from './score-forest.ts';
import { newGate } from './team.ts';

const defaults: BoostParams = {
  rounds: 10,
  leaves: 8,
  learningRate: 0.3,
  maxDepth: 0,
  l2: 0,
  minChildWeight: 1e-3,
  minRowsPerLeaf: 5,
  minSplitGain: 0,
  rowFraction: 1,
  featureFraction: 1,
  catSmooth: 1,
  catL2: 1,
  catMaxLeft: 32,
  catMinRows: 1,
  earlyStoppingRounds: 0,
};

function at<Item>(list: ArrayLike<Item>, place: number): Item {
  const item = list[place];
  assert.ok(item !== undefined, `nothing at ${place}`);
  return item;
}

interface Data {
  readonly task: 'binary' | 'regression';
  readonly numbers: readonly Float64Array[];
  /** One text column or none, after the numbers. */
  readonly codes?: Int32Array;
  readonly levels?: readonly string[];
  readonly labels: Float64Array;
  readonly validationRows?: number;
}

interface Trained {
  readonly forest: Forest;
  readonly outcome: BoostOutcome;
  /** Scores of all rows by the forest's own scorer. */
  readonly scores: Float64Array;
  readonly space: BoostSpace;
}

function train(data: Data, params: Partial<BoostParams> = {}): Trained {
  const validationRows = data.validationRows ?? 0;
  const rows = data.labels.length - validationRows;
  const features = data.numbers.length + (data.codes === undefined ? 0 : 1);
  const space = newBoostSpace({ rows, validationRows, features, threads: 1 });
  space.labels.set(data.labels);
  data.numbers.forEach((values, feature) => {
    const edges = numericEdges(values.subarray(0, rows), { maxBins: 254, seed: 1 });
    space.edges.set(edges, feature * 256);
    space.binCounts[feature] = edges.length + 2;
    writeNumericBins(values, edges, { bins: space.bins, at: feature * space.pitch });
  });
  const dictionary = data.levels ?? [];
  const bins = categoricalBins(data.codes?.subarray(0, rows) ?? new Int32Array(0), {
    dictionary,
    maxLevels: 253,
  });
  if (data.codes !== undefined) {
    space.binCounts[features - 1] = bins.levels.length + 1;
    writeCategoricalBins(data.codes, bins.binOfCode, { bins: space.bins, at: (features - 1) * space.pitch });
  }
  const job: BoostJob = {
    task: data.task,
    rows,
    validationRows,
    categorical: Array.from({ length: features }, (_, place) => place === data.numbers.length),
    params: { ...defaults, ...params },
    weights: { negative: 1, positive: 1 },
    seed: 7,
    scale: massScale(rows, data.task === 'binary' ? 0.25 : 1),
  };
  const outcome = boost({ job, space }, { index: 0, size: 1, gate: newGate() }, () => {});
  const forest: Forest = {
    task: data.task,
    baseScore: 0,
    features: job.categorical.map((isText, place) =>
      isText
        ? { name: `f${place}`, kind: 'categorical', levels: bins.levels }
        : { name: `f${place}`, kind: 'numeric' },
    ),
    trees: outcome.trees,
  };
  const place = new Map(bins.levels.map((level, code) => [level, code]));
  const texts =
    data.codes === undefined
      ? []
      : [
          Float64Array.from(data.codes, (code) =>
            code < 0 ? Number.NaN : (place.get(at(dictionary, code)) ?? -1),
          ),
        ];
  const scores = new Float64Array(data.labels.length);
  scoreForest(flattenForest(forest), [...data.numbers, ...texts], { start: 0, end: scores.length, scores });
  return { forest, outcome, scores, space };
}

function noise(rows: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from({ length: rows }, () => random.next());
}

function sigmoid(margin: number): number {
  return 1 / (1 + Math.exp(-margin));
}

test('a step function of one number is learnt to the exact threshold', () => {
  const x = Float64Array.from({ length: 100 }, (_, row) => row);
  const labels = x.map((value) => (value <= 41 ? 10 : 20));
  const { forest, scores } = train(
    { task: 'regression', numbers: [x], labels },
    { rounds: 1, leaves: 2, learningRate: 1 },
  );
  assert.equal(at(forest.trees, 0).threshold[0], 41.5);
  assert.ok(Math.abs(at(scores, 0) - 10) < 1e-9 && Math.abs(at(scores, 99) - 20) < 1e-9);
});

test('the scorer on values and the margins of training on bins agree for every row, missing and unseen included', () => {
  const rows = 3000;
  const x = noise(rows, 1).map((value, row) => (row % 11 === 0 ? Number.NaN : value));
  const random = seededRandom(3);
  const codes = Int32Array.from({ length: rows }, (_, row) =>
    row % 13 === 0 ? -1 : random.below(row < 2000 ? 6 : 8),
  );
  const levels = ['ant', 'bee', 'cat', 'dog', 'eel', 'fox', 'new', 'newer'];
  const labels = noise(rows, 5).map((value, row) =>
    value < ((at(codes, row) % 2) + (at(x, row) > 0.4 ? 1 : 0)) / 3 + 0.1 ? 1 : 0,
  );
  const { forest, scores, space } = train({
    task: 'binary',
    numbers: [x],
    codes,
    levels,
    labels,
    validationRows: 1000,
  });
  assert.ok(forest.trees.some((tree) => tree.leftLevels.some((set) => set.length > 0)));
  scores.forEach((score, row) =>
    assert.ok(Math.abs(score - sigmoid(at(space.margins, row))) < 1e-12, `row ${row}`),
  );
});

test('a subset of levels that no order of names or codes gives is found in one split', () => {
  const levels = ['a', 'b', 'c', 'd', 'e', 'f'];
  const codes = Int32Array.from({ length: 600 }, (_, row) => row % 6);
  const labels = Float64Array.from(codes, (code) => (code === 0 || code === 2 || code === 5 ? 1 : 0));
  const { forest, scores } = train(
    { task: 'regression', numbers: [], codes, levels, labels },
    { rounds: 1, leaves: 2, learningRate: 1 },
  );
  const [left] = at(forest.trees, 0).leftLevels;
  assert.ok([[0, 2, 5].join(), [1, 3, 4].join()].includes(left!.join()), String(left));
  assert.ok(scores.every((score, row) => Math.abs(score - at(labels, row)) < 1e-9));
});

test('missing numbers and nulls go to the side that the labels speak for', () => {
  const x = Float64Array.from({ length: 200 }, (_, row) => (row < 60 ? Number.NaN : row));
  const labels = x.map((value) => (value > 120 || Number.isNaN(value) ? 1 : 0));
  const { forest } = train({ task: 'regression', numbers: [x], labels }, { rounds: 1, leaves: 2 });
  assert.equal(at(forest.trees, 0).missingLeft[0], 0);
  const flipped = train(
    { task: 'regression', numbers: [x], labels: x.map((value) => (value > 120 ? 1 : 0)) },
    { rounds: 1, leaves: 2 },
  );
  assert.equal(at(flipped.forest.trees, 0).missingLeft[0], 1);
});

test('whether a number is missing can be the whole split', () => {
  const x = Float64Array.from({ length: 100 }, (_, row) => (row % 2 === 0 ? Number.NaN : 5));
  const labels = x.map((value) => (Number.isNaN(value) ? 3 : 1));
  const { forest, scores } = train(
    { task: 'regression', numbers: [x], labels },
    { rounds: 1, leaves: 2, learningRate: 1 },
  );
  assert.equal(at(forest.trees, 0).threshold[0], Number.MAX_VALUE);
  assert.ok(scores.every((score, row) => Math.abs(score - at(labels, row)) < 1e-9));
});

test('constant and wholly missing columns are never split on', () => {
  const labels = noise(500, 2).map((value) => (value < 0.5 ? 1 : 0));
  const flat = new Float64Array(500).fill(3);
  const empty = new Float64Array(500).fill(Number.NaN);
  const { outcome } = train({ task: 'binary', numbers: [flat, empty], labels });
  assert.deepEqual(outcome.trees, []);
  assert.deepEqual(outcome.gains, [0, 0]);
});

test('no leaf has fewer rows than asked for, exactly', () => {
  const rows = 2000;
  const x = noise(rows, 4);
  const labels = noise(rows, 9).map((value, row) => (value < at(x, row) ** 4 ? 1 : 0));
  const { forest } = train(
    { task: 'binary', numbers: [x], labels },
    { minRowsPerLeaf: 73, leaves: 31, rounds: 5 },
  );
  for (const tree of forest.trees) {
    const counts = new Map<number, number>();
    for (const value of x) {
      let node = 0;
      while (at(tree.feature, node) >= 0)
        node = value <= at(tree.threshold, node) ? at(tree.left, node) : at(tree.right, node);
      counts.set(node, (counts.get(node) ?? 0) + 1);
    }
    assert.ok(Math.min(...counts.values()) >= 73);
  }
});

test('the training loss falls round by round and equals the loss of the scores', () => {
  const rows = 4000;
  const x = noise(rows, 11);
  const z = noise(rows, 12);
  const labels = noise(rows, 13).map((value, row) =>
    value < sigmoid(6 * (at(x, row) - at(z, row))) ? 1 : 0,
  );
  const { outcome, space } = train({ task: 'binary', numbers: [x, z], labels }, { rounds: 30 });
  const losses = outcome.curve.map(({ train }) => train);
  assert.deepEqual(
    losses,
    losses.toSorted((a, b) => b - a),
  );
  const exact =
    labels.reduce(
      (sum, label, row) =>
        sum - Math.log(label === 1 ? sigmoid(at(space.margins, row)) : 1 - sigmoid(at(space.margins, row))),
      0,
    ) / rows;
  assert.ok(Math.abs(at(losses, losses.length - 1) - exact) < 1e-12);
});

test('stopping early keeps the trees up to the best validation loss', () => {
  const rows = 900;
  const x = noise(rows, 21);
  const labels = noise(rows, 22).map((value, row) => (value < 0.3 + 0.4 * at(x, row) ? 1 : 0));
  const { outcome } = train(
    { task: 'binary', numbers: [x, noise(rows, 23)], labels, validationRows: 300 },
    { rounds: 200, earlyStoppingRounds: 5, learningRate: 0.5 },
  );
  const best = outcome.curve.reduce((a, b) => (b.validation < a.validation ? b : a));
  assert.equal(outcome.bestRound, best.round);
  assert.equal(outcome.trees.length, best.round);
  assert.equal(outcome.curve.length, best.round + 5);
});

test('rows and features drawn per tree give the same forest for the same seed and still learn', () => {
  const rows = 3000;
  const x = noise(rows, 31);
  const z = noise(rows, 32);
  const labels = x.map((value, row) => 3 * value + at(z, row));
  const data: Data = { task: 'regression', numbers: [x, z, noise(rows, 33)], labels };
  const params = { rowFraction: 0.5, featureFraction: 0.67, rounds: 40 };
  const first = train(data, params);
  assert.deepEqual(first.forest, train(data, params).forest);
  assert.ok(at(first.outcome.curve, 39).train < 0.12);
  first.scores.forEach((score, row) => assert.ok(Math.abs(score - at(first.space.margins, row)) < 1e-9));
});

test('depth is bounded when asked for', () => {
  const x = noise(2000, 41);
  const { forest } = train(
    { task: 'regression', numbers: [x], labels: x.map((value) => value ** 2) },
    { maxDepth: 2, leaves: 64 },
  );
  for (const tree of forest.trees) assert.ok(tree.feature.filter((feature) => feature < 0).length <= 4);
});

test('children stand after their parents and leaves alone carry values', () => {
  const x = noise(1000, 51);
  const { forest } = train({ task: 'regression', numbers: [x], labels: x.map(Math.sqrt) });
  for (const tree of forest.trees) {
    tree.feature.forEach((feature, node) => {
      if (feature < 0) assert.deepEqual([tree.left[node], tree.right[node]], [-1, -1]);
      else assert.ok(at(tree.left, node) > node && at(tree.right, node) > node && tree.value[node] === 0);
    });
  }
});
