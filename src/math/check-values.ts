/** Guards at the door of every statistic: a NaN, a foreign label or a short vector is named, never averaged away. */
import { SluiceError } from '../base/errors.ts';

/** A vector of numbers of any storage type. */
export type NumberVector = Float64Array | Float32Array | Int32Array | Uint8Array | readonly number[];

/**
 * Requires `values` to have `expected` entries.
 *
 * @param name what the vector is called in the message
 * @param values the vector
 * @param expected length, >= 0
 * @throws MATH_SHAPE when the length differs
 * @example
 * requireLength('scores', new Float64Array(2), 2); // undefined
 */
export function requireLength(name: string, values: ArrayLike<unknown>, expected: number): void {
  if (values.length !== expected) {
    throw new SluiceError('MATH_SHAPE', { name, actual: values.length, expected });
  }
}

/**
 * Requires every value to be a finite number.
 *
 * @param name what the vector is called in the message
 * @param values the vector
 * @throws MATH_NOT_FINITE naming the first index that is not
 * @example
 * requireFinite('scores', Float64Array.of(0, 1)); // undefined
 */
export function requireFinite(name: string, values: NumberVector): void {
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (!Number.isFinite(value)) throw new SluiceError('MATH_NOT_FINITE', { name, index, value });
  }
}

/**
 * Requires one number to lie in a closed range; NaN never does.
 *
 * @param name what the number is called in the message
 * @param value the number
 * @param range [lowest, highest] allowed, both included
 * @throws MATH_RANGE when it lies outside
 * @example
 * requireBetween('alpha', 0.05, [0, 1]); // undefined
 */
export function requireBetween(name: string, value: number, range: readonly [number, number]): void {
  if (!(value >= range[0] && value <= range[1])) {
    throw new SluiceError('MATH_RANGE', { name, value, allowed: `${range[0]} to ${range[1]}` });
  }
}

/**
 * Requires a whole number of at least `lowest`.
 *
 * @param name what the number is called in the message
 * @param value the number
 * @param lowest smallest allowed
 * @throws MATH_RANGE otherwise
 * @example
 * requireWhole('replicates', 1000, 1); // undefined
 */
export function requireWhole(name: string, value: number, lowest: number): void {
  if (!Number.isSafeInteger(value) || value < lowest) {
    throw new SluiceError('MATH_RANGE', { name, value, allowed: `a whole number of at least ${lowest}` });
  }
}

/** Weights are finite and not negative; absent weights pass. */
function requireWeights(weights: Float64Array | undefined, n: number): void {
  if (weights === undefined) return;
  requireLength('weights', weights, n);
  requireFinite('weights', weights);
  for (let index = 0; index < n; index++) {
    const value = weights[index]!;
    if (value < 0) throw new SluiceError('MATH_RANGE', { name: `weights[${index}]`, value, allowed: '>= 0' });
  }
}

/**
 * Requires the input of a ranking metric: labels of 0 or 1, finite scores, weights >= 0, all of one length.
 *
 * @param labels Uint8Array [n], each 0 or 1
 * @param scores Float64Array [n], finite
 * @param weights Float64Array [n], finite, >= 0; absent means 1 each
 * @throws MATH_SHAPE, MATH_NOT_FINITE, MATH_RANGE
 * @example
 * requireLabelled(Uint8Array.of(0, 1), Float64Array.of(0.2, 0.9)); // undefined
 */
export function requireLabelled(labels: Uint8Array, scores: Float64Array, weights?: Float64Array): void {
  requireLength('scores', scores, labels.length);
  requireFinite('scores', scores);
  requireWeights(weights, labels.length);
  for (let index = 0; index < labels.length; index++) {
    const value = labels[index]!;
    if (value > 1)
      throw new SluiceError('MATH_RANGE', { name: `labels[${index}]`, value, allowed: '0 or 1' });
  }
}

/**
 * Requires the input of a probability metric: as for a ranking metric, and scores in [0, 1].
 *
 * @param labels Uint8Array [n], each 0 or 1
 * @param scores Float64Array [n], in [0, 1]
 * @param weights Float64Array [n], finite, >= 0; absent means 1 each
 * @throws MATH_SHAPE, MATH_NOT_FINITE, MATH_RANGE
 * @example
 * requireProbabilities(Uint8Array.of(0, 1), Float64Array.of(0, 1)); // undefined
 */
export function requireProbabilities(labels: Uint8Array, scores: Float64Array, weights?: Float64Array): void {
  requireLabelled(labels, scores, weights);
  for (let index = 0; index < scores.length; index++) {
    const value = scores[index]!;
    if (value < 0 || value > 1) {
      throw new SluiceError('MATH_RANGE', { name: `scores[${index}]`, value, allowed: '0 to 1' });
    }
  }
}

/**
 * Requires the input of a regression metric: finite truth and prediction, weights >= 0, all of one length.
 *
 * @param truth Float64Array [n], finite
 * @param predicted Float64Array [n], finite
 * @param weights Float64Array [n], finite, >= 0; absent means 1 each
 * @throws MATH_SHAPE, MATH_NOT_FINITE, MATH_RANGE
 * @example
 * requireRegression(Float64Array.of(1), Float64Array.of(2)); // undefined
 */
export function requireRegression(
  truth: Float64Array,
  predicted: Float64Array,
  weights?: Float64Array,
): void {
  requireLength('predicted', predicted, truth.length);
  requireFinite('truth', truth);
  requireFinite('predicted', predicted);
  requireWeights(weights, truth.length);
}
