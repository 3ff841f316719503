import { blockRows, type ClassWeights } from './gradients.ts';
import type { MassScale } from './histogram.ts';
import type { PartitionSpace } from './partition.ts';
import { splitDoubles } from './split.ts';

/** What governs the growth of a forest; the trainer's parameters of the same names. */
export interface BoostParams {
  readonly rounds: number;
  /** Leaves per tree at most, >= 2. */
  readonly leaves: number;
  readonly learningRate: number;
  /** Splits from root to leaf at most; 0 for no bound. */
  readonly maxDepth: number;
  readonly l2: number;
  readonly minChildWeight: number;
  readonly minRowsPerLeaf: number;
  readonly minSplitGain: number;
  /** Share of the rows and of the features that each tree sees, in (0, 1]. */
  readonly rowFraction: number;
  readonly featureFraction: number;
  readonly catSmooth: number;
  readonly catL2: number;
  readonly catMaxLeft: number;
  readonly catMinRows: number;
  /** Stops after so many rounds without a better validation loss; 0 never stops early. */
  readonly earlyStoppingRounds: number;
}

/** What is trained: facts that every thread gets a copy of. */
export interface BoostJob {
  readonly task: 'binary' | 'regression';
  readonly rows: number;
  /** Rows after the first `rows` of every column, on which nothing is fitted. */
  readonly validationRows: number;
  readonly categorical: readonly boolean[];
  readonly params: BoostParams;
  readonly weights: ClassWeights;
  readonly seed: number;
  readonly scale: MassScale;
}

/** Shared memory of a training; see `newBoostSpace`. */
export interface BoostSpace extends PartitionSpace {
  /** Column after column, each of `pitch` = rows + validation rows. */
  readonly bins: Uint8Array;
  readonly pitch: number;
  readonly binCounts: Int32Array;
  readonly edges: Float64Array;
  /** By row: 0 / 1 or numbers; margins begin at the base score. */
  readonly labels: Float64Array;
  readonly margins: Float64Array;
  readonly leafOf: Uint16Array;
  /** Two per block of rows, of training and then of validation. */
  readonly losses: Float64Array;
  readonly candidates: Float64Array;
  readonly rootSums: Float64Array;
  readonly sampledRows: Int32Array;
}

/**
 * Yields the shared memory of a training, about `rows * (features + 66)` bytes; labels, bins, edges and counts are yet to
 * be written.
 *
 * @param rows training rows, >= 1
 * @param threads size of the largest team that will use it
 */
export function newBoostSpace(of: {
  rows: number;
  validationRows: number;
  features: number;
  threads: number;
}): BoostSpace {
  const { rows, validationRows, features, threads } = of;
  const pitch = rows + validationRows;
  const blocks = Math.ceil(rows / blockRows) + Math.ceil(validationRows / blockRows);
  return {
    bins: new Uint8Array(new SharedArrayBuffer(pitch * features)),
    pitch,
    binCounts: integers(features),
    edges: doubles(features * 256),
    labels: doubles(pitch),
    margins: doubles(pitch),
    leafOf: new Uint16Array(new SharedArrayBuffer(pitch * 2)),
    losses: doubles(2 * blocks),
    candidates: doubles(threads * 2 * splitDoubles),
    rootSums: doubles(2),
    sampledRows: integers(1),
    order: integers(rows),
    spareLeft: integers(rows),
    spareRight: integers(rows),
    leftCounts: integers(threads),
    pairs: doubles(2 * rows),
    ordered: doubles(2 * rows),
  };
}

function integers(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * 4));
}

function doubles(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(length * 8));
}
