import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Digest } from '../../base/digest.ts';
import { SluiceError } from '../../base/errors.ts';
import { unpredictableHex } from '../../base/random.ts';
import { quoteIdentifier, quoteLiteral } from '../../expression/sql-text.ts';
import type { StepContext } from '../../ledger/step-context.ts';
import type { Cell, ColumnTable } from '../../ports/engine.ts';
import type { ModelRuntime } from '../../ports/model.ts';
import type { Dataset } from '../../records/dataset.ts';
import type { SourceSpec } from '../../records/source-spec.ts';
import type { TrainingSet } from '../../records/training-set.ts';
import type { Validation } from '../../records/validation.ts';
import type { Version, VersionDraft } from '../../records/version.ts';
import { compileFeatures } from '../../stages/featurize/compile.ts';
import { refuseLostFeatures } from '../../stages/featurize/feature-meanings.ts';
import { featurizeRows } from '../../stages/featurize/featurize-rows.ts';
import { outcomeColumns } from '../../stages/featurize/outcome-columns.ts';
import type { DeliveredFile } from '../../stages/ingest/deliveries.ts';
import { ingestFile } from '../../stages/ingest/ingest-file.ts';
import { lookupDigests } from '../../stages/ingest/lookups.ts';
import { openRaw } from '../../stages/ingest/raw-table.ts';
import { compileContract } from '../../stages/validate/compile-contract.ts';
import { readQuarantine } from '../../stages/validate/quarantine.ts';
import { validateBatch } from '../../stages/validate/validate-batch.ts';
import type { CompiledLoop } from '../compiled-loop.ts';

/** Which rows to score, and with what. */
export interface PredictRequest {
  readonly loop: CompiledLoop;
  readonly file: DeliveredFile;
  readonly model: Version<'model'>;
  /** What the model was trained on. */
  readonly trainingSet: TrainingSet;
  /** Its rows are the facts of the windows. */
  readonly dataset: { readonly digest: Digest; readonly content: Dataset };
  readonly runtime: ModelRuntime;
  /** File for all rows: `.parquet`, `.csv` or `.ndjson`. */
  readonly out?: string;
  /** How many scored rows to yield, in row order. */
  readonly limit: number;
}

/** What scoring a file came to. */
export interface Prediction {
  readonly model: Digest;
  readonly dataset: Digest;
  readonly rows: number;
  /** Rows that could not be scored, with what is wrong with them; the first ones. */
  readonly unscored: readonly { readonly row: number; readonly reasons: readonly string[] }[];
  readonly unscoredRows: number;
  readonly mean: number | null;
  readonly min: number | null;
  readonly max: number | null;
  /** The first rows: `_row`, the arrived columns, `score`, `model`. */
  readonly first: readonly Readonly<Record<string, Cell>>[];
  readonly out: string | null;
}

/**
 * Scores the rows of a file: read as the source declares (outcome columns may be absent and are not looked at), derived
 * columns computed, features as known at each row's event time from the facts of the dataset. Rows that cannot be read
 * or have no event time are told, not scored; nothing else of the contract is asked, for whoever asks wants an answer.
 *
 * @param context its blob store takes bytes that the caller throws away
 * @throws PREDICT_FEATURES, PREDICT_OUT, INGEST_* for a file that cannot be read, MODEL_*
 */
export async function predictFile(context: StepContext, request: PredictRequest): Promise<Prediction> {
  const { loop, model, dataset } = request;
  const { features, label, source } = loop.spec;
  const compiled = compileFeatures({ source, features, label, slices: [] });
  refuseLostFeatures(request.trainingSet, compiled.meanings);
  const format = request.out === undefined ? null : formatOf(request.out);
  context.progress(0.1, 'reading');
  const read = await readRows(context, request);
  const unscored = await readQuarantine(context, read, { limit: 20 });
  const rest = { model: model.digest, dataset: dataset.digest, out: request.out ?? null };
  const told = {
    unscored: unscored.map(({ row, reasons }) => ({ row, reasons })),
    unscoredRows: read.quarantinedRows,
  };
  if (read.processed === null || read.processed.rows === 0)
    return { ...rest, ...told, rows: 0, mean: null, min: null, max: null, first: [], out: null };
  const rows = await context.blob.path(read.processed.digest);
  context.progress(0.3, 'features');
  const featured = await featurizeRows(context, { dataset, compiled, rows: { paths: [rows] } });
  try {
    context.progress(0.6, 'scoring');
    const scores = await scoreRows(context, request, featured.path);
    const query = await joinScores(context, request, { rows, table: scores });
    if (request.out !== undefined && format !== null)
      await writeOut(context, { query, out: request.out, format });
    return { ...rest, ...told, ...(await summarise(context, query, request.limit)) };
  } finally {
    await rm(featured.path, { force: true });
    await context.engine.run(`DROP TABLE IF EXISTS ${scoresTable}`);
  }
}

const scoresTable = 'sluice_predicted';

/** Yields the source without what nobody knows at event time: such columns need not be there. */
export function sourceWithoutOutcomes(source: SourceSpec): SourceSpec {
  const unknown = outcomeColumns(source);
  const joins = source.joins.filter(({ on }) => !unknown.has(on));
  const used = new Set(joins.map(({ lookup }) => lookup));
  return {
    ...source,
    columns: source.columns
      .filter(({ name }) => !unknown.has(name))
      .map((column) => ({ ...column, nullable: true })),
    derived: source.derived.filter(({ name }) => !unknown.has(name)),
    joins,
    lookups: source.lookups.filter(({ name }) => used.has(name)),
    knownTime: null,
    outcomeColumns: [],
  };
}

