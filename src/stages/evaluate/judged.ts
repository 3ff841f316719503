import type { Estimate } from '../../math/outcome.ts';
import { isMeasured } from '../../math/outcome.ts';
import { meanAbsoluteError } from '../../math/regression/mean-absolute-error.ts';
import { rSquared } from '../../math/regression/r-squared.ts';
import { rootMeanSquaredError } from '../../math/regression/root-mean-squared-error.ts';
import { blockBootstrap } from '../../math/resampling/block-bootstrap.ts';
import { binaryMetricsWithIntervals } from '../../math/resampling/binary-metrics-with-intervals.ts';
import type { BinaryMetricName } from '../../math/resampling/binary-metrics-by-block.ts';
import { denseBlocks } from '../../math/resampling/block-codes.ts';
import type { EvaluateSpec } from '../../records/evaluate-spec.ts';
import type { MetricResult } from '../../records/evaluation.ts';

/** Scored rows of one model, or of one slice of them. */
export interface JudgedRows {
  readonly task: 'binary' | 'regression';
  readonly labels: Float64Array;
  readonly scores: Float64Array;
  readonly blocks: Int32Array;
}

/** How metrics are resampled. */
export interface JudgeOptions {
  readonly spec: EvaluateSpec;
  readonly replicates: number;
}

/** Seed of every interval: fixed, so that the same rows give the same record. */
const seed = 20_010_101;

/** The names in records and gates, by the statistic's own name. */
const recordNames: Readonly<Record<BinaryMetricName, string>> = {
  areaUnderRoc: 'auc',
  averagePrecision: 'averagePrecision',
  logLoss: 'logLoss',
  logLossSkill: 'logLossSkill',
  brierScore: 'brier',
  expectedCalibrationError: 'calibrationError',
  accuracy: 'accuracy',
  precision: 'precision',
  recall: 'recall',
  f1: 'f1',
  expectedCost: 'cost',
};

/** Yields every metric of the task with its block-resampled interval. */
export function measure(rows: JudgedRows, options: JudgeOptions): Readonly<Record<string, MetricResult>> {
  return rows.task === 'binary' ? measureBinary(rows, options) : measureRegression(rows, options);
}

function measureBinary(
  rows: JudgedRows,
  { spec, replicates }: JudgeOptions,
): Readonly<Record<string, MetricResult>> {
  const { metrics } = binaryMetricsWithIntervals({
    labels: Uint8Array.from(rows.labels),
    scores: rows.scores,
    blocks: rows.blocks,
    threshold: spec.threshold,
    cost: spec.cost,
    replicates,
    seed,
    alpha: spec.alpha,
  });
  const entries = Object.entries(metrics) as [BinaryMetricName, Estimate][];
  return Object.fromEntries(entries.map(([name, estimate]) => [recordNames[name], metricResult(estimate)]));
}

function measureRegression(
  rows: JudgedRows,
  { spec, replicates }: JudgeOptions,
): Readonly<Record<string, MetricResult>> {
  const { labels, scores } = rows;
  const blocks = denseBlocks(rows.blocks);
  const statistics = { meanAbsoluteError, rootMeanSquaredError, rSquared };
  const weights = new Float64Array(labels.length);
  const results = Object.entries(statistics).map(([name, statistic]) => {
    const resampled = (multiplicity: Float64Array): number => {
      blocks.codes.forEach((code, row) => {
        weights[row] = multiplicity[code] ?? 0;
      });
      const outcome = statistic(labels, scores, weights);
      return isMeasured(outcome) ? outcome.value : Number.NaN;
    };
    const value = statistic(labels, scores);
    const estimate = blockBootstrap({
      blockCount: blocks.count,
      value,
      statistic: resampled,
      replicates,
      seed,
      alpha: spec.alpha,
    });
    return [name, metricResult(estimate)] as const;
  });
  return Object.fromEntries(results);
}

/** Yields an estimate in the form that records keep. */
export function metricResult(estimate: Estimate): MetricResult {
  if (!isMeasured(estimate))
    return { value: null, lower: null, upper: null, n: estimate.n, reason: estimate.undefined };
  if ('lower' in estimate) {
    return {
      value: estimate.value,
      lower: estimate.lower,
      upper: estimate.upper,
      n: estimate.n,
      reason: null,
    };
  }
  return {
    value: estimate.value,
    lower: null,
    upper: null,
    n: estimate.n,
    reason: estimate.intervalUndefined,
  };
}
