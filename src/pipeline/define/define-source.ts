import type { Json } from '../../base/canonical-json.ts';
import { SluiceError } from '../../base/errors.ts';
import { columns } from '../../expression/expression.ts';
import { jsonOf } from './expression-json.ts';
import type { ExpressionType } from '../../expression/json.ts';
import type { Expression } from '../../expression/methods.ts';
import type { ColumnSpec } from '../../records/column-spec.ts';
import type { CsvSpec, DerivedColumnSpec, SourceSpec } from '../../records/source-spec.ts';
import type { RowCheck } from '../compiled-loop.ts';
import { columnsOfSchema, jsonSchemaOf, refinementsOf, rowCheckOf, type RowSchema } from './row-schema.ts';
import { refuseUnknownKeys } from './unknown-keys.ts';

/** Column name -> typed expression. */
export type ColumnsOf<Types extends Readonly<Record<string, ExpressionType>>> = {
  readonly [Name in keyof Types]: Expression<Types[Name]>;
};

type Unwrapped<Field> = Field extends { readonly _zod: { readonly def: { readonly innerType: infer Inner } } }
  ? Unwrapped<Inner>
  : Field;

/** zod's `z.int()` and its kin are int64; any other number is a double. */
type FieldType<Field, Value> = Value extends Date
  ? 'timestamp'
  : Value extends string
    ? 'string'
    : Value extends boolean
      ? 'boolean'
      : Value extends bigint
        ? 'int64'
        : Unwrapped<Field> extends { readonly _zod: { readonly def: { readonly check: 'number_format' } } }
          ? 'int64'
          : 'double';

type RowOf<Schema> = Schema extends RowSchema<infer Row> ? Row : never;
type FieldOf<Schema, Name> = Schema extends { readonly shape: infer Shape }
  ? Name extends keyof Shape
    ? Shape[Name]
    : unknown
  : unknown;

/** Types of the arrived columns. */
export type ArrivedTypes<Schema, Local extends PropertyKey> = {
  readonly [Name in keyof RowOf<Schema> & string]: Name extends Local
    ? 'local'
    : FieldType<FieldOf<Schema, Name>, NonNullable<RowOf<Schema>[Name]>>;
};

/** A reference table joined to every row by `key = on`. */
export interface LookupOptions<Column extends string> {
  /** CSV or Parquet file, relative to the project. */
  readonly file: string;
  readonly key: string;
  /** The arrived column to look up. */
  readonly on: Column;
  readonly columns: Readonly<Record<string, ExpressionType>>;
}

type LookupColumns<Lookups extends Readonly<Record<string, LookupOptions<string>>>> = {
  readonly [Name in keyof Lookups]: ColumnsOf<Lookups[Name]['columns']>;
};

type Derived = Readonly<Record<string, Expression>>;
type TypesOf<D extends Derived> = string extends keyof D
  ? unknown
  : { readonly [Name in keyof D]: D[Name]['type'] };

/** What `defineSource` takes. */
export interface SourceOptions<
  Schema extends RowSchema,
  Local extends keyof RowOf<Schema> & string,
  Lookups extends Readonly<Record<string, LookupOptions<keyof RowOf<Schema> & string>>>,
  D extends Derived,
> {
  readonly name: string;
  /** Globs relative to the project. */
  readonly files: string | readonly string[];
  /** What one arrived row looks like. */
  readonly schema: Schema;
  /** Dates of the schema that are wall-clock readings without a zone; make them UTC with `.inZone(…)`. */
  readonly local?: readonly Local[];
  /** By the files' ending when absent. */
  readonly format?: 'parquet' | 'csv' | 'ndjson';
  readonly csv?: Partial<CsvSpec>;
  readonly lookups?: Lookups;
  /** Columns computed once, at the door. */
  readonly derive?: (columns: ColumnsOf<ArrivedTypes<Schema, Local>>, lookups: LookupColumns<Lookups>) => D;
  /** When a row happened, UTC: a prediction is due then. */
  readonly eventTime: NoInfer<(keyof RowOf<Schema> | keyof D) & string>;
  /** When its outcome is known, UTC; absent when rows are known whole. */
  readonly knownTime?: NoInfer<(keyof RowOf<Schema> | keyof D) & string>;
  /** Columns that nobody knows before `knownTime`. */
  readonly outcome?: readonly NoInfer<keyof RowOf<Schema> & string>[];
  /** Runs the schema on every row, besides its JSON Schema on columns; implied for zod refinements. */
  readonly rowByRow?: boolean;
}

