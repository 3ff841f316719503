import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isSluiceError } from '../../base/errors.ts';
import type { ErrorCode } from '../../base/errors.ts';
import { normalQuantile } from '../distributions/normal.ts';
import { studentTQuantile } from '../distributions/student-t.ts';
import { wilsonInterval } from '../distributions/wilson-interval.ts';
import { meanAbsoluteError } from '../regression/mean-absolute-error.ts';
import { rSquared } from '../regression/r-squared.ts';
import { rootMeanSquaredError } from '../regression/root-mean-squared-error.ts';
import { areaUnderRoc } from './area-under-roc.ts';
import { averagePrecision } from './average-precision.ts';
import { brierScore } from './brier-score.ts';
import { accuracy, confusion, expectedCost, f1, precision, recall } from './confusion.ts';
import { expectedCalibrationError } from './expected-calibration-error.ts';
import { logLoss, logLossSkill } from './log-loss.ts';
import { reliabilityCurve } from './reliability-curve.ts';
import { decisionCosts, logLosses, squaredErrors } from './row-losses.ts';
import { scoreOrder } from './score-order.ts';

const byScores = {
  areaUnderRoc,
  averagePrecision,
  logLoss,
  logLossSkill,
  brierScore,
  expectedCalibrationError,
  reliabilityCurve,
  confusion: (labels: Uint8Array, scores: Float64Array) => confusion(labels, scores, 0.5),
  logLosses,
  squaredErrors,
};
const byTruth = { meanAbsoluteError, rootMeanSquaredError, rSquared };

function assertThrows(code: ErrorCode, action: () => unknown, text?: RegExp): void {
  assert.throws(
    action,
    (error: unknown) => isSluiceError(error, code) && (text?.test(error.message) ?? true),
  );
}

test('empty input is undefined with a reason, never 0', () => {
  const none = new Float64Array(0);
  for (const metric of [
    areaUnderRoc,
    averagePrecision,
    logLoss,
    logLossSkill,
    brierScore,
    expectedCalibrationError,
  ]) {
    assert.deepEqual(metric(new Uint8Array(0), none), { undefined: 'no rows', n: 0 });
  }
  for (const metric of Object.values(byTruth))
    assert.deepEqual(metric(none, none), { undefined: 'no rows', n: 0 });
  const counts = confusion(new Uint8Array(0), none, 0.5);
  for (const rate of [accuracy, precision, recall, f1])
    assert.deepEqual(rate(counts), { undefined: 'no rows', n: 0 });
  assert.deepEqual(expectedCost(counts, { falsePositive: 1, falseNegative: 1 }), {
    undefined: 'no rows',
    n: 0,
  });
  assert.deepEqual(reliabilityCurve(new Uint8Array(0), none), []);
});

test('labels of one class make the metrics that need both undefined, each with its reason', () => {
  const scores = Float64Array.of(0.2, 0.7);
  const negatives = Uint8Array.of(0, 0);
  const positives = Uint8Array.of(1, 1);
  assert.deepEqual(areaUnderRoc(negatives, scores), { undefined: 'no positive label', n: 2 });
  assert.deepEqual(areaUnderRoc(positives, scores), { undefined: 'no negative label', n: 2 });
  assert.deepEqual(averagePrecision(negatives, scores), { undefined: 'no positive label', n: 2 });
  assert.deepEqual(averagePrecision(positives, scores), { value: 1, n: 2 });
  assert.ok('undefined' in logLossSkill(negatives, scores));
  assert.ok('value' in logLossSkill(negatives, scores, { baseRate: 0.2 }));
  assert.ok('value' in logLoss(negatives, scores));
  assert.deepEqual(recall(confusion(negatives, scores, 0.5)), { undefined: 'no positive label', n: 2 });
});

test('zero denominators of the rates are undefined with a reason', () => {
  const none = { truePositive: 0, falsePositive: 0, trueNegative: 3, falseNegative: 0 };
  assert.deepEqual(precision(none), { undefined: 'no positive decision', n: 3 });
  assert.deepEqual(f1(none), { undefined: 'no positive label and no positive decision', n: 3 });
  assert.deepEqual(f1({ ...none, falseNegative: 1 }), { value: 0, n: 4 });
});

