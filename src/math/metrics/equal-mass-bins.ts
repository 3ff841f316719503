import type { ScoreOrder } from './score-order.ts';

/**
 * Cuts sorted rows into bins of nearly equal size that never part equal scores.
 *
 * The k-th cut falls at the first end of a tie at or after k n / binCount, so heavy ties give fewer bins.
 *
 * @param order rows by descending score
 * @param binCount wanted, >= 1
 * @returns ascending end positions (exclusive), the last = n; empty without rows
 * @example
 * equalMassBins({ rows: new Int32Array(4), endsTie: Uint8Array.of(1, 1, 1, 1) }, 2); // [2, 4]
 */
export function equalMassBins(order: ScoreOrder, binCount: number): number[] {
  const n = order.rows.length;
  const ends: number[] = [];
  let position = 0;
  for (let bin = 1; bin <= binCount; bin++) {
    const target = Math.round((bin * n) / binCount);
    if (target <= position) continue;
    position = target;
    while (order.endsTie[position - 1] === 0) position++;
    ends.push(position);
  }
  return ends;
}
