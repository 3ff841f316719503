import { requireRegression } from '../check-values.ts';
import { weightedSum } from '../metrics/weighted-sum.ts';
import { measured, undefinedBecause } from '../outcome.ts';
import type { Measured } from '../outcome.ts';

/**
 * Yields the mean absolute error: mean |predicted - truth|. Undefined without rows or with weights that sum to 0.
 *
 * @param truth Float64Array [n], finite
 * @param predicted Float64Array [n], finite, unit of the truth
 * @param weights Float64Array [n], >= 0; absent means 1 each
 * @returns >= 0 in the truth's unit; n = rows
 * @throws MATH_SHAPE, MATH_NOT_FINITE (with the index), MATH_RANGE
 * @example
 * meanAbsoluteError(Float64Array.of(1, 2), Float64Array.of(2, 4)); // { value: 1.5, n: 2 }
 * @see Oracle: scikit-learn `mean_absolute_error`.
 */
export function meanAbsoluteError(
  truth: Float64Array,
  predicted: Float64Array,
  weights?: Float64Array,
): Measured {
  requireRegression(truth, predicted, weights);
  const n = truth.length;
  const total = weightedSum(n, weights, (row) => Math.abs(predicted[row]! - truth[row]!));
  if (total.weight === 0) return undefinedBecause(n === 0 ? 'no rows' : 'all weights are 0', n);
  return measured(total.sum / total.weight, n);
}
