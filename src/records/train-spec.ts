import { z } from 'zod';
import type { Json } from '../base/canonical-json.ts';
import { jsonObjectSchema } from './json-value.ts';

/**
 * Splits rows by event time into train | validation | evaluation, in that order. A row validates only when its outcome
 * was known at the start of the evaluation block, and trains only when it was known at the start of the validation days.
 */
export interface SplitSpec {
  /** First event time of the evaluation block, a midnight in UTC microseconds. null: `evaluationDays` before its end. */
  readonly evaluationFromUs: number | null;
  /** End (exclusive) of the evaluation block, a midnight in UTC microseconds; null: the end of the last whole day before which every row is matured. */
  readonly evaluationUntilUs: number | null;
  readonly evaluationDays: number;
  /** Days just before the evaluation block that validate the search and the early stopping. */
  readonly validationDays: number;
}

/** How models are made. */
export interface TrainPartSpec {
  /** `linear`, `trees`, `command`. */
  readonly trainer: string;
  readonly params: Readonly<Record<string, Json>>;
  readonly seed: number;
  /** `shuffled` deals the labels of the training rows out at random: a control that every honest gate must refuse. */
  readonly labels: 'recorded' | 'shuffled';
  readonly split: SplitSpec;
  readonly timeoutMs: number;
}

export const splitSpecSchema: z.ZodType<SplitSpec> = z.strictObject({
  evaluationFromUs: z.int().nullable(),
  evaluationUntilUs: z.int().nullable(),
  evaluationDays: z.int().positive(),
  validationDays: z.int().nonnegative(),
});

export const trainPartSpecSchema: z.ZodType<TrainPartSpec> = z.strictObject({
  trainer: z.string().min(1),
  params: jsonObjectSchema,
  seed: z.int(),
  labels: z.enum(['recorded', 'shuffled']),
  split: splitSpecSchema,
  timeoutMs: z.int().positive(),
});
