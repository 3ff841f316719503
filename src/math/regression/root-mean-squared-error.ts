import { requireRegression } from '../check-values.ts';
import { weightedSum } from '../metrics/weighted-sum.ts';
import { measured, undefinedBecause } from '../outcome.ts';
import type { Measured } from '../outcome.ts';

/**
 * Yields the root of the mean squared error: sqrt(mean (predicted - truth)^2). Undefined without rows or with
 * weights that sum to 0.
 *
 * @param truth Float64Array [n], finite
 * @param predicted Float64Array [n], finite, unit of the truth
 * @param weights Float64Array [n], >= 0; absent means 1 each
 * @returns >= 0 in the truth's unit; n = rows
 * @throws MATH_SHAPE, MATH_NOT_FINITE (with the index), MATH_RANGE
 * @example
 * rootMeanSquaredError(Float64Array.of(0, 0), Float64Array.of(2, -2)); // { value: 2, n: 2 }
 * @see Oracle: scikit-learn `root_mean_squared_error`.
 */
export function rootMeanSquaredError(
  truth: Float64Array,
  predicted: Float64Array,
  weights?: Float64Array,
): Measured {
  requireRegression(truth, predicted, weights);
  const n = truth.length;
  const total = weightedSum(n, weights, (row) => (predicted[row]! - truth[row]!) ** 2);
  if (total.weight === 0) return undefinedBecause(n === 0 ? 'no rows' : 'all weights are 0', n);
  return measured(Math.sqrt(total.sum / total.weight), n);
}
