import { z } from 'zod';
import type { Digest } from '../base/digest.ts';
import { columnSpecSchema, type ColumnSpec } from './column-spec.ts';
import { digestSchema } from './json-value.ts';
import { tableRefSchema, type TableRef } from './validation.ts';

/** The processed rows of every accepted batch, as a list of immutable tables. */
export interface Dataset {
  readonly schemaVersion: 1;
  readonly source: string;
  /** Digest of the contract and source definition under which every batch was accepted. */
  readonly contract: Digest;
  /** In order of arrival; each table is sorted by `_row` and carries `_batch` (digest of the raw object) and `_row`. */
  readonly batches: readonly { readonly raw: Digest; readonly processed: TableRef }[];
  readonly rows: number;
  /** Processed columns: arrived, then derived; `_batch` and `_row` are understood. */
  readonly columns: readonly ColumnSpec[];
}

export const datasetSchema: z.ZodType<Dataset> = z.strictObject({
  schemaVersion: z.literal(1),
  source: z.string(),
  contract: digestSchema,
  batches: z.array(z.strictObject({ raw: digestSchema, processed: tableRefSchema })),
  rows: z.int().nonnegative(),
  columns: z.array(columnSpecSchema),
});
