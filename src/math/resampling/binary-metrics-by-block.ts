/** All binary metrics from sums by block: what one replicate of the bootstrap costs. */
import { accuracy, expectedCost, f1, precision, recall } from '../metrics/confusion.ts';
import type { Confusion } from '../metrics/confusion.ts';
import { equalMassBins } from '../metrics/equal-mass-bins.ts';
import { calibrationBins, calibrationErrorOf, emptyBins } from '../metrics/expected-calibration-error.ts';
import type { BinSums } from '../metrics/expected-calibration-error.ts';
import { skillOf } from '../metrics/log-loss.ts';
import { logLossOf } from '../metrics/row-losses.ts';
import type { DecisionCost } from '../metrics/row-losses.ts';
import { scoreOrder } from '../metrics/score-order.ts';
import { measured, undefinedBecause } from '../outcome.ts';
import type { Measured } from '../outcome.ts';
import type { BlockCodes } from './block-codes.ts';
import { areaUnderRocByBlock, averagePrecisionByBlock, blockRanking, dot } from './block-ranking.ts';

/**
 * Every metric that `binaryMetricsWithIntervals` yields, in report order.
 *
 * @example
 * binaryMetricNames[0]; // 'areaUnderRoc'
 */
export const binaryMetricNames = [
  'areaUnderRoc',
  'averagePrecision',
  'logLoss',
  'logLossSkill',
  'brierScore',
  'expectedCalibrationError',
  'accuracy',
  'precision',
  'recall',
  'f1',
  'expectedCost',
] as const;

/** Name of a binary metric. */
export type BinaryMetricName = (typeof binaryMetricNames)[number];

/** Labelled, scored rows with the declared decision. */
export interface ScoredRows {
  /** Uint8Array [n], each 0 or 1. */
  readonly labels: Uint8Array;
  /** Float64Array [n], in [0, 1]. */
  readonly scores: Float64Array;
  /** Decided positive at score >= threshold; in [0, 1]. */
  readonly threshold: number;
  readonly cost: DecisionCost;
  /** Chance of the constant reference of the skill; absent: the labels' own share. */
  readonly baseRate?: number;
}

/** Every metric when block b counts `multiplicity[b]` times. */
export type BinaryMetricsOf = (multiplicity: Float64Array) => Record<BinaryMetricName, Measured>;

/**
 * Sorts and sums once, and yields a function that computes every metric for given block multiplicities.
 *
 * @param rows checked input (see `binaryMetricsWithIntervals`)
 * @param blocks dense block codes
 * @returns the metrics of any multiplicities; all ones give those of the sample itself
 * @example
 * binaryMetricsByBlock({ labels: Uint8Array.of(1), scores: Float64Array.of(1), threshold: 0.5,
 *   cost: { falsePositive: 1, falseNegative: 1 } }, { codes: Int32Array.of(0), count: 1 }
 *   )(Float64Array.of(1)).accuracy; // { value: 1, n: 1 }
 */
