import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { column } from './expression.ts';
import { operators } from './operators/operators.ts';
import { parseExpression } from './parse.ts';
import { toJs } from './to-js.ts';
import { toSql } from './to-sql.ts';

const view = new DataView(new ArrayBuffer(8));

/** The place of a double among all doubles: neighbours differ by one. */
function rank(value: number): bigint {
  view.setFloat64(0, value);
  const bits = view.getBigInt64(0);
  return bits < 0n ? -(bits & 0x7fff_ffff_ffff_ffffn) : bits;
}

function unitsApart(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Object.is(a, b) ? 0 : Infinity;
  const distance = Number(rank(a) - rank(b));
  return Math.abs(distance);
}

const inexact = [...operators.values()].filter(({ tier }) => tier === 'inexact').map(({ name }) => name);

test('library functions agree within one unit in the last place', async () => {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect();
  const x = column('x', 'double');
  const expressions = inexact.map((op) => parseExpression({ op, args: [x.json] }, { x: 'double' }));
  const reader = await connection.runAndReadAll(
    `SELECT x, ${expressions.map((one) => toSql(one)).join(', ')}
     FROM (SELECT (i * 7.123e-3)::DOUBLE AS x FROM range(-40000, 40001) AS t(i))`,
  );
  connection.closeSync();
  const [inputs = [], ...columns] = reader.getColumns() as unknown as (readonly (number | null)[])[];
  expressions.forEach((expression, e) => {
    const closure = toJs(expression);
    let worst = 0;
    inputs.forEach((input, i) => {
      const actual = closure({ x: input }) as number | null;
      const wanted = columns[e]?.[i] ?? null;
      if (actual === null || wanted === null) return assert.equal(actual, wanted);
      worst = Math.max(worst, unitsApart(actual, wanted));
    });
    assert.ok(worst <= 1, `${inexact[e]}: ${worst} units`);
  });
});
