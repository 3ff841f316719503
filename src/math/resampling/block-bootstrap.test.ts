import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isSluiceError } from '../../base/errors.ts';
import { seededRandom } from '../../base/random.ts';
import { areaUnderRoc } from '../metrics/area-under-roc.ts';
import { averagePrecision } from '../metrics/average-precision.ts';
import { brierScore } from '../metrics/brier-score.ts';
import { accuracy, confusion, expectedCost, f1, precision, recall } from '../metrics/confusion.ts';
import { expectedCalibrationError } from '../metrics/expected-calibration-error.ts';
import { logLoss, logLossSkill } from '../metrics/log-loss.ts';
import { scoreOrder } from '../metrics/score-order.ts';
import { binaryMetricNames, binaryMetricsByBlock } from './binary-metrics-by-block.ts';
import { binaryMetricsWithIntervals } from './binary-metrics-with-intervals.ts';
import { denseBlocks } from './block-codes.ts';
import { blockBootstrap } from './block-bootstrap.ts';
import { areaUnderRocByBlock, averagePrecisionByBlock, blockRanking } from './block-ranking.ts';
import { percentileInterval, quantileSorted } from './percentile-interval.ts';

const cost = { falsePositive: 1, falseNegative: 5 };

/** Rows whose base rate moves from block to block, with rounded (tied) scores. */
function aSample({ n = 600, blocks = 9, seed = 5 } = {}): {
  labels: Uint8Array;
  scores: Float64Array;
  blocks: Int32Array;
} {
  const random = seededRandom(seed);
  const codes = Int32Array.from({ length: n }, () => random.below(blocks) * 3 + 1);
  const scores = Float64Array.from(
    codes,
    (code) => Math.round(100 * (0.1 + 0.02 * code * random.next())) / 100,
  );
  return {
    labels: Uint8Array.from(scores, (score) => (random.next() < score ? 1 : 0)),
    scores,
    blocks: codes,
  };
}

test('every metric of the sample equals its own function', () => {
  const { labels, scores, blocks } = aSample();
  const { metrics, confusion: counts } = binaryMetricsWithIntervals({
    labels,
    scores,
    blocks,
    threshold: 0.3,
    cost,
    seed: 1,
    replicates: 50,
  });
  const alone = {
    areaUnderRoc: areaUnderRoc(labels, scores),
    averagePrecision: averagePrecision(labels, scores),
    logLoss: logLoss(labels, scores),
    logLossSkill: logLossSkill(labels, scores),
    brierScore: brierScore(labels, scores),
    expectedCalibrationError: expectedCalibrationError(labels, scores),
    accuracy: accuracy(counts),
    precision: precision(counts),
    recall: recall(counts),
    f1: f1(counts),
    expectedCost: expectedCost(counts, cost),
  };
  assert.deepEqual(counts, confusion(labels, scores, 0.3));
  for (const name of binaryMetricNames) {
    const [joint, single] = [metrics[name], alone[name]];
    assert.ok('lower' in joint && 'value' in single, name);
    assert.ok(Math.abs(joint.value - single.value) < 1e-12, name);
    assert.ok(joint.lower < joint.upper, name);
    assert.equal(joint.n, 600);
  }
});

