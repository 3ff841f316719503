import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import * as fc from 'fast-check';
import { isSluiceError } from '../base/errors.ts';
import edges from './edge-values.json' with { type: 'json' };
import { apply, column, isExpression, literal } from './expression.ts';
import type { Expression, ExpressionType } from './expression.ts';
import { expressionTypes, isColumnJson, isLiteralJson } from './json.ts';
import type { ExpressionJson, OperatorParams, Value } from './json.ts';
import { operators } from './operators/operators.ts';
import { decodeLiteral } from './literal-value.ts';
import { parseExpression } from './parse.ts';
import { quoteIdentifier } from './sql-text.ts';
import { toJs } from './to-js.ts';
import { toSql } from './to-sql.ts';

const zones = [
  'America/New_York',
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'America/Sao_Paulo',
  'Africa/Casablanca',
  'Pacific/Apia',
];

function decoded(type: ExpressionType): readonly Value[] {
  return edges[type].map((json) => decodeLiteral(json, type) ?? null);
}

const edgeValues: Readonly<Record<ExpressionType, readonly Value[]>> = {
  boolean: decoded('boolean'),
  int64: decoded('int64'),
  double: decoded('double'),
  string: decoded('string'),
  timestamp: decoded('timestamp'),
  local: decoded('local'),
};

/** Two columns of each type; `at` and `wall` are of the years that zones are defined for. */
const edgeTypes = {
  b: 'boolean',
  b2: 'boolean',
  i: 'int64',
  i2: 'int64',
  small: 'int64',
  d: 'double',
  d2: 'double',
  s: 'string',
  s2: 'string',
  t: 'timestamp',
  t2: 'timestamp',
  at: 'timestamp',
  wall: 'local',
  wall2: 'local',
  zone: 'string',
} as const;
const names = Object.keys(edgeTypes) as (keyof typeof edgeTypes)[];

const rowCount = 48;
const sources: Readonly<Record<keyof typeof edgeTypes, readonly Value[]>> = {
  ...(Object.fromEntries(names.map((name) => [name, edgeValues[edgeTypes[name]]])) as Record<
    keyof typeof edgeTypes,
    readonly Value[]
  >),
  small: edgeValues.int64.slice(0, 11),
  at: edgeValues.local,
  zone: zones,
};

/** Each column walks its values at its own step and is NULL in some rows. */
const edgeRows = Array.from({ length: rowCount }, (_, row) =>
  Object.fromEntries(
    names.map((name, i) => {
      const values = sources[name];
      const isNull = (row * 7 + i * 5) % 11 === 0;
      return [name, isNull ? null : values[(row * (i % 2 === 0 ? 1 : 5) + i) % values.length]!];
    }),
  ),
);

const allRows = edgeRows.map((_, row) => row);

let connection: DuckDBConnection;

before(async () => {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  connection = await instance.connect();
  // The answers must depend on no setting of the session.
  await connection.run("SET TimeZone = 'Asia/Tokyo'");
  const lines = edgeRows.map((row, i) => {
    const cells = names.map((name) => toSql(literal(row[name] as null, edgeTypes[name])));
    return `(${[...cells, i].join(', ')})`;
  });
  await connection.run(
    `CREATE TABLE edge_rows AS SELECT * FROM (VALUES ${lines.join(', ')}) AS t(${[...names, '_row'].map(quoteIdentifier).join(', ')})`,
  );
});

after(() => connection.closeSync());

/** What the engine answers on some rows, in the form of closures: one column per expression. */
async function answers(
  sql: readonly string[],
  rows: readonly number[] = allRows,
): Promise<readonly (readonly Value[])[]> {
  const from = `(SELECT * FROM edge_rows WHERE _row IN (${rows.join(', ')}))`;
  const reader = await connection.runAndReadAll(`SELECT ${sql.join(', ')} FROM ${from} ORDER BY _row`);
  return reader.getColumns().map((values) => values.map(toValue));
}

