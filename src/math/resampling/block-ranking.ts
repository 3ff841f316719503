/** Ranking metrics under block multiplicities: one sort, then each replicate is a quadratic form or one pass. */
import type { ScoreOrder } from '../metrics/score-order.ts';
import type { BlockCodes } from './block-codes.ts';

/** Labelled rows in descending order of score, reduced to what a replicate needs. */
export interface BlockRanking {
  /** 2 x block + label of each row, highest score first; [n]. */
  readonly cells: Int32Array;
  /** 1 at the last position of each run of equal scores; [n]. */
  readonly endsTie: Uint8Array;
  readonly blockCount: number;
  /** Positives and negatives of each block; [blockCount]. */
  readonly positives: Float64Array;
  readonly negatives: Float64Array;
}

/**
 * Reduces sorted rows to their block and label.
 *
 * @param labels Uint8Array [n], each 0 or 1
 * @param order rows by descending score
 * @param blocks block of each row
 * @returns the ranking
 * @example
 * blockRanking(Uint8Array.of(1), { rows: Int32Array.of(0), endsTie: Uint8Array.of(1) }, {
 *   codes: Int32Array.of(0), count: 1 }).cells[0]; // 1
 */
export function blockRanking(labels: Uint8Array, order: ScoreOrder, blocks: BlockCodes): BlockRanking {
  const positives = new Float64Array(blocks.count);
  const negatives = new Float64Array(blocks.count);
  const cells = new Int32Array(labels.length);
  for (let position = 0; position < cells.length; position++) {
    const row = order.rows[position]!;
    const block = blocks.codes[row]!;
    const label = labels[row]!;
    cells[position] = 2 * block + label;
    if (label === 1) positives[block]!++;
    else negatives[block]!++;
  }
  return { cells, endsTie: order.endsTie, blockCount: blocks.count, positives, negatives };
}

/** A statistic of block multiplicities, NaN when undefined. */
export type BlockStatistic = (multiplicity: Float64Array) => number;

/**
 * Prepares the area under the ROC curve for block multiplicities m: m'Um / (m'p m'q), with U[i][j] the wins of
 * block i's positives over block j's negatives (ties half), p and q the positives and negatives by block.
 *
 * U takes O(positives x blocks) once and blocks^2 numbers; with so many blocks that a pass over the rows is cheaper
 * than the quadratic form, each call passes over the rows instead. Both give the same value.
 *
 * @param ranking sorted rows
 * @returns the statistic; NaN without a positive or a negative
 * @example
 * areaUnderRocByBlock({ cells: Int32Array.of(1, 0), endsTie: Uint8Array.of(1, 1), blockCount: 1,
 *   positives: Float64Array.of(1), negatives: Float64Array.of(1) })(Float64Array.of(1)); // 1
 */
export function areaUnderRocByBlock(ranking: BlockRanking): BlockStatistic {
  const { blockCount, cells, positives, negatives } = ranking;
  const quadratic = blockCount * blockCount <= 2 * cells.length;
  const wins = quadratic ? winsByBlockPair(ranking) : undefined;
  return (multiplicity) => {
    const pairs = dot(multiplicity, positives) * dot(multiplicity, negatives);
    if (pairs === 0) return Number.NaN;
    const won = wins === undefined ? weightedWins(ranking, multiplicity) : quadraticForm(wins, multiplicity);
    return won / pairs;
  };
}

/**
 * Counts the wins of each block's positives over each block's negatives: U[i * blocks + j], exact multiples of one half.
 *
 * @example
 * winsByBlockPair({ cells: Int32Array.of(1, 0), endsTie: Uint8Array.of(0, 1), blockCount: 1,
 *   positives: Float64Array.of(1), negatives: Float64Array.of(1) }).join(); // '0.5'
 */
