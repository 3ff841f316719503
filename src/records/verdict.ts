import { z } from 'zod';

/** Three-valued: no data never passes, and "not enough to tell" is an answer of its own. */
export type Verdict = 'pass' | 'fail' | 'inconclusive';

export const verdictSchema: z.ZodType<Verdict> = z.enum(['pass', 'fail', 'inconclusive']);

/** Yields the verdict of several conditions that must all hold: any fail fails, else any doubt is doubt. */
export function combineVerdicts(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('fail')) return 'fail';
  return verdicts.includes('inconclusive') ? 'inconclusive' : 'pass';
}