function toValue(value: unknown): Value {
  if (typeof value === 'object' && value !== null && 'micros' in value) return toValue(value.micros);
  if (typeof value !== 'bigint') return value as Value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

const overflowed = Symbol('overflow');

function evaluate(expression: Expression): readonly (Value | symbol)[] {
  const closure = toJs(expression);
  return edgeRows.map((row) => {
    try {
      return closure(row);
    } catch (error) {
      if (isSluiceError(error, 'EXPRESSION_OVERFLOW')) return overflowed;
      throw error;
    }
  });
}

/** Every expression inside, itself last. */
function inner(json: ExpressionJson): readonly ExpressionJson[] {
  return isColumnJson(json) || isLiteralJson(json) ? [json] : [...json.args.flatMap(inner), json];
}

/** Operators that may not need an argument, and comparisons, which the engine solves for the column: i + 1 > 2. */
const lenient = new Set(
  'and or case coalesce least greatest isIn between eq ne lt lte gt gte isDistinctFrom isNull isNotNull'.split(
    ' ',
  ),
);

/**
 * For each row: does something inside overflow that the result may not need, or beside a NULL that the engine folds
 * first? Then an error and a value are both right.
 */
function undecided(expression: Expression): readonly boolean[] {
  const parts = inner(expression.json);
  const results = parts.map((json) => evaluate(parseExpression(json, edgeTypes)));
  const skips = parts.some(({ op }) => lenient.has(op));
  return edgeRows.map((_, row) => {
    const values = results.map((one) => one[row]);
    return values.includes(overflowed) && (skips || values.includes(null));
  });
}

interface Tally {
  expressions: number;
  cases: number;
  overflows: number;
  /** Expressions that overflow on some rows, and that the engine refuses as a whole: it folds x * c1 * c2 first. */
  early: number;
  readonly used: Set<string>;
}

interface Prepared {
  readonly expression: Expression;
  readonly values: readonly (Value | symbol)[];
  /** Rows with a value, and rows that overflow; the undecided are neither. */
  readonly defined: readonly number[];
  readonly overflowing: readonly number[];
}

function prepare(expression: Expression): Prepared {
  const values = evaluate(expression);
  const loose = undecided(expression);
  const decided = allRows.filter((row) => !loose[row]);
  return {
    expression,
    values,
    defined: decided.filter((row) => values[row] !== overflowed),
    overflowing: decided.filter((row) => values[row] === overflowed),
  };
}

/** Expressions that are defined everywhere share a query; the others have one each, and one per overflowing row. */
async function compare(expressions: readonly Expression[], tally: Tally): Promise<void> {
  tally.expressions += expressions.length;
  const prepared = expressions.map(prepare);
  const plain = prepared.filter(({ defined }) => defined.length === rowCount);
  const columns = await answers(plain.map(({ expression }) => toSql(expression)));
  plain.forEach((one, i) => check(one, columns[i] ?? [], tally));
  for (const one of prepared.filter(({ defined }) => defined.length < rowCount))
    await comparePartly(one, tally);
}

async function comparePartly(one: Prepared, tally: Tally): Promise<void> {
  const sql = toSql(one.expression);
  if (one.defined.length > 0) {
    const columns = await answers([sql], one.defined).catch((error: unknown) => {
      assert.match(String(error), overflowText, sql);
      tally.early++;
    });
    if (columns !== undefined) check(one, columns[0] ?? [], tally);
  }
  for (const row of one.overflowing.slice(0, 2)) {
    await assert.rejects(answers([sql], [row]), overflowText, `${sql}\n${show(edgeRows[row])}`);
    tally.overflows++;
  }
}

const overflowText = /Overflow|out of range/i;

function check({ expression, values, defined }: Prepared, column: readonly Value[], tally: Tally): void {
  for (const { op } of inner(expression.json)) tally.used.add(op);
  defined.forEach((row, i) => {
    tally.cases++;
    if (same(column[i] ?? null, values[row] ?? null)) return;
    const both = `SQL ${show(column[i])}, JS ${show(values[row])}`;
    assert.fail(`${toSql(expression)}\nrow ${row}: ${show(edgeRows[row])}\n${both}`);
  });
}

/** Bit for bit, but for the sign of a zero, which the language does not define. */
function same(a: Value, b: Value | symbol): boolean {
  return Object.is(a, b) || (a === 0 && b === 0);
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === 'bigint') return `${inner}n`;
    return typeof inner === 'number' && !Number.isFinite(inner) ? String(inner) : inner;
  });
}

const params: Readonly<Record<string, fc.Arbitrary<OperatorParams>>> = {
  bucketize: fc.constantFrom({ edges: [0] }, { edges: [-1.5, 0, 2, 1e300] }),
  matches: fc.constantFrom(
    { pattern: 'a.c' },
    { pattern: '^[A-Z]{3}$' },
    { pattern: '\\s' },
    { pattern: '[^\\w-]+?é|(?:ab){2}' },
    { pattern: '\\bé*\\d+$' },
    { pattern: '^.$' },
  ),
  substring: fc.constantFrom<OperatorParams>({ start: 0, length: 2 }, { start: 1 }, { start: 3, length: 0 }),
  hashBucket: fc.constantFrom({ buckets: 1 }, { buckets: 100 }, { buckets: 2 ** 20 }),
};

