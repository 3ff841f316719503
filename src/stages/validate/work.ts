import { rm } from 'node:fs/promises';
import { quoteIdentifier, quoteLiteral } from '../../expression/sql-text.ts';
import type { RawTable } from '../../ledger/raw-table.ts';
import type { StepContext } from '../../ledger/step-context.ts';
import type { ColumnSpec } from '../../records/column-spec.ts';
import type { CompiledContract, DerivedColumn, RowRule } from './compiled-contract.ts';

/** What of a step context validate uses. */
export type ValidateContext = Pick<StepContext, 'blob' | 'engine'>;

/** Some columns of a batch, computed once and held by the engine while the batch is judged. */
export interface Part {
  /** SQL relation with `_row`, the columns and `_raw`. */
  readonly relation: string;
  /** The columns to profile; the relation may have more. */
  readonly columns: readonly ColumnSpec[];
  /** The rules to judge here. */
  readonly rules: readonly RowRule[];
}

/** What is added to a batch's rows. */
export interface RowsOptions {
  /** Joins after `FROM … AS computed`, which has `_row`; they choose rows and add columns. */
  readonly joins?: string;
  /** Columns that the joins add. */
  readonly extra?: readonly string[];
}

/** A batch, computed. */
export interface Work {
  readonly parts: readonly Part[];
  /** True when something could not be computed for some row, so that predicates are guarded too. */
  readonly isGuarded: boolean;
  /** SQL relation of `_row`, the event time, the derived columns and what rules over several columns read. */
  readonly core: string;
  /**
   * Yields SQL of `_row`, all processed columns and the extra ones, unordered. In a batch of thousands of columns,
   * values that could not be read are whatever the engine makes of them.
   */
  rows(options?: RowsOptions): string;
  /** SQL of `_row` and `_raw`, for the rows where that is not NULL. */
  readonly unreadable: string;
  /** Frees what the engine holds. */
  close(): Promise<void>;
}

/**
 * Columns held at once. A statement over thousands of columns takes the engine minutes and gigabytes, and each column
 * of a table at least 256 kB; wider batches are judged in parts.
 */
const partWidth = 400;

/**
 * Computes a batch's typed and derived columns.
 *
 * @param opening.isGuarded takes what cannot be computed (an overflow, an unknown time zone) as unreadable in its row;
 *   otherwise one such row fails the whole statement
 * @throws ENGINE_*
 */
export async function openWork(ctx: ValidateContext, opening: Opening): Promise<Work> {
  return opening.isGuarded ? openGuarded(ctx, opening) : open(ctx, opening);
}

/** The engine computes what occurs twice once, ahead of the TRY that it stands in: not here. */
async function openGuarded(ctx: ValidateContext, opening: Opening): Promise<Work> {
  const reset = (): Promise<void> => ctx.engine.run('RESET disabled_optimizers');
  await ctx.engine.run("SET disabled_optimizers = 'common_subexpressions'");
  try {
    const work = await open(ctx, opening);
    const close = async (): Promise<void> => {
      await work.close();
      await reset();
    };
    return { ...work, close };
  } catch (error) {
    await reset();
    throw error;
  }
}

/** What is opened. */
export interface Opening {
  readonly contract: CompiledContract;
  readonly raw: RawTable;
  readonly isGuarded: boolean;
}

async function open(ctx: ValidateContext, opening: Opening): Promise<Work> {
  return opening.contract.arrived.length <= partWidth ? openNarrow(ctx, opening) : openWide(ctx, opening);
}

async function openNarrow(ctx: ValidateContext, opening: Opening): Promise<Work> {
  const { contract, isGuarded } = opening;
  const table = quoteIdentifier(`work_${opening.raw.batch}`);
  const close = async (): Promise<void> => ctx.engine.run(`DROP TABLE IF EXISTS ${table}`);
  await ctx.engine.run(`CREATE OR REPLACE TABLE ${table} AS ${computedSql(opening, contract.columns)}`);
  const { columns, rows } = contract;
  const picked = ['_row', ...columns.map(({ name }) => quoteIdentifier(name))].map(
    (name) => `computed.${name}`,
  );
  return {
    parts: [{ relation: table, columns, rules: rows }],
    isGuarded,
    core: table,
    rows: ({ joins = '', extra = [] } = {}) =>
      `SELECT ${[...picked, ...extra].join(', ')} FROM ${table} AS computed ${joins}`,
    unreadable: `SELECT _row, _raw FROM ${table} WHERE _raw IS NOT NULL`,
    close,
  };
}

