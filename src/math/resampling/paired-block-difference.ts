import { requireBetween, requireFinite, requireLength } from '../check-values.ts';
import { studentTQuantile } from '../distributions/student-t.ts';
import { measured, undefinedBecause } from '../outcome.ts';
import type { Estimate } from '../outcome.ts';
import { denseBlocks, tooFewBlocks } from './block-codes.ts';
import { blockBootstrap } from './block-bootstrap.ts';
import { dot } from './block-ranking.ts';

/** Losses of two models on the same rows. */
export interface PairedLosses {
  /** Float64Array [n], finite: loss of the model under test (challenger). */
  readonly lossA: Float64Array;
  /** Float64Array [n], finite: loss of the reference (champion). */
  readonly lossB: Float64Array;
  /** Int32Array [n], >= 0: the block of each row. */
  readonly blocks: Int32Array;
  /** Two-sided error, in (0, 1); default 0.05. */
  readonly alpha?: number;
  /** Resamples of the bootstrap variant, >= 1; default 1000. */
  readonly replicates?: number;
  /** Seed of the bootstrap variant; default 1. */
  readonly seed?: number;
}

/** Sums of a row difference by block. */
export interface BlockSums {
  /** Float64Array [blocks]: sum over the block's rows. */
  readonly sums: Float64Array;
  /** Float64Array [blocks]: rows of the block, >= 0. */
  readonly counts: Float64Array;
}

/** Mean difference A - B with its intervals; positive means A loses more. */
export interface PairedDifference {
  /** t interval over blocks. */
  readonly difference: Estimate;
  /** Percentile interval from resampling blocks. */
  readonly bootstrap: Estimate;
  /** Standard error behind the t interval; absent below two blocks. */
  readonly standardError?: number;
  /** Blocks with rows. */
  readonly blocks: number;
  readonly perBlock: BlockSums;
}

/**
 * Yields the mean paired difference lossA - lossB per row, with a t interval over blocks and a bootstrap variant.
 *
 * Every row counts once, so a large block weighs more. Blocks appear in ascending order of their codes.
 *
 * @param losses both loss vectors, blocks, alpha, replicates, seed
 * @returns difference (t), difference (bootstrap), and the sums by block
 * @throws MATH_SHAPE, MATH_NOT_FINITE, MATH_RANGE
 * @example
 * pairedBlockDifference({ lossA: Float64Array.of(2, 3), lossB: Float64Array.of(1, 1),
 *   blocks: Int32Array.of(0, 1) }).blocks; // 2
 * @see Miller, "Adding Error Bars to Evals" (2411.00640). Oracle: scipy `ttest_1samp(...).confidence_interval` on
 * block means (equal block sizes).
 */
export function pairedBlockDifference(losses: PairedLosses): PairedDifference {
  const { lossA, lossB, blocks } = losses;
  requireLength('lossB', lossB, lossA.length);
  requireLength('blocks', blocks, lossA.length);
  requireFinite('lossA', lossA);
  requireFinite('lossB', lossB);
  const dense = denseBlocks(blocks);
  const sums = new Float64Array(dense.count);
  const counts = new Float64Array(dense.count);
  for (let row = 0; row < lossA.length; row++) {
    const block = dense.codes[row]!;
    sums[block]! += lossA[row]! - lossB[row]!;
    counts[block]!++;
  }
  return blockSumsDifference({ sums, counts }, losses);
}

/**
 * Yields the mean of a row quantity and its intervals from sums and counts by block (as an engine's GROUP BY yields).
 *
 * Mean = sum of sums / sum of counts. Standard error by linearisation of that ratio, with B blocks:
 * sqrt(B / (B - 1) sum_b (S_b - mean C_b)^2) / sum C; B - 1 degrees of freedom. With equal counts this is the
 * ordinary t interval of the block means. Blocks without rows are left out; fewer than 7 with rows give no interval.
 *
 * @param perBlock sums and counts
 * @param options alpha (default 0.05), replicates (1000) and seed (1) of the bootstrap variant
 * @returns both intervals
 * @throws MATH_SHAPE, MATH_NOT_FINITE, MATH_RANGE
 * @example
 * blockSumsDifference({ sums: Float64Array.of(4), counts: Float64Array.of(2) }).difference.n; // 2
 * @see Cochran, "Sampling Techniques" (1977), chapter 6; `pairedBlockDifference`.
 */
export function blockSumsDifference(
  perBlock: BlockSums,
  options: { readonly alpha?: number; readonly replicates?: number; readonly seed?: number } = {},
): PairedDifference {
  const { alpha = 0.05, replicates = 1000, seed = 1 } = options;
  requireBetween('alpha', alpha, [Number.MIN_VALUE, 1 - Number.EPSILON]);
  const kept = withRows(perBlock);
  const blocks = kept.counts.length;
  const n = kept.counts.reduce((total, count) => total + count, 0);
  if (n === 0) {
    const none = undefinedBecause('no rows', 0);
    return { difference: none, bootstrap: none, blocks, perBlock: kept };
  }
  const value = measured(kept.sums.reduce((total, sum) => total + sum, 0) / n, n);
  const bootstrap = blockBootstrap({
    blockCount: blocks,
    value,
    statistic: (multiplicity) => dot(multiplicity, kept.sums) / dot(multiplicity, kept.counts),
    replicates,
    seed,
    alpha,
  });
  if (blocks < 2) {
    const reason = tooFewBlocks(blocks) ?? '';
    return {
      difference: { ...value, intervalUndefined: reason, undefinedReplicates: 0 },
      bootstrap,
      blocks,
      perBlock: kept,
    };
  }
  const standardError = ratioStandardError(kept, value);
  const difference = withStudentInterval(value, { standardError, blocks, alpha });
  return { difference, bootstrap, standardError, blocks, perBlock: kept };
}

function withRows({ sums, counts }: BlockSums): BlockSums {
  requireLength('counts', counts, sums.length);
  requireFinite('sums', sums);
  requireFinite('counts', counts);
  counts.forEach((count, block) => requireBetween(`counts[${block}]`, count, [0, Number.MAX_SAFE_INTEGER]));
  if (counts.every((count) => count > 0)) return { sums, counts };
  return { sums: sums.filter((_, block) => counts[block]! > 0), counts: counts.filter((count) => count > 0) };
}

function ratioStandardError({ sums, counts }: BlockSums, mean: { value: number; n: number }): number {
  const blocks = counts.length;
  let squares = 0;
  for (let block = 0; block < blocks; block++) squares += (sums[block]! - mean.value * counts[block]!) ** 2;
  return Math.sqrt((blocks / (blocks - 1)) * squares) / mean.n;
}

function withStudentInterval(
  value: { readonly value: number; readonly n: number },
  { standardError, blocks, alpha }: { standardError: number; blocks: number; alpha: number },
): Estimate {
  const reason = tooFewBlocks(blocks);
  if (reason !== undefined) return { ...value, intervalUndefined: reason, undefinedReplicates: 0 };
  const half = studentTQuantile(1 - alpha / 2, blocks - 1) * standardError;
  return { ...value, lower: value.value - half, upper: value.value + half, undefinedReplicates: 0 };
}
