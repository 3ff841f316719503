import quantile from '@stdlib/stats-base-dists-t-quantile';
import { requireBetween } from '../check-values.ts';

/**
 * Yields the t with P(T <= t) = p of Student's distribution.
 *
 * @param p in [0, 1]; 0 and 1 give the infinities
 * @param degrees of freedom, > 0, not necessarily whole
 * @returns the quantile
 * @throws MATH_RANGE for p outside [0, 1] or degrees not above 0
 * @example
 * studentTQuantile(0.975, 30).toFixed(4); // '2.0423'
 * @see Oracle: scipy `t.ppf`.
 */
export function studentTQuantile(p: number, degrees: number): number {
  requireBetween('p', p, [0, 1]);
  requireBetween('degrees', degrees, [Number.MIN_VALUE, Number.MAX_VALUE]);
  return quantile(p, degrees);
}
