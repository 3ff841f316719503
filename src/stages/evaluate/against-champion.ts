import type { StepContext } from '../../ledger/step-context.ts';
import type { ModelRuntime } from '../../ports/model.ts';
import type { EvaluateSpec } from '../../records/evaluate-spec.ts';
import type { Evaluation } from '../../records/evaluation.ts';
import type { ModelVersion } from '../../records/model-version.ts';
import type { EvaluationRows } from './evaluation-rows.ts';
import { measure, type JudgedRows } from './judged.ts';
import { comparePaired } from './paired.ts';
import { withModel } from './with-model.ts';

/** Two models to compare, and how. */
export interface Comparison {
  readonly model: ModelVersion;
  readonly champion: ModelVersion;
  readonly spec: EvaluateSpec;
  readonly runtime: ModelRuntime;
}

/** The champion on the same rows, and how much more this model loses than it. */
export interface AgainstChampion {
  /** null when the champion cannot score these rows. */
  readonly metrics: Evaluation['championMetrics'];
  readonly paired: Evaluation['paired'];
}

/** Scores the rows with the champion and compares; where it cannot score them, every difference is undefined with the reason. */
export async function againstChampion(
  context: StepContext,
  { model, champion, spec, runtime }: Comparison,
  own: { readonly rows: EvaluationRows; readonly judged: JudgedRows },
): Promise<AgainstChampion> {
  const reason = whyIncomparable(champion, model);
  if (reason !== null) return { metrics: null, paired: unknownDifferences(own.judged.task, reason) };
  const scores = await withModel(context, { runtime, version: champion }, (one) =>
    one.predict(own.rows.table),
  );
  const judged = { ...own.judged, scores };
  return {
    metrics: measure(judged, { spec, replicates: spec.replicates }),
    paired: comparePaired(own.judged, judged, spec),
  };
}

/** Yields why the champion cannot score these rows: it needs features that are made no more, or predicts something else. */
function whyIncomparable(champion: ModelVersion, model: ModelVersion): string | null {
  if (champion.task !== model.task)
    return `the champion is a ${champion.task} model, this is a ${model.task} model`;
  const made = new Map(model.features.map(({ name, kind }) => [name, kind]));
  const needed = champion.features.filter(({ name, kind }) => made.get(name) !== kind);
  if (needed.length === 0) return null;
  return `the champion needs ${needed.map(({ name, kind }) => `${name} (${kind})`).join(', ')}, which is made no more`;
}

/** What cannot be compared is doubt, not a pass. */
function unknownDifferences(task: ModelVersion['task'], reason: string): Evaluation['paired'] {
  const unknown = { value: null, lower: null, upper: null, n: 0, reason };
  return task === 'regression'
    ? { squaredError: unknown }
    : { logLoss: unknown, brier: unknown, cost: unknown };
}
