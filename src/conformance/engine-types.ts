import assert from 'node:assert/strict';
import type { Column, ColumnTable, Engine } from '../ports/engine.ts';
import { rejectsWith, type ConformanceCase } from './case.ts';
import { rowOf, type EngineContext } from './engine-context.ts';

async function columnOf(engine: Engine, sql: string): Promise<Column> {
  const table = await engine.columns(sql);
  const column = table.columns.get('x');
  assert.ok(column !== undefined);
  return column;
}

/** Yields the type of column x and its values, NULL as null. */
async function valuesOf(engine: Engine, sql: string): Promise<readonly [string, readonly unknown[]]> {
  const column = await columnOf(engine, sql);
  if (column.type === 'string') {
    return [column.type, Array.from(column.codes, (code) => (code < 0 ? null : column.dictionary[code]))];
  }
  const { values, valid } = column;
  return [column.type, Array.from(values, (value, row) => (valid?.[row] === 0 ? null : value))];
}

/** Engine type, its literals, our type, the values. */
const conversions: readonly (readonly [string, readonly string[], string, readonly unknown[]])[] = [
  ['BOOLEAN', ['true', 'false', 'NULL'], 'boolean', [1, 0, null]],
  ['TINYINT', ['-128', '127', 'NULL'], 'int64', [-128, 127, null]],
  ['SMALLINT', ['-32768', 'NULL', '32767'], 'int64', [-32768, null, 32767]],
  ['INTEGER', ['-2147483648', '2147483647'], 'int64', [-(2 ** 31), 2 ** 31 - 1]],
  ['UTINYINT', ['255', '0'], 'int64', [255, 0]],
  ['USMALLINT', ['65535', '0'], 'int64', [65535, 0]],
  ['UINTEGER', ['4294967295', '0'], 'int64', [2 ** 32 - 1, 0]],
  [
    'BIGINT',
    ['9007199254740991', '-9007199254740991', '-1', 'NULL'],
    'int64',
    [2 ** 53 - 1, 1 - 2 ** 53, -1, null],
  ],
  ['UBIGINT', ['9007199254740991', '4294967296'], 'int64', [2 ** 53 - 1, 2 ** 32]],
  [
    'HUGEINT',
    ['-9007199254740991', '9007199254740991', '-1', '-4294967297'],
    'int64',
    [1 - 2 ** 53, 2 ** 53 - 1, -1, -4294967297],
  ],
  ['UHUGEINT', ['9007199254740991', '1'], 'int64', [2 ** 53 - 1, 1]],
  ['FLOAT', ['0.5', "'nan'", 'NULL', "'-inf'"], 'double', [0.5, NaN, null, -Infinity]],
  ['DOUBLE', ['0.1', "'nan'", 'NULL', "'-0.0'"], 'double', [0.1, NaN, null, -0]],
  ['DECIMAL(4,2)', ['-12.34', '0.01', 'NULL'], 'double', [-12.34, 0.01, null]],
  ['DECIMAL(9,3)', ['-123456.789', '0.1'], 'double', [-123456.789, 0.1]],
  ['DECIMAL(18,4)', ['-12345678901.2345', '0.3'], 'double', [-12345678901.2345, 0.3]],
  ['DECIMAL(38,5)', ['-1234567890.12345', '0.7', 'NULL'], 'double', [-1234567890.12345, 0.7, null]],
  [
    'VARCHAR',
    ["'a'", "''", 'NULL', "'exactly 12 b'", "'thirteen byte'", "'😀é'"],
    'string',
    ['a', '', null, 'exactly 12 b', 'thirteen byte', '😀é'],
  ],
  ["ENUM('low', 'high')", ["'high'", 'NULL', "'low'"], 'string', ['high', null, 'low']],
  ['DATE', ["'1970-01-02'", "'1969-12-31'", 'NULL'], 'timestamp', [86_400e6, -86_400e6, null]],
  [
    'TIMESTAMP',
    ["'1970-01-01 00:00:00.000001'", "'1969-12-31 23:59:59.999999'", 'NULL'],
    'timestamp',
    [1, -1, null],
  ],
  ['TIMESTAMP_S', ["'1970-01-01 00:00:01'", 'NULL'], 'timestamp', [1e6, null]],
  ['TIMESTAMP_MS', ["'1969-12-31 23:59:59.999'", 'NULL'], 'timestamp', [-1000, null]],
  [
    'TIMESTAMP_NS',
    ["'1970-01-01 00:00:00.000001999'", "'1969-12-31 23:59:59.999999999'"],
    'timestamp',
    [1, -1],
  ],
  ['TIMESTAMPTZ', ["'1970-01-01 01:00:00+01'", 'NULL'], 'timestamp', [0, null]],
];

