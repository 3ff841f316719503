import type { MassScale } from './histogram.ts';

/** Rows per block of a sum over rows: blocks are added up in order, so sums are the same for any number of threads. */
export const blockRows = 65_536;

/** What the loss is taken over. `labels` and `margins` stand by row. */
export interface LossRows {
  readonly order: Int32Array;
  readonly labels: Float64Array;
  readonly margins: Float64Array;
}

/** Where derivatives go: (gradient, mass) by row. */
export interface Derivatives {
  readonly pairs: Float64Array;
  readonly scale: MassScale;
  /** Rounding error of the hessian steps so far, handed from row to row so that sums stay unbiased. */
  carry: number;
}

/** Weights of the rows labelled 0 and 1. */
export interface ClassWeights {
  readonly negative: number;
  readonly positive: number;
}

/** Probabilities of the true class multiply up to eight at a time before a logarithm; none is taken below this. */
const leastProbability = 1e-35;

/**
 * Adds `step` to the margins of `order[start..end)`, writes the derivatives of the log loss there and adds the loss of
 * both classes to `losses[at]` (label 0) and `losses[at + 1]` (label 1).
 */
export function stepLogistic(
  { order, labels, margins }: LossRows,
  out: Derivatives,
  job: { start: number; end: number; step: number; weights: ClassWeights; losses: Float64Array; at: number },
): void {
  const { pairs } = out;
  const { unit, steps } = out.scale;
  const { step, end, weights } = job;
  const { negative, positive } = weights;
  let carry = out.carry;
  let productOfZeros = 1;
  let productOfOnes = 1;
  let loss0 = 0;
  let loss1 = 0;
  for (let i = job.start; i < end; i++) {
    const row = order[i]!;
    const margin = margins[row]! + step;
    margins[row] = margin;
    const p = 1 / (1 + Math.exp(-margin));
    const q = 1 - p;
    let gradient: number;
    let hessian = p * q;
    if (labels[row]! === 1) {
      gradient = -positive * q;
      hessian *= positive;
      productOfOnes *= p > leastProbability ? p : leastProbability;
    } else {
      gradient = negative * p;
      hessian *= negative;
      productOfZeros *= q > leastProbability ? q : leastProbability;
    }
    const exact = hessian * steps + carry;
    const whole = Math.floor(exact);
    carry = exact - whole;
    pairs[2 * row] = gradient;
    pairs[2 * row + 1] = unit + whole;
    if ((i & 7) === 7) {
      loss0 -= Math.log(productOfZeros);
      loss1 -= Math.log(productOfOnes);
      productOfZeros = 1;
      productOfOnes = 1;
    }
  }
  out.carry = carry;
  job.losses[job.at]! += loss0 - Math.log(productOfZeros);
  job.losses[job.at + 1]! += loss1 - Math.log(productOfOnes);
}

/** As {@link stepLogistic} for half the squared error: the hessian is 1; the loss, the plain squared error, goes to `losses[at]`. */
export function stepSquared(
  { order, labels, margins }: LossRows,
  out: Derivatives,
  job: { start: number; end: number; step: number; losses: Float64Array; at: number },
): void {
  const { pairs } = out;
  const mass = out.scale.unit + Math.floor(out.scale.steps);
  let loss = 0;
  for (let i = job.start; i < job.end; i++) {
    const row = order[i]!;
    const margin = margins[row]! + job.step;
    margins[row] = margin;
    const gradient = margin - labels[row]!;
    pairs[2 * row] = gradient;
    pairs[2 * row + 1] = mass;
    loss += gradient * gradient;
  }
  job.losses[job.at]! += loss;
}

/** Adds the log loss of the rows `[start, end)` by class to `losses[at]` and `losses[at + 1]`, stepping nothing. */
export function logisticLoss(
  { labels, margins }: { labels: Float64Array; margins: Float64Array },
  job: { start: number; end: number; losses: Float64Array; at: number },
): void {
  let loss0 = 0;
  let loss1 = 0;
  for (let row = job.start; row < job.end; row++) {
    const margin = margins[row]!;
    const signed = labels[row]! === 1 ? margin : -margin;
    const loss = Math.log1p(Math.exp(-Math.abs(signed))) + (signed < 0 ? -signed : 0);
    if (labels[row]! === 1) loss1 += loss;
    else loss0 += loss;
  }
  job.losses[job.at]! += loss0;
  job.losses[job.at + 1]! += loss1;
}

/** Adds the squared error of the rows `[start, end)` to `losses[at]`. */
export function squaredLoss(
  { labels, margins }: { labels: Float64Array; margins: Float64Array },
  job: { start: number; end: number; losses: Float64Array; at: number },
): void {
  let loss = 0;
  for (let row = job.start; row < job.end; row++) {
    const error = margins[row]! - labels[row]!;
    loss += error * error;
  }
  job.losses[job.at]! += loss;
}
