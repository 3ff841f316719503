import type { ExpressionJson, ExpressionType } from './json.ts';

/** The plain JavaScript values that stand for a literal of a type. Timestamps: a Date, or UTC microseconds. */
export type Plain<T extends ExpressionType> = T extends 'boolean'
  ? boolean
  : T extends 'int64'
    ? number | bigint
    : T extends 'double'
      ? number
      : T extends 'string'
        ? string
        : T extends 'timestamp'
          ? Date | number | bigint
          : number | bigint;

/** An argument of a type: an expression or a plain value. */
export type Argument<T extends ExpressionType> = Expression<T> | Plain<T>;

type Numeric = 'int64' | 'double';
type Calendrical = 'timestamp' | 'local';

/** What a value of a type can be compared with: its own type, and any number for a number. */
export type Comparable<T extends ExpressionType> = T extends Numeric
  ? Expression<'int64'> | Expression<'double'> | number | bigint
  : Argument<T>;

type Int64 = Expression<'int64'>;
type Double = Expression<'double'>;
type Text = Expression<'string'>;
type Bool = Expression<'boolean'>;
type NumericArgument = Int64 | Double | number | bigint;

/**
 * A typed expression: immutable data (`json`) with one chainable method per operator. A method that does not fit the
 * type is a compile error, and EXPRESSION_TYPE at run time. NULL in gives NULL out unless a method says otherwise.
 *
 * Two int64 give an int64 (exact, checked); an int64 beside a double is converted to double. Text counts in code
 * points. Doubles have a total order: NaN equals itself and is above all others. 0 and -0 are one value: no operator
 * tells them apart, and the sign of a zero result is not defined.
 *
 * An error (EXPRESSION_OVERFLOW) in an argument that the result does not need, because a condition or a NULL decides,
 * may or may not be raised.
 */
export interface Expression<T extends ExpressionType = ExpressionType>
  extends
    ComparisonMethods<T>,
    ArithmeticMethods,
    LogicMethods,
    TextMethods,
    CalendarMethods,
    ConversionMethods {
  /** The expression as data. */
  readonly json: ExpressionJson;
  readonly type: T;
}

/** Methods of every type. */
export interface ComparisonMethods<T extends ExpressionType> {
  /** True where both are equal. */
  eq(other: Comparable<T>): Bool;
  /** True where they differ. */
  ne(other: Comparable<T>): Bool;
  lt(other: Comparable<T>): Bool;
  lte(other: Comparable<T>): Bool;
  gt(other: Comparable<T>): Bool;
  gte(other: Comparable<T>): Bool;
  /** True from `low` to `high`, both included. */
  between(low: Comparable<T>, high: Comparable<T>): Bool;
  /** True when the value equals one of a list, which must not be empty. */
  isIn(list: readonly Comparable<T>[]): Bool;
  /** Like `ne`, but NULL is a value like any other; never NULL. */
  isDistinctFrom(other: Comparable<T>): Bool;
  /** The smallest of the values that are not NULL. */
  least(...others: readonly [Argument<T>, ...Argument<T>[]]): Expression<T>;
  /** The greatest of the values that are not NULL; NaN is the greatest double. */
  greatest(...others: readonly [Argument<T>, ...Argument<T>[]]): Expression<T>;
  isNull(): Bool;
  isNotNull(): Bool;
  /** The first value that is not NULL. */
  coalesce(...others: readonly [Argument<T>, ...Argument<T>[]]): Expression<T>;
}

/** Methods of numbers. */
export interface ArithmeticMethods {
  /** The sum. An int64 takes whole literals only: write `.toDouble().plus(0.5)`. */
  plus(this: Int64, other: Argument<'int64'>): Int64;
  plus(this: Int64 | Double, other: NumericArgument): Double;
  /** The difference. */
  minus(this: Int64, other: Argument<'int64'>): Int64;
  minus(this: Int64 | Double, other: NumericArgument): Double;
  /** The product. */
  times(this: Int64, other: Argument<'int64'>): Int64;
  times(this: Int64 | Double, other: NumericArgument): Double;
  /** The quotient as a double; NULL when divided by zero. */
  dividedBy(this: Int64 | Double, other: NumericArgument): Double;
  /** The whole quotient, cut toward zero; NULL when divided by zero. */
  quotient(this: Int64, other: Argument<'int64'>): Int64;
  /** The remainder with the sign of the dividend; NULL when divided by zero. */
  modulo(this: Int64, other: Argument<'int64'>): Int64;
  modulo(this: Int64 | Double, other: NumericArgument): Double;
  negate(this: Int64): Int64;
  negate(this: Double): Double;
  abs(this: Int64): Int64;
  abs(this: Double): Double;
  /** The nearest whole double, halves away from zero. */
  round(this: Double): Double;
  floor(this: Double): Double;
  ceil(this: Double): Double;
  /** The whole part, toward zero. */
  trunc(this: Double): Double;
  /** The square root; NULL below zero. */
  sqrt(this: Double): Double;
  /** e to this power. Inexact: equal on both sides within 1 unit in the last place. */
  exp(this: Double): Double;
  /** The natural logarithm; NULL at or below zero. Inexact, as `exp`. */
  ln(this: Double): Double;
  /** The sine of radians; NULL for what is not finite. Inexact, as `exp`. */
  sin(this: Double): Double;
  /** The cosine of radians; NULL for what is not finite. Inexact, as `exp`. */
  cos(this: Double): Double;
  isNaN(this: Double): Bool;
  /** True but for NaN and the infinities. */
  isFinite(this: Double): Bool;
  /** The number of edges at or below the value: 0 below the first, `edges.length` from the last on and for NaN. */
  bucketize(this: Int64 | Double, edges: readonly number[]): Int64;
}

