import { closest } from 'fastest-levenshtein';
import type { Json } from '../../base/canonical-json.ts';
import { SluiceError } from '../../base/errors.ts';
import type { GateSpec } from '../../records/evaluate-spec.ts';
import type { LoopSpec } from '../../records/loop-spec.ts';

const binaryMetrics = [
  'auc',
  'averagePrecision',
  'logLoss',
  'logLossSkill',
  'brier',
  'calibrationError',
  'accuracy',
  'precision',
  'recall',
  'f1',
  'cost',
] as const;
const regressionMetrics = ['meanAbsoluteError', 'rootMeanSquaredError', 'rSquared'] as const;

/** Metrics that gates can bound. */
export type MetricName = (typeof binaryMetrics)[number] | (typeof regressionMetrics)[number];

const judgeable: Readonly<
  Record<LoopSpec['label']['task'], Readonly<Record<'absolute' | 'nonInferior', readonly string[]>>>
> = {
  binary: { absolute: binaryMetrics, nonInferior: ['logLoss', 'brier', 'cost'] },
  regression: { absolute: regressionMetrics, nonInferior: ['squaredError'] },
};

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

/**
 * Refuses gates on a metric that the loop's task does not have: they could never pass.
 *
 * @throws CONFIG_VALUE with the gate's path, the metrics that there are and the nearest of them
 */
export function refuseUnknownMetrics({
  label: { task },
  evaluate,
}: Pick<LoopSpec, 'label' | 'evaluate'>): void {
  for (const [i, gate] of evaluate.gates.entries()) {
    if (gate.kind === 'mustPass') continue;
    const known = judgeable[task][gate.kind];
    if (known.includes(gate.metric)) continue;
    throw new SluiceError('CONFIG_VALUE', {
      path: `evaluate.gates.${i}.metric`,
      value: JSON.stringify(gate.metric),
      reason: `a ${task} loop can be gated by ${known.join(', ')}; nearest: ${closest(gate.metric, [...known])}`,
    });
  }
}

/**
 * Refuses must-pass items that name features which the loop does not have, or give one a value of the wrong type: both
 * would be scored as if the value were missing.
 *
 * @throws CONFIG_KEY with the nearest feature, CONFIG_VALUE
 */
export function refuseOddItems({ evaluate, features }: Pick<LoopSpec, 'evaluate' | 'features'>): void {
  const kinds = new Map(features.features.map(({ name, kind }) => [name, kind]));
  for (const [i, gate] of evaluate.gates.entries()) {
    if (gate.kind !== 'mustPass') continue;
    for (const [name, value] of Object.entries(gate.features)) {
      const path = `evaluate.gates.${i}.features.${name}`;
      const kind = kinds.get(name);
      if (kind === undefined)
        throw new SluiceError('CONFIG_KEY', { path, nearest: closest(name, [...kinds.keys()]) });
      const fits = kind === 'categorical' ? ['string'] : ['number', 'boolean'];
      if (value === null || fits.includes(typeof value)) continue;
      throw new SluiceError('CONFIG_VALUE', {
        path,
        value: JSON.stringify(value),
        reason: `the feature is ${kind}; it takes ${kind === 'categorical' ? 'a text' : 'a number'}, or null`,
      });
    }
  }
}
