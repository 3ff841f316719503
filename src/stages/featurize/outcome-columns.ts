import { columnsOf, type ExpressionType } from '../../expression/expression.ts';
import type { SourceSpec } from '../../records/source-spec.ts';
import { parseOwned } from './owned-expression.ts';

/**
 * Yields, for every column that nobody knows at event time, the declared column it rests on: the outcome columns, the
 * known time itself (when the outcome comes is not known before), and every derived or looked-up column that reads one of these.
 *
 * @returns processed (and lookup) column name -> outcome column
 * @throws FEATURIZE_UNKNOWN_COLUMN, FEATURIZE_EXPRESSION for a derived column that cannot be read
 */
export function outcomeColumns(source: SourceSpec): ReadonlyMap<string, string> {
  const unknown = new Map<string, string>(source.outcomeColumns.map((name) => [name, name]));
  if (source.knownTime !== null && source.knownTime !== source.eventTime)
    unknown.set(source.knownTime, source.knownTime);
  const types: Record<string, ExpressionType> = {};
  for (const { name, type } of source.columns) types[name] = type;
  for (const { as, lookup, on } of source.joins) {
    for (const { name, type } of source.lookups.find((one) => one.name === lookup)?.columns ?? []) {
      types[`${as}.${name}`] = type;
      if (unknown.has(on)) unknown.set(`${as}.${name}`, unknown.get(on) ?? on);
    }
  }
  for (const { name, type, expression } of source.derived) {
    const read = columnsOf(parseOwned({ owner: `derived column ${name}`, json: expression }, types));
    const first = read.map((column) => unknown.get(column)).find((outcome) => outcome !== undefined);
    if (first !== undefined && !unknown.has(name)) unknown.set(name, first);
    types[name] = type;
  }
  return unknown;
}