function leaf(type: ExpressionType): fc.Arbitrary<Expression> {
  const own = names.filter((name) => edgeTypes[name] === type && name !== 'zone');
  const literals = edgeValues[type].map((value) => literal(value as null, type));
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...own.map((name) => column(name, type))) },
    { weight: 1, arbitrary: fc.constantFrom(...literals, literal(null, type)) },
  );
}

/** Zones exist only by name, and extreme years are beyond what zones are defined for. */
const zoned = {
  inZone: [column('wall', 'local'), column('wall2', 'local')],
  toLocal: [column('at', 'timestamp')],
} as const;
const zoneLeaf = fc.constantFrom<Expression>(column('zone', 'string'), literal('America/New_York'));

const exact = [...operators.values()].filter(({ tier }) => tier === 'exact');

interface Rule {
  readonly op: string;
  readonly takes: readonly ExpressionType[];
}

/** Every type rule that gives a type, found by asking the table for all combinations of up to three arguments. */
function rulesFor(wanted: ExpressionType): readonly Rule[] {
  const one = expressionTypes.map((type) => [type]);
  const two = one.flatMap((types) => expressionTypes.map((type) => [...types, type]));
  const three = two.flatMap((types) => expressionTypes.map((type) => [...types, type]));
  return exact.flatMap((operator) =>
    [...one, ...two, ...three]
      .filter((takes) => operator.resolve(takes)?.gives === wanted)
      .map((takes) => ({ op: operator.name, takes })),
  );
}

function applied({ op, takes }: Rule, argument: (type: ExpressionType) => fc.Arbitrary<Expression>) {
  const args =
    op === 'inZone' || op === 'toLocal'
      ? [fc.constantFrom<Expression>(...zoned[op]), zoneLeaf]
      : takes.map((type) => argument(type));
  return fc
    .tuple(fc.tuple(...args), params[op] ?? fc.constant({}))
    .map(([values, constants]) => apply(op, values, constants));
}

const trees = fc.letrec<Record<ExpressionType, Expression>>((tie) => {
  const grow = (type: ExpressionType) =>
    fc.oneof(
      { depthIdentifier: 'tree', maxDepth: 4, withCrossShrink: false },
      leaf(type),
      ...rulesFor(type).map((rule) => applied(rule, (inner) => tie(inner))),
    );
  return Object.fromEntries(expressionTypes.map((type) => [type, grow(type)])) as Record<
    ExpressionType,
    fc.Arbitrary<Expression>
  >;
});

function batches<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

const tally: Tally = { expressions: 0, cases: 0, overflows: 0, early: 0, used: new Set() };

test('every type rule alone gives the same value in SQL and in JavaScript, bit for bit', async () => {
  const all = expressionTypes
    .flatMap(rulesFor)
    .flatMap((rule) => fc.sample(applied(rule, leaf), { seed: 11, numRuns: 6 }));
  for (const batch of batches(all, 60)) await compare(batch, tally);
  const missed = exact.map(({ name }) => name).filter((name) => !tally.used.has(name));
  assert.deepEqual(missed, []);
});

test('generated expressions give the same value in SQL and in JavaScript, bit for bit', async (context) => {
  for (const type of expressionTypes) {
    const sample = fc.sample(trees[type], { seed: 20_241_103, numRuns: 250 });
    assert.ok(sample.every(isExpression));
    for (const batch of batches(sample, 40)) await compare(batch, tally);
  }
  context.diagnostic(`${tally.cases} cases compared, ${tally.overflows} overflows on both sides`);
  assert.ok(tally.cases >= 10_000, `only ${tally.cases} cases were compared`);
  assert.ok(tally.overflows >= 50);
  assert.ok(tally.early < tally.expressions / 100, `${tally.early} refused as a whole`);
});

test('a generated condition keeps the same rows as a filter, where the engine rewrites it', async () => {
  const conditions = fc.sample(trees.boolean, { seed: 7, numRuns: 250 }).map(prepare);
  for (const { expression, values } of conditions.filter(({ defined }) => defined.length === rowCount)) {
    const sql = toSql(expression);
    const reader = await connection.runAndReadAll(`SELECT _row FROM edge_rows WHERE ${sql} ORDER BY _row`);
    const kept = allRows.filter((row) => values[row] === true);
    assert.deepEqual(reader.getColumns()[0]?.map(Number) ?? [], kept, sql);
  }
});

test('a literal of every edge value reads back as itself', async () => {
  for (const type of expressionTypes) {
    for (const value of edgeValues[type]) {
      const expression = literal(value as null, type);
      const [actual = []] = await answers([toSql(expression)]);
      assert.ok(Object.is(actual[0], toJs(expression)({})), `${type} ${String(value)}`);
    }
  }
});