async function openWide(ctx: ValidateContext, opening: Opening): Promise<Work> {
  const files: string[] = [];
  const reset = await raiseMemory(ctx, opening.contract.columns.length);
  const close = async (): Promise<void> => {
    for (const file of files) await rm(file, { force: true });
    await reset();
  };
  try {
    const parts = await writeParts(ctx, opening, files);
    const core = parts.at(-1)?.relation ?? '';
    return {
      parts,
      isGuarded: opening.isGuarded,
      core,
      rows: (options) => wideRows(opening, core, options),
      unreadable: wideUnreadable(parts),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function writeParts(ctx: ValidateContext, opening: Opening, files: string[]): Promise<readonly Part[]> {
  const parts: Part[] = [];
  for (const { columns, rules, reads } of plannedParts(opening.contract)) {
    const file = await ctx.blob.scratchPath('.parquet');
    files.push(file);
    await ctx.engine.writeParquet(`${computedSql(opening, reads)} ORDER BY _row`, file);
    parts.push({ relation: `read_parquet(${quoteLiteral(file)})`, columns, rules });
  }
  return parts;
}

/** What the engine reserves per column of one statement; most of it stays untouched. */
const columnMegabytes = 0.4;

/** Lets the engine reserve what a statement over all columns needs. Yields what sets the limit back. */
async function raiseMemory(ctx: ValidateContext, columns: number): Promise<() => Promise<void>> {
  const [answer] = await ctx.engine.rows("SELECT current_setting('memory_limit') AS before");
  const before = String(answer?.['before']);
  const needed = 1000 + Math.ceil(columns * columnMegabytes);
  if (megabytesOf(before) >= needed) return () => Promise.resolve();
  await ctx.engine.run(`SET memory_limit = '${needed}MB'`);
  return () => ctx.engine.run(`SET memory_limit = ${quoteLiteral(before)}`);
}

/** Reads a size as the engine writes it: `976.5 MiB`. */
function megabytesOf(size: string): number {
  const [, digits = '0', unit = 'B'] = /^([\d.]+) ?(\w+)$/.exec(size) ?? [];
  const power = ['B', 'KiB', 'MiB', 'GiB', 'TiB'].indexOf(unit);
  return (Number(digits) * 1024 ** Math.max(0, power)) / 1e6;
}

interface PlannedPart {
  readonly columns: readonly ColumnSpec[];
  readonly rules: readonly RowRule[];
  readonly reads: readonly ColumnSpec[];
}

/** Arrived columns in slices with the rules of one column; at last the derived ones with the rules over several. */
function plannedParts(contract: CompiledContract): readonly PlannedPart[] {
  const { arrived, columns, rows, unique } = contract;
  const parts: PlannedPart[] = [];
  const placed = new Set<RowRule>();
  for (let from = 0; from < arrived.length; from += partWidth) {
    const slice = arrived.slice(from, from + partWidth);
    const names = new Set(slice.map(({ name }) => name));
    const rules = rows.filter((rule) => rule.columns.every((column) => names.has(column)));
    for (const rule of rules) placed.add(rule);
    parts.push({ columns: slice, rules, reads: slice });
  }
  const derived = columns.slice(arrived.length);
  const rules = rows.filter((rule) => !placed.has(rule));
  const keys = unique.filter(({ isWholeRow }) => !isWholeRow).flatMap((rule) => rule.columns);
  const wanted = new Set([...rules.flatMap((rule) => rule.columns), ...keys, contract.eventTime]);
  const reads = [...arrived.filter(({ name }) => wanted.has(name)), ...derived];
  return [...parts, { columns: derived, rules, reads }];
}

/**
 * The rows are read again without a look at how values are written, which the parts have judged already. Each operator
 * over thousands of columns holds hundreds of megabytes, so there is one join only, with a narrow table.
 */
function wideRows(
  { contract, raw }: Opening,
  core: string,
  { joins = '', extra = [] }: RowsOptions = {},
): string {
  const derived = contract.derived.map(({ name }) => quoteIdentifier(name));
  const inner = ['computed._row', ...derived.map((name) => `computed.${name}`), ...extra];
  const narrow = `SELECT ${inner.join(', ')} FROM ${core} AS computed ${joins}`;
  const { relation, row, columns } = raw.trusted;
  const arrived = contract.arrived.map(({ name }) => `${columns.get(name)} AS ${quoteIdentifier(name)}`);
  const picked = [
    'narrow._row',
    ...arrived,
    ...[...derived, ...extra].map((name) => `narrow.${name.replace(/^\w+\./, '')}`),
  ];
  return `SELECT ${picked.join(', ')} FROM ${relation} AS delivered JOIN (${narrow}) AS narrow ON narrow._row = ${row}`;
}

/** Puts the objects of the parts together as one, in the order of the parts. */
function wideUnreadable(parts: readonly Part[]): string {
  const members = parts.map(
    ({ relation }, i) =>
      `SELECT _row, ${i} AS part, substr(_raw, 2, length(_raw) - 2) AS members FROM ${relation} WHERE _raw IS NOT NULL`,
  );
  const merged = `'{' || string_agg(members, ',' ORDER BY part) || '}' AS _raw`;
  return `SELECT _row, ${merged} FROM (${members.join(' UNION ALL ')}) GROUP BY _row`;
}

/** SQL of `_row`, the columns (arrived or derived), and `_raw`. */
function computedSql({ contract, raw, isGuarded }: Opening, columns: readonly ColumnSpec[]): string {
  const arrived = new Set(contract.arrived.map(({ name }) => name));
  const derived = neededDerived(contract, columns);
  const own = new Set(derived.map(({ name }) => name));
  const reads = [...columns.map(({ name }) => name), ...derived.flatMap((column) => column.reads)];
  const fromRaw = [...new Set(reads)].filter((name) => !own.has(name));
  const lookups = fromRaw.filter((name) => !arrived.has(name));
  let sql = raw.select([...fromRaw.filter((name) => arrived.has(name)), ...lookups]);
  for (const level of levels(derived)) {
    sql = isGuarded ? guardedLevel(level, sql) : `SELECT *, ${level.map(computed).join(', ')} FROM (${sql})`;
  }
  const picked = columns.map(({ name }) => quoteIdentifier(name));
  return `SELECT ${['_row', ...picked, rawSql(isGuarded ? derived : [])].join(', ')} FROM (${sql})`;
}

function computed({ name, sql }: DerivedColumn): string {
  return `${sql} AS ${quoteIdentifier(name)}`;
}

/** A struct around the value tells NULL from what could not be computed. */
function guardedLevel(level: readonly DerivedColumn[], sql: string): string {
  const tried = level.map(
    ({ name, sql }) => `TRY(struct_pack(v := ${sql})) AS ${quoteIdentifier(`tried:${name}`)}`,
  );
  const told = level.map(({ name }) => {
    const struct = quoteIdentifier(`tried:${name}`);
    return `${struct}.v AS ${quoteIdentifier(name)}, ${struct} IS NULL AS ${quoteIdentifier(`failed:${name}`)}`;
  });
  return `SELECT *, ${told.join(', ')} FROM (SELECT *, ${tried.join(', ')} FROM (${sql}))`;
}

/** Notes in `_raw` which derived columns could not be computed. */
function rawSql(guarded: readonly DerivedColumn[]): string {
  if (guarded.length === 0) return '_raw';
  const failed = guarded.map(({ name }) => quoteIdentifier(`failed:${name}`));
  const members = guarded.map(
    ({ name }, i) => `${quoteLiteral(name)}, CASE WHEN ${failed[i]} THEN 'cannot be computed' END`,
  );
  const merged = `json_merge_patch(coalesce(_raw, '{}'), json_merge_patch('{}', json_object(${members.join(', ')})))`;
  return `CASE WHEN ${failed.join(' OR ')} THEN ${merged}::VARCHAR ELSE _raw END AS _raw`;
}

function neededDerived(contract: CompiledContract, columns: readonly ColumnSpec[]): readonly DerivedColumn[] {
  const needed = new Set(columns.map(({ name }) => name));
  for (const { name, reads } of [...contract.derived].reverse()) {
    if (needed.has(name)) for (const read of reads) needed.add(read);
  }
  return contract.derived.filter(({ name }) => needed.has(name));
}

/** Derived columns in groups that read only what earlier groups computed. */
function levels(derived: readonly DerivedColumn[]): readonly (readonly DerivedColumn[])[] {
  const depths = new Map<string, number>();
  const groups: DerivedColumn[][] = [];
  for (const column of derived) {
    const depth = Math.max(0, ...column.reads.map((name) => (depths.get(name) ?? -1) + 1));
    depths.set(column.name, depth);
    (groups[depth] ??= []).push(column);
  }
  return groups;
}
