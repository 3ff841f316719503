import { requireLabelled } from '../check-values.ts';
import { measured, undefinedBecause } from '../outcome.ts';
import type { Measured } from '../outcome.ts';
import { scoreOrder } from './score-order.ts';

/**
 * Yields the area under the ROC curve: P(score of a positive > score of a negative) + half P(tie), weighted.
 *
 * Undefined without a positive or without a negative of weight above 0. O(n).
 *
 * @param labels Uint8Array [n], each 0 or 1
 * @param scores Float64Array [n], finite; only their order counts
 * @param weights Float64Array [n], >= 0; absent means 1 each
 * @returns in [0, 1], 0.5 for scores without information; n = rows
 * @throws MATH_SHAPE, MATH_NOT_FINITE (NaN score, with its index), MATH_RANGE (label not 0 or 1)
 * @example
 * areaUnderRoc(Uint8Array.of(0, 1, 0, 1), Float64Array.of(0.1, 0.4, 0.35, 0.8)); // { value: 1, n: 4 }
 * @see Fawcett, "An introduction to ROC analysis" (2006). Oracle: scikit-learn `roc_auc_score`.
 */
export function areaUnderRoc(labels: Uint8Array, scores: Float64Array, weights?: Float64Array): Measured {
  requireLabelled(labels, scores, weights);
  const n = labels.length;
  const { rows, endsTie } = scoreOrder(scores);
  let positives = 0;
  let negatives = 0;
  let wins = 0;
  let tiedPositives = 0;
  let tiedNegatives = 0;
  for (let position = 0; position < n; position++) {
    const row = rows[position]!;
    const weight = weights === undefined ? 1 : weights[row]!;
    if (labels[row] === 1) tiedPositives += weight;
    else tiedNegatives += weight;
    if (endsTie[position] === 0) continue;
    wins += tiedNegatives * (positives + tiedPositives / 2);
    positives += tiedPositives;
    negatives += tiedNegatives;
    tiedPositives = 0;
    tiedNegatives = 0;
  }
  if (positives === 0) return undefinedBecause(n === 0 ? 'no rows' : 'no positive label', n);
  if (negatives === 0) return undefinedBecause('no negative label', n);
  return measured(wins / (positives * negatives), n);
}
