/**
 * The JSON form of expressions: plain data, independent of any engine. It is what is stored, hashed and sent; the
 * builder writes it, `to-sql` and `to-js` read it.
 */

/**
 * The types of the language. `int64` is exact over its whole range, `timestamp` is UTC microseconds, `local` is a wall
 * clock reading without a zone (microseconds as if it were UTC), which becomes a `timestamp` through `inZone`.
 */
export type ExpressionType = 'boolean' | 'int64' | 'double' | 'string' | 'timestamp' | 'local';

/** Every type, in the order of the documentation. */
export const expressionTypes: readonly ExpressionType[] = [
  'boolean',
  'int64',
  'double',
  'string',
  'timestamp',
  'local',
];

/**
 * A value while a closure runs: null is the language's NULL; int64, timestamp and local are numbers while they are
 * safe integers and bigints beyond (never both for one value, so `===` decides equality).
 */
export type Value = null | boolean | number | bigint | string;

/** A literal's value in JSON: what JSON numbers cannot hold is text (`'NaN'`, `'-Infinity'`, `'9007199254740993'`). */
export type LiteralJson = null | boolean | number | string;

/** What an operator takes beside its arguments; each is constant for the expression. */
export interface OperatorParams {
  /** `bucketize`: rising, finite edges. */
  readonly edges?: readonly number[];
  /** `matches`: a pattern of the portable subset of RE2. */
  readonly pattern?: string;
  /** `substring`: index of the first code point, from 0. */
  readonly start?: number;
  /** `substring`: greatest number of code points. */
  readonly length?: number;
  /** `hashBucket`: number of buckets, 1 to 1048576. */
  readonly buckets?: number;
}

/** A reference to a column of the row. */
export interface ColumnJson {
  readonly op: 'column';
  readonly name: string;
  readonly type: ExpressionType;
}

/** A constant. */
export interface LiteralNodeJson {
  readonly op: 'literal';
  readonly type: ExpressionType;
  readonly value: LiteralJson;
}

/** An operator applied to arguments. */
export interface ApplyJson extends OperatorParams {
  readonly op: string;
  readonly args: readonly ExpressionJson[];
}

/** An expression as data. */
export type ExpressionJson = ColumnJson | LiteralNodeJson | ApplyJson;

/** True for a reference to a column. */
export function isColumnJson(json: ExpressionJson): json is ColumnJson {
  return json.op === 'column';
}

/** True for a constant. */
export function isLiteralJson(json: ExpressionJson): json is LiteralNodeJson {
  return json.op === 'literal';
}
