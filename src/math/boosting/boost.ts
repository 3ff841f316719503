import { seededRandom, type Random } from '../../base/random.ts';
import { findLeaves, toTree } from './bin-tree.ts';
import type { Tree } from './forest.ts';
import { blockRows, followLogistic, followSquared, stepLogistic, stepSquared } from './gradients.ts';
import { growTree, newGrower, type GrownTree, type Grower } from './grow.ts';
import type { BoostJob, BoostSpace } from './boost-space.ts';
import { splitDoubles, splitField } from './split.ts';
import { meet, shareStart, type Team } from './team.ts';

/** Losses after a round: mean log loss (weighted as in training) or root mean squared error; NaN without validation rows. */
export interface RoundLoss {
  readonly round: number;
  readonly train: number;
  readonly validation: number;
}

/** What a training yields; `trees` and `gains` in the thread with index 0 only. */
export interface BoostOutcome {
  readonly trees: readonly Tree[];
  /** Total gain per feature over the trees kept. */
  readonly gains: readonly number[];
  readonly curve: readonly RoundLoss[];
  /** Trees kept: up to the best validation loss when stopping early was asked for. */
  readonly bestRound: number;
}

/**
 * Boosts trees on binned data: every round fits one tree to the first and second derivatives of the loss (Friedman 2001;
 * Chen and Guestrin 2016) with histograms and leaf-wise growth (Ke et al. 2017). All threads of the team call it with the
 * same job and the same memory; the result is the same for any size of the team.
 *
 * @param report called by the thread with index 0 after each round
 */
export function boost(
  { job, space }: { job: BoostJob; space: BoostSpace },
  team: Team,
  report: (loss: RoundLoss) => void,
): BoostOutcome {
  const grower = newGrower(job, space, team);
  const random = { rows: seededRandom(job.seed), features: seededRandom(job.seed + 0x5eed) };
  const trees: Tree[] = [];
  const gains: number[][] = [];
  const curve: RoundLoss[] = [];
  const totals = lossWeights(job, space);
  derive(grower, undefined, job.rows);
  let best = { round: 0, loss: Infinity };
  for (let round = 1; round <= job.params.rounds; round++) {
    const rows = sampleRows(grower, random.rows);
    const whole = job.params.rowFraction === 1;
    const grown = growTree(grower, { rows, whole, wanted: sampleFeatures(job, random.features) });
    const sampling = job.params.featureFraction < 1 || !whole;
    if (grown.leaves.length === 1 && !sampling) break;
    if (team.index === 0) {
      trees.push(toTree(grown.tree, { ...space, categorical: job.categorical }));
      gains.push(gainsOf(grown, job.categorical.length));
    }
    derive(grower, grown, rows);
    const loss = { round, ...lossOf(job, space.losses, totals) };
    curve.push(loss);
    if (team.index === 0) report(loss);
    if (loss.validation < best.loss) best = { round, loss: loss.validation };
    const patience = job.params.earlyStoppingRounds;
    if (patience > 0 && job.validationRows > 0 && round - best.round >= patience) break;
  }
  const stops = job.params.earlyStoppingRounds > 0 && job.validationRows > 0;
  const bestRound = stops ? best.round : curve.length;
  return {
    trees: trees.slice(0, bestRound),
    gains: sumGains(gains.slice(0, bestRound), job.categorical.length),
    curve,
    bestRound,
  };
}

/** Puts the rows of the next tree to the front of `order`, all ascending; yields how many they are. */
function sampleRows({ job, space, team }: Grower, random: Random): number {
  const { order, spareRight, sampledRows } = space;
  const fraction = job.params.rowFraction;
  if (fraction === 1) {
    const end = shareStart(job.rows, team.index + 1, team.size);
    for (let row = shareStart(job.rows, team.index, team.size); row < end; row++) order[row] = row;
    meet(team);
    return job.rows;
  }
  if (team.index === 0) {
    let taken = 0;
    let left = 0;
    for (let row = 0; row < job.rows; row++) {
      if (random.next() < fraction) order[taken++] = row;
      else spareRight[left++] = row;
    }
    order.set(spareRight.subarray(0, left), taken);
    sampledRows[0] = taken;
  }
  meet(team);
  return sampledRows[0]!;
}

