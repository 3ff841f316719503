// @backend
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SluiceError } from '../../base/errors.ts';
import { shareStart } from '../../math/boosting/team.ts';
import type { CurvePoint, TrainContext, Trainer, TrainResult, TrainSpec } from '../../ports/trainer.ts';
import { forestToOnnx } from '../model/forest-onnx.ts';
import { workerBeside } from './answer-jobs.ts';
import { resolveParams, type ParamRules } from './param-rules.ts';
import { readForScoring } from './training-columns.ts';
import { fitForest, type FittedForest } from './trees-fit.ts';
import { WorkerTeam } from './worker-team.ts';

const rules: ParamRules = {
  rounds: { type: 'integer', default: 200, min: 1, max: 10_000 },
  leaves: { type: 'integer', default: 63, min: 2, max: 1024 },
  learningRate: { type: 'number', default: 0.1, min: 1e-6, max: 1 },
  maxDepth: { type: 'integer', default: 0, min: 0, max: 64 },
  l2: { type: 'number', default: 0, min: 0, max: 1e9 },
  minChildWeight: { type: 'number', default: 1e-3, min: 0, max: 1e9 },
  minRowsPerLeaf: { type: 'integer', default: 20, min: 1, max: 1e9 },
  minSplitGain: { type: 'number', default: 0, min: 0, max: 1e9 },
  rowFraction: { type: 'number', default: 1, min: 1e-3, max: 1 },
  featureFraction: { type: 'number', default: 1, min: 1e-3, max: 1 },
  maxBins: { type: 'integer', default: 255, min: 4, max: 255 },
  catSmooth: { type: 'number', default: 10, min: 0, max: 1e9 },
  catL2: { type: 'number', default: 10, min: 0, max: 1e9 },
  catMaxLeft: { type: 'integer', default: 32, min: 1, max: 254 },
  catMinRows: { type: 'integer', default: 100, min: 1, max: 1e9 },
  earlyStoppingRounds: { type: 'integer', default: 0, min: 0, max: 10_000 },
  refit: { type: 'boolean', default: false },
  classWeight: { type: 'classWeight', default: 'none' },
};

/**
 * Yields the trainer of histogram gradient-boosted trees. The same spec gives the same model on any number of threads.
 *
 * Params (defaults): `rounds` 200, `leaves` 63, `learningRate` 0.1, `maxDepth` 0 (no bound), `l2` 0, `minChildWeight` 1e-3
 * (hessian), `minRowsPerLeaf` 20, `minSplitGain` 0, `rowFraction` 1 and `featureFraction` 1 (drawn per tree), `maxBins` 255
 * (missing or unseen included), `catSmooth` 10, `catL2` 10, `catMaxLeft` 32 and `catMinRows` 100 (sets of levels),
 * `earlyStoppingRounds` 0 (off; needs validation rows), `refit` false (then trains again on training and validation rows
 * with the best number of rounds), `classWeight` 'none' | 'balanced' | {"0": w, "1": w}.
 *
 * @example
 * openTreesTrainer().resolveParams({ leaves: 31 })['rounds']; // 200
 */
export function openTreesTrainer(): Trainer {
  return {
    name: 'trees',
    version: '1',
    resolveParams: (params) => resolveParams(rules, params),
    train: async (spec, context) =>
      trainTrees({ ...spec, params: resolveParams(rules, spec.params) }, context),
  };
}

async function trainTrees(spec: TrainSpec, context: TrainContext): Promise<TrainResult> {
  context.signal.throwIfAborted();
  if (spec.features.length === 0) throw new SluiceError('TRAIN_NO_FEATURES', { trainer: 'trees' });
  const size = Math.max(1, Math.min(spec.threads, spec.features.length));
  const team = openTeam(size, spec, context);
  try {
    const first = await fitForest(team, {
      spec,
      context,
      training: [spec.trainPath],
      validation: [spec.validationPath],
    });
    const stopped = first.outcome.bestRound < first.outcome.curve.length;
    const refit = spec.params['refit'] === true && first.labels.validationRows > 0;
    const last = refit
      ? await fitForest(team, {
          spec: withRounds(spec, first.outcome.bestRound),
          context,
          training: [spec.trainPath, spec.validationPath],
          validation: [],
        })
      : first;
    const modelPath = path.join(spec.outputDirectory, 'model.onnx');
    await writeFile(modelPath, forestToOnnx(last.forest));
    return {
      modelPath,
      curve: curveOf(spec, first),
      importances: importancesOf(spec, last.outcome.gains),
      facts: {
        rows: last.labels.rows,
        validationRows: first.labels.validationRows,
        rounds: last.forest.trees.length,
        stoppedEarly: stopped,
        refit,
        baseScore: last.forest.baseScore,
      },
      score: (parquetPath) => score(last, { spec, context, parquetPath }),
    };
  } finally {
    await team.close();
  }
}

function openTeam(size: number, spec: TrainSpec, { signal }: TrainContext): WorkerTeam {
  const bounds = { trainer: 'trees', signal, timeoutMs: spec.timeoutMs };
  return new WorkerTeam(workerBeside('trees-worker', import.meta.url), size, bounds);
}

/** Yields the spec of the second training: as many rounds as were best, no more stopping. */
function withRounds(spec: TrainSpec, rounds: number): TrainSpec {
  return { ...spec, params: { ...spec.params, rounds: Math.max(1, rounds), earlyStoppingRounds: 0 } };
}

/** Yields the losses per round, train and validation; of the first training when a second followed. */
function curveOf(spec: TrainSpec, { outcome, labels }: FittedForest): CurvePoint[] {
  const metric = spec.task === 'binary' ? 'logLoss' : 'rmse';
  return outcome.curve.flatMap(({ round, train, validation }) => {
    const point: CurvePoint = { round, metric, split: 'train', value: train };
    return labels.validationRows === 0
      ? [point]
      : [point, { ...point, split: 'validation', value: validation }];
  });
}

/** Yields each feature's share of the total gain; all 0 when no split gained anything. */
function importancesOf(spec: TrainSpec, gains: readonly number[]): Record<string, number> {
  const total = gains.reduce((sum, gain) => sum + gain, 0);
  return Object.fromEntries(
    spec.features.map(({ name }, place) => [name, total > 0 ? gains[place]! / total : 0]),
  );
}

async function score(
  { forest }: FittedForest,
  { spec, context, parquetPath }: { spec: TrainSpec; context: TrainContext; parquetPath: string },
): Promise<Float64Array> {
  const levels = forest.features.map((feature) => feature.levels);
  const source = { engine: context.engine, paths: [parquetPath] };
  const columns = await readForScoring(source, spec.features, levels);
  const rows = columns[0]!.length;
  const scores = new Float64Array(new SharedArrayBuffer(rows * 8));
  const team = openTeam(Math.max(1, spec.threads), spec, context);
  try {
    await team.askAll((index) => ({
      kind: 'score',
      forest,
      columns,
      start: shareStart(rows, index, team.size),
      end: shareStart(rows, index + 1, team.size),
      scores,
    }));
    return Float64Array.from(scores);
  } finally {
    await team.close();
  }
}
