import {
  newBoostSpace,
  type BoostJob,
  type BoostParams,
  type BoostSpace,
} from '../../math/boosting/boost-space.ts';
import type { BoostOutcome, RoundLoss } from '../../math/boosting/boost.ts';
import type { Forest } from '../../math/boosting/forest.ts';
import { massScale } from '../../math/boosting/histogram.ts';
import { newGate } from '../../math/boosting/team.ts';
import type { TrainContext, TrainSpec } from '../../ports/trainer.ts';
import { classWeights } from './param-rules.ts';
import { readFeature, readLabels, type Labels } from './training-columns.ts';
import type { TreesJob } from './trees-worker.ts';
import type { WorkerTeam } from './worker-team.ts';

/** A training, the files it fits and those it only watches. */
export interface ForestTask {
  /** With resolved params. */
  readonly spec: TrainSpec;
  readonly context: TrainContext;
  readonly training: readonly string[];
  readonly validation: readonly string[];
}

/** What one training gave. */
export interface FittedForest {
  readonly forest: Forest;
  readonly outcome: BoostOutcome;
  readonly labels: Labels;
}

/**
 * Reads, bins and boosts; only waiting happens on the calling thread.
 *
 * @throws TRAIN_NO_ROWS, TRAIN_LABEL, TRAIN_ONE_CLASS, TRAIN_FEATURE and what the team throws
 */
export async function fitForest(team: WorkerTeam, task: ForestTask): Promise<FittedForest> {
  const { spec, context } = task;
  const labels = await readLabels(context.engine, { ...task, task: spec.task, label: spec.label });
  const features = spec.features.length;
  const space = newBoostSpace({ ...labels, features, threads: team.size });
  const levels = await binFeatures(team, task, { labels, space });
  const params = boostParams(spec.params);
  const weights = classWeights(spec.params['classWeight'], labels);
  const base = baseScore(spec, labels, weights);
  space.labels.set(labels.values);
  space.margins.fill(base);
  const largestHessian = spec.task === 'binary' ? 0.25 * Math.max(weights.negative, weights.positive) : 1;
  const job: BoostJob = {
    task: spec.task,
    rows: labels.rows,
    validationRows: labels.validationRows,
    categorical: spec.features.map(({ kind }) => kind === 'categorical'),
    params,
    weights,
    seed: spec.seed,
    scale: massScale(labels.rows, largestHessian),
  };
  const outcome = await boostTogether(team, { job, space, context });
  const forest: Forest = {
    task: spec.task,
    baseScore: base,
    features: spec.features.map(({ name, kind }, place) =>
      kind === 'categorical' ? { name, kind, levels: levels[place] ?? [] } : { name, kind },
    ),
    trees: outcome.trees,
  };
  return { forest, outcome, labels };
}

/** Reads one feature after the other while threads bin those before; yields the levels of each. */
async function binFeatures(
  team: WorkerTeam,
  { spec, context, training, validation }: ForestTask,
  { labels, space }: { labels: Labels; space: BoostSpace },
): Promise<readonly (readonly string[])[]> {
  const paths = labels.validationRows === 0 ? training : [...training, ...validation];
  const answers: Promise<readonly string[]>[] = [];
  for (const [place, feature] of spec.features.entries()) {
    context.signal.throwIfAborted();
    context.progress((0.1 * place) / spec.features.length, `reading ${feature.name}`);
    const column = await readFeature({ engine: context.engine, paths }, feature);
    // At most one column per thread waits, which bounds the memory.
    await answers[place - team.size];
    const maxBins = spec.params['maxBins'] as number;
    const job: TreesJob = {
      kind: 'bin',
      space,
      feature: place,
      column,
      rows: labels.rows,
      maxBins,
      seed: spec.seed,
    };
    answers.push(team.ask<readonly string[]>(place % team.size, job));
  }
  return Promise.all(answers);
}

async function boostTogether(
  team: WorkerTeam,
  { job, space, context }: { job: BoostJob; space: BoostSpace; context: TrainContext },
): Promise<BoostOutcome> {
  const gate = newGate();
  const { rounds } = job.params;
  const onNote = (note: unknown): void => {
    const { round, train, validation } = note as RoundLoss;
    const watched = job.validationRows > 0 ? `, validation ${validation.toFixed(4)}` : '';
    context.progress(
      0.1 + (0.9 * round) / rounds,
      `round ${round} of ${rounds}: loss ${train.toFixed(4)}${watched}`,
    );
  };
  const jobOf = (index: number): TreesJob => ({
    kind: 'boost',
    job,
    space,
    team: { index, size: team.size, gate },
  });
  const [outcome] = await team.askAll<BoostOutcome>(jobOf, onNote);
  return outcome!;
}

/** Yields the margin of the best constant: the log odds of the weighted share of ones, or the mean. */
function baseScore(
  { task }: TrainSpec,
  { rows, ones, values }: Labels,
  weights: { negative: number; positive: number },
): number {
  if (task === 'binary') return Math.log((weights.positive * ones) / (weights.negative * (rows - ones)));
  return values.subarray(0, rows).reduce((sum, label) => sum + label, 0) / rows;
}

function boostParams(params: TrainSpec['params']): BoostParams {
  const numberAt = (key: string): number => Number(params[key]);
  return {
    rounds: numberAt('rounds'),
    leaves: numberAt('leaves'),
    learningRate: numberAt('learningRate'),
    maxDepth: numberAt('maxDepth'),
    l2: numberAt('l2'),
    minChildWeight: numberAt('minChildWeight'),
    minRowsPerLeaf: numberAt('minRowsPerLeaf'),
    minSplitGain: numberAt('minSplitGain'),
    rowFraction: numberAt('rowFraction'),
    featureFraction: numberAt('featureFraction'),
    catSmooth: numberAt('catSmooth'),
    catL2: numberAt('catL2'),
    catMaxLeft: numberAt('catMaxLeft'),
    catMinRows: numberAt('catMinRows'),
    earlyStoppingRounds: numberAt('earlyStoppingRounds'),
  };
}
