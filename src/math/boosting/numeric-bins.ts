import { seededRandom } from '../../base/random.ts';

/** Rows that the edges of the bins are drawn from, at most; more changes no edge that matters. */
const sampleRows = 200_000;

/**
 * Yields the upper edges of a numeric column's value bins, ascending and finite: value bin `k` (from 0) holds the values in
 * `(edge[k-1], edge[k]]`, the last bin everything above the last edge. Distinct values get a bin each when they fit; else
 * bins hold about equal counts and a value as heavy as a bin stands alone. Edges lie midway between neighbouring values.
 *
 * @param values doubles [n]; NaN is missing and takes no part
 * @param maxBins value bins at most, >= 2
 * @param seed of the stratified sample that stands for more than 200,000 rows
 * @returns at most `maxBins - 1` edges; none for a constant or empty column
 * @example
 * [...numericEdges(Float64Array.of(3, 1, 1, 2), { maxBins: 254, seed: 1 })]; // [1.5, 2.5]
 */
export function numericEdges(
  values: Float64Array,
  { maxBins, seed }: { maxBins: number; seed: number },
): Float64Array {
  const sorted = sortedSample(values, seed);
  const distinct: number[] = [];
  const counts: number[] = [];
  for (const value of sorted) {
    if (distinct.length > 0 && value === distinct[distinct.length - 1]) counts[counts.length - 1]! += 1;
    else {
      distinct.push(value);
      counts.push(1);
    }
  }
  const cuts =
    distinct.length <= maxBins ? distinct.slice(1).map((_, i) => i) : equalCountCuts(counts, maxBins);
  return Float64Array.from(cuts, (cut) => between(distinct[cut]!, distinct[cut + 1]!));
}

/** Yields the bin per value: 0 for NaN, else 1 + the number of edges below the value. Written to `bins` from `at` on. */
export function writeNumericBins(
  values: Float64Array,
  edges: Float64Array,
  { bins, at }: { bins: Uint8Array; at: number },
): void {
  const count = edges.length;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (value !== value) {
      bins[at + row] = 0;
      continue;
    }
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value <= edges[middle]!) high = middle;
      else low = middle + 1;
    }
    bins[at + row] = low + 1;
  }
}

function sortedSample(values: Float64Array, seed: number): Float64Array {
  const random = seededRandom(seed);
  const stride = values.length / Math.min(values.length, sampleRows);
  const sample = new Float64Array(Math.min(values.length, sampleRows));
  let kept = 0;
  for (let i = 0; i < sample.length; i++) {
    const start = Math.floor(i * stride);
    const width = Math.floor((i + 1) * stride) - start;
    const value = values[width === 1 ? start : start + random.below(width)]!;
    // Adding zero makes -0 and 0 one value.
    if (value === value) sample[kept++] = value + 0;
  }
  return sample.subarray(0, kept).sort();
}

/** Yields the places of the last distinct value of each bin but the last. */
function equalCountCuts(counts: readonly number[], maxBins: number): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const heavy = counts.filter((count) => count >= total / maxBins);
  let lightBins = Math.max(1, maxBins - heavy.length);
  let lightRows = total - heavy.reduce((sum, count) => sum + count, 0);
  const isHeavy = (i: number): boolean => counts[i]! >= total / maxBins;
  const cuts: number[] = [];
  let inBin = 0;
  for (let i = 0; i < counts.length - 1 && cuts.length < maxBins - 1; i++) {
    inBin += counts[i]!;
    const full = isHeavy(i) || isHeavy(i + 1) || inBin >= lightRows / lightBins;
    if (!full) continue;
    cuts.push(i);
    if (!isHeavy(i)) {
      lightRows -= inBin;
      lightBins = Math.max(1, lightBins - 1);
    }
    inBin = 0;
  }
  return cuts;
}

/** Yields a finite number in `[low, high)`, midway where doubles allow. */
function between(low: number, high: number): number {
  const middle = low / 2 + high / 2;
  const edge = middle >= low && middle < high ? middle : low;
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, edge));
}
