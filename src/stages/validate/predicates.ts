import { SluiceError } from '../../base/errors.ts';
import { refusePattern } from '../../expression/operators/pattern.ts';
import { quoteIdentifier, quoteLiteral } from '../../expression/sql-text.ts';
import type { ColumnSpec } from '../../records/column-spec.ts';

/** Bounds of a range; null is no bound. */
export interface Bounds {
  readonly min: number | null;
  readonly max: number | null;
  readonly isMinExclusive?: boolean;
  readonly isMaxExclusive?: boolean;
}

/** Yields SQL that is false outside the bounds. @throws VALIDATE_RULE_COLUMN for a column that is no number */
export function rangePredicate(rule: string, column: ColumnSpec, bounds: Bounds): string {
  if (column.type !== 'int64' && column.type !== 'double') throw wrongType(rule, column, 'a number');
  const { min, max, isMinExclusive = false, isMaxExclusive = false } = bounds;
  const name = quoteIdentifier(column.name);
  const parts = [
    ...(min === null ? [] : [`${name} ${isMinExclusive ? '>' : '>='} ${number(min)}`]),
    ...(max === null ? [] : [`${name} ${isMaxExclusive ? '<' : '<='} ${number(max)}`]),
  ];
  return parts.length === 0 ? 'TRUE' : parts.join(' AND ');
}

/** Whole numbers of any size compare exactly with both integers and doubles. */
function number(value: number): string {
  return Number.isSafeInteger(value) ? `${value}::BIGINT` : `'${value}'::DOUBLE`;
}

/** Yields SQL that is false for values not listed. @throws VALIDATE_RULE_VALUE, VALIDATE_RULE_COLUMN */
export function setPredicate(
  rule: string,
  column: ColumnSpec,
  values: readonly (string | number | boolean)[],
): string {
  if (column.type === 'timestamp' || column.type === 'local')
    throw wrongType(rule, column, 'text, a number or a boolean');
  const wanted = { string: 'string', int64: 'number', double: 'number', boolean: 'boolean' }[column.type];
  const literals = values.map((value) => {
    const fits = typeof value === wanted && (column.type !== 'int64' || Number.isSafeInteger(value));
    if (!fits)
      throw new SluiceError('VALIDATE_RULE_VALUE', {
        rule,
        value: JSON.stringify(value),
        column: column.name,
        type: column.type,
      });
    if (typeof value === 'string') return quoteLiteral(value);
    return typeof value === 'boolean' ? String(value) : number(value);
  });
  return `${quoteIdentifier(column.name)} IN (${literals.join(', ')})`;
}

/** Yields SQL that is false where text has no match of the pattern. @throws VALIDATE_RULE_PATTERN, VALIDATE_RULE_COLUMN */
export function regexPredicate(rule: string, column: ColumnSpec, pattern: string): string {
  if (column.type !== 'string') throw wrongType(rule, column, 'text');
  const reason = refusePattern(pattern);
  if (reason !== undefined) throw new SluiceError('VALIDATE_RULE_PATTERN', { rule, pattern, reason });
  return `regexp_matches(${quoteIdentifier(column.name)}, ${quoteLiteral(pattern)})`;
}

/** Yields SQL that is false for text with fewer or more code points. @throws VALIDATE_RULE_COLUMN */
export function lengthPredicate(rule: string, column: ColumnSpec, { min, max }: Bounds): string {
  if (column.type !== 'string') throw wrongType(rule, column, 'text');
  const length = `length(${quoteIdentifier(column.name)})`;
  if (min !== null && min === max) return `${length} = ${min}`;
  const parts = [
    ...(min === null ? [] : [`${length} >= ${min}`]),
    ...(max === null ? [] : [`${length} <= ${max}`]),
  ];
  return parts.join(' AND ');
}

function wrongType(rule: string, column: ColumnSpec, wanted: string): SluiceError {
  return new SluiceError('VALIDATE_RULE_TYPE', { rule, column: column.name, type: column.type, wanted });
}
