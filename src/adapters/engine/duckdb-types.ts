import { DuckDBTypeId } from '@duckdb/node-api';
import type { ColumnType } from '../../ports/engine.ts';

const typeOfId: ReadonlyMap<DuckDBTypeId, ColumnType> = new Map([
  [DuckDBTypeId.BOOLEAN, 'boolean'],
  [DuckDBTypeId.TINYINT, 'int64'],
  [DuckDBTypeId.SMALLINT, 'int64'],
  [DuckDBTypeId.INTEGER, 'int64'],
  [DuckDBTypeId.BIGINT, 'int64'],
  [DuckDBTypeId.HUGEINT, 'int64'],
  [DuckDBTypeId.UTINYINT, 'int64'],
  [DuckDBTypeId.USMALLINT, 'int64'],
  [DuckDBTypeId.UINTEGER, 'int64'],
  [DuckDBTypeId.UBIGINT, 'int64'],
  [DuckDBTypeId.UHUGEINT, 'int64'],
  [DuckDBTypeId.FLOAT, 'double'],
  [DuckDBTypeId.DOUBLE, 'double'],
  [DuckDBTypeId.DECIMAL, 'double'],
  [DuckDBTypeId.VARCHAR, 'string'],
  [DuckDBTypeId.ENUM, 'string'],
  [DuckDBTypeId.DATE, 'timestamp'],
  [DuckDBTypeId.TIMESTAMP, 'timestamp'],
  [DuckDBTypeId.TIMESTAMP_S, 'timestamp'],
  [DuckDBTypeId.TIMESTAMP_MS, 'timestamp'],
  [DuckDBTypeId.TIMESTAMP_NS, 'timestamp'],
  [DuckDBTypeId.TIMESTAMP_TZ, 'timestamp'],
]);

const typeOfName: ReadonlyMap<string, ColumnType> = new Map([
  ['BOOLEAN', 'boolean'],
  ['TINYINT', 'int64'],
  ['SMALLINT', 'int64'],
  ['INTEGER', 'int64'],
  ['BIGINT', 'int64'],
  ['HUGEINT', 'int64'],
  ['UTINYINT', 'int64'],
  ['USMALLINT', 'int64'],
  ['UINTEGER', 'int64'],
  ['UBIGINT', 'int64'],
  ['UHUGEINT', 'int64'],
  ['FLOAT', 'double'],
  ['DOUBLE', 'double'],
  ['DECIMAL', 'double'],
  ['VARCHAR', 'string'],
  ['JSON', 'string'],
  ['ENUM', 'string'],
  ['DATE', 'timestamp'],
  ['TIMESTAMP', 'timestamp'],
  ['TIMESTAMP_S', 'timestamp'],
  ['TIMESTAMP_MS', 'timestamp'],
  ['TIMESTAMP_NS', 'timestamp'],
  ['TIMESTAMP WITH TIME ZONE', 'timestamp'],
]);

/** SQL types in which registered columns are kept. */
export const sqlTypes: Readonly<Record<ColumnType, string>> = {
  boolean: 'BOOLEAN',
  int64: 'BIGINT',
  double: 'DOUBLE',
  string: 'VARCHAR',
  timestamp: 'TIMESTAMP',
};

/** Yields our type for an engine's type id, or null when it is none of ours. */
export function columnTypeOfId(id: DuckDBTypeId): ColumnType | null {
  return typeOfId.get(id) ?? null;
}

/** Yields our type for a type as DESCRIBE writes it (`DECIMAL(18,3)`), or null when it is none of ours. */
export function columnTypeOfName(name: string): ColumnType | null {
  // A list or array of a known type ends in brackets, and is none of ours.
  if (name.endsWith(']')) return null;
  return typeOfName.get(name.replace(/\(.*\)$/s, '')) ?? null;
}

/** Quotes a name for SQL. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a text for SQL. */
export function quotedText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
