import { requireLabelled, requireLength } from '../check-values.ts';
import { scoreOrder } from '../metrics/score-order.ts';
import { measured, undefinedBecause } from '../outcome.ts';
import type { Estimate } from '../outcome.ts';
import { denseBlocks } from './block-codes.ts';
import { blockBootstrap } from './block-bootstrap.ts';
import { areaUnderRocByBlock, blockRanking } from './block-ranking.ts';

/** Two score vectors over the same labelled rows. */
export interface PairedScores {
  /** Uint8Array [n], each 0 or 1. */
  readonly labels: Uint8Array;
  /** Float64Array [n], finite: scores of the model under test. */
  readonly scoresA: Float64Array;
  /** Float64Array [n], finite: scores of the reference. */
  readonly scoresB: Float64Array;
  /** Int32Array [n], >= 0: the block of each row. */
  readonly blocks: Int32Array;
  /** Resamples, >= 1; default 1000. */
  readonly replicates?: number;
  /** Safe integer. */
  readonly seed: number;
  /** Two-sided error, in (0, 1); default 0.05. */
  readonly alpha?: number;
}

/**
 * Yields the difference of two ROC areas, A - B, on the same rows, with a percentile interval by block.
 *
 * Both areas of a replicate see the same blocks, so what they share cancels. Harm is a decrease: judge it with
 * `nonInferiority({..., harmful: 'decrease'})`.
 *
 * @param options labels, both score vectors, blocks, replicates, seed, alpha
 * @returns estimate in [-1, 1]; undefined for one-class labels
 * @throws MATH_SHAPE, MATH_NOT_FINITE, MATH_RANGE
 * @example
 * pairedAreaUnderRocDifference({ labels: Uint8Array.of(0, 1), scoresA: Float64Array.of(0.1, 0.9),
 *   scoresB: Float64Array.of(0.5, 0.5), blocks: Int32Array.of(0, 0), seed: 1 }).n; // 2
 * @see Oracle of each area: scikit-learn `roc_auc_score`.
 */
export function pairedAreaUnderRocDifference(options: PairedScores): Estimate {
  const { labels, scoresA, scoresB, blocks } = options;
  requireLabelled(labels, scoresA);
  requireLabelled(labels, scoresB);
  requireLength('blocks', blocks, labels.length);
  const dense = denseBlocks(blocks);
  const [areaA, areaB] = [scoresA, scoresB].map((scores) =>
    areaUnderRocByBlock(blockRanking(labels, scoreOrder(scores), dense)),
  ) as [ReturnType<typeof areaUnderRocByBlock>, ReturnType<typeof areaUnderRocByBlock>];
  const statistic = (multiplicity: Float64Array): number => areaA(multiplicity) - areaB(multiplicity);
  const whole = statistic(new Float64Array(dense.count).fill(1));
  const n = labels.length;
  const value = Number.isNaN(whole) ? undefinedBecause('labels of one class', n) : measured(whole, n);
  return blockBootstrap({ ...options, blockCount: dense.count, value, statistic });
}
