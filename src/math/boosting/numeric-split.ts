import { massHessian } from './histogram.ts';
import { nodeGain, splitField, type SplitSearch } from './split.ts';

/**
 * Raises `best` to the best threshold of a numeric feature when that gains more. Each threshold is tried with missing
 * values on either side; in a node without any, they will follow the child with more rows.
 */
export function searchNumeric(best: Float64Array, search: SplitSearch): void {
  const { histogram, at, node, rules } = search;
  const missingMass = histogram[at + 1]!;
  const hasMissing = missingMass >= rules.scale.unit;
  scan(best, search, { gradient: 0, mass: 0, missingLeft: 0 });
  if (hasMissing) scan(best, search, { gradient: histogram[at]!, mass: missingMass, missingLeft: 1 });
  else if (best[splitField.feature] === search.feature)
    best[splitField.missingLeft] = best[splitField.mass]! * 2 > node.mass ? 1 : 0;
}

/** Goes through the thresholds from below, starting with the sums of what goes left in any case. */
function scan(
  best: Float64Array,
  { histogram, at, bins, feature, node, rules }: SplitSearch,
  from: { gradient: number; mass: number; missingLeft: number },
): void {
  const { unit, steps } = rules.scale;
  const { l2, minChildWeight } = rules;
  const minMass = Math.max(1, rules.minRowsPerLeaf) * unit;
  const parent = nodeGain(node.gradient, massHessian(node.mass, rules.scale), l2) + rules.minSplitGain;
  let { gradient, mass } = from;
  let bestGain = best[splitField.gain]!;
  let bestBin = -1;
  let bestGradient = 0;
  let bestMass = 0;
  // With missing values on the right, all others may go left.
  const last = from.missingLeft === 0 ? bins - 1 : bins - 2;
  for (let bin = 1; bin <= last; bin++) {
    const place = at + 2 * bin;
    const added = histogram[place + 1]!;
    if (added < unit) continue;
    gradient += histogram[place]!;
    mass += added;
    const rightMass = node.mass - mass;
    if (rightMass < minMass) break;
    if (mass < minMass) continue;
    const left = (mass - Math.floor(mass / unit) * unit) / steps;
    const right = (rightMass - Math.floor(rightMass / unit) * unit) / steps;
    if (left < minChildWeight || right < minChildWeight) continue;
    const rightGradient = node.gradient - gradient;
    const gain =
      (gradient * gradient) / (left + l2 + 1e-15) +
      (rightGradient * rightGradient) / (right + l2 + 1e-15) -
      parent;
    if (gain > bestGain) {
      bestGain = gain;
      bestBin = bin;
      bestGradient = gradient;
      bestMass = mass;
    }
  }
  if (bestBin < 0) return;
  best.fill(0);
  best[splitField.gain] = bestGain;
  best[splitField.feature] = feature;
  best[splitField.bin] = bestBin;
  best[splitField.missingLeft] = from.missingLeft;
  best[splitField.gradient] = bestGradient;
  best[splitField.mass] = bestMass;
}
