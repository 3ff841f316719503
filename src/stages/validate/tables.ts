import { rm } from 'node:fs/promises';
import { quoteLiteral } from '../../expression/sql-text.ts';
import type { RawTable } from '../../ledger/raw-table.ts';
import type { TableRef } from '../../records/validation.ts';
import type { Faults } from './faults.ts';
import type { RowsOptions, ValidateContext, Work } from './work.ts';

/** What a batch's tables are written from. */
export interface Judgement {
  readonly raw: RawTable;
  readonly work: Work;
  readonly faults: Faults | undefined;
}

/** Yields the join that leaves the rows without a fault. */
export function withoutFaults(faults: Faults | undefined): RowsOptions {
  return faults === undefined ? {} : { joins: `ANTI JOIN ${faults.relation} USING (_row)` };
}

/** Writes the good rows: `_row`, arrived and derived columns, `_batch`, in order of `_row`. */
export async function writeProcessed(
  ctx: ValidateContext,
  { raw, work, faults }: Judgement,
): Promise<TableRef> {
  const rows = work.rows(withoutFaults(faults));
  return writeTable(ctx, `SELECT *, ${quoteLiteral(raw.batch)} AS _batch FROM (${rows}) ORDER BY _row`);
}

/**
 * Writes the bad rows: `_row`, the columns as far as they could be read, `_reasons` (every rule broken, in the order of
 * the contract), `_notes` (what row checks said), `_raw` (texts that could not be read), `_batch`.
 */
export async function writeQuarantine(
  ctx: ValidateContext,
  { raw, work, faults }: Judgement & { readonly faults: Faults },
): Promise<TableRef> {
  const joins =
    `JOIN (${faults.byRow}) AS faults ON faults._row = computed._row` +
    ` LEFT JOIN (${work.unreadable}) AS unreadable ON unreadable._row = computed._row`;
  const rows = work.rows({
    joins,
    extra: ['_reasons', '_notes', 'unreadable._raw'],
  });
  return writeTable(ctx, `SELECT *, ${quoteLiteral(raw.batch)} AS _batch FROM (${rows}) ORDER BY _row`);
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
