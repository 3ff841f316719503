import { quoteIdentifier } from '../../expression/sql-text.ts';
import type { Cell } from '../../ports/engine.ts';
import type { ColumnSpec } from '../../records/column-spec.ts';
import type { ColumnProfile } from '../../records/validation.ts';

/** Mean and standard deviation (n - 1) of a column. */
export interface Moments {
  readonly mean: number;
  readonly stddev: number | null;
}

/** Yields SQL of a column's value as a number (times in microseconds, booleans 0 and 1); undefined for text. */
export function numericSql({ name, type }: ColumnSpec): string | undefined {
  const column = quoteIdentifier(name);
  switch (type) {
    case 'string':
      return undefined;
    case 'boolean':
      return `${column}::INTEGER`;
    case 'int64':
      return column;
    case 'double':
      return `CASE WHEN isfinite(${column}) THEN ${column} END`;
    case 'timestamp':
    case 'local':
      return `CASE WHEN isfinite(${column}) THEN epoch_us(${column}) END`;
  }
}

/** Yields the aggregates of a column's profile, named `<alias>_*`. */
export function profileSql(column: ColumnSpec, alias: string): readonly string[] {
  const name = quoteIdentifier(column.name);
  const value = numericSql(column);
  const counts = [`count(${name}) AS ${alias}_n`, `approx_count_distinct(${name}) AS ${alias}_d`];
  const size = value ?? `length(${name})`;
  return [...counts, `min(${size}) AS ${alias}_min`, `max(${size}) AS ${alias}_max`];
}

/** What a column's profile is read from. */
export interface ProfileAnswer {
  readonly answer: Readonly<Record<string, Cell>>;
  readonly alias: string;
  readonly moments: Moments | undefined;
}

/** Yields a column's profile from the answer to `profileSql`. */
export function profileOf(column: ColumnSpec, { answer, alias, moments }: ProfileAnswer): ColumnProfile {
  const isText = column.type === 'string';
  const min = numeric(answer[`${alias}_min`]);
  const max = numeric(answer[`${alias}_max`]);
  return {
    name: column.name,
    type: column.type,
    nulls: Number(answer['rows']) - Number(answer[`${alias}_n`]),
    distinctApprox: Number(answer[`${alias}_d`]),
    min: isText ? null : min,
    max: isText ? null : max,
    mean: moments?.mean ?? null,
    stddev: moments?.stddev ?? null,
    minLength: isText ? min : null,
    maxLength: isText ? max : null,
  };
}

/** Yields a cell as a number; beyond 2^53 the nearest double. */
export function numeric(cell: Cell | undefined): number | null {
  return cell === null || cell === undefined ? null : Number(cell);
}
