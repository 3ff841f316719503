import { z } from 'zod';
import type { Digest } from '../base/digest.ts';
import { digestSchema } from './json-value.ts';

/** A delivery, kept as received. Its identity is `raw`: the same bytes delivered again are the same batch. */
export interface Batch {
  readonly schemaVersion: 1;
  readonly source: string;
  /** Digest of the bytes in the raw zone; the `_batch` of every row. */
  readonly raw: Digest;
  readonly sizeBytes: number;
  /** The name under which it arrived first. */
  readonly name: string;
  readonly format: 'parquet' | 'csv' | 'ndjson';
  /** When the sender says it was made, UTC microseconds; null when nothing was declared. */
  readonly declaredAtUs: number | null;
}

export const batchSchema: z.ZodType<Batch> = z.strictObject({
  schemaVersion: z.literal(1),
  source: z.string(),
  raw: digestSchema,
  sizeBytes: z.int().nonnegative(),
  name: z.string(),
  format: z.enum(['parquet', 'csv', 'ndjson']),
  declaredAtUs: z.int().nullable(),
});
