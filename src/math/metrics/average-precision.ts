import { requireLabelled } from '../check-values.ts';
import { measured, undefinedBecause } from '../outcome.ts';
import type { Measured } from '../outcome.ts';
import { scoreOrder } from './score-order.ts';

/**
 * Yields average precision: sum over distinct thresholds of (R_k - R_{k-1}) P_k, without interpolation.
 *
 * Rows with equal scores form one threshold. Undefined without a positive of weight above 0; 1 when all rows are
 * positive. It is not the trapezoid under the precision-recall curve, which is optimistic. O(n).
 *
 * @param labels Uint8Array [n], each 0 or 1
 * @param scores Float64Array [n], finite; only their order counts
 * @param weights Float64Array [n], >= 0; absent means 1 each
 * @returns in (0, 1], about the share of positives for scores without information; n = rows
 * @throws MATH_SHAPE, MATH_NOT_FINITE (NaN score, with its index), MATH_RANGE (label not 0 or 1)
 * @example
 * averagePrecision(Uint8Array.of(0, 1, 0, 1), Float64Array.of(0.1, 0.4, 0.35, 0.8)); // { value: 1, n: 4 }
 * @see Oracle: scikit-learn `average_precision_score`.
 */
export function averagePrecision(labels: Uint8Array, scores: Float64Array, weights?: Float64Array): Measured {
  requireLabelled(labels, scores, weights);
  const n = labels.length;
  const { rows, endsTie } = scoreOrder(scores);
  let positives = 0;
  let selected = 0;
  let tiedPositives = 0;
  let area = 0;
  for (let position = 0; position < n; position++) {
    const row = rows[position]!;
    const weight = weights === undefined ? 1 : weights[row]!;
    selected += weight;
    if (labels[row] === 1) tiedPositives += weight;
    if (endsTie[position] === 0 || tiedPositives === 0) continue;
    positives += tiedPositives;
    area += (tiedPositives * positives) / selected;
    tiedPositives = 0;
  }
  if (positives === 0) return undefinedBecause(n === 0 ? 'no rows' : 'no positive label', n);
  return measured(area / positives, n);
}
