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

/** A batch, computed. */
export interface Work {
  readonly parts: readonly Part[];
  /** True when something could not be computed for some row, so that predicates are guarded too. */
  readonly isGuarded: boolean;
  /** SQL of `_row` and all processed columns, unordered, for rows that break no rule. */
  readonly goodRows: string;
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
  const goodRows = `SELECT ${['_row', ...columns.map(({ name }) => quoteIdentifier(name))].join(', ')} FROM ${table}`;
  return { parts: [{ relation: table, columns, rules: rows }], isGuarded, goodRows, close };
}

async function openWide(ctx: ValidateContext, opening: Opening): Promise<Work> {
  const { contract } = opening;
  const files: string[] = [];
  const parts: Part[] = [];
  const close = async (): Promise<void> => {
    for (const file of files) await rm(file, { force: true });
  };
  try {
    for (const { columns, rules, reads } of plannedParts(contract)) {
      const file = await ctx.blob.scratchPath('.parquet');
      files.push(file);
      await ctx.engine.writeParquet(`${computedSql(opening, reads)} ORDER BY _row`, file);
      parts.push({ relation: `read_parquet(${quoteLiteral(file)})`, columns, rules });
    }
  } catch (error) {
    await close();
    throw error;
  }
  const last = parts.at(-1)?.relation ?? '';
  return { parts, isGuarded: opening.isGuarded, goodRows: wideRows(opening, last), close };
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

/** The rows are read again without a look at how values are written, which the parts have judged already. */
function wideRows({ contract, raw }: Opening, last: string): string {
  const names = contract.arrived.map(({ name }) => name);
  const trusted = raw.select(names, { trusted: true });
  const derived = contract.derived.map(({ name }) => `computed.${quoteIdentifier(name)}`);
  const columns = ['arrived._row', ...names.map((name) => `arrived.${quoteIdentifier(name)}`), ...derived];
  return `SELECT ${columns.join(', ')} FROM (${trusted}) AS arrived JOIN ${last} AS computed USING (_row)`;
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
