import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { literal } from '../expression.ts';
import type { Expression } from '../expression.ts';
import type { ExpressionType, LiteralJson, OperatorParams, Value } from '../json.ts';
import { decodeLiteral } from '../literal-value.ts';
import { parseExpression } from '../parse.ts';
import { toJs } from '../to-js.ts';
import { toSql } from '../to-sql.ts';
import { operators } from './operators.ts';
import vectorsJson from './vectors.json' with { type: 'json' };

interface Vector {
  readonly op: string;
  readonly types: readonly ExpressionType[];
  readonly args: readonly LiteralJson[];
  readonly result: LiteralJson;
  readonly params?: OperatorParams;
}

const vectors = vectorsJson as readonly Vector[];

/** Arguments are columns, so that the engine folds no constants. */
function prepare({ op, types, args, params }: Vector) {
  const schema = Object.fromEntries(types.map((type, i) => [`a${i}`, type]));
  const nodes = types.map((type, i) => ({ op: 'column', name: `a${i}`, type }));
  const expression = parseExpression({ op, args: nodes, ...params }, schema);
  const values = types.map((type, i) => literal(decodeLiteral(args[i], type) as null, type));
  return { expression, values };
}

function wanted({ result }: Vector, { type }: Expression): Value {
  const value = decodeLiteral(result, type);
  assert.notEqual(value, undefined, `${JSON.stringify(result)} is no ${type}`);
  return value ?? null;
}

function same(actual: Value, expected: Value): boolean {
  return Object.is(actual, expected) || (actual === 0 && expected === 0);
}

test('every operator has vectors', () => {
  const covered = new Set(vectors.map(({ op }) => op));
  assert.deepEqual(
    [...operators.keys()].filter((op) => !covered.has(op)),
    [],
  );
});

test('every vector holds for the JavaScript closure', () => {
  for (const vector of vectors) {
    const { expression, values } = prepare(vector);
    const row = Object.fromEntries(values.map((value, i) => [`a${i}`, toJs(value)({})]));
    const actual = toJs(expression)(row);
    assert.ok(same(actual, wanted(vector, expression)), `${JSON.stringify(vector)} gave ${String(actual)}`);
  }
});

test('every vector holds for the SQL', async () => {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  const prepared = vectors.map(prepare);
  const queries = prepared.map(({ expression, values }) => {
    const cells = values.map((value, i) => `${toSql(value)} AS a${i}`).join(', ');
    return `(SELECT ${toSql(expression)} FROM (SELECT ${cells}))`;
  });
  const [row = []] = (await connection.runAndReadAll(`SELECT ${queries.join(', ')}`)).getRows();
  connection.closeSync();
  vectors.forEach((vector, i) => {
    const actual = toValue(row[i]);
    const { expression } = prepare(vector);
    assert.ok(same(actual, wanted(vector, expression)), `${JSON.stringify(vector)} gave ${String(actual)}`);
  });
});

function toValue(value: unknown): Value {
  if (typeof value === 'object' && value !== null && 'micros' in value) return toValue(value.micros);
  if (typeof value !== 'bigint') return value as Value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