/** A source with its typed columns. */
export interface Source<
  Types extends Readonly<Record<string, ExpressionType>> = Readonly<Record<string, ExpressionType>>,
> {
  readonly spec: SourceSpec;
  /** Every column of a processed row: arrived and derived. */
  readonly columns: ColumnsOf<Types>;
  readonly rowSchema: Readonly<Record<string, Json>>;
  readonly checks: Readonly<Record<string, RowCheck>>;
  readonly functions: Readonly<Record<string, (...args: never[]) => unknown>>;
}

const sourceKeys = [
  'name',
  'files',
  'schema',
  'local',
  'format',
  'csv',
  'lookups',
  'derive',
  'eventTime',
  'knownTime',
  'outcome',
  'rowByRow',
];

/**
 * Yields a source: where rows come from, what they look like, and what they mean in time.
 *
 * @throws DEFINE_SCHEMA, DEFINE_COLUMN_TYPE, DEFINE_COLUMN for a column that does not exist or has the wrong type, CONFIG_KEY
 */
export function defineSource<
  const Schema extends RowSchema,
  const Local extends keyof RowOf<Schema> & string = never,
  const Lookups extends Readonly<Record<string, LookupOptions<keyof RowOf<Schema> & string>>> = Readonly<
    Record<never, never>
  >,
  // The default must accept any name: it stands in while `derive` is not yet inferred.
  D extends Derived = Derived,
>(options: SourceOptions<Schema, Local, Lookups, D>): Source<ArrivedTypes<Schema, Local> & TypesOf<D>>;
export function defineSource(options: AnySourceOptions): Source {
  refuseUnknownKeys('source', options, sourceKeys);
  const rowSchema = jsonSchemaOf(options.schema);
  for (const [name, lookup] of Object.entries(options.lookups ?? {}))
    refuseUnknownKeys(`source.lookups.${name}`, lookup, ['file', 'key', 'on', 'columns']);
  const arrived = columnsOfSchema(rowSchema, options.local ?? []);
  const derived = derivedColumns(options, arrived);
  const spec = specOf(options, { arrived, derived });
  checkTimes(spec);
  const check = rowCheckOf(options.schema, options.rowByRow ?? false);
  const refinements = refinementsOf(options.schema);
  return {
    spec,
    columns: columns(typesByName([...arrived, ...derived])),
    rowSchema,
    checks: check === null ? {} : { schema: check },
    functions: Object.fromEntries(refinements.map((fn, i) => [`schema check ${i + 1}`, fn])),
  };
}

interface AnySourceOptions {
  readonly name: string;
  readonly files: string | readonly string[];
  readonly schema: RowSchema;
  readonly local?: readonly string[];
  readonly format?: SourceSpec['format'];
  readonly csv?: Partial<CsvSpec>;
  readonly lookups?: Readonly<Record<string, LookupOptions<string>>>;
  readonly rowByRow?: boolean;
  readonly eventTime: string;
  readonly knownTime?: string;
  readonly outcome?: readonly string[];
  readonly derive?: (columns: never, lookups: never) => Derived;
}

interface Columns {
  readonly arrived: readonly ColumnSpec[];
  readonly derived: readonly DerivedColumnSpec[];
}

