import { SluiceError } from '../../base/errors.ts';
import { nearest } from '../../expression/nearest.ts';
import { quoteLiteral } from '../../expression/sql-text.ts';
import type { StepContext } from '../../ledger/step-context.ts';
import type { Engine, WrittenFile } from '../../ports/engine.ts';
import type { Dataset } from '../../records/dataset.ts';
import { longestWindowUs, type CompiledFeatures } from './compiled-features.ts';
import { datasetPaths } from './dataset-paths.ts';
import { featureQuery } from './feature-query.ts';
import { dropRows, readRows } from './rows-table.ts';
import { answerWindows } from './windows/answer-windows.ts';
import type { WindowTables } from './windows/window-plan.ts';

/** Which rows get features, and where the facts come from. */
export interface FeaturizeRequest {
  /** The facts of the windows. */
  readonly dataset: { readonly content: Dataset };
  readonly compiled: CompiledFeatures;
  /**
   * The dataset's own rows with event time in [fromUs, untilUs), or rows of processed Parquet files. A file needs
   * `_batch`, `_row`, the event time and the columns that features read, but no outcome columns.
   */
  readonly rows:
    { readonly fromUs: number; readonly untilUs: number } | { readonly paths: readonly string[] };
}

const facts = 'sluice_facts';
const probes = 'sluice_asked';

/**
 * Writes the features of rows, with or without known outcome, as a scratch Parquet file: `_batch`, `_row`, `_event_us`,
 * `_known_us` (NULL for rows of files) and the features by name, sorted by (event time, batch, row). Rows without event
 * time have empty windows. The caller removes the file or hands it to the blob store.
 *
 * @throws FEATURIZE_UNKNOWN_COLUMN when the files lack a column that a feature reads; FEATURIZE_SUM_RANGE; ENGINE_FILE
 */
export async function featurizeRows(
  ctx: Pick<StepContext, 'blob' | 'engine' | 'signal'>,
  request: FeaturizeRequest,
): Promise<WrittenFile> {
  const { engine } = ctx;
  try {
    return await withFeatures(ctx, { ...request, where: null }, async (query) =>
      engine.writeParquet(query, await ctx.blob.scratchPath('.parquet')),
    );
  } finally {
    await dropRows(engine, facts);
    await dropRows(engine, probes);
  }
}

/** Names of the engine tables that hold the facts and the asking rows while features are computed. */
export const featurizeTables: { readonly facts: string; readonly probes: string } = { facts, probes };

/** Reads rows and facts, answers the windows and hands the feature query to `use`; leaves the tables of rows and facts. */
export async function withFeatures<Result>(
  ctx: Pick<StepContext, 'blob' | 'engine' | 'signal'>,
  request: FeaturizeRequest & { readonly where: string | null },
  use: (query: string) => Promise<Result>,
): Promise<Result> {
  const { engine } = ctx;
  const { compiled, dataset } = request;
  const known = await datasetPaths(ctx, dataset.content);
  const own = 'paths' in request.rows ? null : request.rows;
  const paths = 'paths' in request.rows ? request.rows.paths : known;
  if (own === null) await requireColumns(engine, paths, compiled);
  const range = own === null ? [] : [`_event_us >= ${own.fromUs} AND _event_us < ${own.untilUs}`];
  const where = [...range, ...(request.where === null ? [] : [request.where])].join(' AND ');
  await readRows(engine, {
    table: probes,
    paths,
    compiled,
    hasOutcomes: own !== null,
    ...(where === '' ? {} : { where }),
  });
  await readRows(engine, {
    table: facts,
    paths: known.length === 0 ? paths : known,
    compiled,
    hasOutcomes: true,
    where: known.length === 0 ? 'false' : await factsWhere(ctx, compiled),
  });
  const tables: WindowTables = { facts, probes, where: 'true', factRows: dataset.content.rows };
  const answers = await answerWindows(engine, {
    compiled,
    tables,
    onView: () => ctx.signal.throwIfAborted(),
  });
  try {
    return await use(
      featureQuery({ compiled, tables, answers, where: 'true', hasLabel: false, hasSlices: false }),
    );
  } finally {
    for (const table of answers.tables) await engine.run(`DROP TABLE IF EXISTS ${table}`);
  }
}

async function requireColumns(
  engine: Engine,
  paths: readonly string[],
  compiled: CompiledFeatures,
): Promise<void> {
  const files = `read_parquet([${paths.map(quoteLiteral).join(', ')}])`;
  const names = (await engine.describe(`SELECT * FROM ${files}`)).map(({ name }) => name);
  const read = compiled.columns.filter(({ isForFeatures }) => isForFeatures).map(({ name }) => name);
  for (const column of ['_batch', '_row', compiled.eventTime, ...read]) {
    if (names.includes(column)) continue;
    const closest = nearest(column, names) ?? '(none)';
    throw new SluiceError('FEATURIZE_UNKNOWN_COLUMN', {
      owner: 'the rows to score',
      column,
      nearest: closest,
    });
  }
}

/** Only facts that can fall into a window of an asking row. */
async function factsWhere(ctx: Pick<StepContext, 'engine'>, compiled: CompiledFeatures): Promise<string> {
  const [row] = await ctx.engine.rows(
    `SELECT min(_event_us) AS first, max(_event_us) AS last FROM ${probes}`,
  );
  const { first, last } = row ?? {};
  if (typeof first !== 'number' || typeof last !== 'number') return 'false';
  return `_known_us > ${first - longestWindowUs(compiled)} AND _known_us <= ${last}`;
}
