/** SQL of an expression, in the dialect of DuckDB, independent of the session's settings. */
import type { Expression } from './expression.ts';
import { isColumnJson, isLiteralJson } from './json.ts';
import type { ExpressionJson, ExpressionType, LiteralNodeJson } from './json.ts';
import { operatorOf, overloadOf } from './resolve.ts';
import { quoteIdentifier, quoteLiteral } from './sql-text.ts';

/** How columns appear in the SQL. */
export interface SqlOptions {
  /** Yields the SQL of a column, for instance `f."origin"`; without it the name as an identifier. */
  readonly column?: (name: string) => string;
}

const sqlTypes: Readonly<Record<ExpressionType, string>> = {
  boolean: 'BOOLEAN',
  int64: 'BIGINT',
  double: 'DOUBLE',
  string: 'VARCHAR',
  timestamp: 'TIMESTAMP',
  local: 'TIMESTAMP',
};

/**
 * Yields one SQL scalar expression. Columns are cast to the engine's type of their declared type (a file's INTEGER or
 * FLOAT would else overflow or round earlier), which costs nothing where they have it already. An int64 result that
 * leaves the range makes the query fail, as it makes the closure throw.
 *
 * A column declared `timestamp` must hold UTC in a TIMESTAMP: cast a TIMESTAMPTZ in `options.column` by
 * `timezone('UTC', x)`.
 *
 * @example
 * toSql(columns({ delay: 'int64' }).delay.gte(15)); // '("delay"::BIGINT >= 15::BIGINT)'
 */
export function toSql(expression: Expression, options: SqlOptions = {}): string {
  return write(expression.json, options.column ?? quoteIdentifier).sql;
}

interface Written {
  readonly sql: string;
  readonly type: ExpressionType;
}

function write(json: ExpressionJson, column: (name: string) => string): Written {
  if (isColumnJson(json)) return { sql: `${column(json.name)}::${sqlTypes[json.type]}`, type: json.type };
  if (isLiteralJson(json)) return { sql: literalSql(json), type: json.type };
  const args = json.args.map((arg) => write(arg, column));
  const types = args.map(({ type }) => type);
  const { sql, gives } = overloadOf(operatorOf(json.op, '$'), types);
  const texts = args.map((arg) => arg.sql);
  return { sql: sql(texts, json), type: gives };
}

function literalSql({ type, value }: LiteralNodeJson): string {
  if (value === null) return `NULL::${sqlTypes[type]}`;
  if (type === 'string') return quoteLiteral(String(value));
  if (type === 'double') return `${signed(String(value))}::DOUBLE`;
  if (type === 'int64') return `${signed(String(value))}::BIGINT`;
  if (type === 'boolean') return value === true ? 'TRUE' : 'FALSE';
  return `make_timestamp(${signed(String(value))}::BIGINT)`;
}

/** A minus binds weaker than `::`, and a decimal literal would pass through DECIMAL. */
function signed(number: string): string {
  return /^\d{1,15}$/.test(number) ? number : `'${number}'`;
}
