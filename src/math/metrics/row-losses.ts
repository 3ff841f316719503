/** Losses row by row: what paired comparisons by block are made of. */
import { requireBetween, requireProbabilities } from '../check-values.ts';

/** What a wrong decision costs, each >= 0, in the unit of the loop's choice. */
export interface DecisionCost {
  readonly falsePositive: number;
  readonly falseNegative: number;
}

/**
 * How far from 0 and 1 probabilities are kept before a logarithm is taken: the spacing of doubles at 1.
 *
 * @example
 * logLossClip === Number.EPSILON; // true
 */
export const logLossClip: number = 2 ** -52;

/**
 * Yields the log loss of one row; `score` in [0, 1], clipped.
 *
 * @example
 * logLossOf(1, 0.5) === Math.LN2; // true
 */
export function logLossOf(label: number, score: number): number {
  const chance = label === 1 ? score : 1 - score;
  return -Math.log(Math.min(Math.max(chance, logLossClip), 1 - logLossClip));
}

/**
 * Yields the log loss of each row: -ln(p of the true class), p clipped to [2^-52, 1 - 2^-52].
 *
 * @param labels Uint8Array [n], each 0 or 1
 * @param scores Float64Array [n], in [0, 1]
 * @returns Float64Array [n], nats, same order
 * @throws MATH_SHAPE, MATH_NOT_FINITE, MATH_RANGE
 * @example
 * logLosses(Uint8Array.of(1), Float64Array.of(0.5))[0] === Math.LN2; // true
 */
export function logLosses(labels: Uint8Array, scores: Float64Array): Float64Array {
  requireProbabilities(labels, scores);
  return scores.map((score, row) => logLossOf(labels[row]!, score));
}

/**
 * Yields the squared error of each row's probability: (score - label)^2.
 *
 * @param labels Uint8Array [n], each 0 or 1
 * @param scores Float64Array [n], in [0, 1]
 * @returns Float64Array [n], in [0, 1], same order
 * @throws MATH_SHAPE, MATH_NOT_FINITE, MATH_RANGE
 * @example
 * squaredErrors(Uint8Array.of(1, 0), Float64Array.of(0.5, 1)).join(); // '0.25,1'
 */
export function squaredErrors(labels: Uint8Array, scores: Float64Array): Float64Array {
  requireProbabilities(labels, scores);
  return scores.map((score, row) => (score - labels[row]!) ** 2);
}

/**
 * Yields the cost of each row's decision at a threshold: 0 when right, else the cost of that kind of error.
 *
 * @param labels Uint8Array [n], each 0 or 1
 * @param scores Float64Array [n], in [0, 1]; decided positive at score >= threshold
 * @param decision threshold in [0, 1] and the cost of each error, >= 0
 * @returns Float64Array [n], same order
 * @throws MATH_SHAPE, MATH_NOT_FINITE, MATH_RANGE
 * @example
 * decisionCosts(Uint8Array.of(1, 0), Float64Array.of(0.2, 0.6), {
 *   threshold: 0.5, cost: { falsePositive: 1, falseNegative: 5 } }).join(); // '5,1'
 */
export function decisionCosts(
  labels: Uint8Array,
  scores: Float64Array,
  decision: { readonly threshold: number; readonly cost: DecisionCost },
): Float64Array {
  requireProbabilities(labels, scores);
  const { threshold, cost } = decision;
  requireBetween('threshold', threshold, [0, 1]);
  requireCost(cost);
  return scores.map((score, row) => {
    if (score >= threshold) return labels[row] === 1 ? 0 : cost.falsePositive;
    return labels[row] === 1 ? cost.falseNegative : 0;
  });
}

/**
 * Requires both costs to be finite and not negative.
 *
 * @param cost of a false positive and of a false negative
 * @throws MATH_RANGE
 * @example
 * requireCost({ falsePositive: 1, falseNegative: 5 }); // undefined
 */
export function requireCost(cost: DecisionCost): void {
  requireBetween('cost.falsePositive', cost.falsePositive, [0, Number.MAX_VALUE]);
  requireBetween('cost.falseNegative', cost.falseNegative, [0, Number.MAX_VALUE]);
}
