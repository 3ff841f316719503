import { copyFile, rm, writeFile } from 'node:fs/promises';
import { canonicalJson } from '../../base/canonical-json.ts';
import { isSluiceError, SluiceError } from '../../base/errors.ts';
import { quoteLiteral } from '../../expression/sql-text.ts';
import type { StepContext, StepOutcome } from '../../ledger/step-context.ts';
import type { Batch } from '../../records/batch.ts';
import type { SourceSpec } from '../../records/source-spec.ts';
import { maxObjectBytes } from './ndjson.ts';
import { namedFile } from './deliveries.ts';
import { checkFile, refuseUnknown } from './open-file.ts';
import type { RawFile } from './raw-format.ts';

/** A delivery to take in. */
export interface Arrival {
  readonly source: SourceSpec;
  /** The name that the batch's record and messages show. */
  readonly name: string;
  /** When the sender says it was made, UTC microseconds; null when it says nothing. */
  readonly declaredAtUs: number | null;
  /** Refuses columns that are not declared (a row schema without additional properties); otherwise they stay in the raw zone only. */
  readonly isClosed?: boolean;
}

/** What of a step context ingest uses. */
export type IngestContext = Pick<StepContext, 'blob' | 'engine' | 'projectDirectory'>;

/**
 * Takes a file into the raw zone, byte for byte, after proving that it can be read as declared. Nothing is stored of a
 * file that cannot. The same bytes give the same batch under any name.
 *
 * @returns one `batch` version; facts `rows`, `sizeBytes`, `raw`
 * @throws INGEST_FILE_MISSING, INGEST_NOT_A_FILE, INGEST_UNREADABLE, INGEST_RAGGED, INGEST_LINE, INGEST_DELIMITER,
 *   INGEST_COLUMN_MISSING, INGEST_COLUMN_TYPE, INGEST_COLUMN_TWICE, INGEST_COLUMN_UNKNOWN, BLOB_UNAVAILABLE
 */
export async function ingestFile(
  ctx: IngestContext,
  arrival: Arrival & { readonly path: string },
): Promise<StepOutcome> {
  const found = await namedFile(arrival.path, ctx.projectDirectory);
  const scratch = await ctx.blob.scratchPath(`.${arrival.source.format}`);
  try {
    // What is checked is what will be kept, even if the sender goes on writing.
    await filling(scratch, arrival.name, () => copyFile(found.path, scratch));
    return await takeIn(ctx, arrival, { path: scratch, format: arrival.source.format });
  } finally {
    await rm(scratch, { force: true });
  }
}

/**
 * Takes rows into the raw zone, as newline-delimited JSON with canonical members: the same rows give the same bytes.
 *
 * @param arrival.rows plain values by column; a Date becomes its ISO text, undefined members are left out
 * @returns one `batch` version of format `ndjson`
 * @throws INGEST_ROW_VALUE naming the row, and what `ingestFile` throws
 */
export async function ingestRows(
  ctx: IngestContext,
  arrival: Arrival & { readonly rows: readonly Readonly<Record<string, unknown>>[] },
): Promise<StepOutcome> {
  const lines = arrival.rows.map((row, i) => `${lineOf(row, i + 1)}\n`);
  const scratch = await ctx.blob.scratchPath('.ndjson');
  try {
    await filling(scratch, arrival.name, () => writeFile(scratch, lines.join('')));
    return await takeIn(ctx, arrival, { path: scratch, format: 'ndjson' });
  } finally {
    await rm(scratch, { force: true });
  }
}

function lineOf(row: Readonly<Record<string, unknown>>, number: number): string {
  try {
    const plain = Object.entries(row).map(([name, value]) => [name, plainValue(value)]);
    return canonicalJson(Object.fromEntries(plain));
  } catch (error) {
    if (!isSluiceError(error, 'BASE_NOT_JSON')) throw error;
    throw new SluiceError('INGEST_ROW_VALUE', { row: number, reason: error.message }, { cause: error });
  }
}

function plainValue(value: unknown): unknown {
  if (value instanceof Date && Number.isFinite(value.getTime())) return value.toISOString();
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

async function filling(scratch: string, name: string, fill: () => Promise<void>): Promise<void> {
  try {
    await fill();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    if (code === 'EACCES') throw new SluiceError('INGEST_FORBIDDEN', { name, reason }, { cause: error });
    const details = { operation: `keep ${name}`, path: scratch, reason };
    throw new SluiceError('BLOB_UNAVAILABLE', details, { cause: error });
  }
}

async function takeIn(
  ctx: IngestContext,
  arrival: Arrival,
  scratch: { readonly path: string; readonly format: Batch['format'] },
): Promise<StepOutcome> {
  const { source, name, declaredAtUs } = arrival;
  const file: RawFile = { ...scratch, engine: ctx.engine, name, csv: source.csv, columns: source.columns };
  const { opened, rows } = await checkFile(file);
  if (arrival.isClosed === true) refuseUnknown(source, name, await columnsFound(file, opened.found));
  const ref = await ctx.blob.putFile(file.path, { move: true });
  const content: Batch = {
    schemaVersion: 1,
    source: source.name,
    raw: ref.digest,
    sizeBytes: ref.sizeBytes,
    name,
    format: file.format,
    declaredAtUs,
  };
  return {
    versions: [{ kind: 'batch', content, parents: [], blobs: [ref.digest] }],
    verdict: null,
    facts: { rows, sizeBytes: ref.sizeBytes, raw: ref.digest },
  };
}

/** The members of JSON objects are known only after reading them all. */
async function columnsFound(file: RawFile, found: readonly string[]): Promise<readonly string[]> {
  if (file.format !== 'ndjson') return found;
  const objects = `read_json_objects(${quoteLiteral(file.path)}, format = 'newline_delimited', maximum_object_size = ${maxObjectBytes})`;
  const rows = await file.engine.rows(
    `SELECT DISTINCT unnest(json_keys(json)) AS name FROM ${objects} ORDER BY name`,
  );
  return rows.map((row) => String(row['name']));
}
