/** The levels of a categorical column that have a bin of their own. */
export interface CategoricalBins {
  /** Sorted by UTF-16 code units; level `k` has bin `k + 1`. */
  readonly levels: readonly string[];
  /** Bin per dictionary code, 1 to `levels.length`; `levels.length + 1` for the others, which no split sends left. */
  readonly binOfCode: Uint8Array;
}

/**
 * Yields the bins of a categorical column: the most frequent levels get one each; when there are more than fit, the others
 * share one, which behaves as unseen ones do.
 *
 * @param codes [n] places in the dictionary, -1 for null
 * @param maxLevels levels with a bin of their own, 1 to 253
 * @example
 * categoricalBins(Int32Array.of(1, 0, 1, -1), { dictionary: ['b', 'a'], maxLevels: 253 }).levels; // ['a', 'b']
 */
export function categoricalBins(
  codes: Int32Array,
  { dictionary, maxLevels }: { dictionary: readonly string[]; maxLevels: number },
): CategoricalBins {
  const counts = new Float64Array(dictionary.length);
  for (const code of codes) if (code >= 0) counts[code]! += 1;
  const byName = (a: number, b: number): number => (dictionary[a]! < dictionary[b]! ? -1 : 1);
  const present = dictionary.map((_, code) => code).filter((code) => counts[code]! > 0);
  const kept = present
    .sort((a, b) => counts[b]! - counts[a]! || byName(a, b))
    .slice(0, maxLevels)
    .sort(byName);
  const binOfCode = new Uint8Array(dictionary.length).fill(kept.length + 1);
  kept.forEach((code, level) => {
    binOfCode[code] = level + 1;
  });
  return { levels: kept.map((code) => dictionary[code]!), binOfCode };
}

/** Writes the bin per code to `bins` from `at` on: 0 for null. */
export function writeCategoricalBins(
  codes: Int32Array,
  binOfCode: Uint8Array,
  { bins, at }: { bins: Uint8Array; at: number },
): void {
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!;
    bins[at + row] = code < 0 ? 0 : binOfCode[code]!;
  }
}
