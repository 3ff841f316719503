import { SluiceError } from '../../base/errors.ts';
import type { StepContext, StepOutcome } from '../../ledger/step-context.ts';
import { reliabilityCurve } from '../../math/metrics/reliability-curve.ts';
import type { ModelRuntime } from '../../ports/model.ts';
import type { EvaluateSpec } from '../../records/evaluate-spec.ts';
import type { CalibrationBin, Evaluation } from '../../records/evaluation.ts';
import type { ModelVersion } from '../../records/model-version.ts';
import type { TrainingSet } from '../../records/training-set.ts';
import { combineVerdicts } from '../../records/verdict.ts';
import { quoteLiteral } from '../../expression/sql-text.ts';
import { numbersOf, readEvaluationRows, type EvaluationRows } from './evaluation-rows.ts';
import { judgeGates } from './gates.ts';
import { againstChampion, type AgainstChampion } from './against-champion.ts';
import { measure, type JudgedRows } from './judged.ts';
import { scoreItems } from './must-pass.ts';
import { storeScores } from './scores-table.ts';
import { measureSlices } from './slices.ts';
import { withModel } from './with-model.ts';

interface Addressed<Content> {
  readonly digest: string;
  readonly content: Content;
}

/** What one evaluation needs. */
export interface EvaluateInput {
  readonly model: Addressed<ModelVersion>;
  readonly trainingSet: Addressed<TrainingSet>;
  /** The champion to compare with, and what it was trained on; null when there is none. */
  readonly champion: { readonly model: Addressed<ModelVersion>; readonly trainingSet: TrainingSet } | null;
  readonly spec: EvaluateSpec;
  readonly runtime: ModelRuntime;
  /** How many models were scored on these rows, this one included. */
  readonly attempt: number;
}

/**
 * Judges a model on the evaluation block: every metric with a block-resampled interval, a constant baseline, the
 * champion on the same rows, slices, and the declared gates.
 *
 * @throws EVALUATE_OVERLAP when the model or the champion was trained on what was known inside the block, EVALUATE_NO_ROWS
 */
export async function evaluateModel(context: StepContext, input: EvaluateInput): Promise<StepOutcome> {
  refuseOverlap(input);
  const { spec, trainingSet, runtime } = input;
  const rows = await readEvaluationRows(context, trainingSet.content, spec);
  context.progress(0.1, 'scoring');
  const own = await withModel(context, { runtime, version: input.model.content }, async (model) => ({
    scores: await model.predict(rows.table),
    items: await scoreItems(model, spec),
  }));
  const judged = judgedRows(rows, own.scores, trainingSet.content);
  context.progress(0.4, 'measuring');
  const metrics = measure(judged, { spec, replicates: spec.replicates });
  const against = await compareWithChampion(context, input, { rows, judged });
  context.progress(0.7, 'slices');
  const slices = measureSlices(rows, judged, spec);
  const gates = judgeGates(spec, {
    metrics,
    paired: against?.paired ?? null,
    itemScores: own.items,
    blocks: rows.blockCount,
  });
  // Without a gate nothing was asked, and what was not asked was not passed.
  const verdict = gates.length === 0 ? 'inconclusive' : combineVerdicts(gates.map((gate) => gate.verdict));
  const content: Evaluation = {
    schemaVersion: 1,
    model: input.model.digest,
    trainingSet: trainingSet.digest,
    champion: input.champion?.model.digest ?? null,
    rows: rows.table.rows,
    blocks: rows.blockCount,
    block: spec.block,
    alpha: spec.alpha,
    threshold: spec.threshold,
    metrics,
    baseline: await measureBaseline(context, input, judged),
    championMetrics: against?.metrics ?? null,
    paired: against?.paired ?? null,
    calibration: calibrationOf(judged),
    slices,
    gates,
    verdict,
    scores: await storeScores(context, rows.path, own.scores),
    attempt: input.attempt,
  };
  return outcomeOf(content, input);
}

function refuseOverlap({ model, trainingSet, champion }: EvaluateInput): void {
  const fromUs = trainingSet.content.evaluation.fromUs ?? Infinity;
  const sides = [
    { name: `the model ${model.digest.slice(0, 12)}`, cutUs: trainingSet.content.cutUs },
    ...(champion === null
      ? []
      : [{ name: `the champion ${champion.model.digest.slice(0, 12)}`, cutUs: champion.trainingSet.cutUs }]),
  ];
  for (const { name, cutUs } of sides) {
    if (cutUs > fromUs) {
      throw new SluiceError('EVALUATE_OVERLAP', { name, cut: isoTime(cutUs), from: isoTime(fromUs) });
    }
  }
}

const isoTime = (us: number): string => (Number.isFinite(us) ? new Date(us / 1000).toISOString() : 'never');

function judgedRows(rows: EvaluationRows, scores: Float64Array, { task }: TrainingSet): JudgedRows {
  return { task, labels: rows.labels, scores, blocks: rows.blocks };
}

async function compareWithChampion(
  context: StepContext,
  { model, trainingSet, champion, spec, runtime }: EvaluateInput,
  on: Parameters<typeof againstChampion>[2],
): Promise<AgainstChampion | null> {
  if (champion === null) return null;
  const own = { model: model.content, trainingSet: trainingSet.content };
  const other = { model: champion.model.content, trainingSet: champion.trainingSet };
  return againstChampion(context, { own, champion: other, spec, runtime }, on);
}

async function measureBaseline(
  context: StepContext,
  input: EvaluateInput,
  judged: JudgedRows,
): Promise<Evaluation['metrics']> {
  const rate = await trainingMean(context, input.trainingSet.content);
  return measure(
    { ...judged, scores: new Float64Array(judged.labels.length).fill(rate) },
    { spec: input.spec, replicates: 200 },
  );
}

/** The sum goes row by row: an engine's sum of doubles depends on which thread came first. */
async function trainingMean({ blob, engine }: StepContext, { train }: TrainingSet): Promise<number> {
  const path = await blob.path(train.table.digest);
  const rows = await engine.columns(`SELECT label FROM read_parquet(${quoteLiteral(path)})`);
  return numbersOf(rows, 'label').reduce((sum, label) => sum + label, 0) / rows.rows;
}

function calibrationOf({ task, labels, scores }: JudgedRows): readonly CalibrationBin[] {
  if (task === 'regression') return [];
  return reliabilityCurve(Uint8Array.from(labels), scores).map(
    ({ n, meanScore, observedRate, lower, upper }) => ({
      rows: n,
      meanScore,
      observedRate,
      lower,
      upper,
    }),
  );
}

function outcomeOf(content: Evaluation, input: EvaluateInput): StepOutcome {
  const { champion } = input;
  const parents = [
    { digest: input.model.digest, role: 'model' },
    { digest: input.trainingSet.digest, role: 'evaluationSet' },
    ...(champion === null ? [] : [{ digest: champion.model.digest, role: 'champion' }]),
  ];
  const leadMetric = input.trainingSet.content.task === 'binary' ? 'auc' : 'rSquared';
  return {
    versions: [{ kind: 'evaluation', content, parents, blobs: [content.scores] }],
    verdict: content.verdict,
    facts: {
      rows: content.rows,
      blocks: content.blocks,
      attempt: content.attempt,
      leadMetric,
      lead: content.metrics[leadMetric]?.value ?? null,
    },
  };
}
