import { seededRandom } from '../../base/random.ts';
import { addLeafValues, toTree } from './bin-tree.ts';
import type { Tree } from './forest.ts';
import {
  blockRows,
  logisticLoss,
  squaredLoss,
  stepLogistic,
  stepSquared,
  type ClassWeights,
} from './gradients.ts';
import { growTree, newGrower, type GrownTree, type Grower } from './grow.ts';
import type { BoostJob, BoostSpace } from './boost-space.ts';
import { splitDoubles, splitField } from './split.ts';
import { sampleFeatures, sampleRows } from './sampling.ts';
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

/** A run of `order` whose rows fell in one leaf; without a value, rows that the tree did not see. */
interface Run {
  readonly start: number;
  readonly end: number;
  readonly value: number | undefined;
}

/** Adds the tree to all margins and writes losses and the next derivatives, block by block. */
function derive(grower: Grower, grown: GrownTree | undefined, rows: number): void {
  const { job, space, team } = grower;
  const runs = grown === undefined ? identityRun(grower) : leafRuns(job, grown, rows);
  const blocks = Math.ceil(job.rows / blockRows);
  const lastBlock = shareStart(blocks, team.index + 1, team.size);
  for (let block = shareStart(blocks, team.index, team.size); block < lastBlock; block++)
    deriveBlock(grower, { grown, runs, block });
  const validationBlocks = Math.ceil(job.validationRows / blockRows);
  const lastValidation = shareStart(validationBlocks, team.index + 1, team.size);
  for (let block = shareStart(validationBlocks, team.index, team.size); block < lastValidation; block++) {
    const start = job.rows + block * blockRows;
    const part = {
      start,
      end: Math.min(start + blockRows, space.pitch),
      losses: space.losses,
      at: 2 * (blocks + block),
    };
    space.losses.fill(0, part.at, part.at + 2);
    if (grown !== undefined) addLeafValues(grown.tree, space, part);
    if (job.task === 'binary') logisticLoss(space, part);
    else squaredLoss(space, part);
  }
  meet(team);
}

function identityRun({ job, space, team }: Grower): Run[] {
  if (team.index === 0) for (let row = 0; row < job.rows; row++) space.order[row] = row;
  meet(team);
  return [{ start: 0, end: job.rows, value: 0 }];
}

function leafRuns(job: BoostJob, { tree, leaves }: GrownTree, rows: number): Run[] {
  const runs: Run[] = leaves
    .map(({ start, end }, leaf) => ({ start, end, value: tree.leafValues[leaf]! }))
    .sort((a, b) => a.start - b.start);
  return rows < job.rows ? [...runs, { start: rows, end: job.rows, value: undefined }] : runs;
}

function deriveBlock(
  { job, space }: Grower,
  { grown, runs, block }: { grown: GrownTree | undefined; runs: readonly Run[]; block: number },
): void {
  const from = block * blockRows;
  const to = Math.min(from + blockRows, job.rows);
  const out = { pairs: space.pairs, scale: job.scale, carry: 0.5 };
  space.losses.fill(0, 2 * block, 2 * block + 2);
  for (const run of runs) {
    const start = Math.max(from, run.start);
    const end = Math.min(to, run.end);
    if (start >= end) continue;
    if (run.value === undefined && grown !== undefined)
      addLeafValues(grown.tree, space, { order: space.order, start, end });
    const part = {
      start,
      end,
      step: run.value ?? 0,
      weights: job.weights,
      losses: space.losses,
      at: 2 * block,
    };
    if (job.task === 'binary') stepLogistic(space, out, part);
    else stepSquared(space, out, part);
  }
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
