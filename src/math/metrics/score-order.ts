/** The one sort behind every ranking metric. */

/** Rows in descending order of score, and where each run of equal scores ends. */
export interface ScoreOrder {
  /** Row indices [n], highest score first; rows with equal scores keep their order. */
  readonly rows: Int32Array;
  /** 1 at the last position of each run of equal scores, else 0; [n]. */
  readonly endsTie: Uint8Array;
}

const digitBits = 16;
const bucketCount = 1 << digitBits;

/**
 * Sorts row indices by descending score: a stable least-significant-digit radix sort over the 64 bits of the
 * doubles (4 passes of 16 bits, O(n)); -0 equals 0.
 *
 * @param scores Float64Array [n], finite
 * @returns the order and its ties
 * @example
 * scoreOrder(Float64Array.of(0.1, 0.9, 0.5)).rows.join(); // '1,2,0'
 */
export function scoreOrder(scores: Float64Array): ScoreOrder {
  const n = scores.length;
  const { high, low } = descendingKeys(scores);
  let from = new Int32Array(n);
  let to = new Int32Array(n);
  for (let row = 0; row < n; row++) from[row] = row;
  const counts = new Int32Array(bucketCount);
  for (const [keys, shift] of [
    [low, 0],
    [low, digitBits],
    [high, 0],
    [high, digitBits],
  ] as const) {
    if (scatterByDigit({ keys, shift, from, to, counts })) [from, to] = [to, from];
  }
  return { rows: from, endsTie: tieEnds(scores, from) };
}

/** Unsigned keys whose ascending order is the descending order of the doubles. */
function descendingKeys(scores: Float64Array): { high: Uint32Array; low: Uint32Array } {
  const n = scores.length;
  const high = new Uint32Array(n);
  const low = new Uint32Array(n);
  const double = new Float64Array(1);
  const words = new Uint32Array(double.buffer);
  double[0] = 1;
  const highWord = words[1] === 0 ? 0 : 1;
  for (let row = 0; row < n; row++) {
    double[0] = scores[row]! + 0;
    const top = words[highWord]!;
    const bottom = words[1 - highWord]!;
    // A negative double has its sign bit set and grows downwards: as it stands it is already in descending order.
    const negative = top >>> 31 === 1;
    high[row] = negative ? top : ~top & 0x7fffffff;
    low[row] = negative ? bottom : ~bottom;
  }
  return { high, low };
}

interface ScatterPass {
  readonly keys: Uint32Array;
  readonly shift: number;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly counts: Int32Array;
}

/** One stable counting pass; false when all keys share the digit and nothing was written. */
function scatterByDigit({ keys, shift, from, to, counts }: ScatterPass): boolean {
  const n = from.length;
  counts.fill(0);
  for (let row = 0; row < n; row++) counts[(keys[row]! >>> shift) & 0xffff]!++;
  if (n > 0 && counts[(keys[0]! >>> shift) & 0xffff] === n) return false;
  let start = 0;
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const count = counts[bucket]!;
    counts[bucket] = start;
    start += count;
  }
  for (let position = 0; position < n; position++) {
    const row = from[position]!;
    to[counts[(keys[row]! >>> shift) & 0xffff]!++] = row;
  }
  return true;
}

function tieEnds(scores: Float64Array, rows: Int32Array): Uint8Array {
  const n = rows.length;
  const ends = new Uint8Array(n);
  for (let position = 0; position < n; position++) {
    const last = position === n - 1;
    if (last || scores[rows[position]!] !== scores[rows[position + 1]!]) ends[position] = 1;
  }
  return ends;
}
