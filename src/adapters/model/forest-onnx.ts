import type { Forest, ForestFeature, Tree } from '../../math/boosting/forest.ts';
import { CategoryRanks, slotsOf, type RankSplit } from './category-ranks.ts';
import { addSlots, draftGraph, finishGraph, type GraphDraft } from './graph-parts.ts';
import { writeOnnx, type NumericData, type OnnxAttribute } from './onnx-protobuf.ts';

/**
 * Yields a forest as an ONNX model: one input [n, 1] per feature (double with NaN for missing, or text with U+0001 for
 * NULL, see `toModelText`), one output `score`, double [n, 1]. Levels are looked up inside the graph; every subset split
 * becomes a comparison of a rank (`CategoryRanks`), so that one `TreeEnsemble` in doubles holds all trees and each row
 * falls into the leaf of the forest's own scorer. The same forest gives the same bytes.
 *
 * @param forest must have at least one feature
 */
export function forestToOnnx(forest: Forest): Uint8Array {
  const draft = draftGraph(forest.features);
  const slots = forest.features.map((feature) =>
    feature.kind === 'categorical'
      ? new CategoryRanks(slotsOf(feature.levels?.length ?? 0).count)
      : undefined,
  );
  const splits = placeSplits(forest, slots);
  const columns = columnStarts(forest.features, slots);
  const matrix = addMatrix(draft, forest.features, slots);
  const attributes = treeAttributes(forest, (tree, node) => {
    const split = splits.get(tree)?.get(node);
    const start = columns[tree.feature[node] ?? 0] ?? 0;
    if (split === undefined) return { column: start, threshold: tree.threshold[node] ?? 0, swapped: false };
    return { column: start + split.column, threshold: split.threshold(), swapped: split.swapped };
  });
  const margin = draft.add('TreeEnsemble', [matrix], { domain: 'ai.onnx.ml', attributes });
  return writeOnnx(finishGraph(draft, forest.task, margin));
}

type Placed = ReadonlyMap<Tree, ReadonlyMap<number, RankSplit>>;

function placeSplits(forest: Forest, ranks: readonly (CategoryRanks | undefined)[]): Placed {
  return new Map(forest.trees.map((tree) => [tree, placeTree(forest.features, tree, ranks)]));
}

/** Walks down a tree with the slots that reach each node, feature by feature. */
function placeTree(
  features: readonly ForestFeature[],
  tree: Tree,
  ranks: readonly (CategoryRanks | undefined)[],
): ReadonlyMap<number, RankSplit> {
  const placed = new Map<number, RankSplit>();
  const reaching: (readonly (Uint8Array | undefined)[])[] = [
    features.map(({ levels }, place) =>
      ranks[place] === undefined ? undefined : new Uint8Array(slotsOf(levels?.length ?? 0).count).fill(1),
    ),
  ];
  for (const [node, place] of tree.feature.entries()) {
    if (place < 0) continue;
    const here = reaching[node] ?? [];
    const [left, right] = [tree.left[node] ?? 0, tree.right[node] ?? 0];
    reaching[left] = here;
    reaching[right] = here;
    const reaches = here[place];
    if (reaches === undefined) continue;
    const goesLeft = leftSlots(tree, node, reaches.length);
    const split = ranks[place]?.place(goesLeft, reaches);
    if (split !== undefined) placed.set(node, split);
    reaching[left] = here.with(
      place,
      reaches.map((reach, slot) => reach & (goesLeft[slot] ?? 0)),
    );
    reaching[right] = here.with(
      place,
      reaches.map((reach, slot) => reach & (1 - (goesLeft[slot] ?? 0))),
    );
  }
  return placed;
}

function leftSlots(tree: Tree, node: number, count: number): Uint8Array {
  const left = new Uint8Array(count);
  for (const code of tree.leftLevels[node] ?? []) left[code] = 1;
  left[count - 2] = tree.missingLeft[node] ?? 0;
  return left;
}

/** Where each feature's columns begin in the matrix of the trees. */
function columnStarts(
  features: readonly ForestFeature[],
  ranks: readonly (CategoryRanks | undefined)[],
): number[] {
  let next = 0;
  return features.map((_, place) => {
    const start = next;
    next += ranks[place]?.columns ?? 1;
    return start;
  });
}

/** Adds the matrix [n, columns] of the trees: numbers as they are, texts as their ranks. */
function addMatrix(
  draft: GraphDraft,
  features: readonly ForestFeature[],
  ranks: readonly (CategoryRanks | undefined)[],
): string {
  const parts = features.flatMap(({ name, levels = [] }, place) => {
    const own = ranks[place];
    if (own === undefined) return [name];
    return own.columns === 0 ? [] : [addRanks(draft, { name, levels, ranks: own })];
  });
  if (parts.length === 0) parts.push(addConstantColumn(draft, features[0]?.name ?? ''));
  return draft.add('Concat', parts, { attributes: { axis: 1 } });
}

interface RankedInput {
  readonly name: string;
  readonly levels: readonly string[];
  readonly ranks: CategoryRanks;
}

function addRanks(draft: GraphDraft, { name, levels, ranks }: RankedInput): string {
  const table = ranks.table();
  const dims = [slotsOf(levels.length).count, ranks.columns];
  const constant = draft.constant(`ranks of ${name}`, {
    dims,
    data: narrowed(table, slotsOf(levels.length).count),
  });
  const gathered = draft.add('Gather', [constant, addSlots(draft, name, levels)], {
    attributes: { axis: 0 },
  });
  return draft.add('Cast', [gathered], { attributes: { to: 11 } });
}

