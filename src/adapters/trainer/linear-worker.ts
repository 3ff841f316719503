import { fitLinear, type LinearFit, type LinearJob } from '../../math/linear/fit-linear.ts';
import type { LinearModel } from '../../math/linear/linear-model.ts';
import { scoreLinear } from '../../math/linear/score-linear.ts';
import { answerJobs } from './answer-jobs.ts';

/** Jobs of the thread of the linear trainer. */
export type LinearWork =
  | { readonly kind: 'fit'; readonly job: LinearJob }
  | {
      readonly kind: 'score';
      readonly model: LinearModel;
      readonly columns: readonly Float64Array[];
      readonly scores: Float64Array;
    };

answerJobs((work: LinearWork, note): LinearFit | null => {
  if (work.kind === 'fit') return fitLinear(work.job, note);
  scoreLinear(work.model, work.columns, work.scores);
  return null;
});