/** Yields 1 for the features that the next tree may use, at least one. */
function sampleFeatures({ categorical, params }: BoostJob, random: Random): Uint8Array {
  const count = categorical.length;
  const wanted = new Uint8Array(count).fill(1);
  const out = count - Math.max(1, Math.round(count * params.featureFraction));
  for (let dropped = 0; dropped < out;) {
    const feature = random.below(count);
    dropped += wanted[feature]!;
    wanted[feature] = 0;
  }
  return wanted;
}

/** Adds the tree to all margins and writes losses and the next derivatives, block by block of rows. */
function derive(grower: Grower, grown: GrownTree | undefined, rows: number): void {
  const { job, space, team } = grower;
  if (grown !== undefined) writeLeaves(grower, grown, rows);
  meet(team);
  const leafValues = grown?.tree.leafValues ?? new Float64Array(1);
  const blocks = Math.ceil(job.rows / blockRows);
  const all = space.losses.length / 2;
  const last = shareStart(all, team.index + 1, team.size);
  for (let block = shareStart(all, team.index, team.size); block < last; block++) {
    const start = block < blocks ? block * blockRows : job.rows + (block - blocks) * blockRows;
    const end = Math.min(start + blockRows, block < blocks ? job.rows : space.pitch);
    const step = { start, end, leafValues, losses: space.losses, at: 2 * block };
    const out = { pairs: space.pairs, scale: job.scale, weights: job.weights };
    if (block >= blocks) (job.task === 'binary' ? followLogistic : followSquared)(space, step);
    else (job.task === 'binary' ? stepLogistic : stepSquared)(space, step, out);
  }
  meet(team);
}

/** Writes the leaf of every row: from the tree's own partition where it saw the row, by descent elsewhere. */
function writeLeaves({ job, space, team }: Grower, { tree, leaves }: GrownTree, rows: number): void {
  const { order, leafOf } = space;
  const from = shareStart(rows, team.index, team.size);
  const to = shareStart(rows, team.index + 1, team.size);
  leaves.forEach(({ start, end }, leaf) => {
    const last = Math.min(to, end);
    for (let i = Math.max(from, start); i < last; i++) leafOf[order[i]!] = leaf;
  });
  const unseen = job.rows - rows;
  findLeaves(tree, space, {
    order,
    start: rows + shareStart(unseen, team.index, team.size),
    end: rows + shareStart(unseen, team.index + 1, team.size),
  });
  findLeaves(tree, space, {
    start: job.rows + shareStart(job.validationRows, team.index, team.size),
    end: job.rows + shareStart(job.validationRows, team.index + 1, team.size),
  });
}

/** Sums of the rows' weights, by which losses are divided. */
interface LossWeights {
  readonly train: number;
  readonly validation: number;
}

function lossWeights({ task, weights, rows }: BoostJob, { labels }: BoostSpace): LossWeights {
  const weigh = (part: Float64Array): number => {
    if (task === 'regression') return part.length;
    const ones = part.reduce((sum, label) => sum + label, 0);
    return weights.negative * (part.length - ones) + weights.positive * ones;
  };
  return { train: weigh(labels.subarray(0, rows)), validation: weigh(labels.subarray(rows)) };
}

function lossOf(job: BoostJob, losses: Float64Array, totals: LossWeights): Omit<RoundLoss, 'round'> {
  const blocks = Math.ceil(job.rows / blockRows);
  return {
    train: meanLoss(job, losses.subarray(0, 2 * blocks), totals.train),
    validation: meanLoss(job, losses.subarray(2 * blocks), totals.validation),
  };
}

function meanLoss({ task, weights }: BoostJob, losses: Float64Array, total: number): number {
  let first = 0;
  let second = 0;
  for (let at = 0; at < losses.length; at += 2) {
    first += losses[at]!;
    second += losses[at + 1]!;
  }
  if (task === 'regression') return Math.sqrt(first / total);
  return (weights.negative * first + weights.positive * second) / total;
}

function gainsOf({ tree }: GrownTree, features: number): number[] {
  const gains = Array.from({ length: features }, () => 0);
  for (let node = 0; node < tree.nodes; node++)
    gains[tree.feature[node]!]! += tree.splits[node * splitDoubles + splitField.gain]!;
  return gains;
}

function sumGains(gains: readonly number[][], features: number): number[] {
  const total = Array.from({ length: features }, () => 0);
  for (const tree of gains) tree.forEach((gain, feature) => (total[feature]! += gain));
  return total;
}
