import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { holm } from '../decision/holm.ts';
import { normalCdf, normalQuantile } from '../distributions/normal.ts';
import { studentTQuantile } from '../distributions/student-t.ts';
import { wilsonInterval } from '../distributions/wilson-interval.ts';
import type { Measured } from '../outcome.ts';
import { meanAbsoluteError } from '../regression/mean-absolute-error.ts';
import { rSquared } from '../regression/r-squared.ts';
import { rootMeanSquaredError } from '../regression/root-mean-squared-error.ts';
import { pairedBlockDifference } from '../resampling/paired-block-difference.ts';
import { areaUnderRoc } from './area-under-roc.ts';
import { averagePrecision } from './average-precision.ts';
import { brierScore } from './brier-score.ts';
import { accuracy, confusion, f1, precision, recall } from './confusion.ts';
import type { Confusion } from './confusion.ts';
import { expectedCalibrationError } from './expected-calibration-error.ts';
import { logLoss, logLossSkill } from './log-loss.ts';
import { reliabilityCurve } from './reliability-curve.ts';

interface BinaryCase {
  readonly name: string;
  readonly labels: number[];
  readonly scores: number[];
  readonly weights: number[] | null;
  readonly threshold: number;
  readonly expected: Record<string, number | null> & { readonly confusion: Confusion };
  readonly weighted: Record<string, number> | null;
}
interface Golden {
  readonly binary: BinaryCase[];
  readonly calibration: {
    labels: number[];
    scores: number[];
    bins: number;
    observedRate: number[];
    meanScore: number[];
    plain: number;
    debiased: number;
  }[];
  readonly regression: {
    name: string;
    truth: number[];
    predicted: number[];
    weights: number[] | null;
    meanAbsoluteError: number;
    rootMeanSquaredError: number;
    rSquared: number | null;
  }[];
  readonly quantiles: {
    normal: [number, number][];
    normalCdf: [number, number][];
    studentT: [number, number, number][];
  };
  readonly wilson: [number, number, number, number, number][];
  readonly holm: [number[], number[]][];
  readonly paired: {
    lossA: number[];
    lossB: number[];
    blocks: number[];
    difference: number;
    lower: number;
    upper: number;
  };
}

const golden = JSON.parse(
  readFileSync(new URL('metrics.golden.json', import.meta.url), 'utf8'),
) as unknown as Golden;

/** Relative above 1, absolute below. */
function assertClose(actual: number, expected: number, what: string, tolerance = 1e-12): void {
  const gap = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
  assert.ok(gap <= tolerance, `${what}: ${actual} instead of ${expected}`);
}

function assertOutcome(actual: Measured, expected: number | null, what: string): void {
  if (expected === null) assert.ok('undefined' in actual, `${what} should be undefined`);
  else assertClose('value' in actual ? actual.value : Number.NaN, expected, what);
}

for (const example of golden.binary) {
  test(`binary metrics agree with scikit-learn: ${example.name}`, () => {
    const labels = Uint8Array.from(example.labels);
    const scores = Float64Array.from(example.scores);
    const { expected } = example;
    const counts = confusion(labels, scores, example.threshold);
    assert.deepEqual(counts, expected.confusion);
    const outcomes: Record<string, Measured> = {
      areaUnderRoc: areaUnderRoc(labels, scores),
      averagePrecision: averagePrecision(labels, scores),
      logLoss: logLoss(labels, scores),
      logLossSkill: logLossSkill(labels, scores),
      logLossSkillAgainst03: logLossSkill(labels, scores, { baseRate: 0.3 }),
      brierScore: brierScore(labels, scores),
      accuracy: accuracy(counts),
      precision: precision(counts),
      recall: recall(counts),
      f1: f1(counts),
    };
    for (const [name, outcome] of Object.entries(outcomes))
      assertOutcome(outcome, expected[name] ?? null, name);
  });

  if (example.weights === null || example.weighted === null) continue;
  const { weighted } = example;
  const weights = Float64Array.from(example.weights);
  test(`weighted binary metrics agree with scikit-learn: ${example.name}`, () => {
    const labels = Uint8Array.from(example.labels);
    const scores = Float64Array.from(example.scores);
    assertOutcome(areaUnderRoc(labels, scores, weights), weighted['areaUnderRoc'] ?? null, 'area');
    assertOutcome(
      averagePrecision(labels, scores, weights),
      weighted['averagePrecision'] ?? null,
      'precision',
    );
    assertOutcome(logLoss(labels, scores, weights), weighted['logLoss'] ?? null, 'log loss');
    assertOutcome(brierScore(labels, scores, weights), weighted['brierScore'] ?? null, 'Brier');
  });
}