export function winsByBlockPair({ cells, endsTie, blockCount }: BlockRanking): Float64Array {
  const wins = new Float64Array(blockCount * blockCount);
  const below = new Float64Array(blockCount);
  let last = cells.length - 1;
  while (last >= 0) {
    let first = last;
    while (first > 0 && endsTie[first - 1] === 0) first--;
    countHalf({ cells, below, first, last });
    for (let position = first; position <= last; position++) {
      const cell = cells[position]!;
      if ((cell & 1) === 0) continue;
      const offset = (cell >> 1) * blockCount;
      for (let other = 0; other < blockCount; other++) wins[offset + other]! += below[other]!;
    }
    countHalf({ cells, below, first, last });
    last = first - 1;
  }
  return wins;
}

/** Half of a tie's negatives before its positives are compared, the other half after: a tie is half a win. */
function countHalf(tie: { cells: Int32Array; below: Float64Array; first: number; last: number }): void {
  for (let position = tie.first; position <= tie.last; position++) {
    const cell = tie.cells[position]!;
    if ((cell & 1) === 0) tie.below[cell >> 1]! += 0.5;
  }
}

function weightedWins({ cells, endsTie }: BlockRanking, multiplicity: Float64Array): number {
  let wins = 0;
  let positives = 0;
  let tiedPositives = 0;
  let tiedNegatives = 0;
  for (let position = 0; position < cells.length; position++) {
    const cell = cells[position]!;
    const weight = multiplicity[cell >> 1]!;
    if ((cell & 1) === 1) tiedPositives += weight;
    else tiedNegatives += weight;
    if (endsTie[position] === 0) continue;
    wins += tiedNegatives * (positives + tiedPositives / 2);
    positives += tiedPositives;
    tiedPositives = 0;
    tiedNegatives = 0;
  }
  return wins;
}

/**
 * Prepares average precision for block multiplicities: one pass over the sorted rows per call, exact.
 *
 * @param ranking sorted rows
 * @returns the statistic; NaN without a positive
 * @example
 * averagePrecisionByBlock({ cells: Int32Array.of(1, 0), endsTie: Uint8Array.of(1, 1), blockCount: 1,
 *   positives: Float64Array.of(1), negatives: Float64Array.of(1) })(Float64Array.of(1)); // 1
 */
export function averagePrecisionByBlock(ranking: BlockRanking): BlockStatistic {
  const { cells, endsTie, blockCount } = ranking;
  const selectedBy = new Float64Array(2 * blockCount);
  const positiveBy = new Float64Array(2 * blockCount);
  return (multiplicity) => {
    for (let block = 0; block < blockCount; block++) {
      selectedBy[2 * block] = multiplicity[block]!;
      selectedBy[2 * block + 1] = multiplicity[block]!;
      positiveBy[2 * block + 1] = multiplicity[block]!;
    }
    let positives = 0;
    let selected = 0;
    let tied = 0;
    let area = 0;
    for (let position = 0; position < cells.length; position++) {
      const cell = cells[position]!;
      selected += selectedBy[cell]!;
      tied += positiveBy[cell]!;
      if (tied === 0 || endsTie[position] === 0) continue;
      positives += tied;
      area += (tied * positives) / selected;
      tied = 0;
    }
    return positives === 0 ? Number.NaN : area / positives;
  };
}

/**
 * Sums the products of two vectors of one length.
 *
 * @example
 * dot(Float64Array.of(1, 2), Float64Array.of(3, 4)); // 11
 */
export function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < left.length; index++) sum += left[index]! * right[index]!;
  return sum;
}

/** m'Um for a row-major square matrix. */
function quadraticForm(matrix: Float64Array, vector: Float64Array): number {
  const size = vector.length;
  let sum = 0;
  for (let row = 0; row < size; row++) {
    const weight = vector[row]!;
    if (weight === 0) continue;
    let inner = 0;
    for (let column = 0; column < size; column++) inner += matrix[row * size + column]! * vector[column]!;
    sum += weight * inner;
  }
  return sum;
}
