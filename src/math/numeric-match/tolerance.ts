/** The tolerance clauses, in exact decimals. */
import { absolute, compare, decimalOf, multiply, shifted, subtract, zero } from './decimal.ts';
import type { Decimal } from './decimal.ts';
import type { Quantity } from './find-quantities.ts';
import { ulpGuardRelative } from './policies.ts';
import type { NumericPolicy, NumericVerdict } from './policies.ts';

/** Clauses that compare magnitudes, in order of strength. */
export type ToleranceVerdict = Extract<
  NumericVerdict,
  'exact' | 'rounds_to_gold' | 'truncates_to_gold' | 'within_ulp' | 'within_rel' | 'within_abs'
>;

/**
 * Yields the first clause that holds and passes under the policy, else the first that holds.
 *
 * With d = predicted - gold and u one unit in the gold's last printed place: exact d = 0; rounds |d| <= u/2;
 * truncates |gold| < |predicted| < |gold| + u; within_ulp |d| <= k u; within_rel |d| <= e |gold|; within_abs for gold
 * 0. The three clauses that use u need a gold of two significant digits or |d| <= 5 % of gold, else "2%" would take
 * 2.9 %. Opposite signs never match; a gold year matches only exactly.
 *
 * @param gold gold quantity
 * @param predicted value in the gold's base unit
 * @param policy tolerances and which clauses pass
 * @returns the clause, or undefined when none holds
 * @example
 * toleranceVerdict({ value: { coefficient: 5n, exponent: 0 }, place: 0, significantDigits: 1, unit: { kind: 'none' },
 *   bracketed: false, approximate: false, text: '5' }, { coefficient: 50n, exponent: -1 },
 *   { id: 'x', passes: [], ulps: 1, relative: '0', absolute: '0' }); // 'exact'
 */
export function toleranceVerdict(
  gold: Quantity,
  predicted: Decimal,
  policy: NumericPolicy,
): ToleranceVerdict | undefined {
  const holding = clauses(gold, predicted, policy);
  return holding.find((clause) => policy.passes.includes(clause)) ?? holding[0];
}

function clauses(gold: Quantity, predicted: Decimal, policy: NumericPolicy): ToleranceVerdict[] {
  const distance = absolute(subtract(predicted, gold.value));
  if (distance.coefficient === 0n) return ['exact'];
  if (gold.unit.kind === 'year' || gold.value.coefficient * predicted.coefficient < 0n) return [];
  const holding: ToleranceVerdict[] = [];
  const size = absolute(gold.value);
  const isZero = size.coefficient === 0n;
  const within = (limit: Decimal): boolean => compare(distance, limit) <= 0;
  const ulp: Decimal = { coefficient: 1n, exponent: lastPlace(gold, policy) };
  if (gold.significantDigits >= 2 || (!isZero && within(multiply(size, decimalOf(ulpGuardRelative))))) {
    if (within(multiply(ulp, decimalOf('0.5')))) holding.push('rounds_to_gold');
    const outward = compare(absolute(predicted), size) > 0;
    if (!isZero && outward && compare(distance, ulp) < 0) holding.push('truncates_to_gold');
    if (within(multiply(ulp, decimalOf(String(policy.ulps))))) holding.push('within_ulp');
  }
  if (!isZero && within(multiply(size, decimalOf(policy.relative)))) holding.push('within_rel');
  if (isZero && within(decimalOf(policy.absolute))) holding.push('within_abs');
  return holding;
}

/** The gold's last place; zeros beyond the policy's decimals do not count as printed. */
function lastPlace(gold: Quantity, { maxDecimals }: NumericPolicy): number {
  if (maxDecimals === undefined) return gold.place;
  const unitPower = gold.unit.kind === 'percent' ? -2 : 0;
  const coarse = unitPower + (gold.scale ?? 0) - maxDecimals;
  if (coarse <= gold.place) return gold.place;
  const dropped = gold.value.coefficient % 10n ** BigInt(coarse - gold.place);
  return dropped === 0n ? coarse : gold.place;
}

/**
 * Yields the relative distance for an explanation, to four significant digits; decides nothing.
 *
 * @param gold reference
 * @param predicted other value
 * @returns |predicted - gold| / |gold|, or undefined for a gold of 0
 * @example
 * relativeDistance({ coefficient: 1n, exponent: 2 }, { coefficient: 101n, exponent: 0 }); // 0.01
 */
export function relativeDistance(gold: Decimal, predicted: Decimal): number | undefined {
  if (compare(gold, zero) === 0) return undefined;
  const distance = absolute(subtract(predicted, gold));
  const exponent = Math.min(distance.exponent, gold.exponent);
  const [part, whole] = [distance, absolute(gold)].map((value) => shifted(value, -exponent)).map(wholeNumber);
  return Number(((part ?? 0n) * 1_000_000n) / (whole ?? 1n)) / 1_000_000;
}

function wholeNumber(value: Decimal): bigint {
  return value.coefficient * 10n ** BigInt(value.exponent);
}
