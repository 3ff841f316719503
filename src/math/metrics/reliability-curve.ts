import { requireProbabilities, requireWhole } from '../check-values.ts';
import { wilsonInterval } from '../distributions/wilson-interval.ts';
import { equalMassBins } from './equal-mass-bins.ts';
import { scoreOrder } from './score-order.ts';

/** One bin of a reliability curve. */
export interface ReliabilityBin {
  /** Rows in the bin, >= 1. */
  readonly n: number;
  /** Lowest and highest score in the bin. */
  readonly lowestScore: number;
  readonly highestScore: number;
  readonly meanScore: number;
  /** Share of positives, with its Wilson bounds. */
  readonly observedRate: number;
  readonly lower: number;
  readonly upper: number;
}

/** Bins wanted and the two-sided error of their intervals. */
export interface ReliabilityOptions {
  /** Whole, >= 1; default 10. */
  readonly bins?: number;
  /** In (0, 1); default 0.05. */
  readonly alpha?: number;
}

/**
 * Yields the reliability curve: observed rate against mean score in bins of equal mass.
 *
 * Equal scores stay in one bin, so heavy ties give fewer bins. The Wilson bounds assume independent rows.
 *
 * @param labels Uint8Array [n], each 0 or 1
 * @param scores Float64Array [n], in [0, 1]
 * @param options number of bins and alpha
 * @returns bins by ascending score; empty without rows
 * @throws MATH_SHAPE, MATH_NOT_FINITE (NaN score, with its index), MATH_RANGE
 * @example
 * reliabilityCurve(Uint8Array.of(0, 1), Float64Array.of(0.2, 0.9), { bins: 2 }).length; // 2
 * @see Oracle: scikit-learn `calibration_curve(strategy='quantile')` (scores without ties).
 */
export function reliabilityCurve(
  labels: Uint8Array,
  scores: Float64Array,
  options: ReliabilityOptions = {},
): ReliabilityBin[] {
  requireProbabilities(labels, scores);
  const { bins = 10, alpha = 0.05 } = options;
  requireWhole('bins', bins, 1);
  const order = scoreOrder(scores);
  let start = 0;
  const curve = equalMassBins(order, bins).map((end) => {
    const rows = order.rows.subarray(start, end);
    start = end;
    return binOf(rows, { labels, scores, alpha });
  });
  return curve.reverse();
}

function binOf(
  rows: Int32Array,
  { labels, scores, alpha }: { labels: Uint8Array; scores: Float64Array; alpha: number },
): ReliabilityBin {
  const n = rows.length;
  let positives = 0;
  let scoreSum = 0;
  for (const row of rows) {
    positives += labels[row]!;
    scoreSum += scores[row]!;
  }
  const bounds = wilsonInterval(positives, n, alpha);
  return {
    n,
    lowestScore: scores[rows[n - 1]!]!,
    highestScore: scores[rows[0]!]!,
    meanScore: scoreSum / n,
    observedRate: positives / n,
    lower: 'lower' in bounds ? bounds.lower : 0,
    upper: 'upper' in bounds ? bounds.upper : 1,
  };
}
