import { quoteIdentifier } from '../../../expression/sql-text.ts';
import type { Cell } from '../../../ports/engine.ts';
import type { ColumnSpec } from '../../../records/column-spec.ts';
import type { ColumnProfile } from '../../../records/validation.ts';
import { wholeSums } from './moments.ts';
import { numeric, numericSql, type Moments } from './numeric-column.ts';

/** Yields the aggregates of a column's profile, named `<alias>_*`. */
export function profileSql(column: ColumnSpec, alias: string): readonly string[] {
  const name = quoteIdentifier(column.name);
  const value = numericSql(column);
  const counts = [`count(${name}) AS ${alias}_n`, `approx_count_distinct(${name}) AS ${alias}_d`];
  const size = value ?? `length(${name})`;
  return [
    ...counts,
    `min(${size}) AS ${alias}_min`,
    `max(${size}) AS ${alias}_max`,
    ...wholeSums(column, alias),
  ];
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
