import type { OperatorParams, Value } from '../json.ts';
import * as whole from './int64.ts';
import type { Int64 } from './int64.ts';
import { call, infix, operator, strict1, strict2, strictWith } from './operator.ts';
import type { Operator, Overload, SqlTemplate } from './operator.ts';

type DoubleKernel = (a: number) => number | null;

function onDouble(sql: SqlTemplate, kernel: DoubleKernel): readonly Overload[] {
  return [{ takes: ['double'], gives: 'double', sql, compile: strict1(kernel) }];
}

/** An operator that stays within its numeric type. */
function onNumbers(sql: SqlTemplate, compileInt64: Overload['compile'], compileDouble: Overload['compile']) {
  return (arity: 1 | 2): readonly Overload[] =>
    (['int64', 'double'] as const).map((type) => ({
      takes: arity === 1 ? [type] : [type, type],
      gives: type,
      sql,
      compile: type === 'int64' ? compileInt64 : compileDouble,
    }));
}

/** Half away from zero; the subtraction is exact, so 0.49999999999999994 stays 0. */
function roundHalfAway(x: number): number {
  const cut = Math.trunc(x);
  return Math.abs(x - cut) >= 0.5 ? cut + Math.sign(x) : cut;
}

/** The number of edges at or below x; NaN is above every edge. */
function bucketOf({ edges = [] }: OperatorParams): (x: Int64) => number {
  return (x) => {
    let [low, high] = [0, edges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (x < edges[middle]!) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

function bucketSql([x]: readonly string[], { edges = [] }: OperatorParams): string {
  return `(${edges.map((edge) => `(${x} >= '${edge}'::DOUBLE)::BIGINT`).join(' + ')})`;
}

function refuseEdges({ edges }: OperatorParams): string | undefined {
  const fine =
    Array.isArray(edges) &&
    edges.length > 0 &&
    edges.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > edges[i - 1]!));
  return fine ? undefined : 'edges must be a list of at least one finite number, rising strictly';
}

const outsideDomain =
  (inside: string, name: string): SqlTemplate =>
  ([x]) =>
    `(CASE WHEN ${x} ${inside} THEN ${name}(${x}) END)`;

/** exp overflows to Infinity on both sides; sin and cos of an infinity have no value. */
const finiteOnly =
  (name: string): SqlTemplate =>
  ([x]) =>
    `(CASE WHEN isfinite(${x}) THEN ${name}(${x}) END)`;

const finite =
  (kernel: (x: number) => number): DoubleKernel =>
  (x) =>
    Number.isFinite(x) ? kernel(x) : null;

const ordered =
  (kernel: (a: number, b: number) => Value): ((a: number, b: number) => Value) =>
  (a, b) =>
    b === 0 ? null : kernel(a, b);

/** Arithmetic: int64 is checked, division by zero and what lies outside a function's domain is NULL. */
export const arithmetic: readonly Operator[] = [
  operator(
    'plus',
    onNumbers(
      infix('+'),
      strict2(whole.plus),
      strict2((a: number, b: number) => a + b),
    )(2),
  ),
  operator(
    'minus',
    onNumbers(
      infix('-'),
      strict2(whole.minus),
      strict2((a: number, b: number) => a - b),
    )(2),
  ),
  operator(
    'times',
    onNumbers(
      infix('*'),
      strict2(whole.times),
      strict2((a: number, b: number) => a * b),
    )(2),
  ),
  operator('dividedBy', [
    {
      takes: ['double', 'double'],
      gives: 'double',
      sql: ([a, b]) => `(${a} / nullif(${b}, 0e0))`,
      compile: strict2(ordered((a, b) => a / b)),
    },
  ]),
  operator('quotient', [
    { takes: ['int64', 'int64'], gives: 'int64', sql: infix('//'), compile: strict2(whole.quotient) },
  ]),
  operator('modulo', [
    { takes: ['int64', 'int64'], gives: 'int64', sql: infix('%'), compile: strict2(whole.modulo) },
    {
      takes: ['double', 'double'],
      gives: 'double',
      sql: ([a, b]) => `(${a} % nullif(${b}, 0e0))`,
      compile: strict2(ordered((a, b) => a % b)),
    },
  ]),
  operator(
    'negate',
    onNumbers(
      ([a]) => `(-${a})`,
      strict1(whole.negate),
      strict1((a: number) => -a),
    )(1),
  ),
  operator('abs', onNumbers(call('abs'), strict1(whole.abs), strict1(Math.abs))(1)),
  operator('round', onDouble(call('round'), roundHalfAway)),
  operator('floor', onDouble(call('floor'), Math.floor)),
  operator('ceil', onDouble(call('ceil'), Math.ceil)),
  operator('trunc', onDouble(call('trunc'), Math.trunc)),
  operator(
    'sqrt',
    onDouble(outsideDomain('>= 0', 'sqrt'), (x) => (x < 0 ? null : Math.sqrt(x))),
  ),
  operator('isNaN', [
    { takes: ['double'], gives: 'boolean', sql: call('isnan'), compile: strict1(Number.isNaN) },
  ]),
  operator('isFinite', [
    { takes: ['double'], gives: 'boolean', sql: call('isfinite'), compile: strict1(Number.isFinite) },
  ]),
  operator(
    'bucketize',
    (['int64', 'double'] as const).map((type) => ({
      takes: [type],
      gives: 'int64',
      sql: bucketSql,
      compile: strictWith(bucketOf),
    })),
    { refuse: refuseEdges },
  ),
  operator('exp', onDouble(call('exp'), Math.exp), { tier: 'inexact' }),
  operator(
    'ln',
    onDouble(outsideDomain('> 0', 'ln'), (x) => (x <= 0 ? null : Math.log(x))),
    { tier: 'inexact' },
  ),
  operator('sin', onDouble(finiteOnly('sin'), finite(Math.sin)), { tier: 'inexact' }),
  operator('cos', onDouble(finiteOnly('cos'), finite(Math.cos)), { tier: 'inexact' }),
];
