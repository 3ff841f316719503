/** A feature's raw values: numbers with NaN for missing, or places in a dictionary with -1 for null. */
export type RawColumn =
  | { readonly kind: 'numeric'; readonly values: Float64Array }
  | { readonly kind: 'categorical'; readonly codes: Int32Array; readonly dictionary: readonly string[] };

/** A numeric term: `z` stands by row (0 where missing), `weightAt` and `missingAt` are places in the weights. */
export interface NumericTerm {
  readonly kind: 'numeric';
  readonly mean: number;
  readonly scale: number;
  readonly z: Float64Array;
  readonly weightAt: number;
  /** Place of the indicator's weight; that of no weight when nothing, or everything, is missing in training. */
  readonly missingAt: number;
  readonly missingShare: number;
}

/** A one-hot term: the weights of `levels` stand from `weightAt` on, then that of null. */
export interface CategoricalTerm {
  readonly kind: 'categorical';
  readonly levels: readonly string[];
  /** Training rows per level, then null. */
  readonly counts: Float64Array;
  readonly weightAt: number;
  readonly nullAt: number;
}

/**
 * The rows as a linear model sees them. The weights are: intercept, then the terms' weights, then one place that stays 0
 * and stands for "no weight", so that one-hot sums need no branch.
 */
export interface Design {
  readonly terms: readonly (NumericTerm | CategoricalTerm)[];
  /** Per one-hot column the place of each row's weight. */
  readonly places: readonly Int32Array[];
  /** Weights, intercept included; the place of no weight is this number. */
  readonly size: number;
}

/**
 * Yields the design of columns, standardised on the first `rows` rows; numeric columns are overwritten by their
 * standardised values.
 *
 * @param maxLevels most frequent levels kept per categorical column; others have no weight, as unseen ones
 */
export function makeDesign(
  columns: readonly RawColumn[],
  { rows, maxLevels }: { rows: number; maxLevels: number },
): Design {
  const terms: (NumericTerm | CategoricalTerm)[] = [];
  const pending: ((noWeight: number) => Int32Array)[] = [];
  let size = 1;
  for (const column of columns) {
    if (column.kind === 'numeric') {
      const standard = standardise(column.values, rows);
      const isIndicated = standard.missingRows > 0 && standard.missingRows < rows;
      const missingAt = isIndicated ? size + 1 : -1;
      const term = { weightAt: size, missingAt, missingShare: standard.missingRows / rows };
      terms.push({ kind: 'numeric', ...standard, ...term, z: column.values });
      if (isIndicated) pending.push((noWeight) => placesOfMissing(standard.missing, missingAt, noWeight));
      size += isIndicated ? 2 : 1;
    } else {
      const { term, levelOf } = countLevels(column, { rows, maxLevels, weightAt: size });
      terms.push(term);
      pending.push((noWeight) => placesOfCodes(column.codes, levelOf, { term, noWeight }));
      size += term.levels.length + 1;
    }
  }
  return { terms, size, places: pending.map((places) => places(size)) };
}

interface Standard {
  readonly mean: number;
  readonly scale: number;
  readonly missing: Uint8Array;
  readonly missingRows: number;
}

/** Standardises in place: `(value - mean) / scale` by the first `rows` rows, 0 where missing; a constant column becomes 0. */
function standardise(values: Float64Array, rows: number): Standard {
  const missing = new Uint8Array(values.length);
  let known = 0;
  let largest = 0;
  let low = Infinity;
  let high = -Infinity;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    missing[row] = value !== value ? 1 : 0;
    if (row >= rows || value !== value) continue;
    known++;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  largest = known === 0 ? 1 : Math.max(Math.abs(low), Math.abs(high)) || 1;
  const { mean, scale } =
    low < high ? moments(values, { rows, known, largest }) : { mean: known === 0 ? 0 : low, scale: 1 };
  for (let row = 0; row < values.length; row++)
    values[row] = missing[row] === 1 ? 0 : (values[row]! - mean) / scale;
  return { mean, scale, missing, missingRows: rows - known };
}

/** Yields mean and standard deviation, computed on values divided by the largest so that squares stay finite. */
function moments(
  values: Float64Array,
  { rows, known, largest }: { rows: number; known: number; largest: number },
): { mean: number; scale: number } {
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const value = values[row]!;
    if (value === value) sum += value / largest;
  }
  const mean = sum / known;
  let squares = 0;
  for (let row = 0; row < rows; row++) {
    const value = values[row]!;
    if (value === value) squares += (value / largest - mean) ** 2;
  }
  const scale = largest * Math.sqrt(squares / known);
  return { mean: mean * largest, scale: scale > 0 ? scale : 1 };
}

function placesOfMissing(missing: Uint8Array, missingAt: number, noWeight: number): Int32Array {
  return Int32Array.from(missing, (isMissing) => (isMissing === 1 ? missingAt : noWeight));
}

function countLevels(
  { codes, dictionary }: RawColumn & { kind: 'categorical' },
  { rows, maxLevels, weightAt }: { rows: number; maxLevels: number; weightAt: number },
): { term: CategoricalTerm; levelOf: Int32Array } {
  const counts = new Float64Array(dictionary.length);
  let nulls = 0;
  for (let row = 0; row < rows; row++) {
    const code = codes[row]!;
    if (code < 0) nulls++;
    else counts[code]! += 1;
  }
  const byName = (a: number, b: number): number => (dictionary[a]! < dictionary[b]! ? -1 : 1);
  const kept = Array.from(counts.keys())
    .filter((code) => counts[code]! > 0)
    .sort((a, b) => counts[b]! - counts[a]! || byName(a, b))
    .slice(0, maxLevels)
    .sort(byName);
  const levelOf = new Int32Array(dictionary.length).fill(-1);
  kept.forEach((code, level) => {
    levelOf[code] = level;
  });
  const term: CategoricalTerm = {
    kind: 'categorical',
    levels: kept.map((code) => dictionary[code]!),
    counts: Float64Array.from([...kept.map((code) => counts[code]!), nulls]),
    weightAt,
    nullAt: weightAt + kept.length,
  };
  return { term, levelOf };
}

function placesOfCodes(
  codes: Int32Array,
  levelOf: Int32Array,
  { term, noWeight }: { term: CategoricalTerm; noWeight: number },
): Int32Array {
  return Int32Array.from(codes, (code) => {
    if (code < 0) return term.nullAt;
    const level = levelOf[code]!;
    return level < 0 ? noWeight : term.weightAt + level;
  });
}
