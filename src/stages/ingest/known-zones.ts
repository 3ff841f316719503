import type { Json } from '../../base/canonical-json.ts';
import { quoteIdentifier } from '../../expression/sql-text.ts';
import type { StepContext } from '../../ledger/step-context.ts';
import type { SourceSpec } from '../../records/source-spec.ts';
import { openLookup, type LookupDigests } from './lookups.ts';

/**
 * Yields the time zones that a source's lookups hold in columns by which derived columns convert wall clocks, sorted; with
 * them the conversion is compiled for each zone instead of looking the zone up for every row.
 */
export async function knownZones(
  ctx: Pick<StepContext, 'blob' | 'engine'>,
  source: SourceSpec,
  lookups: LookupDigests,
): Promise<readonly string[]> {
  const names = new Set(source.derived.flatMap(({ expression }) => zoneColumns(expression)));
  const zones = new Set<string>();
  for (const { as, lookup } of source.joins) {
    const spec = source.lookups.find(({ name }) => name === lookup);
    const digest = lookups[lookup];
    if (spec === undefined || digest === undefined) continue;
    for (const { name } of spec.columns.filter((column) => names.has(`${as}.${column.name}`))) {
      const table = await openLookup(ctx, spec, digest);
      const column = quoteIdentifier(name);
      const rows = await ctx.engine.rows(
        `SELECT DISTINCT ${column} AS zone FROM ${table} WHERE ${column} IS NOT NULL`,
      );
      for (const { zone } of rows) zones.add(String(zone));
    }
  }
  return [...zones].sort();
}

/** Columns in the place of the zone of an `inZone`, anywhere in an expression. */
function zoneColumns(json: Json): readonly string[] {
  if (typeof json !== 'object' || json === null) return [];
  if (Array.isArray(json)) return (json as readonly Json[]).flatMap(zoneColumns);
  const { op, args } = json as { readonly op?: Json; readonly args?: readonly Json[] };
  const zone =
    op === 'inZone' ? (args?.[1] as { readonly op?: Json; readonly name?: Json } | undefined) : undefined;
  const own = zone?.op === 'column' && typeof zone.name === 'string' ? [zone.name] : [];
  return [...own, ...(args ?? []).flatMap(zoneColumns)];
}
