import { quoteIdentifier } from '../../../expression/sql-text.ts';
import type { Cell } from '../../../ports/engine.ts';
import type { ColumnSpec } from '../../../records/column-spec.ts';

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

/** Yields a cell as a number; beyond 2^53 the nearest double. */
export function numeric(cell: Cell | undefined): number | null {
  return cell === null || cell === undefined ? null : Number(cell);
}
