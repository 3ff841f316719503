import { requireProbabilities } from '../check-values.ts';
import { measured, undefinedBecause } from '../outcome.ts';
import type { Measured } from '../outcome.ts';
import { weightedSum } from './weighted-sum.ts';

/**
 * Yields the Brier score: mean of (score - label)^2.
 *
 * Defined for one-class labels; undefined without rows or with weights that sum to 0.
 *
 * @param labels Uint8Array [n], each 0 or 1
 * @param scores Float64Array [n], in [0, 1]
 * @param weights Float64Array [n], >= 0; absent means 1 each
 * @returns in [0, 1], lower is better; n = rows
 * @throws MATH_SHAPE, MATH_NOT_FINITE (NaN score, with its index), MATH_RANGE
 * @example
 * brierScore(Uint8Array.of(1, 0), Float64Array.of(0.5, 0)); // { value: 0.125, n: 2 }
 * @see Brier (1950). Oracle: scikit-learn `brier_score_loss`.
 */
export function brierScore(labels: Uint8Array, scores: Float64Array, weights?: Float64Array): Measured {
  requireProbabilities(labels, scores, weights);
  const n = labels.length;
  const total = weightedSum(n, weights, (row) => (scores[row]! - labels[row]!) ** 2);
  if (total.weight === 0) return undefinedBecause(n === 0 ? 'no rows' : 'all weights are 0', n);
  return measured(total.sum / total.weight, n);
}
