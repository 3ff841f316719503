// @backend
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SluiceError } from '../../base/errors.ts';
import type { IterationLoss, LinearFit, LinearJob } from '../../math/linear/fit-linear.ts';
import type { LinearModel } from '../../math/linear/linear-model.ts';
import type { CurvePoint, TrainContext, Trainer, TrainResult, TrainSpec } from '../../ports/trainer.ts';
import { linearToOnnx } from '../model/linear-onnx.ts';
import { workerBeside } from './answer-jobs.ts';
import type { LinearWork } from './linear-worker.ts';
import { classWeights, resolveParams, type ParamRules } from './param-rules.ts';
import {
  readFeature,
  readForScoring,
  readLabels,
  type FeatureValues,
  type Labels,
} from './training-columns.ts';
import { WorkerTeam } from './worker-team.ts';

const rules: ParamRules = {
  l2: { type: 'number', default: 1, min: 0, max: 1e12 },
  maxIterations: { type: 'integer', default: 200, min: 1, max: 100_000 },
  tolerance: { type: 'number', default: 1e-5, min: 1e-14, max: 1 },
  maxLevels: { type: 'integer', default: 10_000, min: 1, max: 1_000_000 },
  classWeight: { type: 'classWeight', default: 'none' },
};

/**
 * Yields the trainer of linear models: logistic for `binary`, least squares for `regression`, both with an L2 penalty.
 * Numbers are standardised, missing ones imputed by the mean with an indicator of their own; texts are one-hot, and a
 * level that training did not see adds nothing. The search is L-BFGS on full batches in one worker thread.
 *
 * Params (defaults): `l2` 1 (half of it times the squared weights is added to the sum of the losses), `maxIterations` 200,
 * `tolerance` 1e-5 (largest derivative of the mean loss), `maxLevels` 10,000 per feature, the most frequent,
 * `classWeight` 'none' | 'balanced' | {"0": w, "1": w}.
 *
 * @example
 * openLinearTrainer().resolveParams({ l2: 3 })['maxIterations']; // 200
 */
export function openLinearTrainer(): Trainer {
  return {
    name: 'linear',
    version: '1',
    resolveParams: (params) => resolveParams(rules, params),
    train: async (spec, context) =>
      trainLinear({ ...spec, params: resolveParams(rules, spec.params) }, context),
  };
}

async function trainLinear(spec: TrainSpec, context: TrainContext): Promise<TrainResult> {
  context.signal.throwIfAborted();
  if (spec.features.length === 0) throw new SluiceError('TRAIN_NO_FEATURES', { trainer: 'linear' });
  const training = [spec.trainPath];
  const labels = await readLabels(context.engine, { ...spec, training, validation: [spec.validationPath] });
  const fit = await fitInThread(spec, context, labels);
  const modelPath = path.join(spec.outputDirectory, 'model.onnx');
  await writeFile(modelPath, linearToOnnx(fit.model));
  return {
    modelPath,
    curve: curveOf(spec, fit, labels),
    importances: importancesOf(spec, fit.spreads),
    facts: {
      rows: labels.rows,
      validationRows: labels.validationRows,
      iterations: fit.iterations,
      converged: fit.converged,
      largestDerivative: fit.largestDerivative,
    },
    score: (parquetPath) => score(fit.model, { spec, context, parquetPath }),
  };
}

async function fitInThread(spec: TrainSpec, context: TrainContext, labels: Labels): Promise<LinearFit> {
  const columns = await readFeatures(spec, context, labels);
  const job: LinearJob = {
    task: spec.task,
    names: spec.features.map(({ name }) => name),
    columns,
    labels: labels.values,
    rows: labels.rows,
    weights: classWeights(spec.params['classWeight'], labels),
    l2: spec.params['l2'] as number,
    maxIterations: spec.params['maxIterations'] as number,
    tolerance: spec.params['tolerance'] as number,
    maxLevels: spec.params['maxLevels'] as number,
  };
  const onNote = (note: unknown): void => {
    const { iteration, train } = note as IterationLoss;
    context.progress(0.2 + 0.8 * (1 - 0.97 ** iteration), `iteration ${iteration}: loss ${train.toFixed(5)}`);
  };
  return inThread<LinearFit>({ kind: 'fit', job }, { spec, context, onNote });
}

async function readFeatures(
  spec: TrainSpec,
  context: TrainContext,
  labels: Labels,
): Promise<FeatureValues[]> {
  const paths = labels.validationRows === 0 ? [spec.trainPath] : [spec.trainPath, spec.validationPath];
  const columns: FeatureValues[] = [];
  for (const [place, feature] of spec.features.entries()) {
    context.signal.throwIfAborted();
    context.progress((0.2 * place) / spec.features.length, `reading ${feature.name}`);
    columns.push(await readFeature({ engine: context.engine, paths }, feature));
  }
  return columns;
}

async function inThread<Answer>(
  work: LinearWork,
  { spec, context, onNote }: { spec: TrainSpec; context: TrainContext; onNote?: (note: unknown) => void },
): Promise<Answer> {
  const bounds = { trainer: 'linear', signal: context.signal, timeoutMs: spec.timeoutMs };
  const team = new WorkerTeam(workerBeside('linear-worker', import.meta.url), 1, bounds);
  try {
    return await team.ask<Answer>(0, work, onNote);
  } finally {
    await team.close();
  }
}

function curveOf(spec: TrainSpec, { curve }: LinearFit, { validationRows }: Labels): CurvePoint[] {
  const metric = spec.task === 'binary' ? 'logLoss' : 'rmse';
  return curve.flatMap(({ iteration, train, validation }) => {
    const point: CurvePoint = { round: iteration, metric, split: 'train', value: train };
    return validationRows === 0 ? [point] : [point, { ...point, split: 'validation', value: validation }];
  });
}

/** Yields each feature's share of the spread of the margin; all 0 when no feature moves it. */
function importancesOf(spec: TrainSpec, spreads: readonly number[]): Record<string, number> {
  const total = spreads.reduce((sum, spread) => sum + spread, 0);
  return Object.fromEntries(
    spec.features.map(({ name }, place) => [name, total > 0 ? spreads[place]! / total : 0]),
  );
}

async function score(
  model: LinearModel,
  { spec, context, parquetPath }: { spec: TrainSpec; context: TrainContext; parquetPath: string },
): Promise<Float64Array> {
  const levels = new Map(model.categorical.map((term) => [term.name, term.levels]));
  const source = { engine: context.engine, paths: [parquetPath] };
  const known = spec.features.map(({ name }) => levels.get(name));
  const columns = await readForScoring(source, spec.features, known);
  const scores = new Float64Array(new SharedArrayBuffer(columns[0]!.length * 8));
  await inThread({ kind: 'score', model, columns, scores }, { spec, context });
  return Float64Array.from(scores);
}
