import { requireBetween } from '../check-values.ts';
import type { Interval } from '../outcome.ts';
import { normalQuantile } from './normal.ts';

/**
 * Yields Wilson's score interval of a proportion:
 * (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n).
 *
 * It never leaves [0, 1] and does not degenerate at 0 or n successes; undefined for n = 0. It assumes independent
 * trials: rows that share a day or a document need an interval by block.
 *
 * @param successes in [0, n]; fractions are allowed for weighted counts
 * @param n trials, >= 0
 * @param alpha two-sided error, in (0, 1), default 0.05
 * @returns bounds in [0, 1]
 * @throws MATH_RANGE
 * @example
 * wilsonInterval(0, 0); // { undefined: 'no trials' }
 * @see Wilson (1927). Oracle: statsmodels `proportion_confint(method='wilson')`.
 */
export function wilsonInterval(successes: number, n: number, alpha: number = 0.05): Interval {
  requireBetween('n', n, [0, Number.MAX_SAFE_INTEGER]);
  requireBetween('successes', successes, [0, n]);
  requireBetween('alpha', alpha, [Number.MIN_VALUE, 1 - Number.EPSILON]);
  if (n === 0) return { undefined: 'no trials' };
  const z = normalQuantile(1 - alpha / 2);
  const rate = successes / n;
  const shrink = 1 + (z * z) / n;
  const centre = (rate + (z * z) / (2 * n)) / shrink;
  const half = (z / shrink) * Math.sqrt((rate * (1 - rate)) / n + (z * z) / (4 * n * n));
  return {
    lower: successes === 0 ? 0 : Math.max(0, centre - half),
    upper: successes === n ? 1 : Math.min(1, centre + half),
  };
}
