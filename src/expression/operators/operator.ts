/**
 * What an operator is: for each type rule, the SQL template (DuckDB dialect) and the JavaScript kernel side by side.
 * Both must give the same answer for every input; the equality suite holds them to it.
 */
import type { ExpressionType, OperatorParams, Value } from '../json.ts';

/** A row as a closure receives it: a value or undefined per column name. */
export type Row = Readonly<Record<string, unknown>>;

/** A compiled expression. `constant` is present when the value does not depend on the row. */
export interface Closure {
  (row: Row): Value;
  readonly constant?: Value;
}

/** Makes an operator's closure from those of its arguments. */
export type Compile = (args: readonly Closure[], params: OperatorParams) => Closure;

/** Writes an operator's SQL from that of its arguments; each argument is self-contained (no outer precedence). */
export type SqlTemplate = (args: readonly string[], params: OperatorParams) => string;

/** One type rule of an operator, with its two implementations. */
export interface Overload {
  readonly takes: readonly ExpressionType[];
  /** The type of any number of further arguments. */
  readonly rest?: ExpressionType;
  readonly gives: ExpressionType;
  readonly sql: SqlTemplate;
  readonly compile: Compile;
}

/** An operator of the language. */
export interface Operator {
  readonly name: string;
  /** `exact`: both sides agree bit for bit; `inexact`: to a few units in the last place (library functions). */
  readonly tier: 'exact' | 'inexact';
  /** Yields the rule for these argument types, or undefined when they are not allowed. */
  readonly resolve: (types: readonly ExpressionType[]) => Overload | undefined;
  /** The types that the first argument may have. */
  readonly receivers: readonly ExpressionType[];
  /** The allowed argument types, for messages. */
  readonly forms: readonly string[];
  /** Says what is wrong with the constant parameters, or undefined. */
  readonly refuse: (params: OperatorParams) => string | undefined;
}

/** What differs from an exact operator without parameters. */
export interface OperatorTraits {
  readonly tier?: 'inexact';
  readonly refuse?: (params: OperatorParams) => string | undefined;
}

/** Yields an operator whose rule is found among overloads. */
export function operator(
  name: string,
  overloads: readonly Overload[],
  traits: OperatorTraits = {},
): Operator {
  return {
    name,
    tier: traits.tier ?? 'exact',
    receivers: overloads.flatMap(({ takes }) => takes.slice(0, 1)),
    forms: overloads.map(
      ({ takes, rest }) => `(${[...takes, ...(rest === undefined ? [] : [`...${rest}`])].join(', ')})`,
    ),
    resolve: (types) => overloads.find((overload) => accepts(overload, types)),
    refuse: traits.refuse ?? (() => undefined),
  };
}

function accepts({ takes, rest }: Overload, types: readonly ExpressionType[]): boolean {
  if (rest === undefined ? types.length !== takes.length : types.length < takes.length) return false;
  return types.every((type, i) => type === (takes[i] ?? rest));
}

/** Yields a closure maker for a one-argument kernel; NULL gives NULL. */
export function strict1(kernel: (a: never) => Value): Compile {
  return (args) => {
    const a = args[0]!;
    return (row) => {
      const x = a(row);
      return x === null ? null : kernel(x as never);
    };
  };
}

/** Yields a closure maker for a two-argument kernel; a NULL in either gives NULL. */
export function strict2(kernel: (a: never, b: never) => Value): Compile {
  return (args) => {
    const [a, b] = [args[0]!, args[1]!];
    return (row) => {
      const x = a(row);
      const y = b(row);
      return x === null || y === null ? null : kernel(x as never, y as never);
    };
  };
}

/** Yields a closure maker whose one-argument kernel is prepared from the constant parameters. */
export function strictWith(prepare: (params: OperatorParams) => (a: never) => Value): Compile {
  return (args, params) => strict1(prepare(params))(args, params);
}

/** Yields the template `(a SYMBOL b)`. */
export function infix(symbol: string): SqlTemplate {
  return ([a, b]) => `(${a} ${symbol} ${b})`;
}

/** Yields the template `name(a, b, ...)`. */
export function call(name: string): SqlTemplate {
  return (args) => `${name}(${args.join(', ')})`;
}
