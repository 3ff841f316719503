import type { StepContext } from '../../ledger/step-context.ts';
import type { ModelRuntime } from '../../ports/model.ts';
import type { EvaluateSpec } from '../../records/evaluate-spec.ts';
import type { Evaluation } from '../../records/evaluation.ts';
import type { ModelVersion } from '../../records/model-version.ts';
import type { TrainingSet } from '../../records/training-set.ts';
import type { EvaluationRows } from './evaluation-rows.ts';
import { measure, type JudgedRows } from './judged.ts';
import { comparePaired } from './paired.ts';
import { withModel } from './with-model.ts';

/** A model with what it was trained on. */
export interface Trained {
  readonly model: ModelVersion;
  readonly trainingSet: TrainingSet;
}

/** Two models to compare, and how. */
export interface Comparison {
  readonly own: Trained;
  readonly champion: Trained;
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
  { own, champion, spec, runtime }: Comparison,
  on: { readonly rows: EvaluationRows; readonly judged: JudgedRows },
): Promise<AgainstChampion> {
  const reason = whyIncomparable(champion, own);
  if (reason !== null) return { metrics: null, paired: unknownDifferences(on.judged.task, reason) };
  const scores = await withModel(context, { runtime, version: champion.model }, (one) =>
    one.predict(on.rows.table),
  );
  const judged = { ...on.judged, scores };
  return {
    metrics: measure(judged, { spec, replicates: spec.replicates }),
    paired: comparePaired(on.judged, judged, spec),
  };
}

/**
 * Yields why the champion cannot score these rows: it predicts something else, or needs features that are made no more, or
 * that go by the same name and mean something else by now. Null when it can.
 */
function whyIncomparable(champion: Trained, own: Trained): string | null {
  const [theirs, ours] = [champion.model, own.model];
  if (theirs.task !== ours.task)
    return `the champion is a ${theirs.task} model, this is a ${ours.task} model`;
  const kinds = new Map(ours.features.map(({ name, kind }) => [name, kind]));
  const gone = theirs.features.filter(({ name, kind }) => kinds.get(name) !== kind);
  if (gone.length > 0)
    return `the champion needs ${gone.map(({ name, kind }) => `${name} (${kind})`).join(', ')}, which is made no more`;
  const [before, now] = [champion.trainingSet.meanings, own.trainingSet.meanings];
  if (before === undefined || now === undefined) return null;
  const changed = theirs.features.filter(({ name }) => before[name] !== now[name]);
  if (changed.length === 0) return null;
  return `the champion was trained on another definition of ${changed.map(({ name }) => name).join(', ')}`;
}

/** What cannot be compared is doubt, not a pass. */
function unknownDifferences(task: ModelVersion['task'], reason: string): Evaluation['paired'] {
  const unknown = { value: null, lower: null, upper: null, n: 0, reason };
  return task === 'regression'
    ? { squaredError: unknown }
    : { logLoss: unknown, brier: unknown, cost: unknown };
}
