import type { MassScale } from './histogram.ts';

/** Rows per block of a sum over rows: blocks are added up in order, so sums are the same for any number of threads. */
export const blockRows = 65_536;

/** What a step reads and moves, by row. */
export interface StepRows {
  readonly labels: Float64Array;
  readonly margins: Float64Array;
  /** Leaf of the last tree that each row fell in. */
  readonly leafOf: Uint16Array;
}

/** The rows `[start, end)`, the value that each leaf adds to their margins, and where their loss goes. */
export interface Step {
  readonly start: number;
  readonly end: number;
  readonly leafValues: Float64Array;
  readonly losses: Float64Array;
  readonly at: number;
}

/** Weights of the rows labelled 0 and 1. */
export interface ClassWeights {
  readonly negative: number;
  readonly positive: number;
}

/** Probabilities of the true class multiply up to eight at a time before a logarithm; none is taken below this. */
const leastProbability = 1e-35;

/**
 * Adds the leaf values to the margins, writes the derivatives of the log loss and sets the loss of both classes in
 * `losses[at]` (label 0) and `losses[at + 1]` (label 1).
 */
export function stepLogistic(
  { labels, margins, leafOf }: StepRows,
  step: Step,
  { pairs, scale, weights }: { pairs: Float64Array; scale: MassScale; weights: ClassWeights },
): void {
  const { unit, steps } = scale;
  const { end, leafValues } = step;
  const { negative, positive } = weights;
  // The rounding error of the hessian steps goes on from row to row, so that sums stay unbiased.
  let carry = 0.5;
  let productOfZeros = 1;
  let productOfOnes = 1;
  let loss0 = 0;
  let loss1 = 0;
  for (let row = step.start; row < end; row++) {
    const margin = margins[row]! + leafValues[leafOf[row]!]!;
    margins[row] = margin;
    const p = 1 / (1 + Math.exp(-margin));
    const q = 1 - p;
    let gradient: number;
    let hessian = p * q;
    const isOne = labels[row] === 1;
    if (isOne) {
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
    if ((row & 7) === 7) {
      loss0 -= Math.log(productOfZeros);
      loss1 -= Math.log(productOfOnes);
      productOfZeros = 1;
      productOfOnes = 1;
    }
  }
  step.losses[step.at] = loss0 - Math.log(productOfZeros);
  step.losses[step.at + 1] = loss1 - Math.log(productOfOnes);
}

/** As {@link stepLogistic} for half the squared error, whose hessian is 1; the loss set is the plain squared error. */
export function stepSquared(
  { labels, margins, leafOf }: StepRows,
  step: Step,
  { pairs, scale }: { pairs: Float64Array; scale: MassScale },
): void {
  const mass = scale.unit + Math.floor(scale.steps);
  let loss = 0;
  for (let row = step.start; row < step.end; row++) {
    const margin = margins[row]! + step.leafValues[leafOf[row]!]!;
    margins[row] = margin;
    const gradient = margin - labels[row]!;
    pairs[2 * row] = gradient;
    pairs[2 * row + 1] = mass;
    loss += gradient * gradient;
  }
  step.losses[step.at] = loss;
}

/** Adds the leaf values to the margins and sets the log loss by class, for rows that nothing is fitted on. */
export function followLogistic({ labels, margins, leafOf }: StepRows, step: Step): void {
  let loss0 = 0;
  let loss1 = 0;
  for (let row = step.start; row < step.end; row++) {
    const margin = margins[row]! + step.leafValues[leafOf[row]!]!;
    margins[row] = margin;
    const isOne = labels[row] === 1;
    const signed = isOne ? margin : -margin;
    const loss = Math.log1p(Math.exp(-Math.abs(signed))) + (signed < 0 ? -signed : 0);
    if (isOne) loss1 += loss;
    else loss0 += loss;
  }
  step.losses[step.at] = loss0;
  step.losses[step.at + 1] = loss1;
}

/** As {@link followLogistic} for the squared error. */
export function followSquared({ labels, margins, leafOf }: StepRows, step: Step): void {
  let loss = 0;
  for (let row = step.start; row < step.end; row++) {
    const margin = margins[row]! + step.leafValues[leafOf[row]!]!;
    margins[row] = margin;
    const error = margin - labels[row]!;
    loss += error * error;
  }
  step.losses[step.at] = loss;
}
