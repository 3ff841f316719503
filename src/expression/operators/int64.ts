/**
 * Exact 64-bit integers in closures: a number while it is a safe integer (the fast path of every kernel), a bigint
 * beyond, an error outside of int64. Sums, differences and products of safe integers are exact exactly when the
 * rounded result is itself safe, so one test per operation is enough.
 */
import { SluiceError } from '../../base/errors.ts';

/** An int64 in its one representation: number while safe, bigint beyond. Never -0. */
export type Int64 = number | bigint;

const smallest = -(2n ** 63n);
const largest = 2n ** 63n - 1n;

/**
 * Yields the one representation of an exact integer.
 *
 * @throws EXPRESSION_OVERFLOW outside of -2^63 .. 2^63 - 1
 */
export function int64(exact: bigint): Int64 {
  if (exact < smallest || exact > largest) {
    throw new SluiceError('EXPRESSION_OVERFLOW', { value: String(exact), type: 'int64' });
  }
  const rounded = Number(exact);
  return Number.isSafeInteger(rounded) ? rounded : exact;
}

/** Yields a + b. @throws EXPRESSION_OVERFLOW */
export function plus(a: Int64, b: Int64): Int64 {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return int64(BigInt(a) + BigInt(b));
}

/** Yields a - b. @throws EXPRESSION_OVERFLOW */
export function minus(a: Int64, b: Int64): Int64 {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return int64(BigInt(a) - BigInt(b));
}

/** Yields a * b. @throws EXPRESSION_OVERFLOW */
export function times(a: Int64, b: Int64): Int64 {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return int64(BigInt(a) * BigInt(b));
}

/** Yields a / b cut toward zero, null for b = 0. @throws EXPRESSION_OVERFLOW for -2^63 / -1 */
export function quotient(a: Int64, b: Int64): Int64 | null {
  if (b === 0) return null;
  if (typeof a === 'number' && typeof b === 'number') return (a - (a % b)) / b + 0;
  return int64(BigInt(a) / BigInt(b));
}

/** Yields what remains of a / b cut toward zero (sign of a), null for b = 0. @throws EXPRESSION_OVERFLOW for -2^63 / -1, as the division does */
export function modulo(a: Int64, b: Int64): Int64 | null {
  if (b === 0) return null;
  if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0;
  int64(BigInt(a) / BigInt(b));
  return int64(BigInt(a) % BigInt(b));
}

/** Yields -a. @throws EXPRESSION_OVERFLOW for -2^63 */
export function negate(a: Int64): Int64 {
  return minus(0, a);
}

/** Yields |a|. @throws EXPRESSION_OVERFLOW for -2^63 */
export function abs(a: Int64): Int64 {
  return a < 0 ? negate(a) : a;
}

/** Yields the greatest q with q * unit <= a, as a number; unit is a positive safe integer and q is safe. */
export function floorQuotient(a: Int64, unit: number): number {
  if (typeof a === 'number') return Math.floor(a / unit);
  return Number((a - (((a % BigInt(unit)) + BigInt(unit)) % BigInt(unit))) / BigInt(unit));
}

/** Yields a - unit * floorQuotient(a, unit), in 0 .. unit - 1. */
export function floorRemainder(a: Int64, unit: number): number {
  if (typeof a === 'number') return (((a % unit) + unit) % unit) + 0;
  return Number(((a % BigInt(unit)) + BigInt(unit)) % BigInt(unit));
}
