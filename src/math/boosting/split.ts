import type { MassScale } from './histogram.ts';

/** What the search for a split obeys. */
export interface SplitRules {
  readonly l2: number;
  readonly minChildWeight: number;
  readonly minRowsPerLeaf: number;
  readonly minSplitGain: number;
  readonly catSmooth: number;
  readonly catL2: number;
  readonly catMaxLeft: number;
  readonly catMinRows: number;
  readonly scale: MassScale;
}

/** Sums over a node: gradient and packed mass. */
export interface NodeSums {
  gradient: number;
  mass: number;
}

/** Doubles of a split found, one row that threads can hand to each other; {@link splitField} tells what is where. */
export const splitDoubles = 16;

/**
 * Where the parts of a split stand in its row: gain (0 = none), feature, threshold bin (-1 for a set of levels), whether
 * missing goes left, gradient and mass of the left child, then the set of left bins in eight words of 32.
 */
export const splitField = {
  gain: 0,
  feature: 1,
  bin: 2,
  missingLeft: 3,
  gradient: 4,
  mass: 5,
  leftBins: 6,
} as const;

/** Where the candidates of one feature are looked for. */
export interface SplitSearch {
  readonly histogram: Float64Array;
  /** First double of the feature in the histogram. */
  readonly at: number;
  /** Bins that a split can tell apart, bin 0 (missing) included; the bin of unseen levels, the next one, always goes right. */
  readonly bins: number;
  readonly feature: number;
  readonly node: NodeSums;
  readonly rules: SplitRules;
}

/** Keeps a hessian of zero from dividing. */
export const tinyHessian = 1e-15;

/** Yields twice the loss that the best constant takes away from a node: `gradient^2 / (hessian + l2)`. */
export function nodeGain(gradient: number, hessian: number, l2: number): number {
  return (gradient * gradient) / (hessian + l2 + tinyHessian);
}

/** Yields whether a row goes left, per bin, for a split found: 256 entries of 0 or 1 written to `table` from `at` on. */
export function writeLeftTable(split: Float64Array, table: Uint8Array, at: number): void {
  const bin = split[splitField.bin]!;
  if (bin < 0) {
    for (let b = 0; b < 256; b++)
      table[at + b] = ((split[splitField.leftBins + (b >> 5)]! | 0) >>> (b & 31)) & 1;
    return;
  }
  for (let b = 1; b < 256; b++) table[at + b] = b <= bin ? 1 : 0;
  table[at] = split[splitField.missingLeft]!;
}
