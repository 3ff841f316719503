import { seededRandom } from '../../base/random.ts';
import { requireBetween, requireLength, requireProbabilities, requireWhole } from '../check-values.ts';
import { confusion } from '../metrics/confusion.ts';
import type { Confusion } from '../metrics/confusion.ts';
import { requireCost } from '../metrics/row-losses.ts';
import { isMeasured } from '../outcome.ts';
import type { Estimate } from '../outcome.ts';
import { binaryMetricNames, binaryMetricsByBlock } from './binary-metrics-by-block.ts';
import type { BinaryMetricName, BinaryMetricsOf, ScoredRows } from './binary-metrics-by-block.ts';
import { denseBlocks, tooFewBlocks } from './block-codes.ts';
import { drawBlocks, estimateOf } from './block-bootstrap.ts';

/** Rows to measure, how to resample them, and how wide the intervals are. */
export interface BinaryMetricsOptions extends ScoredRows {
  /** Int32Array [n], >= 0: the block (day, document) of each row. */
  readonly blocks: Int32Array;
  /** Resamples, >= 1; default 1000. */
  readonly replicates?: number;
  /** Safe integer: the same seed gives the same bounds. */
  readonly seed: number;
  /** Two-sided error, in (0, 1); default 0.05. */
  readonly alpha?: number;
}

/** Every binary metric with its interval, and what the intervals rest on. */
export interface BinaryMetrics {
  readonly metrics: Readonly<Record<BinaryMetricName, Estimate>>;
  readonly confusion: Confusion;
  readonly rows: number;
  readonly blocks: number;
  readonly replicates: number;
  readonly seed: number;
  readonly alpha: number;
}

/**
 * Yields every binary metric with a percentile interval from resampling whole blocks.
 *
 * Sorts once. Mean-type metrics are sums by block; the ROC area is a quadratic form in the pairwise wins of the
 * blocks; average precision passes over the sorted rows; calibration bins are fixed on the sample and reweighted.
 * Replicates in which a metric has no value (no positive drawn) are counted, not imputed. Fewer than 7 blocks: values without
 * intervals. The interval of the calibration error lies high, because resampling adds noise to the bins.
 *
 * @param options rows, threshold, cost, blocks, replicates, seed, alpha
 * @returns estimates by metric name
 * @throws MATH_SHAPE, MATH_NOT_FINITE (NaN score, with its index), MATH_RANGE
 * @example
 * binaryMetricsWithIntervals({ labels: Uint8Array.of(0, 1), scores: Float64Array.of(0.2, 0.7), threshold: 0.5,
 *   cost: { falsePositive: 1, falseNegative: 5 }, blocks: Int32Array.of(0, 1), seed: 1 }).blocks; // 2
 * @see `blockBootstrap` for the method.
 */
export function binaryMetricsWithIntervals(options: BinaryMetricsOptions): BinaryMetrics {
  const { labels, scores, blocks, threshold, replicates = 1000, seed, alpha = 0.05 } = options;
  requireProbabilities(labels, scores);
  requireLength('blocks', blocks, labels.length);
  requireBetween('threshold', threshold, [0, 1]);
  requireBetween('alpha', alpha, [Number.MIN_VALUE, 1 - Number.EPSILON]);
  requireWhole('replicates', replicates, 1);
  requireCost(options.cost);
  if (options.baseRate !== undefined) requireBetween('baseRate', options.baseRate, [0, 1]);
  const dense = denseBlocks(blocks);
  const evaluate = binaryMetricsByBlock(options, dense);
  const values = evaluate(new Float64Array(dense.count).fill(1));
  const reason = tooFewBlocks(dense.count);
  const results =
    reason === undefined ? replicatesOf(evaluate, { blockCount: dense.count, replicates, seed }) : undefined;
  const estimate = (name: BinaryMetricName): Estimate => {
    const value = values[name];
    if (!isMeasured(value)) return value;
    return estimateOf(
      value,
      results === undefined ? { reason: reason ?? '' } : { results: results[name], alpha },
    );
  };
  return {
    metrics: byMetricName(estimate),
    confusion: confusion(labels, scores, threshold),
    rows: labels.length,
    blocks: dense.count,
    replicates,
    seed,
    alpha,
  };
}

function replicatesOf(
  evaluate: BinaryMetricsOf,
  { blockCount, replicates, seed }: { blockCount: number; replicates: number; seed: number },
): Record<BinaryMetricName, Float64Array> {
  const random = seededRandom(seed);
  const multiplicity = new Float64Array(blockCount);
  const results = byMetricName(() => new Float64Array(replicates));
  for (let replicate = 0; replicate < replicates; replicate++) {
    drawBlocks(random, multiplicity);
    const drawn = evaluate(multiplicity);
    for (const name of binaryMetricNames) {
      const outcome = drawn[name];
      results[name][replicate] = isMeasured(outcome) ? outcome.value : Number.NaN;
    }
  }
  return results;
}

function byMetricName<Value>(of: (name: BinaryMetricName) => Value): Record<BinaryMetricName, Value> {
  return Object.fromEntries(binaryMetricNames.map((name) => [name, of(name)])) as Record<
    BinaryMetricName,
    Value
  >;
}