const conversionCases: readonly ConformanceCase<EngineContext>[] = conversions.map(
  ([engineType, literals, type, values]) => ({
    name: `${engineType} crosses as ${type}`,
    run: async ({ engine }) => {
      const rows = literals.map((literal, index) => `(${index}, CAST(${literal} AS ${engineType}))`);
      const sql = `SELECT x FROM (VALUES ${rows.join(', ')}) t(i, x) ORDER BY i`;
      assert.deepEqual(await valuesOf(engine, sql), [type, values]);
      const [info] = await engine.describe(sql);
      assert.equal(info?.type, type);
      const cells = (await engine.rows(sql)).map((row) => row['x']);
      assert.deepEqual(cells, type === 'boolean' ? values.map((v) => (v === null ? null : v === 1)) : values);
    },
  }),
);

const unusual: ColumnTable = {
  rows: 4,
  columns: new Map<string, Column>([
    ['yes "or" no', { type: 'boolean', values: Float64Array.of(1, 0, NaN, 1) }],
    ['whole', { type: 'int64', values: Float64Array.of(2 ** 53 - 1, 1 - 2 ** 53, -1, NaN) }],
    [
      'half',
      { type: 'double', values: Float64Array.of(0.5, NaN, NaN, -0), valid: Uint8Array.of(1, 1, 0, 1) },
    ],
    [
      'text',
      { type: 'string', codes: Int32Array.of(1, -1, 0, 1), dictionary: ['', 'longer than twelve bytes'] },
    ],
    ['time', { type: 'timestamp', values: Float64Array.of(1, -1, NaN, 978_307_200_000_000) }],
  ]),
};

