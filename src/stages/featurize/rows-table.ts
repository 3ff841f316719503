import { quoteIdentifier, quoteLiteral } from '../../expression/sql-text.ts';
import { SluiceError } from '../../base/errors.ts';
import type { Engine } from '../../ports/engine.ts';
import type { CompiledFeatures, CompiledInput } from './compiled-features.ts';

/** Which rows to read, and as what. */
export interface RowsRequest {
  /** Name of the engine table to make. */
  readonly table: string;
  readonly paths: readonly string[];
  readonly compiled: CompiledFeatures;
  /** False for rows whose outcome columns need not be there: then inputs, label and known time are left out. */
  readonly hasOutcomes: boolean;
  /** Restricts the rows; reads `_batch`, `_row`, `_event_us` and `_known_us`. */
  readonly where?: string;
}

/** Doubles are summed as multiples of 2^-40 in 128-bit integers. */
export const fractionBits = 40;
const scale = `${2 ** fractionBits}::DOUBLE`;
/** Sums of 2^32 values below 2^55 stay below 2^127. */
const largestSummand = `${2 ** 55}::DOUBLE`;
const outOfRange = `${2n ** 126n}::HUGEINT`;

/**
 * Reads processed Parquet files into an engine table sorted by (event time, batch, row): `_batch` (an enumeration, in
 * order of digest), `_row`, `_event_us`, `_known_us`, the kept columns `c_<i>`, the inputs of aggregates as exact
 * summands `s_<i>` and as doubles `x_<i>`, and `label`. The table's rowid stands for the row.
 *
 * @throws FEATURIZE_SUM_RANGE for a double too large to be summed exactly; ENGINE_FILE
 */
export async function readRows(engine: Engine, request: RowsRequest): Promise<void> {
  const { table } = request;
  const files = `read_parquet([${request.paths.map(quoteLiteral).join(', ')}])`;
  const batches = await engine.rows(`SELECT DISTINCT "_batch" AS batch FROM ${files} ORDER BY batch`);
  const names = batches.length === 0 ? [''] : batches.map(({ batch }) => String(batch));
  await engine.run(`DROP TABLE IF EXISTS ${table}`);
  await engine.run(`DROP TYPE IF EXISTS ${table}_batch`);
  await engine.run(`CREATE TYPE ${table}_batch AS ENUM (${names.map(quoteLiteral).join(', ')})`);
  const where = request.where === undefined ? '' : `WHERE ${request.where}`;
  await engine.run(
    `CREATE TEMP TABLE ${table} AS SELECT * FROM (SELECT ${columnsSql(request).join(', ')} FROM ${files})` +
      ` ${where} ORDER BY _event_us, _batch, _row`,
  );
  if (request.hasOutcomes) await refuseOutOfRange(engine, request);
}

/** Removes what `readRows` made. */
export async function dropRows(engine: Engine, table: string): Promise<void> {
  await engine.run(`DROP TABLE IF EXISTS ${table}`);
  await engine.run(`DROP TYPE IF EXISTS ${table}_batch`);
}

function columnsSql({ table, compiled, hasOutcomes }: RowsRequest): readonly string[] {
  const instant = (name: string): string => `epoch_us(${quoteIdentifier(name)})`;
  const known = instant(compiled.knownTime ?? compiled.eventTime);
  const kept = compiled.columns.flatMap(({ name, isForFeatures }, i) =>
    isForFeatures || hasOutcomes ? [`${quoteIdentifier(name)} AS c_${i}`] : [],
  );
  return [
    `CAST("_batch" AS ${table}_batch) AS _batch`,
    `CAST("_row" AS BIGINT) AS _row`,
    `${instant(compiled.eventTime)} AS _event_us`,
    `${hasOutcomes ? known : 'NULL::BIGINT'} AS _known_us`,
    ...kept,
    ...(hasOutcomes ? [...inputsSql(compiled), `${compiled.label} AS label`] : []),
  ];
}

function inputsSql(compiled: CompiledFeatures): readonly string[] {
  return compiled.inputs.flatMap((input, i) => [
    ...(isRead(compiled, i, ['sum', 'mean']) ? [`${summandSql(input)} AS s_${i}`] : []),
    ...(isRead(compiled, i, ['min', 'max']) ? [`${doubleSql(input)} AS x_${i}`] : []),
  ]);
}

function isRead(compiled: CompiledFeatures, input: number, functions: readonly string[]): boolean {
  return compiled.views.some((view) =>
    view.aggregates.some((one) => one.input === input && functions.includes(one.function)),
  );
}

function summandSql({ sql, type }: CompiledInput): string {
  if (type === 'boolean') return `CAST(${sql} AS TINYINT)`;
  if (type === 'int64') return sql;
  return (
    `CASE WHEN abs(${sql}) < ${largestSummand} THEN CAST(round(${sql} * ${scale}) AS HUGEINT)` +
    ` WHEN isfinite(${sql}) THEN ${outOfRange} END`
  );
}

/** Minus zero becomes zero: which of the two is the smaller would depend on the order of the rows. */
function doubleSql({ sql, type }: CompiledInput): string {
  const value = `CAST(${sql} AS DOUBLE)`;
  if (type !== 'double') return value;
  return `CASE WHEN ${value} = 0 THEN 0::DOUBLE WHEN isfinite(${value}) THEN ${value} END`;
}

async function refuseOutOfRange(engine: Engine, { table, compiled }: RowsRequest): Promise<void> {
  const doubles = compiled.inputs.flatMap(({ type }, i) =>
    type === 'double' && isRead(compiled, i, ['sum', 'mean']) ? [i] : [],
  );
  if (doubles.length === 0) return;
  const counts = doubles.map((i) => `count(*) FILTER (s_${i} = ${outOfRange}) AS s_${i}`);
  const [row] = await engine.rows(`SELECT ${counts.join(', ')} FROM ${table}`);
  const bad = doubles.find((i) => Number(row?.[`s_${i}`]) > 0);
  if (bad === undefined) return;
  const owner = compiled.views
    .flatMap((view) => view.aggregates.map((one) => ({ one, name: `${view.name}.${one.name}` })))
    .find(({ one }) => one.input === bad && ['sum', 'mean'].includes(one.function));
  throw new SluiceError('FEATURIZE_SUM_RANGE', {
    aggregate: owner?.name ?? '',
    rows: Number(row?.[`s_${bad}`]),
    limit: 2 ** 55,
  });
}