test('a score that is NaN or infinite is refused by its index', () => {
  for (const metric of Object.values(byScores)) {
    assertThrows(
      'MATH_NOT_FINITE',
      () => metric(Uint8Array.of(0, 1, 0), Float64Array.of(0.5, Number.NaN, 1)),
      /Value 1 of scores is NaN/,
    );
  }
  for (const metric of Object.values(byTruth)) {
    assertThrows(
      'MATH_NOT_FINITE',
      () => metric(Float64Array.of(1, Number.POSITIVE_INFINITY), Float64Array.of(1, 1)),
      /Value 1 of truth/,
    );
    assertThrows(
      'MATH_NOT_FINITE',
      () => metric(Float64Array.of(1, 1), Float64Array.of(Number.NaN, 1)),
      /Value 0 of predicted/,
    );
  }
});

test('vectors of different lengths are refused', () => {
  for (const metric of Object.values(byScores)) {
    assertThrows('MATH_SHAPE', () => metric(Uint8Array.of(0, 1), Float64Array.of(0.5)));
  }
  for (const metric of Object.values(byTruth)) {
    assertThrows('MATH_SHAPE', () => metric(Float64Array.of(1), Float64Array.of(1, 2)));
    assertThrows('MATH_SHAPE', () => metric(Float64Array.of(1), Float64Array.of(1), Float64Array.of(1, 1)));
  }
  assertThrows('MATH_SHAPE', () => logLoss(Uint8Array.of(1), Float64Array.of(1), new Float64Array(0)));
});

test('values outside their range are refused by name', () => {
  const labels = Uint8Array.of(0, 1);
  assertThrows('MATH_RANGE', () => areaUnderRoc(Uint8Array.of(0, 2), Float64Array.of(0, 1)), /labels\[1\]/);
  assertThrows('MATH_RANGE', () => brierScore(labels, Float64Array.of(0, 1.5)), /scores\[1\]/);
  assertThrows(
    'MATH_RANGE',
    () => logLoss(labels, Float64Array.of(0, 1), Float64Array.of(-1, 1)),
    /weights\[0\]/,
  );
  assertThrows(
    'MATH_RANGE',
    () => logLossSkill(labels, Float64Array.of(0, 1), { baseRate: 1.2 }),
    /baseRate/,
  );
  assertThrows('MATH_RANGE', () => confusion(labels, Float64Array.of(0, 1), Number.NaN), /threshold/);
  assertThrows('MATH_RANGE', () => reliabilityCurve(labels, Float64Array.of(0, 1), { bins: 0 }), /bins/);
  assertThrows('MATH_RANGE', () => normalQuantile(1.01), /p/);
  assertThrows('MATH_RANGE', () => studentTQuantile(0.5, 0), /degrees/);
  assertThrows('MATH_RANGE', () => wilsonInterval(3, 2), /successes/);
  const decision = { threshold: 0.5, cost: { falsePositive: -1, falseNegative: 1 } };
  assertThrows('MATH_RANGE', () => decisionCosts(labels, Float64Array.of(0, 1), decision), /falsePositive/);
});

test('weights that sum to 0 leave the means undefined', () => {
  const zero = Float64Array.of(0, 0);
  assert.deepEqual(logLoss(Uint8Array.of(0, 1), zero, zero), { undefined: 'all weights are 0', n: 2 });
  assert.deepEqual(meanAbsoluteError(zero, zero, zero), { undefined: 'all weights are 0', n: 2 });
});

test('a constant truth leaves R squared undefined, even when the mean rounds', () => {
  const truth = new Float64Array(10).fill(0.1);
  assert.deepEqual(rSquared(truth, truth), { undefined: 'the truth is constant', n: 10 });
});

const rows = fc
  .array(
    fc.record({
      label: fc.integer({ min: 0, max: 1 }),
      score: fc.constantFrom(0, 0.1, 0.25, 0.5, 0.5000001, 0.9, 1),
    }),
    {
      minLength: 1,
      maxLength: 60,
    },
  )
  .map((drawn) => ({
    labels: Uint8Array.from(drawn, (row) => row.label),
    scores: Float64Array.from(drawn, (row) => row.score),
  }));