test('a replicate equals the metrics of the rows that its blocks would copy', () => {
  const { labels, scores, blocks } = aSample({ n: 120, blocks: 5 });
  const dense = denseBlocks(blocks);
  const evaluate = binaryMetricsByBlock({ labels, scores, threshold: 0.3, cost }, dense);
  const multiplicity = fc.array(fc.integer({ min: 0, max: 3 }), {
    minLength: dense.count,
    maxLength: dense.count,
  });
  fc.assert(
    fc.property(multiplicity, (times) => {
      const index = [...labels.keys()].flatMap((row) =>
        Array.from({ length: times[dense.codes[row] ?? 0] ?? 0 }, () => row),
      );
      const copy = [
        Uint8Array.from(index, (row) => labels[row] ?? 0),
        Float64Array.from(index, (row) => scores[row] ?? 0),
      ] as const;
      const drawn = evaluate(Float64Array.from(times));
      const counts = confusion(...copy, 0.3);
      const expected = [
        areaUnderRoc(...copy),
        averagePrecision(...copy),
        logLoss(...copy),
        logLossSkill(...copy),
        brierScore(...copy),
        precision(counts),
      ];
      const actual = [
        drawn.areaUnderRoc,
        drawn.averagePrecision,
        drawn.logLoss,
        drawn.logLossSkill,
        drawn.brierScore,
        drawn.precision,
      ];
      expected.forEach((outcome, which) => {
        const got = actual[which] ?? { undefined: 'missing', n: 0 };
        assert.equal('value' in got, 'value' in outcome);
        assert.ok(!('value' in got && 'value' in outcome) || Math.abs(got.value - outcome.value) < 1e-9);
      });
    }),
  );
});

test('the quadratic form and the pass over rows give the same ROC area', () => {
  const { labels, scores } = aSample({ n: 300 });
  const order = scoreOrder(scores);
  const manyBlocks = denseBlocks(Int32Array.from(labels, (_, row) => row));
  const times = Float64Array.from(labels, (_, row) => row % 3);
  const byPass = areaUnderRocByBlock(blockRanking(labels, order, manyBlocks))(times);
  const fewBlocks = denseBlocks(Int32Array.from(labels, (_, row) => row % 3));
  const byMatrix = areaUnderRocByBlock(blockRanking(labels, order, fewBlocks))(Float64Array.of(0, 1, 2));
  assert.ok(Math.abs(byPass - byMatrix) < 1e-12);
  assert.ok(
    Number.isNaN(averagePrecisionByBlock(blockRanking(labels, order, fewBlocks))(new Float64Array(3))),
  );
});

test('the same seed gives the same bounds, another seed others, and row order does not matter', () => {
  const sample = aSample();
  const options = { threshold: 0.3, cost, replicates: 100 };
  const once = binaryMetricsWithIntervals({ ...sample, ...options, seed: 3 });
  assert.deepEqual(binaryMetricsWithIntervals({ ...sample, ...options, seed: 3 }), once);
  assert.notDeepEqual(binaryMetricsWithIntervals({ ...sample, ...options, seed: 4 }).metrics, once.metrics);
  const turned = binaryMetricsWithIntervals({
    labels: sample.labels.toReversed(),
    scores: sample.scores.toReversed(),
    blocks: sample.blocks.toReversed(),
    ...options,
    seed: 3,
  });
  assert.deepEqual(turned.metrics.areaUnderRoc, once.metrics.areaUnderRoc);
});

test('fewer than seven blocks give values without intervals, and say why', () => {
  const { metrics, blocks } = binaryMetricsWithIntervals({
    ...aSample({ blocks: 6 }),
    threshold: 0.3,
    cost,
    seed: 1,
  });
  assert.equal(blocks, 6);
  for (const name of binaryMetricNames) {
    const estimate = metrics[name];
    assert.ok('value' in estimate && 'intervalUndefined' in estimate);
    assert.match(estimate.intervalUndefined, /6 blocks; an interval needs at least 7/);
  }
});

test('replicates without a positive are counted, and too many of them leave no interval', () => {
  const labels = Uint8Array.from({ length: 80 }, (_, row) => (row < 3 ? 1 : 0));
  const scores = Float64Array.from(labels, (_, row) => (row % 7) / 10);
  const blocks = Int32Array.from(labels, (_, row) => row % 8);
  const sparse = { labels, scores, blocks, threshold: 0.3, cost, seed: 1 };
  const some = binaryMetricsWithIntervals(sparse).metrics;
  assert.ok('lower' in some.areaUnderRoc && some.areaUnderRoc.undefinedReplicates > 0);
  assert.ok('lower' in some.brierScore && some.brierScore.undefinedReplicates === 0);
  const rarer = labels.map((label, row) => (row === 0 ? label : 0));
  const none = binaryMetricsWithIntervals({ ...sparse, labels: rarer }).metrics.areaUnderRoc;
  assert.ok('intervalUndefined' in none && none.undefinedReplicates > 300);
  assert.match(none.intervalUndefined, /of 1000 replicates/);
});

