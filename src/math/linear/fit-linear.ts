import { makeDesign, type CategoricalTerm, type Design, type NumericTerm, type RawColumn } from './design.ts';
import { minimise, type LbfgsResult } from './lbfgs.ts';
import { sumLoss, type LossTarget } from './linear-loss.ts';
import type { LinearCategorical, LinearModel, LinearNumeric } from './linear-model.ts';

/** What is fitted. */
export interface LinearJob {
  readonly task: 'binary' | 'regression';
  readonly names: readonly string[];
  /** Training rows, then validation rows; numeric values are overwritten. */
  readonly columns: readonly RawColumn[];
  readonly labels: Float64Array;
  readonly rows: number;
  readonly weights: { readonly negative: number; readonly positive: number };
  /** Penalty: half of it times the sum of the squared weights (of standardised numbers and of levels), added to the sum of the losses. */
  readonly l2: number;
  readonly maxIterations: number;
  /** Of the largest derivative of the mean loss. */
  readonly tolerance: number;
  readonly maxLevels: number;
}

/** Mean losses after an iteration: log loss (weighted as in training) or root mean squared error; NaN without validation rows. */
export interface IterationLoss {
  readonly iteration: number;
  readonly train: number;
  readonly validation: number;
}

/** A fitted model and how the search went. */
export interface LinearFit {
  readonly model: LinearModel;
  readonly curve: readonly IterationLoss[];
  readonly iterations: number;
  readonly converged: boolean;
  readonly largestDerivative: number;
  /** Standard deviation over the training rows of what each feature adds to the margin. */
  readonly spreads: readonly number[];
}

/**
 * Fits a linear model with an L2 penalty on full batches: log loss for `binary`, squared error for `regression`. The
 * intercept bears no penalty. Sums run in a fixed order, so the same job gives the same bits.
 *
 * @param report called after each iteration
 */
export function fitLinear(job: LinearJob, report: (loss: IterationLoss) => void): LinearFit {
  const design = makeDesign(job.columns, job);
  const { target, center, spread } = scaleLabels(job);
  const totals = totalWeights(job, target.labels);
  const curve: IterationLoss[] = [];
  const start = new Float64Array(design.size + 1);
  start[0] = baseMargin(job, target, totals.ones);
  const fit = minimise(objectiveOf(job, { design, target, total: totals.train }), start, {
    maxIterations: job.maxIterations,
    tolerance: job.tolerance,
    inverseDiagonal: inverseDiagonal(job, { design, total: totals.train, hessian: hessianAt(job, start[0]) }),
    onIteration: (iteration, value, weights) => {
      const train = value - penalty(job.l2, weights) / totals.train;
      const loss = { iteration, ...lossesOf(job, { train, weights, design, target, totals, spread }) };
      curve.push(loss);
      report(loss);
    },
  });
  return {
    model: modelOf(job, design, { fit, center, spread }),
    curve,
    iterations: fit.iterations,
    converged: fit.converged,
    largestDerivative: fit.largestDerivative,
    spreads: design.terms.map((term) => spreadOf(term, fit.x, job.rows) * spread),
  };
}

/** Yields labels of mean 0 and deviation 1 for a regression, so that the tolerance means the same on any scale. */
function scaleLabels({ task, labels, rows, weights }: LinearJob): {
  target: LossTarget;
  center: number;
  spread: number;
} {
  if (task === 'binary') return { target: { task, labels, weights }, center: 0, spread: 1 };
  const known = labels.subarray(0, rows);
  const center = known.reduce((sum, label) => sum + label, 0) / rows;
  const variance = known.reduce((sum, label) => sum + (label - center) ** 2, 0) / rows;
  const spread = Math.sqrt(variance) || 1;
  return {
    target: { task, labels: labels.map((label) => (label - center) / spread), weights },
    center,
    spread,
  };
}

interface Totals {
  readonly train: number;
  readonly validation: number;
  readonly ones: number;
}

function totalWeights({ task, rows, weights }: LinearJob, labels: Float64Array): Totals {
  const weigh = (part: Float64Array): { total: number; ones: number } => {
    if (task === 'regression') return { total: part.length, ones: 0 };
    const ones = part.reduce((sum, label) => sum + label, 0);
    return { total: weights.positive * ones + weights.negative * (part.length - ones), ones };
  };
  const { total: train, ones } = weigh(labels.subarray(0, rows));
  return { train, ones, validation: weigh(labels.subarray(rows)).total };
}

