import { z } from 'zod';
import type { Digest } from '../base/digest.ts';
import { digestSchema } from './json-value.ts';
import { tableRefSchema, type TableRef } from './validation.ts';

/** One part of a training set: rows sorted by (event time, batch, row). */
export interface TrainingPart {
  readonly table: TableRef;
  /** First and last event time, UTC microseconds; null when there are no rows. */
  readonly fromUs: number | null;
  readonly untilUs: number | null;
}

/**
 * Frozen rows, as they were known at their event times. Columns: `_batch`, `_row`, `_event_us`, `_known_us`, every
 * feature by name, `label` (binary: 0 / 1), and `_slice_<name>` for each declared slice in the evaluation part.
 */
export interface TrainingSet {
  readonly schemaVersion: 1;
  readonly dataset: Digest;
  /** Digest of the features, label, slices and split that made it. */
  readonly definition: Digest;
  readonly task: 'binary' | 'regression';
  readonly features: readonly { readonly name: string; readonly kind: 'numeric' | 'categorical' }[];
  /**
   * Per feature the digest of all that its values follow from: a model trained on another set can be judged on this one only
   * where these are equal. Absent in sets that were built before it was kept.
   */
  readonly meanings?: Readonly<Record<string, Digest>>;
  readonly train: TrainingPart;
  readonly validation: TrainingPart;
  readonly evaluation: TrainingPart;
  /** Nothing in train or validation was known later than this, UTC microseconds. */
  readonly cutUs: number;
  /** Rows in no part, by reason: `unlabelled`, `notYetKnown`, `outsideSplit` (after the evaluation block), `noEventTime`. */
  readonly leftOut: Readonly<Record<string, number>>;
}

const part: z.ZodType<TrainingPart> = z.strictObject({
  table: tableRefSchema,
  fromUs: z.int().nullable(),
  untilUs: z.int().nullable(),
});

export const featureColumnSchema: z.ZodType<{
  readonly name: string;
  readonly kind: 'numeric' | 'categorical';
}> = z.strictObject({ name: z.string(), kind: z.enum(['numeric', 'categorical']) });

export const trainingSetSchema: z.ZodType<TrainingSet> = z.strictObject({
  schemaVersion: z.literal(1),
  dataset: digestSchema,
  definition: digestSchema,
  task: z.enum(['binary', 'regression']),
  features: z.array(featureColumnSchema),
  meanings: z.record(z.string(), digestSchema).exactOptional(),
  train: part,
  validation: part,
  evaluation: part,
  cutUs: z.int(),
  leftOut: z.record(z.string(), z.int().nonnegative()),
});
