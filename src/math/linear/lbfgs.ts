/** A smooth function: yields its value at `x` and overwrites `gradient`. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

/** When to stop, and what is known about the curvature. */
export interface LbfgsOptions {
  readonly maxIterations: number;
  /** Stops when no partial derivative is larger. */
  readonly tolerance: number;
  /** Inverse of the diagonal of the Hessian, roughly; all > 0. */
  readonly inverseDiagonal: Float64Array;
  /** Called after each iteration. */
  readonly onIteration?: (iteration: number, value: number, x: Float64Array) => void;
}

/** Where the search ended. */
export interface LbfgsResult {
  readonly x: Float64Array;
  readonly value: number;
  readonly iterations: number;
  /** The largest partial derivative is within the tolerance. */
  readonly converged: boolean;
  readonly largestDerivative: number;
}

/** Steps remembered. */
const memory = 10;

interface Step {
  readonly s: Float64Array;
  readonly y: Float64Array;
  readonly curvature: number;
}

/**
 * Minimises a smooth convex function by limited-memory BFGS with a diagonal preconditioner and a backtracking line
 * search. Ends before the tolerance when no step lowers the value any more (rounding).
 *
 * Source: Nocedal and Wright, Numerical Optimization (2006), algorithms 7.4, 7.5 and 3.1.
 *
 * @param start not changed
 * @example
 * const square = (x, g) => ((g[0] = 2 * (x[0] - 3)), (x[0] - 3) ** 2);
 * minimise(square, Float64Array.of(0), { maxIterations: 50, tolerance: 1e-9, inverseDiagonal: Float64Array.of(1) }).x[0]; // 3
 */
export function minimise(objective: Objective, start: Float64Array, options: LbfgsOptions): LbfgsResult {
  let x = start.slice();
  let gradient = new Float64Array(x.length);
  let value = objective(x, gradient);
  const steps: Step[] = [];
  let iterations = 0;
  while (iterations < options.maxIterations && largest(gradient) > options.tolerance) {
    let direction = descentDirection(gradient, steps, options.inverseDiagonal);
    let next = search(objective, { x, value, gradient, direction });
    if (next === undefined && steps.length > 0) {
      // The remembered steps mislead; the plain preconditioned gradient is a direction of descent for sure.
      steps.length = 0;
      direction = descentDirection(gradient, steps, options.inverseDiagonal);
      next = search(objective, { x, value, gradient, direction });
    }
    if (next === undefined) break;
    remember(steps, { from: x, to: next.x, before: gradient, after: next.gradient });
    ({ x, value, gradient } = next);
    iterations++;
    options.onIteration?.(iterations, value, x);
  }
  const largestDerivative = largest(gradient);
  return { x, value, iterations, converged: largestDerivative <= options.tolerance, largestDerivative };
}

interface Point {
  readonly x: Float64Array<ArrayBuffer>;
  readonly value: number;
  readonly gradient: Float64Array<ArrayBuffer>;
}

/** Yields the first point along the direction that lowers the value enough (Armijo), or undefined after 40 halvings. */
function search(
  objective: Objective,
  { x, value, gradient, direction }: Point & { direction: Float64Array },
): Point | undefined {
  const slope = dot(gradient, direction);
  if (!(slope < 0)) return undefined;
  let length = 1;
  for (let attempt = 0; attempt < 40; attempt++) {
    const at = x.map((xi, i) => xi + length * direction[i]!);
    const gradientThere = new Float64Array(x.length);
    const valueThere = objective(at, gradientThere);
    if (valueThere <= value + 1e-4 * length * slope && valueThere < value)
      return { x: at, value: valueThere, gradient: gradientThere };
    const parabola = (-slope * length * length) / (2 * (valueThere - value - slope * length));
    length = parabola > 0.1 * length && parabola < 0.5 * length ? parabola : length / 2;
  }
  return undefined;
}

/** Yields minus the approximate inverse Hessian times the gradient (two-loop recursion). */
function descentDirection(
  gradient: Float64Array,
  steps: readonly Step[],
  inverseDiagonal: Float64Array,
): Float64Array {
  const direction = gradient.map((g) => -g);
  const shares = steps.map(() => 0);
  for (let k = steps.length - 1; k >= 0; k--) {
    const { s, y, curvature } = steps[k]!;
    shares[k] = dot(s, direction) / curvature;
    addTo(direction, y, -shares[k]!);
  }
  const last = steps.at(-1);
  const scale = last === undefined ? 1 : last.curvature / weightedSquare(last.y, inverseDiagonal);
  direction.forEach((d, i) => (direction[i] = d * inverseDiagonal[i]! * scale));
  steps.forEach(({ s, y, curvature }, k) => addTo(direction, s, shares[k]! - dot(y, direction) / curvature));
  return direction;
}

function remember(
  steps: Step[],
  {
    from,
    to,
    before,
    after,
  }: { from: Float64Array; to: Float64Array; before: Float64Array; after: Float64Array },
): void {
  const s = to.map((x, i) => x - from[i]!);
  const y = after.map((g, i) => g - before[i]!);
  const curvature = dot(s, y);
  if (!(curvature > 1e-14 * Math.sqrt(dot(s, s) * dot(y, y)))) return;
  steps.push({ s, y, curvature });
  if (steps.length > memory) steps.shift();
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function weightedSquare(values: Float64Array, weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]! * weights[i]!;
  return sum;
}

function addTo(target: Float64Array, values: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i]! += factor * values[i]!;
}
