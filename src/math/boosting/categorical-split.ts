import { massHessian, massRows } from './histogram.ts';
import { nodeGain, splitField, tinyHessian, type SplitSearch } from './split.ts';

/** Buffers of one thread, reused by every search. */
const order = new Int32Array(256);
const key = new Float64Array(256);

/**
 * Raises `best` to the best set of levels when that gains more. Levels (and null, a level here) with at least `catSmooth`
 * rows are sorted by `gradient / (hessian + catSmooth)`; the left sets are the runs from either end, up to `catMaxLeft`
 * levels. For a convex loss the best of all subsets is a run of this order (Fisher 1958, "On grouping for maximum
 * homogeneity"). `catL2` is added to l2, because choosing among many sets overfits.
 */
export function searchCategorical(best: Float64Array, search: SplitSearch): void {
  const used = sortLevels(search);
  if (used < 1) return;
  scan(best, search, { used, step: 1 });
  if (used > 1) scan(best, search, { used, step: -1 });
}

/** Writes the levels that may go left to `order`, by rising key, ties by bin; yields how many they are. */
function sortLevels({ histogram, at, bins, rules }: SplitSearch): number {
  const { scale, catSmooth } = rules;
  const minMass = Math.max(1, catSmooth) * scale.unit;
  let used = 0;
  for (let bin = 0; bin < bins; bin++) {
    const mass = histogram[at + 2 * bin + 1]!;
    if (mass < minMass) continue;
    const value = histogram[at + 2 * bin]! / (massHessian(mass, scale) + catSmooth + tinyHessian);
    let place = used++;
    while (place > 0 && key[place - 1]! > value) {
      key[place] = key[place - 1]!;
      order[place] = order[place - 1]!;
      place--;
    }
    key[place] = value;
    order[place] = bin;
  }
  return used;
}

function scan(best: Float64Array, search: SplitSearch, { used, step }: { used: number; step: 1 | -1 }): void {
  const { histogram, at, node, rules } = search;
  const { scale } = rules;
  const l2 = rules.l2 + rules.catL2;
  const parent = nodeGain(node.gradient, massHessian(node.mass, scale), rules.l2) + rules.minSplitGain;
  const minRight = Math.max(1, rules.minRowsPerLeaf, rules.catMinRows) * scale.unit;
  const minLeft = Math.max(1, rules.minRowsPerLeaf) * scale.unit;
  const longest = Math.min(rules.catMaxLeft, (used + 1) >> 1);
  let gradient = 0;
  let mass = 0;
  let groupMass = 0;
  let bestGain = best[splitField.gain]!;
  let bestLength = 0;
  let bestGradient = 0;
  let bestMass = 0;
  for (let length = 1; length <= longest; length++) {
    const bin = order[step === 1 ? length - 1 : used - length]!;
    gradient += histogram[at + 2 * bin]!;
    mass += histogram[at + 2 * bin + 1]!;
    groupMass += histogram[at + 2 * bin + 1]!;
    const rightMass = node.mass - mass;
    if (rightMass < minRight) break;
    if (mass < minLeft || massRows(groupMass, scale) < rules.catMinRows) continue;
    groupMass = 0;
    const left = massHessian(mass, scale);
    const right = massHessian(rightMass, scale);
    if (left < rules.minChildWeight || right < rules.minChildWeight) continue;
    const gain = nodeGain(gradient, left, l2) + nodeGain(node.gradient - gradient, right, l2) - parent;
    if (gain > bestGain) {
      bestGain = gain;
      bestLength = length;
      bestGradient = gradient;
      bestMass = mass;
    }
  }
  if (bestLength === 0) return;
  best.fill(0);
  best[splitField.gain] = bestGain;
  best[splitField.feature] = search.feature;
  best[splitField.bin] = -1;
  best[splitField.gradient] = bestGradient;
  best[splitField.mass] = bestMass;
  for (let length = 1; length <= bestLength; length++)
    setLeft(best, order[step === 1 ? length - 1 : used - length]!);
}

function setLeft(best: Float64Array, bin: number): void {
  const word = splitField.leftBins + (bin >> 5);
  best[word] = (best[word]! | 0 | (1 << (bin & 31))) >>> 0;
  if (bin === 0) best[splitField.missingLeft] = 1;
}
