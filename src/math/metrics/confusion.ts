/** Counts of decisions at a threshold, and the rates and costs that follow from them. */
import { requireBetween, requireLabelled } from '../check-values.ts';
import { measured, undefinedBecause } from '../outcome.ts';
import type { Measured } from '../outcome.ts';
import { requireCost } from './row-losses.ts';
import type { DecisionCost } from './row-losses.ts';

/** How many rows fell into each cell of the decision table. */
export interface Confusion {
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly trueNegative: number;
  readonly falseNegative: number;
}

/**
 * Counts decisions at a threshold: positive when score >= threshold.
 *
 * @param labels Uint8Array [n], each 0 or 1
 * @param scores Float64Array [n], finite
 * @param threshold finite
 * @returns four counts that sum to n
 * @throws MATH_SHAPE, MATH_NOT_FINITE (NaN score, with its index), MATH_RANGE
 * @example
 * confusion(Uint8Array.of(1, 0, 1), Float64Array.of(0.9, 0.6, 0.5), 0.5).truePositive; // 2
 * @see Oracle: scikit-learn `confusion_matrix`.
 */
export function confusion(labels: Uint8Array, scores: Float64Array, threshold: number): Confusion {
  requireLabelled(labels, scores);
  requireBetween('threshold', threshold, [-Number.MAX_VALUE, Number.MAX_VALUE]);
  const counts = { truePositive: 0, falsePositive: 0, trueNegative: 0, falseNegative: 0 };
  for (let row = 0; row < labels.length; row++) {
    if (scores[row]! >= threshold) {
      if (labels[row] === 1) counts.truePositive++;
      else counts.falsePositive++;
    } else if (labels[row] === 1) counts.falseNegative++;
    else counts.trueNegative++;
  }
  return counts;
}

function total(counts: Confusion): number {
  return counts.truePositive + counts.falsePositive + counts.trueNegative + counts.falseNegative;
}

function share(
  part: number,
  whole: { readonly of: number; readonly n: number; readonly empty: string },
): Measured {
  if (whole.of === 0) return undefinedBecause(whole.n === 0 ? 'no rows' : whole.empty, whole.n);
  return measured(part / whole.of, whole.n);
}

/**
 * Yields the share of right decisions: (TP + TN) / n. Undefined without rows.
 *
 * @param counts from `confusion`
 * @returns in [0, 1]; n = rows
 * @example
 * accuracy({ truePositive: 1, falsePositive: 0, trueNegative: 2, falseNegative: 1 }); // { value: 0.75, n: 4 }
 * @see Oracle: scikit-learn `accuracy_score`.
 */
export function accuracy(counts: Confusion): Measured {
  const n = total(counts);
  return share(counts.truePositive + counts.trueNegative, { of: n, n, empty: 'no rows' });
}

/**
 * Yields the share of positive decisions that were right: TP / (TP + FP). Undefined when nothing was decided positive.
 *
 * @param counts from `confusion`
 * @returns in [0, 1]; n = rows
 * @example
 * precision({ truePositive: 1, falsePositive: 3, trueNegative: 0, falseNegative: 0 }); // { value: 0.25, n: 4 }
 * @see Oracle: scikit-learn `precision_score(zero_division=nan)`.
 */
export function precision(counts: Confusion): Measured {
  const of = counts.truePositive + counts.falsePositive;
  return share(counts.truePositive, { of, n: total(counts), empty: 'no positive decision' });
}

/**
 * Yields the share of positives that were found: TP / (TP + FN). Undefined without a positive label.
 *
 * @param counts from `confusion`
 * @returns in [0, 1]; n = rows
 * @example
 * recall({ truePositive: 1, falsePositive: 0, trueNegative: 0, falseNegative: 1 }); // { value: 0.5, n: 2 }
 * @see Oracle: scikit-learn `recall_score(zero_division=nan)`.
 */
export function recall(counts: Confusion): Measured {
  const of = counts.truePositive + counts.falseNegative;
  return share(counts.truePositive, { of, n: total(counts), empty: 'no positive label' });
}

/**
 * Yields F1: 2 TP / (2 TP + FP + FN). Undefined only when TP + FP + FN = 0; else 0 without a true positive.
 *
 * @param counts from `confusion`
 * @returns in [0, 1]; n = rows
 * @example
 * f1({ truePositive: 2, falsePositive: 1, trueNegative: 5, falseNegative: 1 }).n; // 9
 * @see Oracle: scikit-learn `f1_score(zero_division=nan)`.
 */
export function f1(counts: Confusion): Measured {
  const of = 2 * counts.truePositive + counts.falsePositive + counts.falseNegative;
  return share(2 * counts.truePositive, {
    of,
    n: total(counts),
    empty: 'no positive label and no positive decision',
  });
}

/**
 * Yields the mean cost per row: (FP cost x FP + FN cost x FN) / n. Undefined without rows.
 *
 * @param counts from `confusion`
 * @param cost of each error, >= 0, any unit
 * @returns in the cost's unit per row; n = rows
 * @throws MATH_RANGE for a negative or infinite cost
 * @example
 * expectedCost({ truePositive: 0, falsePositive: 2, trueNegative: 1, falseNegative: 1 }, {
 *   falsePositive: 1, falseNegative: 6 }); // { value: 2, n: 4 }
 */
export function expectedCost(counts: Confusion, cost: DecisionCost): Measured {
  requireCost(cost);
  const n = total(counts);
  const spent = counts.falsePositive * cost.falsePositive + counts.falseNegative * cost.falseNegative;
  return share(spent, { of: n, n, empty: 'no rows' });
}