test('the reliability curve and the calibration error agree with scikit-learn and scipy', () => {
  for (const example of golden.calibration) {
    const labels = Uint8Array.from(example.labels);
    const scores = Float64Array.from(example.scores);
    const { bins } = example;
    const curve = reliabilityCurve(labels, scores, { bins });
    assert.equal(curve.length, bins);
    curve.forEach((bin, index) => {
      assertClose(bin.observedRate, example.observedRate[index] ?? Number.NaN, `rate of bin ${index}`);
      assertClose(bin.meanScore, example.meanScore[index] ?? Number.NaN, `score of bin ${index}`);
    });
    assertOutcome(expectedCalibrationError(labels, scores, { bins, debias: false }), example.plain, 'plain');
    assertOutcome(expectedCalibrationError(labels, scores, { bins }), example.debiased, 'debiased');
  }
});

test('regression metrics agree with scikit-learn', () => {
  for (const example of golden.regression) {
    const weights = example.weights === null ? undefined : Float64Array.from(example.weights);
    const truth = Float64Array.from(example.truth);
    const predicted = Float64Array.from(example.predicted);
    assertOutcome(meanAbsoluteError(truth, predicted, weights), example.meanAbsoluteError, example.name);
    assertOutcome(
      rootMeanSquaredError(truth, predicted, weights),
      example.rootMeanSquaredError,
      example.name,
    );
    assertOutcome(rSquared(truth, predicted, weights), example.rSquared, example.name);
  }
});

test('quantiles agree with scipy', () => {
  for (const [p, z] of golden.quantiles.normal) {
    assertClose(normalQuantile(p), z, `normal ${p}`, p < 1e-4 ? 1e-8 : 1e-12);
  }
  for (const [z, p] of golden.quantiles.normalCdf) assertClose(normalCdf(z), p, `normal cdf ${z}`);
  for (const [p, degrees, t] of golden.quantiles.studentT) {
    assertClose(studentTQuantile(p, degrees), t, `t ${p} ${degrees}`, 1e-11);
  }
});

test('Wilson intervals and Holm adjustments agree with statsmodels', () => {
  for (const [successes, n, alpha, lower, upper] of golden.wilson) {
    const bounds = wilsonInterval(successes, n, alpha);
    assert.ok('lower' in bounds);
    assertClose(bounds.lower, lower, `lower bound of ${successes}/${n}`);
    assertClose(bounds.upper, upper, `upper bound of ${successes}/${n}`);
  }
  for (const [pValues, adjusted] of golden.holm) {
    holm(pValues).forEach((p, index) => assertClose(p, adjusted[index] ?? Number.NaN, `p ${index}`));
  }
});

test('the t interval over equal blocks agrees with scipy on the block means', () => {
  const { lossA, lossB, blocks, ...expected } = golden.paired;
  const { difference } = pairedBlockDifference({
    lossA: Float64Array.from(lossA),
    lossB: Float64Array.from(lossB),
    blocks: Int32Array.from(blocks),
  });
  assert.ok('lower' in difference);
  assertClose(difference.value, expected.difference, 'difference');
  assertClose(difference.lower, expected.lower, 'lower bound');
  assertClose(difference.upper, expected.upper, 'upper bound');
});
