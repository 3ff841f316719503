import { requireBetween } from '../check-values.ts';
import type { Interval } from '../outcome.ts';

/**
 * Yields a quantile of sorted values by linear interpolation between order statistics (Hyndman-Fan type 7).
 *
 * @param sorted ascending, length >= 1
 * @param p in [0, 1]
 * @returns the quantile; NaN for an empty vector
 * @example
 * quantileSorted(Float64Array.of(1, 2, 4), 0.75); // 3
 * @see Oracle: numpy `quantile`.
 */
export function quantileSorted(sorted: Float64Array, p: number): number {
  const position = (sorted.length - 1) * p;
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  return low + (high - low) * (position - below);
}

/** Share of undefined replicates above which the rest no longer stands for the sampling distribution. */
const toleratedUndefined = 0.1;

/**
 * Yields the percentile interval of bootstrap replicates: their alpha/2 and 1 - alpha/2 quantiles.
 *
 * Replicates that are NaN count as undefined and are left out; when more than a tenth are, so is the interval.
 *
 * @param replicates Float64Array [r], any order, NaN for undefined; not changed
 * @param alpha two-sided error, in (0, 1)
 * @returns the interval or why there is none, and how many replicates were undefined
 * @throws MATH_RANGE for alpha outside (0, 1)
 * @example
 * percentileInterval(Float64Array.of(3, 1, 2), 0.5).interval; // { lower: 1.5, upper: 2.5 }
 * @see Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13.
 */
export function percentileInterval(
  replicates: Float64Array,
  alpha: number,
): { readonly interval: Interval; readonly undefinedReplicates: number } {
  requireBetween('alpha', alpha, [Number.MIN_VALUE, 1 - Number.EPSILON]);
  const sorted = replicates.filter((value) => !Number.isNaN(value)).sort();
  const undefinedReplicates = replicates.length - sorted.length;
  if (sorted.length === 0 || undefinedReplicates > toleratedUndefined * replicates.length) {
    const reason = `undefined in ${undefinedReplicates} of ${replicates.length} replicates`;
    return { interval: { undefined: reason }, undefinedReplicates };
  }
  const interval = { lower: quantileSorted(sorted, alpha / 2), upper: quantileSorted(sorted, 1 - alpha / 2) };
  return { interval, undefinedReplicates };
}
