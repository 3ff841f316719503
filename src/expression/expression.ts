/**
 * The builder of the one typed expression language: columns and literals in, plain JSON out, which `toSql` and `toJs`
 * compile to the same answers. Arguments are expressions or plain values, which take their type from the receiver.
 */
import { SluiceError } from '../base/errors.ts';
import { expressionTypes, isColumnJson, isLiteralJson } from './json.ts';
import type { ApplyJson, ExpressionJson, ExpressionType, OperatorParams } from './json.ts';
import { encodeLiteral } from './literal-value.ts';
import type { Argument, Expression, Plain } from './methods.ts';
import { nearest } from './nearest.ts';
import { operators } from './operators/operators.ts';
import { checkParams, operatorOf, overloadOf } from './resolve.ts';

export type { ExpressionJson, ExpressionType } from './json.ts';
export type { Argument, Expression, Plain } from './methods.ts';

/** The name and type of each column of a row. */
export type ColumnTypes = Readonly<Record<string, ExpressionType>>;

/** One typed column expression per name. */
export type Columns<Schema extends ColumnTypes> = {
  readonly [Name in keyof Schema]: Expression<Schema[Name]>;
};

/** The methods are put on this prototype, one per operator; types decide at compile time, the table at run time. */
const methods: Record<string, unknown> = {};

function expressionOf<T extends ExpressionType>(json: ExpressionJson, type: T): Expression<T> {
  return Object.freeze(Object.assign(Object.create(methods) as object, { json, type })) as Expression<T>;
}

/** True for an expression of the builder. */
export function isExpression(value: unknown): value is Expression {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === methods;
}

/**
 * Yields one typed column expression per name. Reading a name that is not in the schema throws, so that a typing error
 * in a JavaScript configuration is found where it is made.
 *
 * @throws EXPRESSION_UNKNOWN_COLUMN naming the nearest name; EXPRESSION_TYPE for an unknown type
 * @example
 * columns({ delay: 'int64' }).delay.gte(15).json.op; // 'gte'
 */
export function columns<const Schema extends ColumnTypes>(schema: Schema): Columns<Schema> {
  const all: Record<string, Expression> = Object.create(null) as Record<string, Expression>;
  for (const [name, type] of Object.entries(schema)) all[name] = column(name, type);
  return new Proxy(all, { get: readColumn }) as Columns<Schema>;
}

/** What the language itself asks of any object (awaiting it, printing it), unless a column is named so. */
const probes = new Set<unknown>(['then', 'toJSON', 'constructor', 'toString', 'valueOf', 'inspect']);

function readColumn(
  all: Readonly<Record<string, Expression>>,
  name: string | symbol,
): Expression | undefined {
  if (typeof name === 'symbol') return undefined;
  const found = all[name];
  if (found === undefined && !probes.has(name)) throw unknownColumn(name, Object.keys(all));
  return found;
}

/** Yields the error for a name that is not among the columns. */
export function unknownColumn(name: string, names: readonly string[]): SluiceError {
  return new SluiceError('EXPRESSION_UNKNOWN_COLUMN', {
    name,
    nearest: nearest(name, names) ?? '(none)',
    names: names.join(', '),
  });
}

/** Yields one column expression. @throws EXPRESSION_TYPE for an unknown type */
export function column<T extends ExpressionType>(name: string, type: T): Expression<T> {
  if (!expressionTypes.includes(type)) {
    throw new SluiceError('EXPRESSION_TYPE', {
      operator: `column ${name}`,
      got: `the type ${type as string}`,
      allowed: expressionTypes.join(', '),
    });
  }
  return expressionOf({ op: 'column', name, type }, type);
}

/** Yields a constant boolean. */
export function literal(value: boolean): Expression<'boolean'>;
/** Yields a constant double. */
export function literal(value: number): Expression<'double'>;
/** Yields a constant int64. */
export function literal(value: bigint): Expression<'int64'>;
/** Yields a constant string. */
export function literal(value: string): Expression<'string'>;
/** Yields a constant timestamp. */
export function literal(value: Date): Expression<'timestamp'>;
/** Yields a constant of a named type; `null` is a typed NULL. */
export function literal<T extends ExpressionType>(value: Plain<T> | null, type: T): Expression<T>;
/**
 * Yields a constant. Without a type: a boolean, string or Date (timestamp) stands for itself, a bigint is an int64 and
 * a number is a double. `literal(null, type)` is a typed NULL.
 *
 * @throws EXPRESSION_TYPE when the value is not of the type
 * @example
 * literal(5, 'int64').json; // { op: 'literal', type: 'int64', value: 5 }
 */
export function literal(value: unknown, type: ExpressionType = naturalType(value)): Expression {
  const encoded = encodeLiteral(value, type);
  if (encoded !== undefined) return expressionOf({ op: 'literal', type, value: encoded }, type);
  throw new SluiceError('EXPRESSION_TYPE', {
    operator: 'literal',
    got: `${String(value)} (${typeof value}) as ${type}`,
    allowed: 'boolean, string, Date, whole numbers and bigints of 64 bits, numbers, null with a type',
  });
}

function naturalType(value: unknown): ExpressionType {
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'bigint') return 'int64';
  if (value instanceof Date) return 'timestamp';
  return typeof value === 'number' ? 'double' : 'string';
}

