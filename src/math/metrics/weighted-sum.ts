/**
 * Yields the weighted sum of a row quantity and the sum of the weights, in row order.
 *
 * @param n rows
 * @param weights Float64Array [n], or undefined for 1 each
 * @param quantity value of a row
 * @returns both sums; weight = n without weights
 * @example
 * weightedSum(3, undefined, (row) => row); // { sum: 3, weight: 3 }
 */
export function weightedSum(
  n: number,
  weights: Float64Array | undefined,
  quantity: (row: number) => number,
): { readonly sum: number; readonly weight: number } {
  let sum = 0;
  if (weights === undefined) {
    for (let row = 0; row < n; row++) sum += quantity(row);
    return { sum, weight: n };
  }
  let weight = 0;
  for (let row = 0; row < n; row++) {
    sum += weights[row]! * quantity(row);
    weight += weights[row]!;
  }
  return { sum, weight };
}