/** Methods of booleans, three-valued. */
export interface LogicMethods {
  and(this: Bool, other: Argument<'boolean'>): Bool;
  or(this: Bool, other: Argument<'boolean'>): Bool;
  not(this: Bool): Bool;
  /** `yes` where this is true, `no` where it is false or NULL. A bare number is a double. */
  ifElse<U extends ExpressionType>(this: Bool, yes: Expression<U>, no: Argument<NoInfer<U>>): Expression<U>;
  ifElse(this: Bool, yes: number, no: Argument<'double'>): Double;
  ifElse(this: Bool, yes: string, no: Argument<'string'>): Text;
  ifElse(this: Bool, yes: boolean, no: Argument<'boolean'>): Bool;
}

/** Methods of strings. */
export interface TextMethods {
  /** The number of code points. */
  length(this: Text): Int64;
  /** Lower case, one code point for one. */
  lower(this: Text): Text;
  /** Upper case, one code point for one: `ß` gives `ẞ`. */
  upper(this: Text): Text;
  /** Without ASCII white space at both ends. */
  trim(this: Text): Text;
  concat(this: Text, other: Argument<'string'>): Text;
  startsWith(this: Text, part: Argument<'string'>): Bool;
  endsWith(this: Text, part: Argument<'string'>): Bool;
  contains(this: Text, part: Argument<'string'>): Bool;
  /** True when the pattern occurs anywhere; anchor it with ^ and $. @throws EXPRESSION_REGEX for what is not portable */
  matches(this: Text, pattern: string): Bool;
  /** At most `length` code points from index `start`, from 0. */
  substring(this: Text, start: number, length?: number): Text;
}

/** Methods of timestamps and wall clocks. */
export interface CalendarMethods {
  year(this: Expression<Calendrical>): Int64;
  /** 1 to 4. */
  quarter(this: Expression<Calendrical>): Int64;
  /** 1 to 12. */
  month(this: Expression<Calendrical>): Int64;
  /** Day of the month, 1 to 31. */
  day(this: Expression<Calendrical>): Int64;
  /** 1 to 366. */
  dayOfYear(this: Expression<Calendrical>): Int64;
  /** ISO: Monday 1 to Sunday 7. */
  weekday(this: Expression<Calendrical>): Int64;
  /** 0 to 23. */
  hour(this: Expression<Calendrical>): Int64;
  /** 0 to 59. */
  minute(this: Expression<Calendrical>): Int64;
  /** 0 to 59, without the fraction. */
  second(this: Expression<Calendrical>): Int64;
  /** 0 to 1439. */
  minuteOfDay(this: Expression<Calendrical>): Int64;
  startOfDay<U extends Calendrical>(this: Expression<U>): Expression<U>;
  startOfHour<U extends Calendrical>(this: Expression<U>): Expression<U>;
  plusSeconds(this: Expression<'timestamp'>, seconds: Argument<'int64'>): Expression<'timestamp'>;
  minusSeconds(this: Expression<'timestamp'>, seconds: Argument<'int64'>): Expression<'timestamp'>;
  /** Whole seconds from `other` to this, cut toward zero. */
  secondsSince(this: Expression<'timestamp'>, other: Argument<'timestamp'>): Int64;
  /** Microseconds since 1970, UTC. */
  toMicroseconds(this: Expression<'timestamp'>): Int64;
  /** The instant that many microseconds after 1970, UTC. */
  asTimestamp(this: Int64): Expression<'timestamp'>;
  /**
   * The instant of a wall clock reading in an IANA zone. A reading that occurs twice is the later instant; one that is
   * skipped is read with the offset before the change.
   */
  inZone(this: Expression<'local'>, zone: Argument<'string'>): Expression<'timestamp'>;
  /** The wall clock reading of an instant in an IANA zone. */
  toLocal(this: Expression<'timestamp'>, zone: Argument<'string'>): Expression<'local'>;
}

/** Casts, always explicit. */
export interface ConversionMethods {
  /** A double; text that is no decimal number gives NULL. */
  toDouble(this: Int64 | Double | Text | Bool): Double;
  /** An int64: halves away from zero; NULL for NaN, for what does not fit, and for text that is no whole number. */
  toInt64(this: Int64 | Double | Text | Bool): Int64;
  /** The text form: `true`, `12`, `0.1`, `2.0`, `1e+16`, `nan`. */
  toText(this: Int64 | Double | Text | Bool): Text;
  /** The first 15 hex digits of the MD5 of the text form, as a 60-bit integer modulo `buckets` (1 to 1048576). */
  hashBucket(this: Int64 | Double | Text | Bool, buckets: number): Int64;
}