function narrowed(ranks: Int32Array, bound: number): NumericData {
  if (bound <= 2 ** 8) return Uint8Array.from(ranks);
  return bound <= 2 ** 16 ? Uint16Array.from(ranks) : ranks;
}

/** Trees that are all leaves ask nothing of any feature; the ensemble still wants a column with n rows. */
function addConstantColumn(draft: GraphDraft, input: string): string {
  const slots = addSlots(draft, input, []);
  const zero = draft.constant('zeros', { dims: [2, 1], data: Float64Array.of(0, 0) });
  return draft.add('Gather', [zero, slots], { attributes: { axis: 0 } });
}

interface Comparison {
  readonly column: number;
  readonly threshold: number;
  readonly swapped: boolean;
}

/**
 * The arrays of ai.onnx.ml TreeEnsemble (opset 5). The base score is added to the leaves of the first tree: then the
 * runtime adds the same numbers in the same order as the forest's own scorer.
 */
function treeAttributes(
  forest: Forest,
  compare: (tree: Tree, node: number) => Comparison,
): Readonly<Record<string, OnnxAttribute>> {
  const drawn = new TreeArrays();
  if (forest.trees.length === 0) drawn.addLeafTree(forest.baseScore);
  for (const [place, tree] of forest.trees.entries())
    drawn.addTree(tree, place === 0 ? forest.baseScore : 0, compare);
  return drawn.attributes();
}

class TreeArrays {
  readonly #roots: number[] = [];
  readonly #features: number[] = [];
  readonly #thresholds: number[] = [];
  readonly #missingTrue: number[] = [];
  readonly #trueIds: number[] = [];
  readonly #trueLeafs: number[] = [];
  readonly #falseIds: number[] = [];
  readonly #falseLeafs: number[] = [];
  readonly #weights: number[] = [];

  /** A tree of one leaf: the format wants a node, both of whose branches are that leaf. */
  addLeafTree(value: number): void {
    this.#weights.push(value);
    const leaf = this.#weights.length - 1;
    this.#roots.push(this.#features.length);
    this.#addNode({ column: 0, threshold: 0, swapped: false }, 0, [leaf, leaf, 1, 1]);
  }

  addTree(tree: Tree, base: number, compare: (tree: Tree, node: number) => Comparison): void {
    if ((tree.feature[0] ?? -1) < 0) {
      this.addLeafTree(base + (tree.value[0] ?? 0));
      return;
    }
    const start = this.#features.length;
    this.#roots.push(start);
    const ids = this.#number(tree, base, start);
    for (const [node, feature] of tree.feature.entries()) {
      if (feature < 0) continue;
      const comparison = compare(tree, node);
      const [left, right] = [tree.left[node] ?? 0, tree.right[node] ?? 0];
      const [yes, no] = comparison.swapped ? [right, left] : [left, right];
      const isLeaf = (child: number): number => ((tree.feature[child] ?? -1) < 0 ? 1 : 0);
      this.#addNode(comparison, tree.missingLeft[node] ?? 0, [
        ids[yes] ?? 0,
        ids[no] ?? 0,
        isLeaf(yes),
        isLeaf(no),
      ]);
    }
  }

  attributes(): Readonly<Record<string, OnnxAttribute>> {
    const doubles = (values: readonly number[]): OnnxAttribute => ({
      dims: [values.length],
      data: Float64Array.from(values),
    });
    return {
      aggregate_function: 1,
      leaf_targetids: new Int32Array(this.#weights.length),
      leaf_weights: doubles(this.#weights),
      n_targets: 1,
      nodes_falseleafs: Int32Array.from(this.#falseLeafs),
      nodes_falsenodeids: Int32Array.from(this.#falseIds),
      nodes_featureids: Int32Array.from(this.#features),
      nodes_missing_value_tracks_true: Int32Array.from(this.#missingTrue),
      nodes_modes: { dims: [this.#features.length], data: new Uint8Array(this.#features.length) },
      nodes_splits: doubles(this.#thresholds),
      nodes_trueleafs: Int32Array.from(this.#trueLeafs),
      nodes_truenodeids: Int32Array.from(this.#trueIds),
      post_transform: 0,
      tree_roots: Int32Array.from(this.#roots),
    };
  }

  /** Yields the id of each node: inner nodes and leaves are counted apart. */
  #number(tree: Tree, base: number, start: number): number[] {
    let next = start;
    return tree.feature.map((feature, node) => {
      if (feature >= 0) return next++;
      this.#weights.push(base + (tree.value[node] ?? 0));
      return this.#weights.length - 1;
    });
  }

  #addNode(
    comparison: Comparison,
    missingTrue: number,
    [yes, no, yesLeaf, noLeaf]: [number, number, number, number],
  ): void {
    this.#features.push(comparison.column);
    this.#thresholds.push(comparison.threshold);
    this.#missingTrue.push(missingTrue);
    this.#trueIds.push(yes);
    this.#falseIds.push(no);
    this.#trueLeafs.push(yesLeaf);
    this.#falseLeafs.push(noLeaf);
  }
}
