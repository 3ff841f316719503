/** Closures over rows, with the same answers as the SQL. */
import { SluiceError } from '../base/errors.ts';
import type { Expression } from './expression.ts';
import { isColumnJson, isLiteralJson } from './json.ts';
import type { ColumnJson, ExpressionJson, ExpressionType, LiteralNodeJson, Value } from './json.ts';
import { decodeLiteral } from './literal-value.ts';
import { int64 } from './operators/int64.ts';
import type { Closure } from './operators/operator.ts';
import { operatorOf, overloadOf } from './resolve.ts';

/**
 * Yields a function from a row to the expression's value: null, a boolean, a string, a number for a double; int64 and
 * timestamps (UTC microseconds) are numbers while they are safe integers and bigints beyond, so that every int64 is
 * exact and the common ones are fast.
 *
 * A row gives a column's value under its name; null, undefined and absent are NULL. A Date is a timestamp.
 *
 * @returns the closure; it throws EXPRESSION_VALUE for a value that is not of the declared type, EXPRESSION_OVERFLOW
 *   where a result leaves int64, EXPRESSION_ZONE for an unknown zone
 * @example
 * toJs(columns({ delay: 'int64' }).delay.gte(15))({ delay: 20 }); // true
 */
export function toJs(expression: Expression): (row: Readonly<Record<string, unknown>>) => Value {
  return compile(expression.json).closure;
}

interface Compiled {
  readonly closure: Closure;
  readonly type: ExpressionType;
}

function compile(json: ExpressionJson): Compiled {
  if (isColumnJson(json)) return { closure: readerOf(json), type: json.type };
  if (isLiteralJson(json)) return { closure: constantOf(json), type: json.type };
  const args = json.args.map(compile);
  const types = args.map(({ type }) => type);
  const overload = overloadOf(operatorOf(json.op, '$'), types);
  const closures = args.map(({ closure }) => closure);
  return { closure: overload.compile(closures, json), type: overload.gives };
}

function constantOf({ type, value }: LiteralNodeJson): Closure {
  const constant = decodeLiteral(value, type) ?? null;
  return Object.assign(() => constant, { constant });
}

function readerOf({ name, type }: ColumnJson): Closure {
  const accept = acceptors[type];
  const inherited = name in Object.prototype;
  return (row) => {
    const value = inherited && !Object.hasOwn(row, name) ? undefined : row[name];
    if (value === null || value === undefined) return null;
    const accepted = accept(value);
    if (accepted === undefined) throw wrongValue(name, type, value);
    return accepted;
  };
}

type Acceptor = (value: unknown) => Value | undefined;

const acceptors: Readonly<Record<ExpressionType, Acceptor>> = {
  boolean: (value) => (typeof value === 'boolean' ? value : undefined),
  int64: acceptWhole,
  double: (value) => (typeof value === 'number' ? value : undefined),
  string: (value) => (typeof value === 'string' ? value.toWellFormed() : undefined),
  timestamp: (value) => acceptWhole(value instanceof Date ? value.getTime() * 1000 : value),
  local: acceptWhole,
};

function acceptWhole(value: unknown): Value | undefined {
  if (typeof value === 'bigint') return int64(value);
  return Number.isSafeInteger(value) ? (value as number) + 0 : undefined;
}

function wrongValue(name: string, type: ExpressionType, value: unknown): SluiceError {
  return new SluiceError('EXPRESSION_VALUE', { name, type, value: String(value), actual: typeof value });
}
