import { meet, shareStart, type Team } from './team.ts';

/** Below this many rows one thread alone is faster than two that must meet once more. */
const rowsWorthSharing = 16_384;

/** Shared memory of the partition. */
export interface PartitionSpace {
  /** Rows, those of a node side by side and ascending. */
  readonly order: Int32Array;
  readonly spareLeft: Int32Array;
  readonly spareRight: Int32Array;
  /** Rows that went left, per thread. */
  readonly leftCounts: Int32Array;
  /** (gradient, mass) by row, and the same in the order of a node's rows. */
  readonly pairs: Float64Array;
  readonly ordered: Float64Array;
}

/** A node to divide: its rows `order[start..end)`, the bins of the split's feature and 1 per bin that goes left. */
export interface Division {
  readonly start: number;
  readonly end: number;
  readonly column: Uint8Array;
  readonly table: Uint8Array;
  readonly leftRows: number;
}

/**
 * Divides a node's rows, stably, so that those that go left come first, and lays out the pairs of the smaller child from
 * `ordered[0]` on. All threads call it; the result is visible after the next {@link meet}.
 */
export function divide(space: PartitionSpace, division: Division, team: Team): void {
  const { start, end, leftRows } = division;
  if (end - start < rowsWorthSharing || team.size === 1) {
    if (team.index === 0) divideAlone(space, division);
    return;
  }
  const rows = end - start;
  const from = start + shareStart(rows, team.index, team.size);
  const to = start + shareStart(rows, team.index + 1, team.size);
  const left = splitRows(space, { ...division, start: from, end: to });
  space.leftCounts[team.index] = left;
  meet(team);
  let leftBefore = 0;
  for (let thread = 0; thread < team.index; thread++) leftBefore += space.leftCounts[thread]!;
  const leftAt = start + leftBefore;
  const rightAt = start + leftRows + (from - start - leftBefore);
  space.order.set(space.spareLeft.subarray(from, from + left), leftAt);
  space.order.set(space.spareRight.subarray(from, to - left), rightAt);
  if (leftRows <= rows - leftRows) gather(space, { from: leftAt, to: leftAt + left, first: start });
  else gather(space, { from: rightAt, to: rightAt + (to - from - left), first: start + leftRows });
}

function divideAlone(space: PartitionSpace, division: Division): void {
  const { start, end, leftRows } = division;
  const left = splitRows(space, division);
  space.order.set(space.spareLeft.subarray(start, start + left), start);
  space.order.set(space.spareRight.subarray(start, end - left), start + left);
  if (leftRows <= end - start - leftRows) gather(space, { from: start, to: start + left, first: start });
  else gather(space, { from: start + left, to: end, first: start + left });
}

/** Writes the rows that go left and right from `start` on in two spares; yields how many went left. */
function splitRows(
  { order, spareLeft, spareRight }: PartitionSpace,
  { start, end, column, table }: Division,
): number {
  let left = start;
  let right = start;
  for (let i = start; i < end; i++) {
    const row = order[i]!;
    // Both are written and one counter moves: no branch to mispredict.
    spareLeft[left] = row;
    spareRight[right] = row;
    const goesLeft = table[column[row]!]!;
    left += goesLeft;
    right += 1 - goesLeft;
  }
  return left - start;
}

function gather(
  { order, pairs, ordered }: PartitionSpace,
  { from, to, first }: { from: number; to: number; first: number },
): void {
  for (let i = from, j = 2 * (from - first); i < to; i++, j += 2) {
    const at = 2 * order[i]!;
    ordered[j] = pairs[at]!;
    ordered[j + 1] = pairs[at + 1]!;
  }
}

/** Lays out the pairs of `order[0..rows)`, this thread's share of them. */
export function gatherRoot(space: PartitionSpace, rows: number, team: Team): void {
  gather(space, {
    from: shareStart(rows, team.index, team.size),
    to: shareStart(rows, team.index + 1, team.size),
    first: 0,
  });
}