function specOf(options: AnySourceOptions, { arrived, derived }: Columns): SourceSpec {
  const files = typeof options.files === 'string' ? [options.files] : options.files;
  const lookups = Object.entries(options.lookups ?? {});
  return {
    name: options.name,
    files,
    format: options.format ?? formatOf(files),
    csv: { delimiter: ',', quote: '"', header: true, nullText: '', ...options.csv },
    columns: arrived,
    lookups: lookups.map(([name, { file, key, columns: types }]) => ({
      name,
      file,
      key,
      columns: Object.entries(types).map(([column, type]) => ({
        name: column,
        type,
        nullable: column !== key,
      })),
    })),
    joins: lookups.map(([name, { on }]) => ({ as: name, lookup: name, on })),
    derived,
    eventTime: options.eventTime,
    knownTime: options.knownTime ?? null,
    outcomeColumns: options.outcome ?? [],
  };
}

function formatOf(files: readonly string[]): SourceSpec['format'] {
  const [ending = ''] = /[^.]+$/.exec(files[0] ?? '') ?? [];
  const known: Readonly<Record<string, SourceSpec['format']>> = {
    parquet: 'parquet',
    csv: 'csv',
    tsv: 'csv',
    ndjson: 'ndjson',
    jsonl: 'ndjson',
  };
  const format = known[ending.toLowerCase()];
  if (format !== undefined) return format;
  throw new SluiceError('CONFIG_VALUE', {
    path: 'source.files',
    value: files.join(', '),
    reason: 'the ending names no format; set source.format to parquet, csv or ndjson',
  });
}

function derivedColumns(
  options: AnySourceOptions,
  arrived: readonly ColumnSpec[],
): readonly DerivedColumnSpec[] {
  if (options.derive === undefined) return [];
  const derive = options.derive as (columns: unknown, lookups: unknown) => Derived;
  const lookups = Object.fromEntries(
    Object.entries(options.lookups ?? {}).map(([name, { columns: types }]) => [
      name,
      lookupColumns(name, types),
    ]),
  );
  return Object.entries(derive(columns(typesByName(arrived)), lookups)).map(([name, expression]) => ({
    name,
    type: expression.type,
    expression: jsonOf(expression),
  }));
}

/** Lookup columns are addressed as `<lookup>.<column>`. */
function lookupColumns(
  name: string,
  types: Readonly<Record<string, ExpressionType>>,
): Readonly<Record<string, Expression>> {
  const qualified = Object.fromEntries(
    Object.entries(types).map(([column, type]) => [`${name}.${column}`, type]),
  );
  const found = columns(qualified) as Readonly<Record<string, Expression>>;
  return Object.fromEntries(
    Object.keys(types).map((column) => [column, found[`${name}.${column}`] as Expression]),
  );
}

function typesByName(
  list: readonly { readonly name: string; readonly type: ExpressionType }[],
): Readonly<Record<string, ExpressionType>> {
  return Object.fromEntries(list.map(({ name, type }) => [name, type]));
}

function checkTimes(spec: SourceSpec): void {
  const all = new Map<string, string>(
    [...spec.columns, ...spec.derived].map(({ name, type }) => [name, type]),
  );
  const times = [
    ['eventTime', spec.eventTime],
    ...(spec.knownTime === null ? [] : [['knownTime', spec.knownTime]]),
  ] as const;
  for (const [key, name = ''] of times) {
    if (all.get(name) === 'timestamp') continue;
    const found = all.get(name) ?? 'no such column';
    throw new SluiceError('DEFINE_COLUMN', {
      key: `source.${key}`,
      column: name,
      found,
      wanted: 'a column of type timestamp (UTC)',
    });
  }
  for (const name of spec.outcomeColumns) {
    if (all.has(name)) continue;
    throw new SluiceError('DEFINE_COLUMN', {
      key: 'source.outcome',
      column: name,
      found: 'no such column',
      wanted: [...all.keys()].join(', '),
    });
  }
}
