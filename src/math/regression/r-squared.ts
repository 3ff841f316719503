import { requireRegression } from '../check-values.ts';
import { weightedSum } from '../metrics/weighted-sum.ts';
import { measured, undefinedBecause } from '../outcome.ts';
import type { Measured } from '../outcome.ts';

/**
 * Yields the coefficient of determination: 1 - sum (truth - predicted)^2 / sum (truth - mean truth)^2.
 *
 * Undefined for a constant truth (even when it is predicted exactly), and so for fewer than two rows.
 *
 * @param truth Float64Array [n], finite
 * @param predicted Float64Array [n], finite, unit of the truth
 * @param weights Float64Array [n], >= 0; absent means 1 each
 * @returns at most 1, 0 for predicting the mean, negative when worse; n = rows
 * @throws MATH_SHAPE, MATH_NOT_FINITE (with the index), MATH_RANGE
 * @example
 * rSquared(Float64Array.of(1, 2, 3), Float64Array.of(2, 2, 2)); // { value: 0, n: 3 }
 * @see Oracle: scikit-learn `r2_score(force_finite=False)`.
 */
export function rSquared(truth: Float64Array, predicted: Float64Array, weights?: Float64Array): Measured {
  requireRegression(truth, predicted, weights);
  const n = truth.length;
  const total = weightedSum(n, weights, (row) => truth[row]!);
  if (total.weight === 0) return undefinedBecause(n === 0 ? 'no rows' : 'all weights are 0', n);
  if (isConstant(truth, weights)) return undefinedBecause('the truth is constant', n);
  const mean = total.sum / total.weight;
  const residual = weightedSum(n, weights, (row) => (truth[row]! - predicted[row]!) ** 2).sum;
  const spread = weightedSum(n, weights, (row) => (truth[row]! - mean) ** 2).sum;
  return measured(1 - residual / spread, n);
}

/** Compared value by value: the spread around a rounded mean is seldom exactly 0. */
function isConstant(truth: Float64Array, weights: Float64Array | undefined): boolean {
  let first: number | undefined;
  for (let row = 0; row < truth.length; row++) {
    if (weights !== undefined && weights[row] === 0) continue;
    first ??= truth[row]!;
    if (truth[row] !== first) return false;
  }
  return true;
}
