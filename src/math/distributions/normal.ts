import cdf from '@stdlib/stats-base-dists-normal-cdf';
import quantile from '@stdlib/stats-base-dists-normal-quantile';
import { requireBetween } from '../check-values.ts';

/**
 * Yields P(Z <= z) of the standard normal distribution.
 *
 * @param z any number, infinities included
 * @returns in [0, 1]
 * @example
 * normalCdf(0); // 0.5
 * @see Oracle: scipy `norm.cdf`.
 */
export function normalCdf(z: number): number {
  return cdf(z, 0, 1);
}

/**
 * Yields the z with P(Z <= z) = p of the standard normal distribution.
 *
 * @param p in [0, 1]; 0 and 1 give the infinities
 * @returns the quantile
 * @throws MATH_RANGE for p outside [0, 1]
 * @example
 * normalQuantile(0.975).toFixed(4); // '1.9600'
 * @see Oracle: scipy `norm.ppf` (agrees to 1e-12, below p = 1e-4 to 1e-8).
 */
export function normalQuantile(p: number): number {
  requireBetween('p', p, [0, 1]);
  return quantile(p, 0, 1);
}
