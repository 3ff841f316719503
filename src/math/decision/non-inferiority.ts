import { requireBetween } from '../check-values.ts';
import { isMeasured } from '../outcome.ts';
import type { Estimate } from '../outcome.ts';
import { tooFewBlocks } from '../resampling/block-codes.ts';

/** A difference (model under test minus reference), the blocks it rests on, and the harm that is tolerated. */
export interface NonInferiorityOptions {
  /** Difference with its interval. */
  readonly difference: Estimate;
  /** Blocks behind the interval. */
  readonly blocks: number;
  /** Largest tolerated harm in the metric's unit, finite; 0 asks for "not worse", below 0 for an improvement. */
  readonly margin: number;
  /** Which direction is harm: 'increase' for losses and costs (default), 'decrease' for areas and skills. */
  readonly harmful?: 'increase' | 'decrease';
}

/** The verdict of a non-inferiority test, never "p > 0.05". */
export interface NonInferiority {
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  /** Which clause decided. */
  readonly reason:
    'harm_below_margin' | 'harm_above_margin' | 'margin_inside_interval' | 'insufficient' | 'undefined';
  /** Bounds of harm (sign turned for 'decrease'); absent without an interval. */
  readonly harm?: { readonly lower: number; readonly upper: number };
  readonly explanation: string;
}

/**
 * Judges whether a model is not worse than its reference by more than a margin.
 *
 * pass: the upper bound of harm is below the margin; fail: the lower bound is above it; else inconclusive. Fewer than
 * 7 blocks are insufficient, an undefined difference has no verdict but inconclusive: no data never passes. With a
 * two-sided interval of error alpha, passing errs with at most alpha / 2.
 *
 * @param options difference, blocks, margin, direction of harm
 * @returns verdict, reason, bounds of harm, explanation
 * @throws MATH_RANGE for a margin that is not finite
 * @example
 * nonInferiority({ difference: { value: 0, lower: -0.1, upper: 0.1, n: 90, undefinedReplicates: 0 },
 *   blocks: 30, margin: 0.2 }).verdict; // 'pass'
 * @see Piaggio et al., CONSORT extension for non-inferiority trials (2012).
 */
export function nonInferiority(options: NonInferiorityOptions): NonInferiority {
  const { difference, blocks, margin, harmful = 'increase' } = options;
  requireBetween('margin', margin, [-Number.MAX_VALUE, Number.MAX_VALUE]);
  if (!isMeasured(difference)) return withoutInterval('undefined', difference.undefined);
  const tooFew = tooFewBlocks(blocks);
  if (tooFew !== undefined) return withoutInterval('insufficient', tooFew);
  if (!('lower' in difference)) return withoutInterval('undefined', difference.intervalUndefined);
  const harm =
    harmful === 'increase'
      ? { lower: difference.lower, upper: difference.upper }
      : { lower: -difference.upper, upper: -difference.lower };
  const seen = `harm between ${shown(harm.lower)} and ${shown(harm.upper)}, margin ${shown(margin)}`;
  if (harm.upper < margin) return { verdict: 'pass', reason: 'harm_below_margin', harm, explanation: seen };
  if (harm.lower > margin) return { verdict: 'fail', reason: 'harm_above_margin', harm, explanation: seen };
  return { verdict: 'inconclusive', reason: 'margin_inside_interval', harm, explanation: seen };
}

function withoutInterval(reason: 'insufficient' | 'undefined', explanation: string): NonInferiority {
  return { verdict: 'inconclusive', reason, explanation };
}

function shown(value: number): string {
  return String(Number(value.toPrecision(4)));
}
