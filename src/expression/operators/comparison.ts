import { expressionTypes } from '../json.ts';
import type { ExpressionType, Value } from '../json.ts';
import { call, infix, operator, strict2 } from './operator.ts';
import type { Closure, Compile, Operator, Overload, SqlTemplate } from './operator.ts';
import { compareFor, equalFor } from './order.ts';
import type { Compare } from './order.ts';

type Maker = (type: ExpressionType) => Compile;

interface Shape {
  readonly arity: number;
  /** Takes any number of further arguments. */
  readonly rest?: boolean;
}

function forEveryType({ arity, rest }: Shape, sql: SqlTemplate, compile: Maker): readonly Overload[] {
  return expressionTypes.map((type) => ({
    takes: Array.from({ length: arity }, () => type),
    ...(rest === true ? { rest: type } : {}),
    gives: 'boolean',
    sql,
    compile: compile(type),
  }));
}

function byOrder(name: string, symbol: string, holds: (order: number) => boolean): Operator {
  const maker: Maker = (type) => {
    const compare = compareFor(type);
    return strict2((a: Value, b: Value) => holds(compare(a, b)));
  };
  return operator(name, forEveryType({ arity: 2 }, infix(symbol), maker));
}

function byEquality(name: string, symbol: string, wanted: boolean): Operator {
  const maker: Maker = (type) => {
    const equal = equalFor(type);
    return strict2((a: Value, b: Value) => equal(a, b) === wanted);
  };
  return operator(name, forEveryType({ arity: 2 }, infix(symbol), maker));
}

/** `low <= x AND x <= high` with three-valued AND: one bound that fails decides even when the other is NULL. */
function compileBetween(type: ExpressionType): Compile {
  const compare = compareFor(type);
  return (args) => {
    const [x, low, high] = [args[0]!, args[1]!, args[2]!];
    return (row) => {
      const value = x(row);
      const from = low(row);
      const to = high(row);
      if (value === null) return null;
      if (from !== null && compare(value, from) < 0) return false;
      if (to !== null && compare(value, to) > 0) return false;
      return from === null || to === null ? null : true;
    };
  };
}

/** NULL when x is NULL, or when nothing equals and one of the list is NULL. */
function compileIsIn(type: ExpressionType): Compile {
  const equal = equalFor(type);
  return (args) => {
    const [x, list] = [args[0]!, args.slice(1)];
    if (list.every((item) => item.constant !== undefined && item.constant !== null)) return inSet(x, list);
    return (row) => {
      const value = x(row);
      if (value === null) return null;
      const items = list.map((item) => item(row));
      if (items.some((item) => item !== null && equal(value, item))) return true;
      return items.includes(null) ? null : false;
    };
  };
}

/** A Set's equality is that of the language: NaN equals NaN, -0 equals 0. */
function inSet(x: Closure, list: readonly Closure[]): Closure {
  const set = new Set(list.map((item) => item.constant));
  return (row) => {
    const value = x(row);
    return value === null ? null : set.has(value);
  };
}

/** NULL is a value like any other here. */
function compileDistinct(type: ExpressionType): Compile {
  const equal = equalFor(type);
  return (args) => {
    const [a, b] = [args[0]!, args[1]!];
    return (row) => {
      const [x, y] = [a(row), b(row)];
      return x === null || y === null ? x !== y : !equal(x, y);
    };
  };
}

/** The first of the extreme values; NULLs are passed over, all NULL gives NULL. */
function extreme(name: string, better: (order: number) => boolean): Operator {
  const maker = (compare: Compare): Compile => {
    return (args) => (row) => {
      let best: Value = null;
      for (const arg of args) {
        const value = arg(row);
        if (value !== null && (best === null || better(compare(value, best)))) best = value;
      }
      return best;
    };
  };
  return operator(
    name,
    expressionTypes.map((type) => ({
      takes: [type, type],
      rest: type,
      gives: type,
      sql: call(name),
      compile: maker(compareFor(type)),
    })),
  );
}

/** Comparison: NULL gives NULL (but for isDistinctFrom), and every type has a total order. */
export const comparison: readonly Operator[] = [
  byEquality('eq', '=', true),
  byEquality('ne', '<>', false),
  byOrder('lt', '<', (order) => order < 0),
  byOrder('lte', '<=', (order) => order <= 0),
  byOrder('gt', '>', (order) => order > 0),
  byOrder('gte', '>=', (order) => order >= 0),
  operator(
    'between',
    forEveryType({ arity: 3 }, ([x, low, high]) => `(${x} BETWEEN ${low} AND ${high})`, compileBetween),
  ),
  operator(
    'isIn',
    forEveryType({ arity: 2, rest: true }, ([x, ...list]) => `(${x} IN (${list.join(', ')}))`, compileIsIn),
  ),
  operator('isDistinctFrom', forEveryType({ arity: 2 }, infix('IS DISTINCT FROM'), compileDistinct)),
  extreme('least', (order) => order < 0),
  extreme('greatest', (order) => order > 0),
];
