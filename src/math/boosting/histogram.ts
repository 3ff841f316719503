/**
 * Histograms hold, per feature and bin, a gradient sum and a mass. The mass packs two exact integers into one double,
 * `count * unit + hessian in small steps`, so that two additions per row keep three sums and counts never drift.
 */

/** Doubles per feature in a histogram: 256 bins of (gradient, mass). */
export const featureDoubles = 512;

/** How masses are packed for a number of rows. */
export interface MassScale {
  /** One row, a power of two. */
  readonly unit: number;
  /** Steps per unit of hessian; the steps of all rows together stay below `unit`. */
  readonly steps: number;
}

/**
 * Yields the packing whose sums stay exact in a double (below 2^53).
 *
 * @param rows >= 1
 * @param largestHessian bound of one row's hessian, > 0
 */
export function massScale(rows: number, largestHessian: number): MassScale {
  const unit = 2 ** (52 - Math.ceil(Math.log2(rows + 1)));
  return { unit, steps: Math.floor(unit / (rows + 1)) / largestHessian };
}

/** Yields the rows in a mass. */
export function massRows(mass: number, scale: MassScale): number {
  return Math.floor(mass / scale.unit);
}

/** Yields the hessian in a mass. */
export function massHessian(mass: number, scale: MassScale): number {
  return (mass - Math.floor(mass / scale.unit) * scale.unit) / scale.steps;
}

/** Bins of a thread's features, four to a word, the words of a row side by side: one cache line per row and pass. */
export interface PackedBins {
  readonly features: number;
  readonly stride: number;
  readonly words: Uint32Array;
}

/**
 * Yields the packed bins of the features `first` to `first + features - 1`.
 *
 * @param bins column after column, each of `pitch` bytes; the first `rows` of each are packed
 */
export function packBins(
  bins: Uint8Array,
  { first, features, rows, pitch }: { first: number; features: number; rows: number; pitch: number },
): PackedBins {
  const stride = Math.ceil(features / 4);
  const words = new Uint32Array(rows * stride);
  for (let feature = 0; feature < features; feature++) {
    const column = bins.subarray((first + feature) * pitch, (first + feature) * pitch + rows);
    packColumn(words, column, { stride, word: feature >> 2, shift: (feature & 3) * 8 });
  }
  return { features, stride, words };
}

function packColumn(
  words: Uint32Array,
  column: Uint8Array,
  { stride, word, shift }: { stride: number; word: number; shift: number },
): void {
  for (let row = 0, at = word; row < column.length; row++, at += stride) words[at]! |= column[row]! << shift;
}

/** Rows of a node: `order[start..end)`, and their (gradient, mass) pairs laid out in that order from `0` on. */
export interface NodeRows {
  readonly order: Int32Array;
  readonly start: number;
  readonly end: number;
  readonly pairs: Float64Array;
}

/**
 * Fills the histogram of a node, every sum in the order of the rows; what it held before is forgotten.
 *
 * @param wanted per feature 1 when its histogram is needed; words without any are passed over
 */
export function fillHistogram(
  histogram: Float64Array,
  packed: PackedBins,
  { rows, wanted }: { rows: NodeRows; wanted: Uint8Array },
): void {
  histogram.fill(0);
  for (let word = 0; word < packed.stride; word++) {
    const first = word * 4;
    const width = Math.min(4, packed.features - first);
    let any = 0;
    for (let feature = first; feature < first + width; feature++) any |= wanted[feature]!;
    if (any === 0) continue;
    const part = histogram.subarray(first * featureDoubles, (first + width) * featureDoubles);
    const column = { words: packed.words, stride: packed.stride, word };
    if (width === 4) addFour(part, column, rows);
    else if (width === 3) addThree(part, column, rows);
    else if (width === 2) addTwo(part, column, rows);
    else addOne(part, column, rows);
  }
}

interface WordColumn {
  readonly words: Uint32Array;
  readonly stride: number;
  readonly word: number;
}

// One kernel per width: with the width fixed, V8 keeps every index in a register and every access checked once.
function addFour(sums: Float64Array, { words, stride, word }: WordColumn, rows: NodeRows): void {
  const { order, start, end, pairs } = rows;
  for (let i = start, j = 0; i < end; i++, j += 2) {
    const w = words[order[i]! * stride + word]!;
    const gradient = pairs[j]!;
    const mass = pairs[j + 1]!;
    const a = (w & 255) << 1;
    const b = 512 + ((w >>> 7) & 510);
    const c = 1024 + ((w >>> 15) & 510);
    const d = 1536 + ((w >>> 23) & 510);
    sums[a]! += gradient;
    sums[a + 1]! += mass;
    sums[b]! += gradient;
    sums[b + 1]! += mass;
    sums[c]! += gradient;
    sums[c + 1]! += mass;
    sums[d]! += gradient;
    sums[d + 1]! += mass;
  }
}

function addThree(sums: Float64Array, { words, stride, word }: WordColumn, rows: NodeRows): void {
  const { order, start, end, pairs } = rows;
  for (let i = start, j = 0; i < end; i++, j += 2) {
    const w = words[order[i]! * stride + word]!;
    const gradient = pairs[j]!;
    const mass = pairs[j + 1]!;
    const a = (w & 255) << 1;
    const b = 512 + ((w >>> 7) & 510);
    const c = 1024 + ((w >>> 15) & 510);
    sums[a]! += gradient;
    sums[a + 1]! += mass;
    sums[b]! += gradient;
    sums[b + 1]! += mass;
    sums[c]! += gradient;
    sums[c + 1]! += mass;
  }
}

function addTwo(sums: Float64Array, { words, stride, word }: WordColumn, rows: NodeRows): void {
  const { order, start, end, pairs } = rows;
  for (let i = start, j = 0; i < end; i++, j += 2) {
    const w = words[order[i]! * stride + word]!;
    const gradient = pairs[j]!;
    const mass = pairs[j + 1]!;
    const a = (w & 255) << 1;
    const b = 512 + ((w >>> 7) & 510);
    sums[a]! += gradient;
    sums[a + 1]! += mass;
    sums[b]! += gradient;
    sums[b + 1]! += mass;
  }
}

function addOne(sums: Float64Array, { words, stride, word }: WordColumn, rows: NodeRows): void {
  const { order, start, end, pairs } = rows;
  for (let i = start, j = 0; i < end; i++, j += 2) {
    const a = (words[order[i]! * stride + word]! & 255) << 1;
    sums[a]! += pairs[j]!;
    sums[a + 1]! += pairs[j + 1]!;
  }
}

/** Takes the smaller child's histogram from the parent's, which thereby becomes the larger child's. */
export function subtractHistogram(parent: Float64Array, child: Float64Array): void {
  for (let i = 0; i < parent.length; i++) parent[i]! -= child[i]!;
}
