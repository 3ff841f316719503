import type { ColumnSpecType } from '../../records/column-spec.ts';
import { quoteLiteral } from '../../expression/sql-text.ts';

/** SQL type of a processed column; both kinds of time are a TIMESTAMP, `timestamp` in UTC. */
export const engineTypes: Readonly<Record<ColumnSpecType, string>> = {
  boolean: 'BOOLEAN',
  int64: 'BIGINT',
  double: 'DOUBLE',
  string: 'VARCHAR',
  timestamp: 'TIMESTAMP',
  local: 'TIMESTAMP',
};

/** How a value is read: SQL of the typed value, NULL where it cannot be read. */
export interface Reading {
  readonly sql: string;
  /** The same for values known to be readable; shorter. */
  readonly trusted: string;
  /** False when every value that is not NULL can be read. */
  readonly mayFail: boolean;
}

const date = '\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])';
const clock = '([T ]([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,9})?)?)';
const naive = quoteLiteral(`${date}${clock}?`);
const zoned = quoteLiteral(`${date}${clock}(Z|[+-]([01]\\d|2[0-3])(:?[0-5]\\d)?)`);

/**
 * Yields how a text is read. The engine's own casts are too kind: `'1.7'` would become the integer 2, `'1_000'` 1000,
 * and an offset of a time would be ignored. A `timestamp` without a zone is UTC; a `local` must have none.
 *
 * @param x SQL of the text
 */
export function readText(x: string, type: ColumnSpecType): Reading {
  if (type === 'string') return { sql: x, trusted: x, mayFail: false };
  return { ...textReadings[type](x), mayFail: true };
}

type TextReading = (x: string) => { readonly sql: string; readonly trusted: string };

const textReadings: Readonly<Record<Exclude<ColumnSpecType, 'string'>, TextReading>> = {
  boolean: (x) => once(`CASE lower(${x}) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END`),
  // Most integers are written as the engine writes them; only the others pay for the closer look.
  int64: (x) => {
    const cast = `TRY_CAST(${x} AS BIGINT)`;
    const isPlain = `CAST(${cast} AS VARCHAR) = ${x}`;
    const isDigits = `translate(${x}, '0123456789+-', '') = ''`;
    return { sql: `CASE WHEN ${isPlain} THEN ${cast} WHEN ${isDigits} THEN ${cast} END`, trusted: cast };
  },
  double: (x) => {
    const cast = `TRY_CAST(${x} AS DOUBLE)`;
    return { sql: `CASE WHEN isfinite(${cast}) AND NOT contains(${x}, '_') THEN ${cast} END`, trusted: cast };
  },
  timestamp: (x) =>
    once(
      `CASE WHEN regexp_full_match(${x}, ${naive}) THEN TRY_CAST(${x} AS TIMESTAMP)` +
        ` WHEN regexp_full_match(${x}, ${zoned}) THEN timezone('UTC', TRY_CAST(${x} AS TIMESTAMPTZ)) END`,
    ),
  local: (x) => once(`CASE WHEN regexp_full_match(${x}, ${naive}) THEN TRY_CAST(${x} AS TIMESTAMP) END`),
};

function once(sql: string): { readonly sql: string; readonly trusted: string } {
  return { sql, trusted: sql };
}

/**
 * Yields how a JSON value is read: numbers only from numbers, text only from strings, JSON null is NULL.
 *
 * @param x SQL of the JSON value
 */
export function readJson(x: string, type: ColumnSpecType): Reading {
  const isText = `starts_with(${x}::VARCHAR, '"')`;
  const text = `(CASE WHEN ${isText} THEN ${x} ->> '$' END)`;
  if (type === 'string') return { sql: text, trusted: text, mayFail: true };
  if (type === 'timestamp' || type === 'local') return readText(text, type);
  const bare = `(CASE WHEN NOT ${isText} THEN ${x}::VARCHAR END)`;
  if (type !== 'int64') return readText(bare, type);
  const cast = `TRY_CAST(${bare} AS BIGINT)`;
  // JSON knows one kind of number: 5.0 is the integer 5.
  const isWhole = `regexp_full_match(${bare}, '-?\\d+(\\.0+)?')`;
  const sql = `CASE WHEN CAST(${cast} AS VARCHAR) = ${bare} THEN ${cast} WHEN ${isWhole} THEN ${cast} END`;
  return { sql, trusted: cast, mayFail: true };
}

const integers = new Set(['TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'UTINYINT', 'USMALLINT', 'UINTEGER']);
const exactDoubles = new Set([
  'TINYINT',
  'SMALLINT',
  'INTEGER',
  'UTINYINT',
  'USMALLINT',
  'UINTEGER',
  'FLOAT',
  'DOUBLE',
]);
const wideIntegers = new Set(['BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT']);
const times = new Set(['TIMESTAMP', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP_NS', 'DATE']);

/**
 * Yields how a value of a typed file is read, or undefined when its type cannot stand for the declared one. Widths of
 * numbers may differ; an integer that a double cannot hold exactly, or that leaves 64 bits, counts as unreadable.
 *
 * @param x SQL of the value
 * @param engineType its type as the engine describes it
 */
export function readTyped(x: string, engineType: string, type: ColumnSpecType): Reading | undefined {
  const from = engineType.replace(/\(.*\)$/s, '');
  if (from === 'NULL' || from === '"NULL"') return sure(`CAST(NULL AS ${engineTypes[type]})`);
  return typedReadings[type](x, from);
}

type TypedReading = (x: string, from: string) => Reading | undefined;

const typedReadings: Readonly<Record<ColumnSpecType, TypedReading>> = {
  boolean: (x, from) => (from === 'BOOLEAN' ? sure(x) : undefined),
  int64: (x, from) => {
    if (integers.has(from)) return sure(from === 'BIGINT' ? x : `CAST(${x} AS BIGINT)`);
    return wideIntegers.has(from) ? risky(`TRY_CAST(${x} AS BIGINT)`) : undefined;
  },
  double: (x, from) => {
    if (exactDoubles.has(from)) return sure(from === 'DOUBLE' ? x : `CAST(${x} AS DOUBLE)`);
    if (from === 'DECIMAL') return sure(`CAST(${x} AS DOUBLE)`);
    if (!wideIntegers.has(from)) return undefined;
    return risky(
      `CASE WHEN ${x} BETWEEN -9007199254740992 AND 9007199254740992 THEN CAST(${x} AS DOUBLE) END`,
    );
  },
  string: (x, from) => {
    if (from === 'VARCHAR') return sure(x);
    return ['ENUM', 'UUID', 'JSON'].includes(from) ? sure(`CAST(${x} AS VARCHAR)`) : undefined;
  },
  timestamp: (x, from) => {
    if (from === 'TIMESTAMP WITH TIME ZONE') return sure(`timezone('UTC', ${x})`);
    return wallClock(x, from);
  },
  local: (x, from) => wallClock(x, from),
};

function wallClock(x: string, from: string): Reading | undefined {
  if (!times.has(from)) return undefined;
  return sure(from === 'TIMESTAMP' ? x : `CAST(${x} AS TIMESTAMP)`);
}

function sure(sql: string): Reading {
  return { sql, trusted: sql, mayFail: false };
}

function risky(sql: string): Reading {
  return { sql, trusted: sql, mayFail: true };
}
