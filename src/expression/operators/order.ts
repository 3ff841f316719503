/**
 * The total order of each type: false < true; NaN equals itself and is above every other double, and -0 equals 0;
 * strings by code point (not by UTF-16 unit, which puts an emoji before a full-width letter).
 */
import type { ExpressionType, Value } from '../json.ts';

/** Yields a negative number, zero or a positive number as a is below, equal to or above b. */
export type Compare = (a: Value, b: Value) => number;

/** Yields the order of a type. */
export function compareFor(type: ExpressionType): Compare {
  if (type === 'string') return compareStrings as Compare;
  if (type === 'double') return compareDoubles as Compare;
  return comparePlain as Compare;
}

/** Yields the equality of a type. */
export function equalFor(type: ExpressionType): (a: Value, b: Value) => boolean {
  if (type !== 'double') return (a, b) => a === b;
  return (a, b) => a === b || (Number.isNaN(a) && Number.isNaN(b));
}

function comparePlain(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : Number(a > b);
}

function compareDoubles(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

function compareStrings(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return codePointRank(x) - codePointRank(y);
  }
  return a.length - b.length;
}

/** Moves surrogates above the rest of the basic plane, where their code points belong. */
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
