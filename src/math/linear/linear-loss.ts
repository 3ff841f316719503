import type { Design } from './design.ts';

/** What the loss is taken over: labels by row (0 / 1 or numbers) and the weights of the classes. */
export interface LossTarget {
  readonly task: 'binary' | 'regression';
  readonly labels: Float64Array;
  readonly weights: { readonly negative: number; readonly positive: number };
}

/** Rows worked on at a time, so that their margins stay in the cache. */
const rowsAtATime = 2048;

/**
 * Yields the sum of the losses of the rows `[start, end)`: weighted log loss, or half the squared error. With a gradient
 * given, adds to it the derivatives by the weights.
 *
 * @param weights [size + 1], the last one 0
 */
export function sumLoss(
  design: Design,
  target: LossTarget,
  at: { weights: Float64Array; gradient?: Float64Array; start: number; end: number },
): number {
  const buffer = new Float64Array(rowsAtATime);
  let loss = 0;
  for (let from = at.start; from < at.end; from += rowsAtATime) {
    const margins = buffer.subarray(0, Math.min(rowsAtATime, at.end - from));
    writeMargins(design, at.weights, { margins, from });
    loss += target.task === 'binary' ? logistic(target, margins, from) : squared(target, margins, from);
    if (at.gradient !== undefined) addGradient(design, at.gradient, { residuals: margins, from });
  }
  return loss;
}

/** Writes the margins of the rows from `from` on. */
export function writeMargins(
  { terms, places }: Design,
  weights: Float64Array,
  { margins, from }: { margins: Float64Array; from: number },
): void {
  margins.fill(weights[0]!);
  for (const term of terms)
    if (term.kind === 'numeric') addScaled(margins, term.z, { from, weight: weights[term.weightAt]! });
  for (const column of places) addPlaced(margins, column, { from, weights });
}

function addScaled(
  margins: Float64Array,
  z: Float64Array,
  { from, weight }: { from: number; weight: number },
): void {
  for (let i = 0; i < margins.length; i++) margins[i]! += weight * z[from + i]!;
}

function addPlaced(
  margins: Float64Array,
  places: Int32Array,
  { from, weights }: { from: number; weights: Float64Array },
): void {
  for (let i = 0; i < margins.length; i++) margins[i]! += weights[places[from + i]!]!;
}

/** Yields the log loss and turns margins into residuals, its derivatives by the margin. */
function logistic({ labels, weights }: LossTarget, margins: Float64Array, from: number): number {
  let loss = 0;
  for (let i = 0; i < margins.length; i++) {
    const margin = margins[i]!;
    const isOne = labels[from + i] === 1;
    const signed = isOne ? margin : -margin;
    // exp of a number <= 0 cannot overflow; both branches then share it.
    const small = Math.exp(-Math.abs(signed));
    const weight = isOne ? weights.positive : weights.negative;
    const wrong = signed > 0 ? small / (1 + small) : 1 / (1 + small);
    loss += weight * (Math.log1p(small) + (signed < 0 ? -signed : 0));
    margins[i] = isOne ? -weight * wrong : weight * wrong;
  }
  return loss;
}

function squared({ labels }: LossTarget, margins: Float64Array, from: number): number {
  let loss = 0;
  for (let i = 0; i < margins.length; i++) {
    const residual = margins[i]! - labels[from + i]!;
    loss += 0.5 * residual * residual;
    margins[i] = residual;
  }
  return loss;
}

function addGradient(
  { terms, places }: Design,
  gradient: Float64Array,
  { residuals, from }: { residuals: Float64Array; from: number },
): void {
  let sum = 0;
  for (let i = 0; i < residuals.length; i++) sum += residuals[i]!;
  gradient[0]! += sum;
  for (const term of terms)
    if (term.kind === 'numeric') gradient[term.weightAt]! += dot(residuals, term.z, from);
  for (const column of places) scatter(gradient, column, { residuals, from });
}

function dot(residuals: Float64Array, z: Float64Array, from: number): number {
  // Four sums, because one would wait for each addition in turn.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const whole = residuals.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    a += residuals[i]! * z[from + i]!;
    b += residuals[i + 1]! * z[from + i + 1]!;
    c += residuals[i + 2]! * z[from + i + 2]!;
    d += residuals[i + 3]! * z[from + i + 3]!;
  }
  for (let i = whole; i < residuals.length; i++) a += residuals[i]! * z[from + i]!;
  return a + b + (c + d);
}

function scatter(
  gradient: Float64Array,
  places: Int32Array,
  { residuals, from }: { residuals: Float64Array; from: number },
): void {
  for (let i = 0; i < residuals.length; i++) gradient[places[from + i]!]! += residuals[i]!;
}
