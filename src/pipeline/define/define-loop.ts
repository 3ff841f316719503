import type { Json } from '../../base/canonical-json.ts';
import { SluiceError } from '../../base/errors.ts';
import type { Expression } from '../../expression/methods.ts';
import type { ContractSpec, RuleSpec } from '../../records/contract-spec.ts';
import type { EvaluateSpec, GateSpec } from '../../records/evaluate-spec.ts';
import type { FeaturesSpec } from '../../records/features-spec.ts';
import { loopSpecSchema, type EngineSpec, type LoopSpec } from '../../records/loop-spec.ts';
import type { TrainPartSpec } from '../../records/train-spec.ts';
import type { LoopDefinition } from '../compiled-loop.ts';
import { refuseOddItems, refuseUnknownMetrics } from './define-gates.ts';
import type { Source } from './define-source.ts';
import type { View } from './define-view.ts';
import { durationSeconds, instantUs, type Duration } from './durations.ts';
import { jsonOf } from './expression-json.ts';
import { refuseUnknownKeys } from './unknown-keys.ts';

/** What `defineLoop` takes: one loop from source to gates. */
export interface LoopOptions {
  readonly name: string;
  readonly source: Source;
  readonly contract?: {
    readonly rules?: readonly RuleSpec[];
    /** Share of a batch in quarantine above which the whole batch is stopped; 0.05 when absent. */
    readonly maxQuarantinedShare?: number;
  };
  readonly views?: readonly View[];
  /** Model inputs by name, in this order: text is categorical, anything else numeric. */
  readonly features: Readonly<Record<string, Expression>>;
  readonly label: {
    /** Boolean: the probability of true is predicted. A number: its value. */
    readonly value: Expression<'boolean'> | Expression<'int64'> | Expression<'double'>;
    /** Age at which an outcome is final; a day when absent. */
    readonly maturity?: Duration;
  };
  readonly train: {
    readonly trainer: 'trees' | 'linear' | 'command';
    readonly params?: Readonly<Record<string, Json>>;
    readonly seed?: number;
    readonly timeout?: Duration;
    /** `shuffled` deals the training labels out at random: a control that every honest gate must refuse. */
    readonly labels?: 'recorded' | 'shuffled';
    /** How rows are split by event time: train, then validation, then evaluation. */
    readonly split?: {
      /** First and one-past-last UTC day of the evaluation block; the last days of the data when absent. */
      readonly evaluation?: { readonly from: string; readonly until: string };
      readonly evaluationDays?: number;
      readonly validationDays?: number;
    };
  };
  readonly evaluate: {
    readonly threshold?: number;
    readonly cost?: { readonly falsePositive: number; readonly falseNegative: number };
    readonly block?: EvaluateSpec['block'];
    readonly alpha?: number;
    readonly replicates?: number;
    readonly slices?: Readonly<Record<string, Expression>>;
    /** Smallest group that gets figures of its own. */
    readonly minSliceRows?: number;
    readonly gates: readonly GateSpec[];
  };
  readonly engine?: Partial<EngineSpec>;
}

const keys = {
  loop: ['name', 'source', 'contract', 'views', 'features', 'label', 'train', 'evaluate', 'engine'],
  contract: ['rules', 'maxQuarantinedShare'],
  label: ['value', 'maturity'],
  train: ['trainer', 'params', 'seed', 'timeout', 'labels', 'split'],
  evaluate: ['threshold', 'cost', 'block', 'alpha', 'replicates', 'slices', 'minSliceRows', 'gates'],
  engine: ['memoryMb', 'threads'],
} as const;

/**
 * Yields a loop from its parts. Everything in it is data, but for the checks of the row schema.
 *
 * @throws CONFIG_KEY for an unknown key, CONFIG_VALUE for a value that is not allowed; each names the path
 */
export function defineLoop(options: LoopOptions): LoopDefinition {
  refuseUnknownKeys('loop', options, keys.loop);
  for (const part of ['label', 'train', 'evaluate'] as const)
    refuseUnknownKeys(part, options[part], keys[part]);
  for (const part of ['contract', 'engine'] as const)
    refuseUnknownKeys(part, options[part] ?? {}, keys[part]);
  refuseAbsent(options);
  const spec: LoopSpec = {
    schemaVersion: 1,
    name: options.name,
    source: options.source.spec,
    contract: contractOf(options),
    features: featuresOf(options),
    label: {
      task: options.label.value.type === 'boolean' ? 'binary' : 'regression',
      expression: jsonOf(options.label.value),
      maturitySeconds: durationSeconds(options.label.maturity ?? '1d', 'label.maturity'),
    },
    train: trainOf(options.train),
    evaluate: evaluateOf(options.evaluate),
    engine: { memoryMb: 1024, threads: 2, ...options.engine },
  };
  return { spec: checkedSpec(spec), checks: options.source.checks, functions: options.source.functions };
}

