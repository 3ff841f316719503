import { requireBetween } from '../check-values.ts';

/**
 * Yields Holm's adjusted p-values: reject where adjusted <= alpha and the family-wise error is at most alpha.
 *
 * Sorted ascending, adjusted_k = max over j <= k of min(1, (m - j + 1) p_j), with j from 1.
 *
 * @param pValues [m], each in [0, 1], any order, any dependence
 * @returns Float64Array [m], in [0, 1], same order
 * @throws MATH_RANGE for a p-value outside [0, 1] or NaN
 * @example
 * holm([0.01, 0.04]).join(); // '0.02,0.04'
 * @see Holm (1979). Oracle: statsmodels `multipletests(method='holm')`.
 */
export function holm(pValues: readonly number[] | Float64Array): Float64Array {
  const count = pValues.length;
  pValues.forEach((p, index) => requireBetween(`pValues[${index}]`, p, [0, 1]));
  const order = Array.from({ length: count }, (_, index) => index).sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = new Float64Array(count);
  let highest = 0;
  order.forEach((index, rank) => {
    highest = Math.max(highest, Math.min(1, (count - rank) * pValues[index]!));
    adjusted[index] = highest;
  });
  return adjusted;
}
