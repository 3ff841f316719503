import { requireBetween, requireProbabilities } from '../check-values.ts';
import { isMeasured, measured, undefinedBecause } from '../outcome.ts';
import type { Measured } from '../outcome.ts';
import { logLossOf } from './row-losses.ts';
import { weightedSum } from './weighted-sum.ts';

/**
 * Yields the mean log loss: -mean(y ln p + (1 - y) ln(1 - p)), in nats, p clipped to [2^-52, 1 - 2^-52].
 *
 * Defined for one-class labels; undefined without rows or with weights that sum to 0.
 *
 * @param labels Uint8Array [n], each 0 or 1
 * @param scores Float64Array [n], in [0, 1]
 * @param weights Float64Array [n], >= 0; absent means 1 each
 * @returns >= 0, at most 36.04; n = rows
 * @throws MATH_SHAPE, MATH_NOT_FINITE (NaN score, with its index), MATH_RANGE
 * @example
 * logLoss(Uint8Array.of(1, 0), Float64Array.of(0.5, 0.5)); // { value: 0.6931471805599453, n: 2 }
 * @see Oracle: scikit-learn `log_loss(..., labels=[0, 1])`.
 */
export function logLoss(labels: Uint8Array, scores: Float64Array, weights?: Float64Array): Measured {
  requireProbabilities(labels, scores, weights);
  const n = labels.length;
  const total = weightedSum(n, weights, (row) => logLossOf(labels[row]!, scores[row]!));
  if (total.weight === 0) return undefinedBecause(n === 0 ? 'no rows' : 'all weights are 0', n);
  return measured(total.sum / total.weight, n);
}

/** How the constant reference of a skill is found. */
export interface LogLossSkillOptions {
  /** Chance of the constant prediction, in [0, 1]; absent means the labels' own share of positives. */
  readonly baseRate?: number;
  /** Float64Array [n], >= 0; absent means 1 each. */
  readonly weights?: Float64Array;
}

/**
 * Yields the log-loss skill: 1 - logLoss / logLoss of a constant prediction of the base rate.
 *
 * 1 is perfect, 0 no better than the constant, below 0 worse. Undefined when the constant is already perfect
 * (one-class labels and no other base rate given) or there are no rows. A base rate taken from the labels makes
 * a harder reference than any that was known beforehand.
 *
 * @param labels Uint8Array [n], each 0 or 1
 * @param scores Float64Array [n], in [0, 1]
 * @param options base rate and weights
 * @returns at most 1; n = rows
 * @throws MATH_SHAPE, MATH_NOT_FINITE (NaN score, with its index), MATH_RANGE
 * @example
 * logLossSkill(Uint8Array.of(1, 0), Float64Array.of(0.5, 0.5)); // { value: 0, n: 2 }
 * @see Roulston and Smith, "Evaluating probabilistic forecasts using information theory" (2002). Oracle: two
 * calls of scikit-learn `log_loss`; McFadden's pseudo R-squared for the labels' own base rate.
 */
export function logLossSkill(
  labels: Uint8Array,
  scores: Float64Array,
  options: LogLossSkillOptions = {},
): Measured {
  const { baseRate, weights } = options;
  if (baseRate !== undefined) requireBetween('baseRate', baseRate, [0, 1]);
  const loss = logLoss(labels, scores, weights);
  if (!isMeasured(loss)) return loss;
  const total = weightedSum(labels.length, weights, (row) => labels[row]!);
  return skillOf(loss, total.sum / total.weight, baseRate);
}

/**
 * Yields the skill of a mean loss from the labels' share of positives and the declared base rate (absent: that share).
 *
 * @example
 * skillOf({ value: 0, n: 4 }, 0.5); // { value: 1, n: 4 }
 */
export function skillOf(
  loss: { readonly value: number; readonly n: number },
  positiveRate: number,
  baseRate: number = positiveRate,
): Measured {
  const reference = positiveRate * logLossOf(1, baseRate) + (1 - positiveRate) * logLossOf(0, baseRate);
  // The clipped loss of a perfect constant is 2^-52, not 0; a ratio to it would be noise.
  if (reference < 1e-12)
    return undefinedBecause('the constant prediction has no loss: labels of one class', loss.n);
  return measured(1 - loss.value / reference, loss.n);
}
