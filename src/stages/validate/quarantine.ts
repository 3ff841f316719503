import { quoteIdentifier, quoteLiteral } from '../../expression/sql-text.ts';
import type { StepContext } from '../../ledger/step-context.ts';
import type { Cell } from '../../ports/engine.ts';
import type { Validation } from '../../records/validation.ts';

/** A quarantined row. */
export interface QuarantinedRow {
  /** Position in the delivery, from 0. */
  readonly row: number;
  /** Every rule it breaks. */
  readonly reasons: readonly string[];
  /** What row checks said. */
  readonly notes: string | null;
  /** Texts that could not be read, by column. */
  readonly unreadable: Readonly<Record<string, string>>;
  /** The columns as far as they could be read; times in UTC microseconds. */
  readonly values: Readonly<Record<string, Cell>>;
}

type QuarantineContext = Pick<StepContext, 'blob' | 'engine'>;

/**
 * Yields quarantined rows of one validation, in row order.
 *
 * @param options.reason only rows that break this rule
 * @param options.limit greatest number of rows
 */
export async function readQuarantine(
  ctx: QuarantineContext,
  validation: Validation,
  options: { readonly reason?: string; readonly limit: number },
): Promise<readonly QuarantinedRow[]> {
  const table = await tableOf(ctx, validation);
  if (table === undefined) return [];
  const where =
    options.reason === undefined ? '' : `WHERE list_contains(_reasons, ${quoteLiteral(options.reason)})`;
  const names = validation.profile.map(({ name }) => name);
  const columns = names.map(quoteIdentifier);
  const rows = await ctx.engine.rows(
    `SELECT ${['_row', 'to_json(_reasons)::VARCHAR AS _reasons', '_notes', '_raw', ...columns].join(', ')}` +
      ` FROM ${table} ${where} ORDER BY _row LIMIT ${Math.floor(options.limit)}`,
  );
  return rows.map((row) => {
    const unreadable = JSON.parse(String(row['_raw'] ?? '{}')) as Readonly<Record<string, string>>;
    const valueOf = (name: string): Cell => (Object.hasOwn(unreadable, name) ? null : (row[name] ?? null));
    return {
      row: Number(row['_row']),
      reasons: JSON.parse(String(row['_reasons'])) as readonly string[],
      notes: row['_notes'] === null ? null : String(row['_notes']),
      unreadable,
      values: Object.fromEntries(names.map((name) => [name, valueOf(name)])),
    };
  });
}

/** How many rows one rule keeps back. */
export interface ReasonCount {
  readonly reason: string;
  readonly rows: number;
}

/** Yields how many quarantined rows break each rule, most first, then by name; a row counts once per rule. */
export async function quarantineSummary(
  ctx: QuarantineContext,
  validation: Validation,
): Promise<readonly ReasonCount[]> {
  const table = await tableOf(ctx, validation);
  if (table === undefined) return [];
  const rows = await ctx.engine.rows(
    `SELECT reason, count(*) AS rows FROM (SELECT unnest(_reasons) AS reason FROM ${table})` +
      ' GROUP BY reason ORDER BY rows DESC, reason',
  );
  return rows.map((row) => ({ reason: String(row['reason']), rows: Number(row['rows']) }));
}

async function tableOf(ctx: QuarantineContext, { quarantine }: Validation): Promise<string | undefined> {
  return quarantine === null
    ? undefined
    : `read_parquet(${quoteLiteral(await ctx.blob.path(quarantine.digest))})`;
}
