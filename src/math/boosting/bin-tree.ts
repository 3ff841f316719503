import type { Tree } from './forest.ts';
import { splitDoubles, splitField, writeLeftTable } from './split.ts';

/**
 * A tree over bins while it grows. Inner nodes are numbered as they come; a child is a node, or `~leaf` when negative.
 * Splitting a leaf makes its left child keep the leaf's number.
 */
export interface BinTree {
  nodes: number;
  leaves: number;
  readonly feature: Int32Array;
  /** `[right, left]` per node, so that 0 or 1 from the table picks the child. */
  readonly children: Int32Array;
  /** Per node and bin 1 when it goes left. */
  readonly tables: Uint8Array;
  /** The chosen splits, `splitDoubles` each. */
  readonly splits: Float64Array;
  readonly leafValues: Float64Array;
}

/** Yields an empty tree with room for `leaves` leaves. */
export function newBinTree(leaves: number): BinTree {
  return {
    nodes: 0,
    leaves: 1,
    feature: new Int32Array(leaves),
    children: new Int32Array(2 * leaves),
    tables: new Uint8Array(256 * leaves),
    splits: new Float64Array(splitDoubles * leaves),
    leafValues: new Float64Array(leaves),
  };
}

/** Where a leaf hangs: the node above it (-1 for the root) and 1 when on its left. */
export interface LeafPlace {
  readonly node: number;
  readonly side: number;
}

/** Turns a leaf into an inner node; yields the node's number. The new leaf, `tree.leaves - 1`, is its right child. */
export function splitLeaf(
  tree: BinTree,
  leaf: number,
  chosen: { split: Float64Array; place: LeafPlace },
): number {
  const node = tree.nodes++;
  const { split, place } = chosen;
  if (place.node >= 0) tree.children[2 * place.node + place.side] = node;
  tree.feature[node] = split[splitField.feature]!;
  tree.children[2 * node + 1] = ~leaf;
  tree.children[2 * node] = ~tree.leaves++;
  tree.splits.set(split, node * splitDoubles);
  writeLeftTable(split, tree.tables, node * 256);
  return node;
}

/** Writes the leaf of the rows `order[start..end)`, or of the rows `start` to `end - 1` themselves without an order. */
export function findLeaves(
  tree: BinTree,
  { bins, pitch, leafOf }: { bins: Uint8Array; pitch: number; leafOf: Uint16Array },
  { order, start, end }: { order?: Int32Array; start: number; end: number },
): void {
  const { feature, children, tables } = tree;
  for (let i = start; i < end; i++) {
    const row = order === undefined ? i : order[i]!;
    let node = tree.nodes === 0 ? -1 : 0;
    while (node >= 0) node = children[2 * node + tables[(node << 8) + bins[feature[node]! * pitch + row]!]!]!;
    leafOf[row] = ~node;
  }
}

/** What the bins stood for. */
export interface BinMeaning {
  readonly categorical: readonly boolean[];
  /** Per feature 256 places, the first of which hold the edges of a numeric feature. */
  readonly edges: Float64Array;
  /** Bins per feature that a split can tell apart, bin 0 included. */
  readonly binCounts: Int32Array;
}

/** Yields the tree over values; children stand after their parents, the left side first. */
export function toTree(tree: BinTree, meaning: BinMeaning): Tree {
  const nodes: OpenTree = {
    feature: [],
    threshold: [],
    leftLevels: [],
    missingLeft: [],
    left: [],
    right: [],
    value: [],
  };
  append(nodes, { tree, meaning }, tree.nodes === 0 ? ~0 : 0);
  return nodes;
}

type OpenTree = { [Member in keyof Tree]: Tree[Member][number][] };

function append(out: OpenTree, source: { tree: BinTree; meaning: BinMeaning }, child: number): number {
  const at = out.feature.length;
  const { tree, meaning } = source;
  if (child < 0) {
    push(out, { feature: -1, threshold: 0, leftLevels: [], missingLeft: 0, value: tree.leafValues[~child]! });
    return at;
  }
  const split = tree.splits.subarray(child * splitDoubles, (child + 1) * splitDoubles);
  const feature = tree.feature[child]!;
  const bin = split[splitField.bin]!;
  push(out, {
    feature,
    threshold: meaning.categorical[feature] ? 0 : threshold(meaning, feature, bin),
    leftLevels: meaning.categorical[feature]
      ? leftLevels(tree.tables.subarray(child * 256, child * 256 + 256))
      : [],
    missingLeft: split[splitField.missingLeft] === 1 ? 1 : 0,
    value: 0,
  });
  out.left[at] = append(out, source, tree.children[2 * child + 1]!);
  out.right[at] = append(out, source, tree.children[2 * child]!);
  return at;
}

function push(
  out: OpenTree,
  node: { feature: number; threshold: number; leftLevels: number[]; missingLeft: 0 | 1; value: number },
): void {
  out.feature.push(node.feature);
  out.threshold.push(node.threshold);
  out.leftLevels.push(node.leftLevels);
  out.missingLeft.push(node.missingLeft);
  out.left.push(-1);
  out.right.push(-1);
  out.value.push(node.value);
}

function threshold({ edges, binCounts }: BinMeaning, feature: number, bin: number): number {
  // The last bin has no upper edge: all numbers go left, missing ones alone go right.
  return bin === binCounts[feature]! - 1 ? Number.MAX_VALUE : edges[feature * 256 + bin - 1]!;
}

function leftLevels(table: Uint8Array): number[] {
  const levels: number[] = [];
  for (let bin = 1; bin < 256; bin++) if (table[bin] === 1) levels.push(bin - 1);
  return levels;
}