function baseMargin({ task, rows, weights }: LinearJob, _: LossTarget, ones: number): number {
  return task === 'binary' ? Math.log((weights.positive * ones) / (weights.negative * (rows - ones))) : 0;
}

/** Yields the second derivative of a row's loss at the base margin. */
function hessianAt({ task }: LinearJob, margin: number): number {
  const p = 1 / (1 + Math.exp(-margin));
  return task === 'binary' ? p * (1 - p) : 1;
}

function penalty(l2: number, weights: Float64Array): number {
  let squares = 0;
  for (let i = 1; i < weights.length; i++) squares += weights[i]! * weights[i]!;
  return 0.5 * l2 * squares;
}

function objectiveOf(
  job: LinearJob,
  { design, target, total }: { design: Design; target: LossTarget; total: number },
): (weights: Float64Array, gradient: Float64Array) => number {
  return (weights, gradient) => {
    gradient.fill(0);
    const loss = sumLoss(design, target, { weights, gradient, start: 0, end: job.rows });
    gradient[design.size] = 0;
    for (let i = 1; i < design.size; i++) gradient[i]! += job.l2 * weights[i]!;
    for (let i = 0; i < design.size; i++) gradient[i]! /= total;
    return (loss + penalty(job.l2, weights)) / total;
  };
}

/** Yields one over the diagonal of the Hessian of the mean loss at the start. */
function inverseDiagonal(
  { l2, rows }: LinearJob,
  { design, total, hessian }: { design: Design; total: number; hessian: number },
): Float64Array {
  const mass = new Float64Array(design.size + 1).fill(1);
  mass[0] = rows;
  for (const term of design.terms) {
    if (term.kind === 'numeric') {
      mass[term.weightAt] = rows * (1 - term.missingShare);
      if (term.missingAt >= 0) mass[term.missingAt] = rows * term.missingShare;
    } else mass.set(term.counts, term.weightAt);
  }
  return mass.map((count, i) => total / (hessian * Math.max(count, 1) + (i === 0 ? 0 : l2)));
}

function lossesOf(
  job: LinearJob,
  at: {
    train: number;
    weights: Float64Array;
    design: Design;
    target: LossTarget;
    totals: Totals;
    spread: number;
  },
): { train: number; validation: number } {
  const { weights, design, target, totals, spread } = at;
  const end = job.labels.length;
  const sum = job.rows === end ? Number.NaN : sumLoss(design, target, { weights, start: job.rows, end });
  const validation = sum / totals.validation;
  if (job.task === 'binary') return { train: at.train, validation };
  return { train: spread * Math.sqrt(2 * at.train), validation: spread * Math.sqrt(2 * validation) };
}

function modelOf(
  { task, names }: LinearJob,
  design: Design,
  { fit, center, spread }: { fit: LbfgsResult; center: number; spread: number },
): LinearModel {
  const weights = fit.x.map((weight) => weight * spread);
  const numeric: LinearNumeric[] = [];
  const categorical: LinearCategorical[] = [];
  design.terms.forEach((term, place) => {
    const name = names[place]!;
    if (term.kind === 'numeric') {
      const missingWeight = term.missingAt < 0 ? 0 : weights[term.missingAt]!;
      numeric.push({
        name,
        mean: term.mean,
        scale: term.scale,
        weight: weights[term.weightAt]!,
        missingWeight,
      });
    } else {
      const own = Array.from(weights.subarray(term.weightAt, term.nullAt));
      categorical.push({
        name,
        levels: term.levels,
        weights: own,
        unseenWeight: 0,
        nullWeight: weights[term.nullAt]!,
      });
    }
  });
  return { task, intercept: weights[0]! + center, numeric, categorical, order: names };
}

function spreadOf(term: NumericTerm | CategoricalTerm, weights: Float64Array, rows: number): number {
  if (term.kind === 'numeric') {
    const share = term.missingShare;
    const missingWeight = term.missingAt < 0 ? 0 : weights[term.missingAt]!;
    const isConstant = term.scale === 1 && weights[term.weightAt] === 0;
    const square = isConstant ? 0 : weights[term.weightAt]! ** 2;
    return Math.sqrt(square * (1 - share) + missingWeight ** 2 * share * (1 - share));
  }
  const own = weights.subarray(term.weightAt, term.nullAt + 1);
  const mean = own.reduce((sum, weight, i) => sum + weight * term.counts[i]!, 0) / rows;
  const square = own.reduce((sum, weight, i) => sum + (weight - mean) ** 2 * term.counts[i]!, 0) / rows;
  return Math.sqrt(square);
}