/** What JavaScript lets pass and nothing below could make sense of. */
function refuseAbsent({ source, features, label, evaluate }: LoopOptions): void {
  const needed: readonly (readonly [string, unknown, string])[] = [
    ['source', (source as Partial<Source> | undefined)?.spec, 'make it with defineSource(…)'],
    ['features', features, 'name the inputs of the model: {price: columns.price}'],
    [
      'label.value',
      (label.value as Partial<Expression> | undefined)?.json,
      'write what is to be predicted as an expression',
    ],
    ['evaluate.gates', evaluate.gates, 'list the gates; [] for none'],
  ];
  for (const [path, value, reason] of needed) {
    if (typeof value !== 'object' || value === null)
      throw new SluiceError('CONFIG_VALUE', {
        path,
        value: value === undefined ? 'nothing' : typeof value,
        reason,
      });
  }
}

/** Yields the spec when it satisfies the record's schema. @throws CONFIG_VALUE naming the first path that does not */
export function checkedSpec(spec: unknown): LoopSpec {
  const parsed = loopSpecSchema.safeParse(spec);
  if (parsed.success) {
    refuseUnknownMetrics(parsed.data);
    refuseOddItems(parsed.data);
    return parsed.data;
  }
  const [issue] = parsed.error.issues;
  const path = (issue?.path ?? []).map(String);
  const value = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], spec);
  throw new SluiceError('CONFIG_VALUE', {
    path: path.join('.'),
    value: value === undefined ? 'nothing' : JSON.stringify(value),
    reason: issue?.message ?? 'it does not fit',
  });
}

function contractOf({ source, contract }: LoopOptions): ContractSpec {
  const checks = Object.keys(source.checks).map((name): RuleSpec => ({
    id: `check:${name}`,
    severity: 'error',
    kind: 'check',
    name,
  }));
  return {
    rowSchema: source.rowSchema,
    rules: [...(contract?.rules ?? []), ...checks],
    breaker: { maxQuarantinedShare: contract?.maxQuarantinedShare ?? 0.05 },
  };
}

function featuresOf({ views, features }: LoopOptions): FeaturesSpec {
  return {
    views: (views ?? []).map((view) => view.spec),
    features: Object.entries(features).map(([name, expression]) => ({
      name,
      kind: expression.type === 'string' ? 'categorical' : 'numeric',
      expression: jsonOf(expression),
    })),
  };
}

function trainOf(train: LoopOptions['train']): TrainPartSpec {
  const { split } = train;
  refuseUnknownKeys('train.split', split ?? {}, ['evaluation', 'evaluationDays', 'validationDays']);
  const evaluation = split?.evaluation;
  return {
    trainer: train.trainer,
    params: train.params ?? {},
    seed: train.seed ?? 1,
    labels: train.labels ?? 'recorded',
    timeoutMs: durationSeconds(train.timeout ?? '1h', 'train.timeout') * 1000,
    split: {
      evaluationFromUs:
        evaluation === undefined ? null : instantUs(evaluation.from, 'train.split.evaluation.from'),
      evaluationUntilUs:
        evaluation === undefined ? null : instantUs(evaluation.until, 'train.split.evaluation.until'),
      evaluationDays: split?.evaluationDays ?? 14,
      validationDays: split?.validationDays ?? 7,
    },
  };
}

function evaluateOf(evaluate: LoopOptions['evaluate']): EvaluateSpec {
  return {
    threshold: evaluate.threshold ?? 0.5,
    cost: evaluate.cost ?? { falsePositive: 1, falseNegative: 1 },
    block: evaluate.block ?? 'day',
    alpha: evaluate.alpha ?? 0.05,
    replicates: evaluate.replicates ?? 1000,
    slices: Object.entries(evaluate.slices ?? {}).map(([name, expression]) => ({
      name,
      expression: jsonOf(expression),
      minRows: evaluate.minSliceRows ?? 200,
    })),
    gates: evaluate.gates,
  };
}