/** Reads a file as the loop reads a batch, under a contract that asks for nothing but readable values and an event time. */
async function readRows(context: StepContext, { loop, file }: PredictRequest): Promise<Validation> {
  const source = sourceWithoutOutcomes(loop.spec.source);
  const contract = compileContract({
    source,
    contract: { rowSchema: {}, rules: [], breaker: { maxQuarantinedShare: 1 } },
  });
  const { path: from, name } = file;
  const taken = await ingestFile(context, { source, path: from, name, declaredAtUs: null });
  const { content: batch } = taken.versions[0] as VersionDraft<'batch'>;
  const lookups = await lookupDigests(context, source);
  const raw = await openRaw(context, { source, batch, lookups });
  const judged = await validateBatch(context, { contract, batch, raw });
  return (judged.versions[0] as VersionDraft<'validation'>).content;
}

interface Scored {
  readonly rowNumbers: Float64Array;
  readonly scores: Float64Array;
}

async function scoreRows(
  context: StepContext,
  { model, runtime }: PredictRequest,
  featured: string,
): Promise<Scored> {
  const { task, features } = model.content;
  const names = ['_row', ...features.map(({ name }) => name)].map(quoteIdentifier).join(', ');
  const table = await context.engine.columns(
    `SELECT ${names} FROM read_parquet(${quoteLiteral(featured)}, file_row_number = true) ORDER BY file_row_number`,
  );
  const bytes = await context.blob.get(model.content.model);
  const loaded = await runtime.load(bytes, { task, features });
  try {
    return { rowNumbers: numbersOf(table, '_row'), scores: await loaded.predict(table) };
  } finally {
    await loaded.close();
  }
}

function numbersOf(table: ColumnTable, name: string): Float64Array {
  const column = table.columns.get(name);
  return column === undefined || column.type === 'string' ? new Float64Array(table.rows) : column.values;
}

/** Yields SQL of the arrived columns with their scores, by row. */
async function joinScores(
  { engine }: StepContext,
  { loop, model }: PredictRequest,
  { rows, table }: { readonly rows: string; readonly table: Scored },
): Promise<string> {
  await engine.run(`DROP TABLE IF EXISTS ${scoresTable}`);
  await engine.register(scoresTable, {
    rows: table.scores.length,
    columns: new Map([
      ['at', { type: 'int64', values: table.rowNumbers } as const],
      ['score', { type: 'double', values: table.scores } as const],
    ]),
  });
  const { columns } = sourceWithoutOutcomes(loop.spec.source);
  const arrived = columns.map(({ name }) => `arrived.${quoteIdentifier(name)}`);
  return `SELECT arrived._row, ${arrived.join(', ')}, ${scoresTable}.score AS score, ${quoteLiteral(model.digest)} AS model
    FROM read_parquet(${quoteLiteral(rows)}) AS arrived JOIN ${scoresTable} ON ${scoresTable}.at = arrived._row
    ORDER BY arrived._row`;
}

async function summarise(
  { engine }: StepContext,
  query: string,
  limit: number,
): Promise<Pick<Prediction, 'rows' | 'mean' | 'min' | 'max' | 'first'>> {
  const [row] = await engine.rows(
    `SELECT count(*) AS rows, avg(score) AS mean, min(score) AS least, max(score) AS greatest FROM (${query})`,
  );
  const numberOf = (cell: Cell | undefined): number | null => (typeof cell === 'number' ? cell : null);
  return {
    rows: Number(row?.['rows'] ?? 0),
    mean: numberOf(row?.['mean']),
    min: numberOf(row?.['least']),
    max: numberOf(row?.['greatest']),
    first: await engine.rows(`SELECT * FROM (${query}) ORDER BY _row LIMIT ${limit}`),
  };
}

const formats = { '.parquet': 'parquet', '.csv': 'csv', '.ndjson': 'json', '.jsonl': 'json' } as const;

type OutFormat = (typeof formats)[keyof typeof formats];

function formatOf(out: string): OutFormat {
  const folder = path.dirname(out);
  if (!existsSync(folder))
    throw new SluiceError('PREDICT_OUT', { out, reason: `there is no folder ${folder}` });
  const ending = path.extname(out).toLowerCase();
  if (ending in formats) return formats[ending as keyof typeof formats];
  throw new SluiceError('PREDICT_OUT', {
    out,
    reason: `the ending ${JSON.stringify(ending)} is none of ${Object.keys(formats).join(', ')}`,
  });
}

/** The file appears whole or not at all. */
async function writeOut(
  { engine }: StepContext,
  { query, out, format }: { readonly query: string; readonly out: string; readonly format: OutFormat },
): Promise<void> {
  const partial = `${out}.partial-${unpredictableHex(4)}`;
  const options = format === 'csv' ? 'FORMAT csv, HEADER' : 'FORMAT json';
  try {
    if (format === 'parquet') await engine.writeParquet(query, partial);
    else await engine.run(`COPY (${query}) TO ${quoteLiteral(partial)} (${options})`);
    await rename(partial, out);
  } catch (cause) {
    await rm(partial, { force: true });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError('PREDICT_OUT', { out, reason }, { cause });
  }
}
