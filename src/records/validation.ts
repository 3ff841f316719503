import { z } from 'zod';
import type { Digest } from '../base/digest.ts';
import { digestSchema } from './json-value.ts';
import { verdictSchema, type Verdict } from './verdict.ts';

/** What one rule found in one batch. */
export interface RuleResult {
  readonly id: string;
  readonly kind: string;
  readonly severity: 'error' | 'warn';
  /** Rows that broke it; for rules over the batch, 1 when broken. */
  readonly failures: number;
  /** For rules over the batch: the value seen. */
  readonly observed: number | null;
}

/** What a column looked like in one batch. */
export interface ColumnProfile {
  readonly name: string;
  readonly type: string;
  readonly nulls: number;
  readonly distinctApprox: number;
  /** Numbers, times and booleans; null for text and for columns without values. */
  readonly min: number | null;
  readonly max: number | null;
  /** Numbers and booleans. */
  readonly mean: number | null;
  readonly stddev: number | null;
  /** Text: shortest and longest value length. */
  readonly minLength: number | null;
  readonly maxLength: number | null;
}

/** A table in the blob store. */
export interface TableRef {
  readonly digest: Digest;
  readonly rows: number;
  readonly sizeBytes: number;
}

/** The verdict on one batch under one contract, with the rows it let through and the rows it kept back. */
export interface Validation {
  readonly schemaVersion: 1;
  readonly batch: Digest;
  readonly contract: Digest;
  readonly rows: number;
  /** null unless the verdict is `pass`: then no row of the batch goes on. */
  readonly processed: TableRef | null;
  /** Rows with every reason; null when no row was bad. */
  readonly quarantine: TableRef | null;
  readonly quarantinedRows: number;
  readonly rules: readonly RuleResult[];
  readonly profile: readonly ColumnProfile[];
  readonly verdict: Verdict;
  /** Why the verdict is not `pass`. */
  readonly reasons: readonly string[];
}

const nullableNumber = z.number().nullable();

export const tableRefSchema: z.ZodType<TableRef> = z.strictObject({
  digest: digestSchema,
  rows: z.int().nonnegative(),
  sizeBytes: z.int().nonnegative(),
});

export const validationSchema: z.ZodType<Validation> = z.strictObject({
  schemaVersion: z.literal(1),
  batch: digestSchema,
  contract: digestSchema,
  rows: z.int().nonnegative(),
  processed: tableRefSchema.nullable(),
  quarantine: tableRefSchema.nullable(),
  quarantinedRows: z.int().nonnegative(),
  rules: z.array(
    z.strictObject({
      id: z.string(),
      kind: z.string(),
      severity: z.enum(['error', 'warn']),
      failures: z.int().nonnegative(),
      observed: nullableNumber,
    }),
  ),
  profile: z.array(
    z.strictObject({
      name: z.string(),
      type: z.string(),
      nulls: z.int().nonnegative(),
      distinctApprox: z.int().nonnegative(),
      min: nullableNumber,
      max: nullableNumber,
      mean: nullableNumber,
      stddev: nullableNumber,
      minLength: nullableNumber,
      maxLength: nullableNumber,
    }),
  ),
  verdict: verdictSchema,
  reasons: z.array(z.string()),
});
