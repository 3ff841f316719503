import { newBinTree, splitLeaf, type BinTree } from './bin-tree.ts';
import { searchCategorical } from './categorical-split.ts';
import {
  featureDoubles,
  fillHistogram,
  massHessian,
  massRows,
  packBins,
  subtractHistogram,
  type PackedBins,
} from './histogram.ts';
import { searchNumeric } from './numeric-split.ts';
import { divide, gatherRoot } from './partition.ts';
import type { BoostJob, BoostSpace } from './boost-space.ts';
import { splitDoubles, splitField, tinyHessian, type SplitRules } from './split.ts';
import { meet, shareStart, type Team } from './team.ts';

/** A leaf of the tree that grows: its rows `order[start..end)`, their sums, and where it hangs. */
export interface Leaf {
  readonly start: number;
  readonly end: number;
  readonly gradient: number;
  readonly mass: number;
  readonly depth: number;
  readonly node: number;
  readonly side: number;
  /** The buffer that holds its histogram. */
  readonly slot: number;
  /** Its best split; gain 0 when there is none. */
  readonly split: Float64Array;
}

/** What one thread holds to grow trees: the bins of its features and their histograms. */
export interface Grower {
  readonly job: BoostJob;
  readonly space: BoostSpace;
  readonly team: Team;
  readonly rules: SplitRules;
  readonly first: number;
  readonly packed: PackedBins;
  readonly histograms: Float64Array[];
}

/** Yields a thread's grower; its features are a run of all, so that ties between threads go to the lower feature. */
export function newGrower(job: BoostJob, space: BoostSpace, team: Team): Grower {
  const count = job.categorical.length;
  const first = shareStart(count, team.index, team.size);
  const features = shareStart(count, team.index + 1, team.size) - first;
  const packed = packBins(space.bins, { first, features, rows: job.rows, pitch: space.pitch });
  const rules = { ...job.params, scale: job.scale };
  return { job, space, team, rules, first, packed, histograms: [] };
}

/** A tree and its leaves, in the order of their numbers. */
export interface GrownTree {
  readonly tree: BinTree;
  readonly leaves: readonly Leaf[];
}

/**
 * Grows one tree on `order[0..rows)`, always splitting the leaf that gains most. Every thread fills and searches the
 * histograms of its own features and then takes the same decision as the others.
 *
 * @param whole true when `order` is the identity over all rows
 * @param wanted per feature of all 1 when the tree may use it
 */
export function growTree(
  grower: Grower,
  { rows, whole, wanted }: { rows: number; whole: boolean; wanted: Uint8Array },
): GrownTree {
  const { job, first, packed } = grower;
  const own = wanted.subarray(first, first + packed.features);
  const tree = newBinTree(job.params.leaves);
  const leaves: Leaf[] = [growRoot(grower, { rows, whole, wanted })];
  while (tree.leaves < job.params.leaves) {
    const at = bestLeaf(leaves);
    if (at < 0) break;
    splitBest(grower, { tree, leaves, own }, at);
  }
  leaves.forEach((leaf, at) => {
    const hessian = massHessian(leaf.mass, job.scale) + job.params.l2 + tinyHessian;
    tree.leafValues[at] = leaves.length === 1 ? 0 : (-leaf.gradient / hessian) * job.params.learningRate;
  });
  return { tree, leaves };
}

function growRoot(
  grower: Grower,
  { rows, whole, wanted }: { rows: number; whole: boolean; wanted: Uint8Array },
): Leaf {
  const { space, team, first, packed } = grower;
  if (!whole) {
    gatherRoot(space, rows, team);
    meet(team);
  }
  const own = wanted.subarray(first, first + packed.features);
  const pairs = whole ? space.pairs : space.ordered;
  fillHistogram(histogramOf(grower, 0), packed, {
    rows: { order: space.order, start: 0, end: rows, pairs },
    wanted: own,
  });
  const measured = wanted.indexOf(1) - first;
  if (measured >= 0 && measured < packed.features)
    sumFeature(histogramOf(grower, 0), measured, space.rootSums);
  meet(team);
  const sums = { gradient: space.rootSums[0]!, mass: space.rootSums[1]! };
  const root: Leaf = { start: 0, end: rows, ...sums, depth: 0, node: -1, side: 0, slot: 0, split: noSplit() };
  search(grower, root, { own, place: 0 });
  meet(team);
  collect(grower, root, 0);
  return root;
}

function sumFeature(histogram: Float64Array, feature: number, sums: Float64Array): void {
  sums.fill(0);
  for (let at = feature * featureDoubles; at < (feature + 1) * featureDoubles; at += 2) {
    sums[0]! += histogram[at]!;
    sums[1]! += histogram[at + 1]!;
  }
}

