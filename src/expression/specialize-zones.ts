import { caseWhen, literal, apply } from './expression.ts';
import type { Expression } from './expression.ts';
import { isColumnJson, isLiteralJson } from './json.ts';
import type { ExpressionJson } from './json.ts';
import { parseExpression } from './parse.ts';
import type { ColumnTypes } from './expression.ts';

/** More branches than this cost more than they save. */
const mostZones = 64;

/**
 * Yields the same expression, faster where the engine converts wall clocks by a zone per row: for each zone that is known
 * to occur, a branch with that zone as a constant; any other zone goes the general way. Nothing of its meaning changes.
 *
 * @param expression any expression
 * @param columns types of the columns that it reads
 * @param zones IANA names known to occur; none, or more than 64, change nothing
 * @example
 * specializeZones(literal(true), { columns: {}, zones: [] }).type; // 'boolean'
 */
export function specializeZones(
  expression: Expression,
  { columns, zones }: { readonly columns: ColumnTypes; readonly zones: readonly string[] },
): Expression {
  if (zones.length === 0 || zones.length > mostZones) return expression;
  const rewrite = (json: ExpressionJson): ExpressionJson => {
    if (isColumnJson(json) || isLiteralJson(json)) return json;
    const rewritten = { ...json, args: json.args.map(rewrite) };
    const [at, zone] = rewritten.args;
    if (json.op !== 'inZone' || at === undefined || zone === undefined || isLiteralJson(zone))
      return rewritten;
    return branches({ at: parseExpression(at, columns), zone: parseExpression(zone, columns) }, zones).json;
  };
  return parseExpression(rewrite(expression.json), columns);
}

function branches(
  of: { readonly at: Expression; readonly zone: Expression },
  zones: readonly string[],
): Expression {
  const general = apply('inZone', [of.at, of.zone]) as Expression<'timestamp'>;
  const known = zones.map((name) => {
    const condition = apply('eq', [of.zone, literal(name)]) as Expression<'boolean'>;
    return [condition, apply('inZone', [of.at, literal(name)]) as Expression<'timestamp'>] as const;
  });
  return caseWhen(known, general);
}