test('the ROC area equals the share of pairs won, ties half', () => {
  fc.assert(
    fc.property(rows, ({ labels, scores }) => {
      let wins = 0;
      let pairs = 0;
      labels.forEach((positive, i) =>
        labels.forEach((other, j) => {
          if (positive !== 1 || other !== 0) return;
          pairs++;
          const ahead = (scores[i] ?? 0) - (scores[j] ?? 0);
          wins += ahead > 0 ? 1 : ahead === 0 ? 0.5 : 0;
        }),
      );
      const area = areaUnderRoc(labels, scores);
      if (pairs === 0) assert.ok('undefined' in area);
      else assert.ok('value' in area && Math.abs(area.value - wins / pairs) < 1e-12);
    }),
  );
});

test('turning the scores round turns the ROC area round', () => {
  fc.assert(
    fc.property(rows, ({ labels, scores }) => {
      const area = areaUnderRoc(labels, scores);
      const turned = areaUnderRoc(
        labels,
        scores.map((score) => -score),
      );
      assert.ok(!('value' in area) || ('value' in turned && Math.abs(area.value + turned.value - 1) < 1e-12));
    }),
  );
});

test('a weight of k counts like k copies of the row', () => {
  fc.assert(
    fc.property(
      rows,
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 60, maxLength: 60 }),
      (drawn, copies) => {
        const index = [...drawn.labels.keys()].flatMap((row) =>
          Array.from({ length: copies[row] ?? 0 }, () => row),
        );
        const labels = Uint8Array.from(index, (row) => drawn.labels[row] ?? 0);
        const scores = Float64Array.from(index, (row) => drawn.scores[row] ?? 0);
        const weights = Float64Array.from(drawn.labels, (_, row) => copies[row] ?? 0);
        for (const metric of [areaUnderRoc, averagePrecision, logLoss, brierScore]) {
          const weighted = metric(drawn.labels, drawn.scores, weights);
          const copied = metric(labels, scores);
          assert.equal('value' in weighted, 'value' in copied);
          assert.ok(
            !('value' in weighted && 'value' in copied) || Math.abs(weighted.value - copied.value) < 1e-12,
          );
        }
      },
    ),
  );
});

test('the order sorts any finite doubles, descending and stable', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 80 }),
      (values) => {
        const expected = [...values.keys()].sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
        assert.deepEqual([...scoreOrder(Float64Array.from(values)).rows], expected);
      },
    ),
  );
});

test('-0 and 0 are one score', () => {
  assert.deepEqual([...scoreOrder(Float64Array.of(-0, 0)).endsTie], [0, 1]);
  assert.deepEqual(areaUnderRoc(Uint8Array.of(1, 0), Float64Array.of(-0, 0)), { value: 0.5, n: 2 });
});

test('equal scores never part between bins', () => {
  const curve = reliabilityCurve(
    Uint8Array.from({ length: 40 }, (_, row) => row % 2),
    new Float64Array(40).fill(0.3),
  );
  assert.equal(curve.length, 1);
  assert.equal(curve[0]?.n, 40);
});

test('debiasing lowers the calibration error of a calibrated model and never below 0', () => {
  fc.assert(
    fc.property(rows, ({ labels, scores }) => {
      const plain = expectedCalibrationError(labels, scores, { debias: false });
      const debiased = expectedCalibrationError(labels, scores);
      assert.ok('value' in plain && 'value' in debiased);
      assert.ok(debiased.value >= 0 && debiased.value <= plain.value + 1e-12);
    }),
  );
});

test('row losses average to the metrics', () => {
  const labels = Uint8Array.of(1, 0, 1, 0);
  const scores = Float64Array.of(0.9, 0.6, 0.2, 0.1);
  const mean = (values: Float64Array): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const cost = { falsePositive: 1, falseNegative: 6 };
  assert.deepEqual(logLoss(labels, scores), { value: mean(logLosses(labels, scores)), n: 4 });
  assert.deepEqual(brierScore(labels, scores), { value: mean(squaredErrors(labels, scores)), n: 4 });
  const costs = decisionCosts(labels, scores, { threshold: 0.5, cost });
  assert.deepEqual(expectedCost(confusion(labels, scores, 0.5), cost), { value: mean(costs), n: 4 });
});
