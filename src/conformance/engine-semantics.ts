import assert from 'node:assert/strict';
import type { ConformanceCase } from './case.ts';
import { listOf, rowOf, type EngineContext } from './engine-context.ts';

/** Outcomes tie on their known time; the sequence decides, however the rows lie. */
const asOfJoin = `
  WITH outcomes(k, known, seq, x) AS (VALUES
         (1, 10, 2, 'b'), (1, 20, 1, 'c'), (2, 5, 1, 'z'), (1, 10, 1, 'a'), (1, 20, 2, 'd')),
       moments(k, t) AS (VALUES (1, 9), (1, 10), (1, 19), (1, 20), (1, 99), (2, 5), (3, 50)),
       latest AS (SELECT k, known, arg_max(x, seq) AS x FROM outcomes GROUP BY k, known)
  SELECT moments.k, t, x FROM moments ASOF LEFT JOIN latest
    ON moments.k = latest.k AND moments.t >= latest.known
  ORDER BY moments.k, t`;

/** What a query means: the parts of SQL on which engines differ, pinned. */
export const engineSemanticCases: readonly ConformanceCase<EngineContext>[] = [
  {
    name: 'NULL sorts last, ascending and descending',
    run: async ({ engine }) => {
      const from = 'SELECT x FROM (VALUES (2), (NULL), (1)) t(x) ORDER BY x';
      assert.deepEqual(await listOf(engine, from), [1, 2, null]);
      assert.deepEqual(await listOf(engine, `${from} DESC`), [2, 1, null]);
    },
  },
  {
    name: 'NaN equals itself and sorts above every number, below NULL',
    run: async ({ engine }) => {
      const from = "(VALUES ('nan'::DOUBLE), (1.0), ('inf'::DOUBLE), (NULL), ('-inf'::DOUBLE)) t(x)";
      const sorted = await listOf(engine, `SELECT x FROM ${from} ORDER BY x`);
      assert.deepEqual(sorted, [-Infinity, 1, Infinity, NaN, null]);
      assert.deepEqual(await rowOf(engine, `SELECT max(x), min(x) FROM ${from}`), [NaN, -Infinity]);
      const compared = "SELECT 'nan'::DOUBLE = 'nan'::DOUBLE, 'nan'::DOUBLE > 'inf'::DOUBLE";
      assert.deepEqual(await rowOf(engine, compared), [true, true]);
    },
  },
  {
    name: '/ divides to a double, // and % go towards zero, and dividing by zero is no error',
    run: async ({ engine }) => {
      assert.deepEqual(await rowOf(engine, 'SELECT 7 / 2, 7 // 2, -7 // 2, -7 % 2'), [3.5, 3, -3, -1]);
      const byZero = await rowOf(engine, 'SELECT 1 / 0, -1 / 0, 0 / 0, 1 // 0, 1 % 0');
      assert.deepEqual(byZero, [Infinity, -Infinity, NaN, null, null]);
    },
  },
  {
    name: 'texts are compared by their bytes',
    run: async ({ engine }) => {
      const sql =
        "SELECT x FROM (VALUES ('é'), ('b'), ('a'), ('Z'), (''), ('ab'), ('ﬀ'), ('😀')) t(x) ORDER BY x";
      assert.deepEqual(await listOf(engine, sql), ['', 'Z', 'a', 'ab', 'b', 'é', 'ﬀ', '😀']);
    },
  },
  {
    name: 'times are UTC: an offset is taken into account once, and days begin at midnight UTC',
    run: async ({ engine }) => {
      const sql = `SELECT TIMESTAMP '2001-01-01 00:00:00', TIMESTAMPTZ '2001-01-01 02:00:00+02',
        date_trunc('day', TIMESTAMPTZ '2001-01-01 23:30:00-05'), CAST(TIMESTAMPTZ '2001-01-01 02:00:00+02' AS TIMESTAMP),
        DATE '2001-01-01', epoch_us(TIMESTAMP '2001-01-01 00:00:00'), hour(TIMESTAMPTZ '2001-01-01 02:00:00+02')`;
      const newYearUs = 978_307_200_000_000;
      const values = [newYearUs, newYearUs, newYearUs + 86_400e6, newYearUs, newYearUs, newYearUs, 0];
      assert.deepEqual(await rowOf(engine, sql), values);
    },
  },
  {
    name: 'aggregates over nothing are NULL, counts are 0, groups of nothing do not exist',
    run: async ({ engine }) => {
      const nothing = '(SELECT 1 AS x WHERE false)';
      const sql = `SELECT sum(x), avg(x), max(x), count(x), count(*) FROM ${nothing}`;
      assert.deepEqual(await rowOf(engine, sql), [null, null, null, 0, 0]);
      assert.deepEqual(await engine.rows(`SELECT x, count(*) FROM ${nothing} GROUP BY x`), []);
      const table = await engine.columns(`SELECT x, 'a' AS s FROM ${nothing}`);
      assert.equal(table.rows, 0);
      assert.deepEqual([...table.columns.keys()], ['x', 's']);
    },
  },
  {
    name: 'the stable bucket of a text is the first 15 digits of its md5, as everywhere',
    run: async ({ engine }) => {
      const sql = `SELECT ('0x' || md5(x)[:15])::BIGINT % 1000 FROM (VALUES ('hello'), (''), ('Zürich')) t(x)`;
      // RFC 1321: md5 is 5d41402abc4b2a7…, d41d8cd98f00b20…, 103a821a3a6a0b9…
      assert.deepEqual(await listOf(engine, sql), [591, 424, 369]);
    },
  },
  {
    name: 'an as-of join takes the latest known row, and ties go to the highest sequence',
    run: async ({ engine }) => {
      const rows = await engine.rows(asOfJoin);
      const expected = [null, 'b', 'b', 'd', 'd', 'z', null];
      assert.deepEqual(
        rows.map((row) => row['x']),
        expected,
      );
    },
  },
  {
    name: 'a window over whole seconds leaves out its own moment',
    run: async ({ engine }) => {
      const sql = `SELECT count(*) OVER (ORDER BY t RANGE BETWEEN 300 PRECEDING AND 1 PRECEDING) AS n
        FROM (VALUES (0), (1), (300), (301), (301), (602)) v(t) ORDER BY t`;
      assert.deepEqual(await listOf(engine, sql), [0, 1, 2, 2, 2, 0]);
    },
  },
  {
    name: 'rows come in the order of the query, and unsorted ones in the order of their source',
    run: async ({ engine }) => {
      await engine.run('CREATE TABLE numbers AS SELECT range AS x, 300000 - range AS y FROM range(300000)');
      const plain = await engine.columns('SELECT x FROM numbers WHERE x % 3 = 0');
      const sorted = await engine.columns('SELECT x, y FROM numbers ORDER BY y');
      const x = plain.columns.get('x');
      const y = sorted.columns.get('y');
      assert.ok(x?.type === 'int64' && y?.type === 'int64');
      assert.ok(x.values.every((value, row) => value === 3 * row));
      assert.ok(y.values.every((value, row) => value === row + 1));
    },
  },
];
