import type { Forest } from './forest.ts';

/** A forest laid out for scoring: the trees' nodes one after the other, leaves as `~leaf`. */
export interface FlatForest {
  readonly task: Forest['task'];
  readonly baseScore: number;
  readonly roots: Int32Array;
  readonly feature: Int32Array;
  readonly threshold: Float64Array;
  readonly missingLeft: Uint8Array;
  /** `[right, left]` per node. */
  readonly children: Int32Array;
  readonly leafValues: Float64Array;
  /** Where the node's set of left levels begins in `leftLevels`, one byte per level; -1 for a threshold. */
  readonly setAt: Int32Array;
  readonly setLength: Int32Array;
  readonly leftLevels: Uint8Array;
}

/** Yields the layout of a forest for {@link scoreForest}. */
export function flattenForest(forest: Forest): FlatForest {
  const out = newLists();
  const levels = forest.features.map((feature) => feature.levels?.length ?? 0);
  for (const tree of forest.trees) {
    const places = new Int32Array(tree.feature.length);
    let inner = out.feature.length;
    let leaf = out.leafValues.length;
    tree.feature.forEach((feature, node) => (places[node] = feature < 0 ? ~leaf++ : inner++));
    out.roots.push(places[0]!);
    tree.feature.forEach((feature, node) => {
      if (feature < 0) {
        out.leafValues.push(tree.value[node]!);
        return;
      }
      out.feature.push(feature);
      out.threshold.push(tree.threshold[node]!);
      out.missingLeft.push(tree.missingLeft[node]!);
      out.children.push(places[tree.right[node]!]!, places[tree.left[node]!]!);
      const isSet = forest.features[feature]!.kind === 'categorical';
      out.setAt.push(isSet ? out.leftLevels.length : -1);
      out.setLength.push(levels[feature]!);
      if (isSet) out.leftLevels.push(...bytesOf(tree.leftLevels[node]!, levels[feature]!));
    });
  }
  return {
    task: forest.task,
    baseScore: forest.baseScore,
    roots: Int32Array.from(out.roots),
    feature: Int32Array.from(out.feature),
    threshold: Float64Array.from(out.threshold),
    missingLeft: Uint8Array.from(out.missingLeft),
    children: Int32Array.from(out.children),
    leafValues: Float64Array.from(out.leafValues),
    setAt: Int32Array.from(out.setAt),
    setLength: Int32Array.from(out.setLength),
    leftLevels: Uint8Array.from(out.leftLevels),
  };
}

function newLists(): Record<Exclude<keyof FlatForest, 'task' | 'baseScore'>, number[]> {
  return {
    roots: [],
    feature: [],
    threshold: [],
    missingLeft: [],
    children: [],
    leafValues: [],
    setAt: [],
    setLength: [],
    leftLevels: [],
  };
}

function bytesOf(codes: readonly number[], levels: number): Uint8Array {
  const bytes = new Uint8Array(levels);
  for (const code of codes) bytes[code] = 1;
  return bytes;
}

/** Rows that are brought side by side at a time, so that all trees find them in the cache. */
const rowsAtATime = 512;

/**
 * Writes the scores of the rows `[start, end)`: margins add the base score and then one leaf per tree, in the order of
 * the trees, as doubles.
 *
 * @param columns one per feature: numbers (NaN missing), or level codes of a categorical feature (NaN null, -1 unseen)
 * @param scores written at the rows' own places
 */
export function scoreForest(
  forest: FlatForest,
  columns: readonly Float64Array[],
  { start, end, scores }: { start: number; end: number; scores: Float64Array },
): void {
  const width = columns.length;
  const values = new Float64Array(rowsAtATime * width);
  for (let from = start; from < end; from += rowsAtATime) {
    const rows = Math.min(rowsAtATime, end - from);
    columns.forEach((column, feature) => {
      for (let row = 0; row < rows; row++) values[row * width + feature] = column[from + row]!;
    });
    const margins = scores.subarray(from, from + rows).fill(forest.baseScore);
    for (const root of forest.roots) addTree(forest, root, { values, width, margins });
  }
  if (forest.task === 'binary')
    for (let row = start; row < end; row++) scores[row] = 1 / (1 + Math.exp(-scores[row]!));
}

function addTree(
  { feature, threshold, missingLeft, children, leafValues, setAt, setLength, leftLevels }: FlatForest,
  root: number,
  { values, width, margins }: { values: Float64Array; width: number; margins: Float64Array },
): void {
  for (let row = 0; row < margins.length; row++) {
    let node = root;
    while (node >= 0) {
      const value = values[row * width + feature[node]!]!;
      const set = setAt[node]!;
      let goesLeft: number;
      if (value !== value) goesLeft = missingLeft[node]!;
      else if (set < 0) goesLeft = value <= threshold[node]! ? 1 : 0;
      else goesLeft = value >= 0 && value < setLength[node]! ? leftLevels[set + value]! : 0;
      node = children[2 * node + goesLeft]!;
    }
    margins[row]! += leafValues[~node]!;
  }
}
