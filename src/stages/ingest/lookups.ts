import path from 'node:path';
import { digestFields, digestJson, type Digest } from '../../base/digest.ts';
import { SluiceError } from '../../base/errors.ts';
import { quoteIdentifier } from '../../expression/sql-text.ts';
import type { StepContext } from '../../ledger/step-context.ts';
import type { Engine } from '../../ports/engine.ts';
import type { CsvSpec, LookupSpec, SourceSpec } from '../../records/source-spec.ts';
import { namedFile } from './deliveries.ts';
import { checkFile } from './open-file.ts';
import { engineTypes } from './typed-column.ts';
import type { OpenedFile, RawFile } from './raw-format.ts';

/** Digest of each lookup's bytes, by the lookup's name. */
export type LookupDigests = Readonly<Record<string, Digest>>;

/** Comma-separated, as exported by anything; a lookup has no dialect of its own. */
const lookupCsv: CsvSpec = { delimiter: ',', quote: '"', header: true, nullText: '' };

/**
 * Stores the bytes of a source's lookups and yields their digests: inputs of every step that reads rows.
 *
 * @throws INGEST_FILE_MISSING, INGEST_NOT_A_FILE, BLOB_UNAVAILABLE
 */
export async function lookupDigests(
  ctx: Pick<StepContext, 'blob' | 'projectDirectory'>,
  source: SourceSpec,
): Promise<LookupDigests> {
  const digests: Record<string, Digest> = {};
  for (const { name, file } of source.lookups) {
    const found = await namedFile(file, ctx.projectDirectory);
    digests[name] = (await ctx.blob.putFile(found.path)).digest;
  }
  return digests;
}

/**
 * Makes a lookup a table of the engine, once per engine, and yields the table's name. Every value must be readable as
 * declared and every key occur once; rows without a key match nothing.
 *
 * @throws INGEST_LOOKUP_FORMAT, INGEST_LOOKUP_DUPLICATE, INGEST_LOOKUP_VALUE, and what reading the file throws
 */
export async function openLookup(
  ctx: Pick<StepContext, 'blob' | 'engine'>,
  lookup: LookupSpec,
  digest: Digest,
): Promise<string> {
  const table = `lookup_${digestFields([digest, digestJson({ ...lookup })]).slice(0, 24)}`;
  const tables = tablesOf(ctx.engine);
  if (tables.has(table)) return table;
  const file: RawFile = {
    engine: ctx.engine,
    path: await ctx.blob.path(digest),
    name: lookup.file,
    format: formatOf(lookup),
    csv: lookupCsv,
    columns: lookup.columns,
  };
  const { opened } = await checkFile(file);
  await refuseValues(file, opened);
  const picked = [...opened.columns.values()].map(
    ({ spec, reading }) =>
      `CAST(${reading.sql} AS ${engineTypes[spec.type]}) AS ${quoteIdentifier(spec.name)}`,
  );
  await refuseDuplicates(ctx, lookup, `(SELECT ${picked.join(', ')} FROM ${opened.relation})`);
  await ctx.engine.run(
    `CREATE TABLE IF NOT EXISTS ${table} AS SELECT ${picked.join(', ')} FROM ${opened.relation}`,
  );
  tables.add(table);
  return table;
}

/** The lookups each engine holds. */
const openedLookups = new WeakMap<Engine, Set<string>>();

function tablesOf(engine: Engine): Set<string> {
  const tables = openedLookups.get(engine) ?? new Set();
  openedLookups.set(engine, tables);
  return tables;
}

function formatOf({ name, file }: LookupSpec): 'csv' | 'parquet' {
  const ending = path.extname(file).toLowerCase();
  if (ending === '.csv') return 'csv';
  if (ending === '.parquet') return 'parquet';
  throw new SluiceError('INGEST_LOOKUP_FORMAT', { lookup: name, file, ending });
}

async function refuseValues(file: RawFile, opened: OpenedFile): Promise<void> {
  for (const { spec, raw, reading } of opened.columns.values()) {
    if (!reading.mayFail) continue;
    const [bad] = await file.engine.rows(
      `SELECT ${opened.rowNumber} + 1 AS row, ${raw}::VARCHAR AS value FROM ${opened.relation}` +
        ` WHERE ${raw} IS NOT NULL AND (${reading.sql}) IS NULL ORDER BY 1 LIMIT 1`,
    );
    if (bad === undefined) continue;
    throw new SluiceError('INGEST_LOOKUP_VALUE', {
      file: file.name,
      row: Number(bad['row']),
      column: spec.name,
      value: String(bad['value']),
      declared: spec.type,
    });
  }
}

async function refuseDuplicates(
  ctx: Pick<StepContext, 'engine'>,
  lookup: LookupSpec,
  relation: string,
): Promise<void> {
  const key = quoteIdentifier(lookup.key);
  const [twice] = await ctx.engine.rows(
    `SELECT ${key}::VARCHAR AS value, count(*) AS times FROM ${relation} WHERE ${key} IS NOT NULL` +
      ` GROUP BY ${key} HAVING count(*) > 1 ORDER BY 1 LIMIT 1`,
  );
  if (twice === undefined) return;
  throw new SluiceError('INGEST_LOOKUP_DUPLICATE', {
    lookup: lookup.name,
    file: lookup.file,
    key: lookup.key,
    value: String(twice['value']),
    times: Number(twice['times']),
  });
}