const tableCases: readonly ConformanceCase<EngineContext>[] = [
  {
    name: 'a column without NULL has no mask, and one with a single NULL in 300,000 rows has it there',
    run: async ({ engine }) => {
      const full = await columnOf(engine, 'SELECT range::DOUBLE AS x FROM range(300000)');
      assert.ok(full.type === 'double' && full.valid === undefined);
      const sql = 'SELECT CASE WHEN range <> 200001 THEN range END AS x FROM range(300000) ORDER BY range';
      const column = await columnOf(engine, sql);
      assert.ok(column.type === 'int64' && column.valid !== undefined);
      assert.equal(column.valid.indexOf(0), 200_001);
      assert.equal(column.valid.lastIndexOf(0), 200_001);
      assert.ok(Number.isNaN(column.values[200_001]) && column.values[299_999] === 299_999);
    },
  },
  {
    name: 'a dictionary holds each text once, in order of first appearance, short and long',
    run: async ({ engine }) => {
      const text = "repeat('x', (range % 20)::INTEGER) || (range % 7000)";
      const sql = `SELECT CASE WHEN range % 11 > 0 THEN ${text} END AS x FROM range(300000) ORDER BY range`;
      const column = await columnOf(engine, sql);
      assert.ok(column.type === 'string');
      const { codes, dictionary } = column;
      assert.equal(new Set(dictionary).size, dictionary.length);
      let seen = -1;
      for (let row = 0; row < 300_000; row++) {
        const code = codes[row] ?? -1;
        assert.ok(code <= seen + 1);
        seen = Math.max(seen, code);
        const expected = row % 11 > 0 ? 'x'.repeat(row % 20) + (row % 7000) : undefined;
        assert.equal(dictionary[code], expected);
      }
      assert.equal(seen, dictionary.length - 1);
    },
  },
  {
    name: 'a whole number or a time beyond 2^53 is ENGINE_QUERY naming the column, and a bigint in rows',
    run: async ({ engine }) => {
      for (const literal of [
        '9007199254740993',
        '-9223372036854775807',
        '1267650600228229401496703205376',
        "'9999-12-31'::TIMESTAMP",
      ]) {
        const sql = `SELECT ${literal} AS too_big`;
        await assert.rejects(() => engine.columns(sql), /too_big.*2\^53/);
        await rejectsWith('ENGINE_QUERY', () => engine.columns(sql));
      }
      assert.deepEqual(await rowOf(engine, 'SELECT 9007199254740993'), [9007199254740993n]);
      const listed = await engine.columns('SELECT 1 AS x');
      assert.equal(listed.rows, 1);
    },
  },
  {
    name: 'a foreign type and two columns of one name are ENGINE_QUERY naming the column',
    run: async ({ engine }) => {
      for (const sql of [
        'SELECT [1, 2] AS odd',
        'SELECT INTERVAL 1 DAY AS odd',
        'SELECT 1 AS odd, 2 AS odd',
      ]) {
        await assert.rejects(() => engine.columns(sql), /"odd"/);
        await rejectsWith('ENGINE_QUERY', () => engine.columns(sql));
        await rejectsWith('ENGINE_QUERY', () => engine.rows(sql));
      }
    },
  },
  {
    name: 'describing names every column with its type and runs nothing',
    run: async ({ engine }) => {
      const sql = "SELECT 1 AS a, [1] AS b, error('it ran')::VARCHAR AS c, sum(1::BIGINT) AS d ORDER BY a";
      assert.deepEqual(await engine.describe(sql), [
        { name: 'a', type: 'int64', engineType: 'INTEGER' },
        { name: 'b', type: null, engineType: 'INTEGER[]' },
        { name: 'c', type: 'string', engineType: 'VARCHAR' },
        { name: 'd', type: 'int64', engineType: 'HUGEINT' },
      ]);
    },
  },
  {
    name: 'registered columns come back as they were, and a dropped name is free again',
    run: async ({ engine }) => {
      await engine.register('my "table"', unusual);
      const back = await engine.columns('SELECT * FROM "my ""table"""');
      assert.deepEqual([...back.columns.keys()], [...unusual.columns.keys()]);
      const again = await engine.rows('SELECT * FROM "my ""table"""');
      assert.deepEqual(again, [
        { 'yes "or" no': true, whole: 2 ** 53 - 1, half: 0.5, text: 'longer than twelve bytes', time: 1 },
        { 'yes "or" no': false, whole: 1 - 2 ** 53, half: NaN, text: null, time: -1 },
        { 'yes "or" no': null, whole: -1, half: null, text: '', time: null },
        {
          'yes "or" no': true,
          whole: null,
          half: -0,
          text: 'longer than twelve bytes',
          time: 978_307_200_000_000,
        },
      ]);
      await rejectsWith('ENGINE_QUERY', () => engine.register('my "table"', unusual));
      await engine.run('DROP TABLE "my ""table"""');
      await engine.register('my "table"', unusual);
    },
  },
  {
    name: 'registering columns of unequal length is ENGINE_QUERY and makes no table',
    run: async ({ engine }) => {
      const columns = new Map<string, Column>([['a', { type: 'double', values: Float64Array.of(1, 2) }]]);
      await rejectsWith('ENGINE_QUERY', () => engine.register('uneven', { rows: 3, columns }));
      await rejectsWith('ENGINE_QUERY', () => engine.rows('SELECT * FROM uneven'));
    },
  },
  {
    name: '10,000 registered rows keep their order and values across chunks',
    run: async ({ engine }) => {
      const values = Float64Array.from({ length: 10_000 }, (_, row) => (row % 97 === 0 ? NaN : row));
      const codes = Int32Array.from({ length: 10_000 }, (_, row) => (row % 5) - 1);
      const dictionary = ['a', 'bb', 'ccc', 'a text longer than twelve'];
      const columns = new Map<string, Column>([
        ['n', { type: 'int64', values }],
        ['s', { type: 'string', codes, dictionary }],
      ]);
      await engine.register('many', { rows: 10_000, columns });
      const back = await engine.columns('SELECT n, s FROM many');
      const n = back.columns.get('n');
      const s = back.columns.get('s');
      assert.ok(n?.type === 'int64' && s?.type === 'string');
      assert.deepEqual(n.values, values);
      const texts = Array.from(s.codes, (code) => s.dictionary[code]);
      assert.deepEqual(
        texts,
        Array.from(codes, (code) => dictionary[code]),
      );
    },
  },
];

/** What crosses the boundary: types, NULLs, names. */
export const engineTypeCases: readonly ConformanceCase<EngineContext>[] = [...conversionCases, ...tableCases];