export function binaryMetricsByBlock(rows: ScoredRows, blocks: BlockCodes): BinaryMetricsOf {
  const order = scoreOrder(rows.scores);
  const ranking = blockRanking(rows.labels, order, blocks);
  const sums = sumsByBlock(rows, blocks);
  const areaUnderRoc = areaUnderRocByBlock(ranking);
  const averagePrecision = averagePrecisionByBlock(ranking);
  const calibration = calibrationByBlock(
    rows,
    blocks,
    binOfRows(order.rows, equalMassBins(order, calibrationBins)),
  );
  return (multiplicity) => {
    const counts: Confusion = {
      truePositive: dot(multiplicity, sums.truePositive),
      falsePositive: dot(multiplicity, sums.falsePositive),
      trueNegative: dot(multiplicity, sums.trueNegative),
      falseNegative: dot(multiplicity, sums.falseNegative),
    };
    const positives = counts.truePositive + counts.falseNegative;
    const n = positives + counts.falsePositive + counts.trueNegative;
    const mean = (sum: Float64Array): Measured => defined(dot(multiplicity, sum) / n, n, 'no rows');
    const loss = mean(sums.logLoss);
    const oneClass = n === 0 ? 'no rows' : positives === 0 ? 'no positive label' : 'no negative label';
    return {
      areaUnderRoc: defined(areaUnderRoc(multiplicity), n, oneClass),
      averagePrecision: defined(averagePrecision(multiplicity), n, oneClass),
      logLoss: loss,
      logLossSkill: 'value' in loss ? skillOf(loss, positives / n, rows.baseRate) : loss,
      brierScore: mean(sums.brier),
      expectedCalibrationError: defined(calibration(multiplicity), n, 'no rows'),
      accuracy: accuracy(counts),
      precision: precision(counts),
      recall: recall(counts),
      f1: f1(counts),
      expectedCost: expectedCost(counts, rows.cost),
    };
  };
}

function defined(value: number, n: number, reason: string): Measured {
  return Number.isNaN(value) ? undefinedBecause(reason, n) : measured(value, n);
}

interface BlockSums {
  readonly logLoss: Float64Array;
  readonly brier: Float64Array;
  readonly truePositive: Float64Array;
  readonly falsePositive: Float64Array;
  readonly trueNegative: Float64Array;
  readonly falseNegative: Float64Array;
}

function sumsByBlock({ labels, scores, threshold }: ScoredRows, blocks: BlockCodes): BlockSums {
  const zeros = (): Float64Array => new Float64Array(blocks.count);
  const sums: BlockSums = {
    logLoss: zeros(),
    brier: zeros(),
    truePositive: zeros(),
    falsePositive: zeros(),
    trueNegative: zeros(),
    falseNegative: zeros(),
  };
  for (let row = 0; row < labels.length; row++) {
    const block = blocks.codes[row]!;
    const label = labels[row]!;
    const score = scores[row]!;
    sums.logLoss[block]! += logLossOf(label, score);
    sums.brier[block]! += (score - label) ** 2;
    if (score >= threshold) (label === 1 ? sums.truePositive : sums.falsePositive)[block]!++;
    else (label === 1 ? sums.falseNegative : sums.trueNegative)[block]!++;
  }
  return sums;
}

function binOfRows(sortedRows: Int32Array, ends: readonly number[]): { bins: Int32Array; count: number } {
  const bins = new Int32Array(sortedRows.length);
  let position = 0;
  ends.forEach((end, bin) => {
    for (; position < end; position++) bins[sortedRows[position]!] = bin;
  });
  return { bins, count: ends.length };
}

/** The bins are those of the sample; a replicate only reweights them. */
function calibrationByBlock(
  { labels, scores }: ScoredRows,
  blocks: BlockCodes,
  binned: { readonly bins: Int32Array; readonly count: number },
): (multiplicity: Float64Array) => number {
  const byBlock: BinSums = emptyBins(binned.count * blocks.count);
  for (let row = 0; row < labels.length; row++) {
    const cell = blocks.codes[row]! * binned.count + binned.bins[row]!;
    byBlock.count[cell]! += 1;
    byBlock.score[cell]! += scores[row]!;
    byBlock.positive[cell]! += labels[row]!;
  }
  return (multiplicity) => {
    const sums = emptyBins(binned.count);
    for (let block = 0; block < blocks.count; block++) {
      const weight = multiplicity[block]!;
      if (weight === 0) continue;
      for (let bin = 0; bin < binned.count; bin++) {
        const cell = block * binned.count + bin;
        sums.count[bin]! += weight * byBlock.count[cell]!;
        sums.score[bin]! += weight * byBlock.score[cell]!;
        sums.positive[bin]! += weight * byBlock.positive[cell]!;
      }
    }
    return calibrationErrorOf(sums, true);
  };
}
