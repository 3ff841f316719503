import { z } from 'zod';
import type { Json } from '../base/canonical-json.ts';
import { columnSpecSchema, columnTypeSchema, type ColumnSpec, type ColumnSpecType } from './column-spec.ts';
import { jsonSchema } from './json-value.ts';

/** A small reference table that ingest joins to every row: `airports` by `iata`. */
export interface LookupSpec {
  readonly name: string;
  /** CSV or Parquet file, relative to the project. */
  readonly file: string;
  /** The lookup's key column; must be unique. */
  readonly key: string;
  readonly columns: readonly ColumnSpec[];
}

/** A column computed from what arrived; in its expression a lookup's value is the column `<lookup>.<key expression column>.<column>`. */
export interface DerivedColumnSpec {
  readonly name: string;
  readonly type: ColumnSpecType;
  /** JSON form of the expression language, over arrived columns, lookup columns and earlier derived columns. */
  readonly expression: Json;
}

/** A use of a lookup: joins `lookup.key = on` and makes its columns readable as `<as>.<column>`. */
export interface LookupJoinSpec {
  readonly as: string;
  readonly lookup: string;
  /** An arrived column. */
  readonly on: string;
}

/** How to read delimited text; always given in full, never guessed from the data. */
export interface CsvSpec {
  readonly delimiter: string;
  readonly quote: string;
  readonly header: boolean;
  readonly nullText: string;
}

/** Where rows come from and what they mean in time. */
export interface SourceSpec {
  readonly name: string;
  /** Globs relative to the project; `*`, `**` and `?`. */
  readonly files: readonly string[];
  readonly format: 'parquet' | 'csv' | 'ndjson';
  readonly csv: CsvSpec;
  /** What arrives. */
  readonly columns: readonly ColumnSpec[];
  readonly lookups: readonly LookupSpec[];
  readonly joins: readonly LookupJoinSpec[];
  readonly derived: readonly DerivedColumnSpec[];
  /** Column of type timestamp (arrived or derived): when the row happened and a prediction is due. */
  readonly eventTime: string;
  /** Column of type timestamp: when the outcome columns are known; null when the row is known whole at event time. */
  readonly knownTime: string | null;
  /** Columns that nobody knows before `knownTime`; features may use them only inside windows. */
  readonly outcomeColumns: readonly string[];
}

const lookupSpecSchema: z.ZodType<LookupSpec> = z.strictObject({
  name: z.string().min(1),
  file: z.string().min(1),
  key: z.string().min(1),
  columns: z.array(columnSpecSchema).min(1),
});

const derivedColumnSpecSchema: z.ZodType<DerivedColumnSpec> = z.strictObject({
  name: z.string().min(1),
  type: columnTypeSchema,
  expression: jsonSchema,
});

export const sourceSpecSchema: z.ZodType<SourceSpec> = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_-]*$/),
  files: z.array(z.string().min(1)).min(1),
  format: z.enum(['parquet', 'csv', 'ndjson']),
  csv: z.strictObject({
    delimiter: z.string().length(1),
    quote: z.string().max(1),
    header: z.boolean(),
    nullText: z.string(),
  }),
  columns: z.array(columnSpecSchema).min(1),
  lookups: z.array(lookupSpecSchema),
  joins: z.array(z.strictObject({ as: z.string().min(1), lookup: z.string().min(1), on: z.string().min(1) })),
  derived: z.array(derivedColumnSpecSchema),
  eventTime: z.string().min(1),
  knownTime: z.string().min(1).nullable(),
  outcomeColumns: z.array(z.string()),
});