function bestLeaf(leaves: readonly Leaf[]): number {
  let best = -1;
  let bestGain = 0;
  leaves.forEach((leaf, at) => {
    if (leaf.split[splitField.gain]! > bestGain) {
      bestGain = leaf.split[splitField.gain]!;
      best = at;
    }
  });
  return best;
}

function splitBest(
  grower: Grower,
  growth: { tree: BinTree; leaves: Leaf[]; own: Uint8Array },
  at: number,
): void {
  const { space, team, job } = grower;
  const { tree, leaves, own } = growth;
  const parent = leaves[at]!;
  const node = splitLeaf(tree, at, { split: parent.split, place: parent });
  const [left, right] = childrenOf(parent, { node, fresh: tree.leaves - 1, scale: job.scale });
  leaves[at] = left;
  leaves.push(right);
  const column = space.bins.subarray(
    tree.feature[node]! * space.pitch,
    (tree.feature[node]! + 1) * space.pitch,
  );
  const table = tree.tables.subarray(node * 256, node * 256 + 256);
  divide(
    space,
    { start: parent.start, end: parent.end, column, table, leftRows: left.end - left.start },
    team,
  );
  meet(team);
  const larger = left.slot === parent.slot ? left : right;
  if (tree.leaves === job.params.leaves || !maySplit(grower, larger)) return;
  const smaller = larger === left ? right : left;
  const rows = { order: space.order, start: smaller.start, end: smaller.end, pairs: space.ordered };
  fillHistogram(histogramOf(grower, smaller.slot), grower.packed, { rows, wanted: own });
  subtractHistogram(histogramOf(grower, larger.slot), histogramOf(grower, smaller.slot));
  search(grower, left, { own, place: 0 });
  search(grower, right, { own, place: 1 });
  meet(team);
  collect(grower, left, 0);
  collect(grower, right, 1);
}

/** Yields both children; the larger one takes over the parent's histogram. */
function childrenOf(
  parent: Leaf,
  { node, fresh, scale }: { node: number; fresh: number; scale: SplitRules['scale'] },
): [Leaf, Leaf] {
  const gradient = parent.split[splitField.gradient]!;
  const mass = parent.split[splitField.mass]!;
  const middle = parent.start + massRows(mass, scale);
  const leftIsSmaller = middle - parent.start <= parent.end - middle;
  const both = { depth: parent.depth + 1, node };
  const left: Leaf = {
    ...both,
    start: parent.start,
    end: middle,
    gradient,
    mass,
    side: 1,
    slot: leftIsSmaller ? fresh : parent.slot,
    split: noSplit(),
  };
  const right: Leaf = {
    ...both,
    start: middle,
    end: parent.end,
    gradient: parent.gradient - gradient,
    mass: parent.mass - mass,
    side: 0,
    slot: leftIsSmaller ? parent.slot : fresh,
    split: noSplit(),
  };
  return [left, right];
}

function noSplit(): Float64Array {
  return new Float64Array(splitDoubles);
}

function maySplit({ job }: Grower, leaf: Leaf): boolean {
  const { minRowsPerLeaf, maxDepth } = job.params;
  return (
    leaf.end - leaf.start >= 2 * Math.max(1, minRowsPerLeaf) && (maxDepth === 0 || leaf.depth < maxDepth)
  );
}

/** Writes the best split among the thread's own features to its candidate row. */
function search(grower: Grower, leaf: Leaf, { own, place }: { own: Uint8Array; place: number }): void {
  const { space, team, job, first, rules } = grower;
  const row = (team.index * 2 + place) * splitDoubles;
  const best = space.candidates.subarray(row, row + splitDoubles);
  best.fill(0);
  if (!maySplit(grower, leaf)) return;
  const histogram = histogramOf(grower, leaf.slot);
  for (let feature = 0; feature < own.length; feature++) {
    if (own[feature] === 0) continue;
    const wanted = {
      histogram,
      at: feature * featureDoubles,
      bins: space.binCounts[first + feature]!,
      feature: first + feature,
      node: leaf,
      rules,
    };
    if (job.categorical[first + feature]) searchCategorical(best, wanted);
    else searchNumeric(best, wanted);
  }
}

/** Copies the best of all threads' candidates. */
function collect({ space, team }: Grower, leaf: Leaf, place: number): void {
  for (let thread = 0; thread < team.size; thread++) {
    const row = (thread * 2 + place) * splitDoubles;
    if (space.candidates[row]! > leaf.split[splitField.gain]!)
      leaf.split.set(space.candidates.subarray(row, row + splitDoubles));
  }
}

function histogramOf(grower: Grower, slot: number): Float64Array {
  return (grower.histograms[slot] ??= new Float64Array(grower.packed.features * featureDoubles));
}
