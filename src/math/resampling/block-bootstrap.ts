import { seededRandom } from '../../base/random.ts';
import type { Random } from '../../base/random.ts';
import { requireWhole } from '../check-values.ts';
import { isMeasured } from '../outcome.ts';
import type { Estimate, Measured } from '../outcome.ts';
import { tooFewBlocks } from './block-codes.ts';
import { percentileInterval } from './percentile-interval.ts';

/**
 * Draws `blockCount` blocks with replacement and counts how often each came.
 *
 * @param random stream to draw from
 * @param multiplicity Float64Array [blocks], overwritten; sums to the number of blocks
 * @example
 * drawBlocks({ next: () => 0, below: () => 0 }, new Float64Array(2)); // undefined
 */
export function drawBlocks(random: Random, multiplicity: Float64Array): void {
  const blocks = multiplicity.length;
  multiplicity.fill(0);
  for (let draw = 0; draw < blocks; draw++) multiplicity[random.below(blocks)]!++;
}

/** A statistic that can be recomputed when whole blocks are drawn several times or not at all. */
export interface BlockBootstrapOptions {
  /** Blocks with rows. */
  readonly blockCount: number;
  /** The statistic on the sample itself. */
  readonly value: Measured;
  /**
   * The statistic when block b counts `multiplicity[b]` times; NaN when undefined. The vector is reused between
   * calls: read it, do not keep it.
   */
  readonly statistic: (multiplicity: Float64Array) => number;
  /** Resamples, >= 1; default 1000. */
  readonly replicates?: number;
  /** Safe integer. */
  readonly seed: number;
  /** Two-sided error, in (0, 1); default 0.05. */
  readonly alpha?: number;
}

/**
 * Yields a statistic with its percentile interval from resampling whole blocks with replacement.
 *
 * Rows of a block (a day, a document) stay together, so correlation inside a block widens the interval as it
 * should. Fewer than 7 blocks give the value without an interval. With few blocks (under about 20) percentile
 * intervals are somewhat too narrow.
 *
 * @param options statistic, its value, blocks, replicates, seed, alpha
 * @returns estimate with bounds, or with the reason why they are missing
 * @throws MATH_RANGE
 * @example
 * blockBootstrap({ blockCount: 3, value: { value: 2, n: 3 }, statistic: () => 2, seed: 1 }).n; // 3
 * @see Davison and Hinkley, "Bootstrap Methods and their Application" (1997), section 3.8.
 */
export function blockBootstrap(options: BlockBootstrapOptions): Estimate {
  const { blockCount, value, statistic, replicates = 1000, seed, alpha = 0.05 } = options;
  requireWhole('replicates', replicates, 1);
  if (!isMeasured(value)) return value;
  const reason = tooFewBlocks(blockCount);
  if (reason !== undefined) return estimateOf(value, { reason });
  const random = seededRandom(seed);
  const multiplicity = new Float64Array(blockCount);
  const results = new Float64Array(replicates);
  for (let replicate = 0; replicate < replicates; replicate++) {
    drawBlocks(random, multiplicity);
    results[replicate] = statistic(multiplicity);
  }
  return estimateOf(value, { results, alpha });
}

/**
 * Joins a value with the interval of its replicates, or with the reason why there are none.
 *
 * @example
 * estimateOf({ value: 1, n: 2 }, { reason: 'none' }).n; // 2
 */
export function estimateOf(
  value: { readonly value: number; readonly n: number },
  from: { readonly reason: string } | { readonly results: Float64Array; readonly alpha: number },
): Estimate {
  if ('reason' in from) return { ...value, intervalUndefined: from.reason, undefinedReplicates: 0 };
  const { interval, undefinedReplicates } = percentileInterval(from.results, from.alpha);
  if ('undefined' in interval)
    return { ...value, intervalUndefined: interval.undefined, undefinedReplicates };
  return { ...value, ...interval, undefinedReplicates };
}
