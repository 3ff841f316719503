/**
 * What a statistic yields. "Undefined" is a value with a reason, never a silent 0 and never NaN: an aggregate that
 * reads one has to say what it does with it.
 */
export type Measured =
  { readonly value: number; readonly n: number } | { readonly undefined: string; readonly n: number };

/** An interval estimate, or the reason why there is none. */
export type Interval = { readonly lower: number; readonly upper: number } | { readonly undefined: string };

/**
 * A statistic with its interval. `intervalUndefined` stands in place of the bounds when the value can be given but
 * its uncertainty cannot; `undefinedReplicates` counts resamples in which the statistic had no value.
 */
export type Estimate =
  | {
      readonly value: number;
      readonly lower: number;
      readonly upper: number;
      readonly n: number;
      readonly undefinedReplicates: number;
    }
  | {
      readonly value: number;
      readonly intervalUndefined: string;
      readonly n: number;
      readonly undefinedReplicates: number;
    }
  | { readonly undefined: string; readonly n: number };

/**
 * Wraps a number that a statistic yielded over `n` rows.
 *
 * @param value the finite result
 * @param n rows it rests on, >= 0
 * @returns the defined outcome
 * @example
 * measured(0.5, 8).n; // 8
 */
export function measured(value: number, n: number): { readonly value: number; readonly n: number } {
  return { value, n };
}

/**
 * Yields the outcome of a statistic that has no value on this input.
 *
 * @param reason why, for a reader of the report
 * @param n rows that were looked at, >= 0
 * @returns the undefined outcome
 * @example
 * isMeasured(undefinedBecause('no rows', 0)); // false
 */
export function undefinedBecause(
  reason: string,
  n: number,
): { readonly undefined: string; readonly n: number } {
  return { undefined: reason, n };
}

/**
 * Says whether an outcome holds a number.
 *
 * @param outcome any outcome or estimate
 * @returns true when `value` is present
 * @example
 * isMeasured({ value: 1, n: 3 }); // true
 */
export function isMeasured<Outcome extends Measured | Estimate>(
  outcome: Outcome,
): outcome is Extract<Outcome, { readonly value: number }> {
  return 'value' in outcome;
}
