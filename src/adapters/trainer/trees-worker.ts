import { boost, type BoostOutcome } from '../../math/boosting/boost.ts';
import type { BoostJob, BoostSpace } from '../../math/boosting/boost-space.ts';
import { categoricalBins, writeCategoricalBins } from '../../math/boosting/categorical-bins.ts';
import type { Forest } from '../../math/boosting/forest.ts';
import { numericEdges, writeNumericBins } from '../../math/boosting/numeric-bins.ts';
import { flattenForest, scoreForest } from '../../math/boosting/score-forest.ts';
import type { Team } from '../../math/boosting/team.ts';
import { answerJobs } from './answer-jobs.ts';
import type { FeatureValues } from './training-columns.ts';

/** Jobs of a thread of the trees trainer. */
export type TreesJob =
  | {
      readonly kind: 'bin';
      readonly space: BoostSpace;
      readonly feature: number;
      /** Training rows, which the bins are made from, then validation rows. */
      readonly column: FeatureValues;
      readonly rows: number;
      readonly maxBins: number;
      readonly seed: number;
    }
  | { readonly kind: 'boost'; readonly job: BoostJob; readonly space: BoostSpace; readonly team: Team }
  | {
      readonly kind: 'score';
      readonly forest: Forest;
      readonly columns: readonly Float64Array[];
      readonly start: number;
      readonly end: number;
      readonly scores: Float64Array;
    };

/** What the jobs answer: the levels of a feature (none of a numeric one), the training, or nothing. */
export type TreesAnswer = readonly string[] | BoostOutcome | null;

answerJobs((job: TreesJob, note): TreesAnswer => {
  if (job.kind === 'bin') return bin(job);
  if (job.kind === 'boost') return boost(job, job.team, note);
  scoreForest(flattenForest(job.forest), job.columns, job);
  return null;
});

function bin({ space, feature, column, rows, maxBins, seed }: TreesJob & { kind: 'bin' }): readonly string[] {
  const target = { bins: space.bins, at: feature * space.pitch };
  if (column.kind === 'numeric') {
    const edges = numericEdges(column.values.subarray(0, rows), { maxBins: maxBins - 1, seed });
    space.edges.set(edges, feature * 256);
    space.binCounts[feature] = edges.length + 2;
    writeNumericBins(column.values, edges, target);
    return [];
  }
  const { dictionary } = column;
  const bins = categoricalBins(column.codes.subarray(0, rows), { dictionary, maxLevels: maxBins - 2 });
  space.binCounts[feature] = bins.levels.length + 1;
  writeCategoricalBins(column.codes, bins.binOfCode, target);
  return bins.levels;
}