test('labels of one class leave only the metrics that need both without a value', () => {
  const sample = aSample();
  const { metrics } = binaryMetricsWithIntervals({
    ...sample,
    labels: new Uint8Array(600),
    threshold: 0.3,
    cost,
    seed: 1,
  });
  assert.deepEqual(metrics.areaUnderRoc, { undefined: 'no positive label', n: 600 });
  assert.deepEqual(metrics.recall, { undefined: 'no positive label', n: 600 });
  assert.ok('lower' in metrics.logLoss);
});

test('no rows leave every metric undefined', () => {
  const empty = { labels: new Uint8Array(0), scores: new Float64Array(0), blocks: new Int32Array(0) };
  const { metrics } = binaryMetricsWithIntervals({ ...empty, threshold: 0.3, cost, seed: 1 });
  for (const name of binaryMetricNames) assert.deepEqual(metrics[name], { undefined: 'no rows', n: 0 }, name);
});

test('bad input is refused before anything is computed', () => {
  const sample = { ...aSample(), threshold: 0.3, cost, seed: 1 };
  const refused = (changed: object, code: 'MATH_SHAPE' | 'MATH_RANGE' | 'MATH_NOT_FINITE'): void =>
    assert.throws(
      () => binaryMetricsWithIntervals({ ...sample, ...changed }),
      (error: unknown) => isSluiceError(error, code),
    );
  refused({ blocks: new Int32Array(3) }, 'MATH_SHAPE');
  refused({ blocks: sample.blocks.map(() => -1) }, 'MATH_RANGE');
  refused({ scores: sample.scores.map(() => Number.NaN) }, 'MATH_NOT_FINITE');
  refused({ replicates: 0 }, 'MATH_RANGE');
  refused({ alpha: 0 }, 'MATH_RANGE');
  refused({ threshold: 2 }, 'MATH_RANGE');
});

test('blockBootstrap passes an undefined value through', () => {
  const value = { undefined: 'no rows', n: 0 };
  assert.deepEqual(blockBootstrap({ blockCount: 9, value, statistic: () => 1, seed: 1 }), value);
});

test('quantiles interpolate between order statistics', () => {
  assert.equal(quantileSorted(Float64Array.of(1, 2, 4), 0.25), 1.5);
  assert.equal(quantileSorted(Float64Array.of(5), 0.9), 5);
  assert.deepEqual(percentileInterval(new Float64Array(3).fill(Number.NaN), 0.1).undefinedReplicates, 3);
});

test('nominal 95 % block intervals cover the truth of a mean in at least 90 % of samples (31 blocks)', () => {
  const random = seededRandom(11);
  const blocks = 31;
  let covered = 0;
  const samples = 400;
  for (let sample = 0; sample < samples; sample++) {
    const sums = new Float64Array(blocks);
    for (let block = 0; block < blocks; block++) {
      const dayEffect = random.next() + random.next() + random.next() - 1.5;
      let sum = 0;
      for (let row = 0; row < 20; row++) sum += dayEffect + random.next() - 0.5;
      sums[block] = sum;
    }
    const statistic = (times: Float64Array): number =>
      sums.reduce((total, sum, block) => total + sum * (times[block] ?? 0), 0) / (20 * blocks);
    const value = { value: statistic(new Float64Array(blocks).fill(1)), n: 20 * blocks };
    const estimate = blockBootstrap({ blockCount: blocks, value, statistic, replicates: 400, seed: sample });
    if ('lower' in estimate && estimate.lower <= 0 && estimate.upper >= 0) covered++;
  }
  // Percentile intervals of a mean over 31 blocks cover about 93 %; two binomial errors of 400 samples are 2.6 points.
  assert.ok(covered / samples >= 0.9 && covered / samples <= 0.98, `${covered} of ${samples}`);
});
