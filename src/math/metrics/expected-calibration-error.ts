import { requireProbabilities, requireWhole } from '../check-values.ts';
import { normalCdf } from '../distributions/normal.ts';
import { measured, undefinedBecause } from '../outcome.ts';
import type { Measured } from '../outcome.ts';
import { equalMassBins } from './equal-mass-bins.ts';
import { scoreOrder } from './score-order.ts';

/**
 * Bins of the calibration error unless told otherwise.
 *
 * @example
 * calibrationBins; // 15
 */
export const calibrationBins = 15;

/** How the calibration error is estimated. */
export interface CalibrationOptions {
  /** Bins wanted, whole, >= 1; default 15. */
  readonly bins?: number;
  /** Subtract the estimated noise of the bins; default true. */
  readonly debias?: boolean;
}

/**
 * Yields the expected calibration error over bins of equal mass, debiased: sum_k (n_k / n) |observed rate - mean
 * score|, less the part that noise in the bins adds.
 *
 * The plain sum is biased upwards, most for well-calibrated models. The bias of each bin is estimated from the
 * normal approximation of its observed rate, with d = rate - score and s^2 = rate (1 - rate) / n_k:
 * E|N(d, s)| - |d| (closed form of the folded normal). The result is floored at 0; some of the bias stays, so
 * compare it only at equal n and bins. Undefined without rows.
 *
 * @param labels Uint8Array [n], each 0 or 1
 * @param scores Float64Array [n], in [0, 1]
 * @param options number of bins, whether to debias
 * @returns in [0, 1]; n = rows
 * @throws MATH_SHAPE, MATH_NOT_FINITE (NaN score, with its index), MATH_RANGE
 * @example
 * expectedCalibrationError(Uint8Array.of(1, 1), Float64Array.of(1, 1)); // { value: 0, n: 2 }
 * @see Kumar, Liang, Ma, "Verified Uncertainty Calibration" (2019), Roelofs et al., "Mitigating Bias in Calibration
 * Error Estimation" (2012.08668). Oracle: scikit-learn `calibration_curve` and scipy `foldnorm.mean`.
 */
export function expectedCalibrationError(
  labels: Uint8Array,
  scores: Float64Array,
  options: CalibrationOptions = {},
): Measured {
  requireProbabilities(labels, scores);
  const { bins = calibrationBins, debias = true } = options;
  requireWhole('bins', bins, 1);
  const n = labels.length;
  if (n === 0) return undefinedBecause('no rows', 0);
  const order = scoreOrder(scores);
  const ends = equalMassBins(order, bins);
  const sums = emptyBins(ends.length);
  let position = 0;
  ends.forEach((end, bin) => {
    for (; position < end; position++) {
      const row = order.rows[position]!;
      sums.count[bin]! += 1;
      sums.score[bin]! += scores[row]!;
      sums.positive[bin]! += labels[row]!;
    }
  });
  return measured(calibrationErrorOf(sums, debias), n);
}

/** Per bin: (weighted) rows, sum of scores, sum of labels. */
export interface BinSums {
  readonly count: Float64Array;
  readonly score: Float64Array;
  readonly positive: Float64Array;
}

/**
 * Yields sums of zero for `bins` bins.
 *
 * @example
 * emptyBins(2).count.join(); // '0,0'
 */
export function emptyBins(bins: number): BinSums {
  return { count: new Float64Array(bins), score: new Float64Array(bins), positive: new Float64Array(bins) };
}

/**
 * Yields the calibration error of binned sums; bins without rows weigh nothing, NaN when all are empty.
 *
 * @example
 * calibrationErrorOf({ count: Float64Array.of(2), score: Float64Array.of(1), positive: Float64Array.of(2) }, false); // 0.5
 */
export function calibrationErrorOf(sums: BinSums, debias: boolean): number {
  let plain = 0;
  let expected = 0;
  let rows = 0;
  for (let bin = 0; bin < sums.count.length; bin++) {
    const n = sums.count[bin]!;
    if (n === 0) continue;
    rows += n;
    const rate = sums.positive[bin]! / n;
    const gap = Math.abs(rate - sums.score[bin]! / n);
    plain += n * gap;
    if (debias) expected += n * foldedNormalMean(gap, Math.sqrt((rate * (1 - rate)) / n));
  }
  return debias ? Math.max(0, (2 * plain - expected) / rows) : plain / rows;
}

/** E|N(mean, deviation)| for mean >= 0. */
function foldedNormalMean(mean: number, deviation: number): number {
  if (deviation === 0) return mean;
  const z = mean / deviation;
  return deviation * Math.sqrt(2 / Math.PI) * Math.exp(-(z * z) / 2) + mean * (1 - 2 * normalCdf(-z));
}
