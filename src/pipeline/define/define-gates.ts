import type { Json } from '../../base/canonical-json.ts';
import type { GateSpec } from '../../records/evaluate-spec.ts';

/** Metrics that gates can bound. */
export type MetricName =
  | 'auc'
  | 'averagePrecision'
  | 'logLoss'
  | 'logLossSkill'
  | 'brier'
  | 'calibrationError'
  | 'accuracy'
  | 'precision'
  | 'recall'
  | 'f1'
  | 'cost'
  | 'meanAbsoluteError'
  | 'rootMeanSquaredError'
  | 'rSquared';

/** The whole interval of a metric must lie at or above the bound. */
export const atLeast = (metric: MetricName, bound: number): GateSpec => ({
  kind: 'absolute',
  metric,
  atLeast: bound,
  atMost: null,
});

/** The whole interval of a metric must lie at or below the bound. */
export const atMost = (metric: MetricName, bound: number): GateSpec => ({
  kind: 'absolute',
  metric,
  atLeast: null,
  atMost: bound,
});

/** Against the champion, paired by block on the same rows, the harm must surely be below the margin. */
export const nonInferior = (
  metric: Extract<GateSpec, { kind: 'nonInferior' }>['metric'],
  options: { readonly margin: number },
): GateSpec => ({
  kind: 'nonInferior',
  metric,
  margin: options.margin,
});

/** One case that must never go wrong: a row of features and the scores that are acceptable. */
export const mustPass = (
  name: string,
  features: Readonly<Record<string, Json>>,
  options: { readonly atLeast?: number; readonly atMost?: number },
): GateSpec => ({
  kind: 'mustPass',
  name,
  features,
  atLeast: options.atLeast ?? null,
  atMost: options.atMost ?? null,
});
