import { SluiceError } from '../../base/errors.ts';
import { nearest } from '../../expression/nearest.ts';
import { quoteIdentifier, quoteLiteral } from '../../expression/sql-text.ts';
import type { RawTable } from '../../ledger/raw-table.ts';
import type { StepContext } from '../../ledger/step-context.ts';
import type { Batch } from '../../records/batch.ts';
import type { LookupJoinSpec, SourceSpec } from '../../records/source-spec.ts';
import { openLookup, type LookupDigests } from './lookups.ts';
import { openFile } from './open-file.ts';
import type { OpenedFile, RawColumn } from './raw-format.ts';

/** What `openRaw` opens. */
export interface OpenRawOptions {
  readonly source: SourceSpec;
  /** A batch in the raw zone. */
  readonly batch: Pick<Batch, 'raw' | 'name' | 'format'>;
  /** As `lookupDigests` gave them. */
  readonly lookups: LookupDigests;
}

/**
 * Opens a batch of the raw zone for reading: rows typed as declared, joined to the lookups, each with its position.
 *
 * @throws BLOB_MISSING, BLOB_CORRUPT, and what reading the file and its lookups throws
 */
export async function openRaw(
  ctx: Pick<StepContext, 'blob' | 'engine'>,
  options: OpenRawOptions,
): Promise<RawTable> {
  const { source, batch, lookups } = options;
  const tables = new Map<string, string>();
  for (const lookup of source.lookups) {
    const digest = lookups[lookup.name];
    if (digest === undefined) throw unknownLookup(source, lookup.name, Object.keys(lookups));
    tables.set(lookup.name, await openLookup(ctx, lookup, digest));
  }
  const opened = await openFile({
    engine: ctx.engine,
    path: await ctx.blob.path(batch.raw),
    name: batch.name,
    format: batch.format,
    csv: source.csv,
    columns: source.columns,
  });
  const joined = source.joins.map((join) => joinedLookup(source, join, tables));
  return {
    batch: batch.raw,
    name: batch.name,
    lookups: source.lookups.map(({ name }) => lookups[name] ?? ''),
    select: (columns) => selectSql(opened, joined, columns),
    trusted: {
      relation: opened.relation,
      row: opened.rowNumber,
      columns: new Map([...opened.columns].map(([name, { reading }]) => [name, reading.trusted])),
    },
  };
}

interface JoinedLookup {
  /** The arrived column looked up. */
  readonly on: string;
  readonly clause: string;
  /** Names as expressions know them: `<as>.<column>` -> SQL. */
  readonly columns: ReadonlyMap<string, string>;
}

function joinedLookup(
  source: SourceSpec,
  { as, lookup, on }: LookupJoinSpec,
  tables: ReadonlyMap<string, string>,
): JoinedLookup {
  const spec = source.lookups.find(({ name }) => name === lookup);
  const table = tables.get(lookup);
  if (spec === undefined || table === undefined) throw unknownLookup(source, lookup, [...tables.keys()]);
  const alias = quoteIdentifier(`lookup:${as}`);
  const columns = spec.columns.map(
    ({ name }) => [`${as}.${name}`, `${alias}.${quoteIdentifier(name)}`] as const,
  );
  const clause = `LEFT JOIN ${table} AS ${alias} ON arrived.${quoteIdentifier(on)} = ${alias}.${quoteIdentifier(spec.key)}`;
  return { on, clause, columns: new Map(columns) };
}

function unknownLookup(source: SourceSpec, lookup: string, known: readonly string[]): SluiceError {
  return new SluiceError('INGEST_LOOKUP_UNKNOWN', {
    source: source.name,
    lookup,
    nearest: nearest(lookup, known) ?? '(none)',
  });
}

function selectSql(opened: OpenedFile, joined: readonly JoinedLookup[], columns: readonly string[]): string {
  const needed = new Map<string, RawColumn>();
  const joins = new Set<JoinedLookup>();
  for (const name of columns) {
    const own = opened.columns.get(name);
    const join = joined.find((one) => one.columns.has(name));
    if (own !== undefined) needed.set(name, own);
    else if (join !== undefined) joins.add(join);
    else throw unknownColumn(name, opened, joined);
  }
  for (const { on } of joins) {
    const own = opened.columns.get(on);
    if (own === undefined) throw unknownColumn(on, opened, joined);
    needed.set(on, own);
  }
  const picked = columns.map((name) => {
    const sql = needed.has(name)
      ? `arrived.${quoteIdentifier(name)}`
      : [...joins].find((join) => join.columns.has(name))?.columns.get(name);
    return `${sql} AS ${quoteIdentifier(name)}`;
  });
  const clauses = [...joins].map(({ clause }) => clause).join(' ');
  const arrived = arrivedSql(opened, [...needed.values()]);
  return `SELECT arrived._row, ${[...picked, 'arrived._raw'].join(', ')} FROM (${arrived}) AS arrived ${clauses}`;
}

function arrivedSql(opened: OpenedFile, columns: readonly RawColumn[]): string {
  const typed = columns.map(({ spec, reading }) => `${reading.sql} AS ${quoteIdentifier(spec.name)}`);
  const risky = columns.filter(({ reading }) => reading.mayFail);
  const head = [`${opened.rowNumber} AS _row`, ...typed];
  if (risky.length === 0)
    return `SELECT ${[...head, 'NULL::VARCHAR AS _raw'].join(', ')} FROM ${opened.relation}`;
  const raws = risky.map(({ raw }, i) => `${raw} AS "raw:${i}"`);
  const failed = risky.map(
    ({ spec }, i) => `("raw:${i}" IS NOT NULL AND ${quoteIdentifier(spec.name)} IS NULL)`,
  );
  const members = risky.map(
    ({ spec }, i) => `${quoteLiteral(spec.name)}, CASE WHEN ${failed[i]} THEN "raw:${i}"::VARCHAR END`,
  );
  // A merge patch drops the members that are null.
  const texts = `json_merge_patch('{}', json_object(${members.join(', ')}))::VARCHAR`;
  const names = columns.map(({ spec }) => quoteIdentifier(spec.name));
  const inner = `SELECT ${[...head, ...raws].join(', ')} FROM ${opened.relation}`;
  const raw = `CASE WHEN ${failed.join(' OR ')} THEN ${texts} END AS _raw`;
  return `SELECT ${['_row', ...names, raw].join(', ')} FROM (${inner})`;
}

function unknownColumn(name: string, opened: OpenedFile, joined: readonly JoinedLookup[]): SluiceError {
  const names = [...opened.columns.keys(), ...joined.flatMap(({ columns }) => [...columns.keys()])];
  return new SluiceError('EXPRESSION_UNKNOWN_COLUMN', {
    name,
    nearest: nearest(name, names) ?? '(none)',
    names: names.slice(0, 30).join(', '),
  });
}
