import { SluiceError } from '../../base/errors.ts';
import type { SplitSpec } from '../../records/train-spec.ts';

/** What the rows say about time; microseconds. */
export interface TimeRange {
  readonly oldestUs: number;
  readonly newestUs: number;
  /** First event time of a row that is not yet final at `newestUs`; null when all are. */
  readonly firstImmatureUs: number | null;
}

/** Boundaries of the parts: train < validationFromUs <= validation < evaluationFromUs <= evaluation < evaluationUntilUs. */
export interface Split {
  readonly validationFromUs: number;
  readonly evaluationFromUs: number;
  readonly evaluationUntilUs: number;
}

const dayUs = 86_400_000_000;
const startOfDay = (us: number): number => Math.floor(us / dayUs) * dayUs;

/**
 * Yields where the parts begin and end. The evaluation block is made of whole UTC days. Left open, it ends with the
 * last day before which every row is final: known, and older than the label's maturity, when the newest row happens;
 * it then begins `evaluationDays` earlier.
 *
 * @throws FEATURIZE_SPLIT when a given bound is no midnight UTC, or the block is empty
 * @example
 * resolveSplit({ evaluationFromUs: null, evaluationUntilUs: null, evaluationDays: 1, validationDays: 1 }, { oldestUs: 0, newestUs: 5 * 86400e6 + 7, firstImmatureUs: null }).evaluationFromUs; // 345600000000
 */
export function resolveSplit(spec: SplitSpec, range: TimeRange): Split {
  const lastFinalUs = Math.min(range.newestUs, range.firstImmatureUs ?? range.newestUs);
  const evaluationUntilUs = spec.evaluationUntilUs ?? startOfDay(lastFinalUs);
  const evaluationFromUs = spec.evaluationFromUs ?? evaluationUntilUs - spec.evaluationDays * dayUs;
  for (const [name, us] of [
    ['evaluationFromUs', evaluationFromUs],
    ['evaluationUntilUs', evaluationUntilUs],
  ] as const) {
    if (us % dayUs !== 0)
      throw new SluiceError('FEATURIZE_SPLIT', { bound: name, value: us, reason: 'it is no midnight UTC' });
  }
  if (evaluationFromUs >= evaluationUntilUs)
    throw new SluiceError('FEATURIZE_SPLIT', {
      bound: 'evaluationFromUs',
      value: evaluationFromUs,
      reason: `the block would end at ${evaluationUntilUs}`,
    });
  return {
    validationFromUs: evaluationFromUs - spec.validationDays * dayUs,
    evaluationFromUs,
    evaluationUntilUs,
  };
}

/** Names of the parts and of the reasons to be in none. */
export type Part =
  'train' | 'validation' | 'evaluation' | 'unlabelled' | 'notYetKnown' | 'outsideSplit' | 'noEventTime';

/**
 * Yields SQL that names each row's part, over `_event_us`, `_known_us` and `label`. A row trains only when its outcome
 * was known at the start of the validation days, and validates only when it was known at the start of the evaluation
 * block: so early stopping, like the final judgement, never looks at what the fitted rows could not yet tell.
 */
export function partSql({ validationFromUs, evaluationFromUs, evaluationUntilUs }: Split): string {
  const known = (us: number, part: Part): string =>
    `CASE WHEN _known_us <= ${us} THEN '${part}' ELSE 'notYetKnown' END`;
  return (
    `CASE WHEN _event_us IS NULL THEN 'noEventTime' WHEN _event_us >= ${evaluationUntilUs} THEN 'outsideSplit'` +
    ` WHEN label IS NULL THEN 'unlabelled' WHEN _event_us >= ${evaluationFromUs} THEN 'evaluation'` +
    ` WHEN _event_us >= ${validationFromUs} THEN ${known(evaluationFromUs, 'validation')}` +
    ` ELSE ${known(validationFromUs, 'train')} END`
  );
}
