import { rm } from 'node:fs/promises';
import { quoteIdentifier, quoteLiteral } from '../../expression/sql-text.ts';
import type { RawTable } from '../../ledger/raw-table.ts';
import type { TableRef } from '../../records/validation.ts';
import type { CompiledContract } from './compiled-contract.ts';
import type { Faults } from './faults.ts';
import type { ValidateContext, Work } from './work.ts';

/** What a batch's tables are written from. */
export interface Judgement {
  readonly contract: CompiledContract;
  readonly raw: RawTable;
  readonly work: Work;
  readonly faults: Faults | undefined;
}

/** Yields SQL of the rows without a fault, unordered. */
export function goodSql(work: Work, faults: Faults | undefined): string {
  if (faults === undefined) return work.goodRows;
  return `SELECT * FROM (${work.goodRows}) ANTI JOIN ${faults.relation} USING (_row)`;
}

/** Writes the good rows: arrived and derived columns, `_batch`, `_row`, in order of `_row`. */
export async function writeProcessed(
  ctx: ValidateContext,
  { contract, raw, work, faults }: Judgement,
): Promise<TableRef> {
  const columns = contract.columns.map(({ name }) => quoteIdentifier(name));
  const picked = [...columns, `${quoteLiteral(raw.batch)} AS _batch`, '_row'];
  return writeTable(ctx, `SELECT ${picked.join(', ')} FROM (${goodSql(work, faults)}) ORDER BY _row`);
}

/**
 * Writes the bad rows: `_row`, `_batch`, `_reasons` (every rule broken, in the order of the contract), `_notes` (what row
 * checks said), `_raw` (texts that could not be read), then the columns as far as they could be read.
 */
export async function writeQuarantine(
  ctx: ValidateContext,
  { contract, raw, work, faults }: Judgement & { readonly faults: Faults },
): Promise<TableRef> {
  const tables = work.parts.map(({ relation }, i) => `${relation} AS part${i}`);
  const joined = tables.map((table, i) => (i === 0 ? table : `JOIN ${table} ON part${i}._row = part0._row`));
  const texts = work.parts.map((_, i) => `coalesce(part${i}._raw, '{}')`);
  const merged = texts.reduce((all, text) => `json_merge_patch(${all}, ${text})`);
  const rawText = work.parts.length === 1 ? 'part0._raw' : `nullif((${merged})::VARCHAR, '{}')`;
  const columns = work.parts.flatMap((part, i) =>
    part.columns.map(({ name }) => `part${i}.${quoteIdentifier(name)}`),
  );
  const picked = [
    'part0._row',
    `${quoteLiteral(raw.batch)} AS _batch`,
    'faults._reasons',
    'faults._notes',
    `${rawText} AS _raw`,
    ...columns,
  ];
  const rows = `FROM ${joined.join(' ')} JOIN (${faults.byRow}) AS faults ON faults._row = part0._row`;
  return writeTable(ctx, `SELECT ${picked.join(', ')} ${rows} ORDER BY part0._row`);
}

async function writeTable(ctx: ValidateContext, sql: string): Promise<TableRef> {
  const file = await ctx.blob.scratchPath('.parquet');
  try {
    const { rows } = await ctx.engine.writeParquet(sql, file);
    const { digest, sizeBytes } = await ctx.blob.putFile(file, { move: true });
    return { digest, rows, sizeBytes };
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}
