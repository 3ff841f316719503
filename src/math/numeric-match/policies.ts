/** Named, versioned tolerance policies for numeric answers. */

/** How a prediction stands to the gold answer; a policy says which of these pass. */
export type NumericVerdict =
  | 'exact'
  | 'rounds_to_gold'
  | 'truncates_to_gold'
  | 'within_ulp'
  | 'within_rel'
  | 'within_abs'
  | 'percent_fraction_variant'
  | 'scale_variant'
  | 'sign_mismatch'
  | 'unit_mismatch'
  | 'no_number'
  | 'ambiguous_number'
  | 'gold_invalid'
  | 'wrong';

/** A tolerance policy; decimals are strings so that no binary float enters. */
export interface NumericPolicy {
  /** Name and version, for the record. */
  readonly id: string;
  /** Verdicts that pass. */
  readonly passes: readonly NumericVerdict[];
  /** Units in the gold's last place for `within_ulp`; whole, >= 1. */
  readonly ulps: number;
  /** Relative tolerance of `within_rel`, for example "0.005". */
  readonly relative: string;
  /** Absolute floor for a gold of 0 (`within_abs`), in the base unit. */
  readonly absolute: string;
  /** Trailing zeros of the gold beyond this many decimals are fake precision ("$1577.00"). */
  readonly maxDecimals?: number;
}

/** Policies that ship with Sluice. */
export type NumericPolicyName = 'strict' | 'finance' | 'lenient';

/**
 * strict: exact or correctly rounded. finance (default): also truncated, or within 0.5 %. lenient: also within one
 * unit of the gold's last place or 1 %, percent and scale variants. Whatever passes one passes the next.
 *
 * @example
 * numericPolicies.finance.relative; // '0.005'
 */
export const numericPolicies: Readonly<Record<NumericPolicyName, NumericPolicy>> = {
  strict: { id: 'strict@1', passes: ['exact', 'rounds_to_gold'], ulps: 1, relative: '0', absolute: '0' },
  finance: {
    id: 'finance@1',
    passes: ['exact', 'rounds_to_gold', 'truncates_to_gold', 'within_rel', 'within_abs'],
    ulps: 1,
    relative: '0.005',
    absolute: '0.000001',
  },
  lenient: {
    id: 'lenient@1',
    passes: [
      'exact',
      'rounds_to_gold',
      'truncates_to_gold',
      'within_ulp',
      'within_rel',
      'within_abs',
      'percent_fraction_variant',
      'scale_variant',
    ],
    ulps: 1,
    relative: '0.01',
    absolute: '0.000001',
  },
};

/**
 * Relative distance up to which a gold of one significant digit still speaks through its last place.
 *
 * @example
 * ulpGuardRelative; // '0.05'
 */
export const ulpGuardRelative = '0.05';
