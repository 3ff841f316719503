import { SluiceError } from '../../base/errors.ts';

/**
 * Fewest blocks that an interval or a gate may rest on: below it, no tail of the sampling distribution is known.
 *
 * @example
 * minimumBlocks; // 7
 */
export const minimumBlocks = 7;

/** Rows by block, renumbered 0..count-1 in ascending order of the given codes; codes without rows vanish. */
export interface BlockCodes {
  readonly codes: Int32Array;
  readonly count: number;
}

/**
 * Renumbers block codes so that every block has rows: a slice of a larger set keeps only the blocks it touches.
 *
 * @param blocks Int32Array [n], each >= 0
 * @returns codes in [0, count), same order as the rows; count = 0 without rows
 * @throws MATH_RANGE for a negative code
 * @example
 * denseBlocks(Int32Array.of(7, 3, 7)).codes.join(); // '1,0,1'
 */
export function denseBlocks(blocks: Int32Array): BlockCodes {
  const seen = new Map<number, number>();
  for (let row = 0; row < blocks.length; row++) {
    const value = blocks[row]!;
    if (value < 0) throw new SluiceError('MATH_RANGE', { name: `blocks[${row}]`, value, allowed: '>= 0' });
    if (!seen.has(value)) seen.set(value, 0);
  }
  [...seen.keys()].sort((a, b) => a - b).forEach((code, index) => seen.set(code, index));
  return { codes: blocks.map((code) => seen.get(code) ?? 0), count: seen.size };
}

/**
 * Says why a number of blocks is too small for an interval.
 *
 * @param count blocks with rows
 * @returns the reason, or undefined when there are enough
 * @example
 * tooFewBlocks(31); // undefined
 */
export function tooFewBlocks(count: number): string | undefined {
  return count < minimumBlocks ? `${count} blocks; an interval needs at least ${minimumBlocks}` : undefined;
}