/**
 * Yields the value of the first condition that is true, `otherwise` when none is.
 *
 * @param branches pairs of condition and value, at least one
 * @throws EXPRESSION_TYPE when the values are not of one type
 * @example
 * caseWhen([[literal(true), 'a']], literal('b')).type; // 'string'
 */
export function caseWhen<T extends ExpressionType>(
  branches: readonly (readonly [condition: Expression<'boolean'>, value: Argument<NoInfer<T>>])[],
  otherwise: Expression<T>,
): Expression<T> {
  const args = branches.flatMap(([condition, value]) => [
    lift(condition, 'boolean'),
    lift(value, otherwise.type),
  ]);
  return apply('case', [...args, otherwise]) as Expression<T>;
}

/**
 * Yields an operator applied to arguments; where no rule fits and int64 stand beside double, they are converted first.
 *
 * @throws EXPRESSION_TYPE, EXPRESSION_REGEX, EXPRESSION_JSON (parameters)
 */
export function apply(op: string, args: readonly Expression[], params: OperatorParams = {}): Expression {
  const operator = operatorOf(op, '$');
  const types = args.map(({ type }) => type);
  if (operator.resolve(types) === undefined && types.includes('int64') && mayPromote(op, types)) {
    return apply(op, args.map(promote), params);
  }
  const { gives } = overloadOf(operator, types);
  const json: ApplyJson = { op, args: args.map((arg) => arg.json), ...params };
  checkParams(operator, json, '$');
  return expressionOf(json, gives);
}

/** Numbers mix by way of double; dividing whole numbers gives a double too. */
function mayPromote(op: string, types: readonly ExpressionType[]): boolean {
  if (op !== 'dividedBy' && !types.includes('double')) return false;
  const promoted = types.map((type) => (type === 'int64' ? 'double' : type));
  return operatorOf(op, '$').resolve(promoted) !== undefined;
}

function promote(arg: Expression): Expression {
  if (arg.type !== 'int64') return arg;
  const { json } = arg;
  if (isLiteralJson(json) && typeof json.value === 'number') return literal(json.value);
  return apply('toDouble', [arg]);
}

/** Where an int64 may meet a literal with a fraction: the result's type does not depend on it. */
const mixing = new Set('eq ne lt lte gt gte between isIn isDistinctFrom dividedBy'.split(' '));

/** Operators whose further arguments are not of the receiver's type. */
const hints: Readonly<Record<string, ExpressionType>> = {
  plusSeconds: 'int64',
  minusSeconds: 'int64',
  inZone: 'string',
  toLocal: 'string',
};

function lift(value: unknown, hint: ExpressionType, mixes: boolean = false): Expression {
  if (isExpression(value)) return value;
  if (typeof value === 'bigint' && hint === 'double') return literal(value);
  if (mixes && hint === 'int64' && typeof value === 'number' && !Number.isSafeInteger(value)) {
    return literal(value);
  }
  return literal(value as null, hint);
}

function applyTo(op: string, receiver: Expression, args: readonly unknown[]): Expression {
  const operator = operatorOf(op, '$');
  if (!operator.receivers.includes(receiver.type) && !mayPromote(op, [receiver.type, receiver.type])) {
    overloadOf(operator, [receiver.type]);
  }
  const hint = hints[op] ?? receiver.type;
  return apply(op, [receiver, ...args.map((arg) => lift(arg, hint, mixing.has(op)))]);
}

function cast(op: string, type: ExpressionType): (this: Expression) => Expression {
  return function () {
    return this.type === type ? this : apply(op, [this]);
  };
}

/** Methods that are more than their operator applied to receiver and arguments. */
const special = {
  isIn(this: Expression, list: readonly unknown[]) {
    return applyTo('isIn', this, list);
  },
  ifElse(this: Expression, yes: unknown, no: unknown) {
    const typed = [yes, no].find(isExpression);
    const hint = typed?.type ?? naturalType(yes);
    return apply('case', [this, lift(yes, hint), lift(no, hint)]);
  },
  bucketize(this: Expression, edges: readonly number[]) {
    return apply('bucketize', [this], { edges });
  },
  matches(this: Expression, pattern: string) {
    return apply('matches', [this], { pattern });
  },
  substring(this: Expression, start: number, length?: number) {
    return apply('substring', [this], length === undefined ? { start } : { start, length });
  },
  hashBucket(this: Expression, buckets: number) {
    const text = this.type === 'string' ? this : apply('toText', [this]);
    return apply('hashBucket', [text], { buckets });
  },
  toDouble: cast('toDouble', 'double'),
  toInt64: cast('toInt64', 'int64'),
  toText: cast('toText', 'string'),
};

for (const op of operators.keys()) {
  methods[op] = function (this: Expression, ...args: readonly unknown[]) {
    return applyTo(op, this, args);
  };
}
delete methods['case'];
Object.assign(methods, special);

/** Yields the names of the columns an expression reads, in the order of first use. */
export function columnsOf(expression: Expression | ExpressionJson): readonly string[] {
  const names = new Set<string>();
  const visit = (json: ExpressionJson): void => {
    if (isColumnJson(json)) names.add(json.name);
    else if (!isLiteralJson(json)) json.args.forEach(visit);
  };
  visit(isExpression(expression) ? expression.json : expression);
  return [...names];
}
