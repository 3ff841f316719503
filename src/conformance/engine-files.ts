import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { digestBytes } from '../base/digest.ts';
import type { Engine } from '../ports/engine.ts';
import { rejectsWith, type ConformanceCase } from './case.ts';
import type { EngineContext } from './engine-context.ts';

/** A unique key, ties everywhere else, NULLs, doubles and texts; 400,000 rows make several row groups. */
const manyRows = `SELECT range AS id, range % 7 AS tie, CASE WHEN range % 5 > 0 THEN sqrt(range) END AS root,
  'k' || (range * 7919 % 1000) AS key FROM range(400000) ORDER BY (range * 7919) % 400000, id`;

async function parquetDigest(engine: Engine, file: string): Promise<string> {
  const written = await engine.writeParquet(manyRows, file);
  assert.deepEqual(written, { path: file, rows: 400_000 });
  return digestBytes(await readFile(file));
}

function csvOf(file: string): string {
  return `SELECT * FROM read_csv('${file}', delim = ',', header = true, auto_detect = false, quote = '"',
    escape = '"', columns = {'a': 'INTEGER', 'b': 'VARCHAR'})`;
}

/** Reading and writing files. */
export const engineFileCases: readonly ConformanceCase<EngineContext>[] = [
  {
    name: 'Parquet has the same bytes on 1, 2 and 4 threads and with little memory',
    run: async ({ open, folder }) => {
      const digests = new Set<string>();
      for (const [threads, memoryMb] of [
        [1, 1000],
        [2, 1000],
        [4, 1000],
        [2, 50],
      ] as const) {
        const engine = await open({ threads, memoryMb });
        digests.add(await parquetDigest(engine, path.join(folder, `${threads}-${memoryMb}.parquet`)));
        await engine.close();
      }
      assert.equal(digests.size, 1);
    },
  },
  {
    name: 'Parquet keeps values, NULLs and types, also of no rows at all',
    run: async ({ engine, folder }) => {
      const file = path.join(folder, "it's.parquet");
      const sql =
        "SELECT 1::BIGINT AS a, NULL::DOUBLE AS b, TIMESTAMP '2001-01-01' AS c, 'é' AS d, true AS e";
      assert.deepEqual(await engine.writeParquet(sql, file), { path: file, rows: 1 });
      const from = `SELECT * FROM read_parquet('${file.replaceAll("'", "''")}')`;
      assert.deepEqual(await engine.rows(from), [{ a: 1, b: null, c: 978_307_200_000_000, d: 'é', e: true }]);
      const empty = path.join(folder, 'empty.parquet');
      assert.deepEqual(await engine.writeParquet(`${sql} WHERE false`, empty), { path: empty, rows: 0 });
      const described = await engine.describe(`SELECT * FROM read_parquet('${empty}')`);
      assert.deepEqual(
        described.map(({ type }) => type),
        ['int64', 'double', 'timestamp', 'string', 'boolean'],
      );
    },
  },
  {
    name: 'a Parquet file that cannot be finished is removed',
    run: async ({ engine, folder }) => {
      const file = path.join(folder, 'half.parquet');
      const sql = "SELECT CASE WHEN range < 250000 THEN range ELSE error('stop') END AS x FROM range(300000)";
      await rejectsWith('ENGINE_QUERY', () => engine.writeParquet(sql, file));
      await assert.rejects(() => readFile(file));
      const nowhere = path.join(folder, 'absent', 'x.parquet');
      await rejectsWith('ENGINE_UNAVAILABLE', () => engine.writeParquet('SELECT 1 AS a', nowhere));
    },
  },
  {
    name: 'CSV with a byte-order mark, CRLF, quotes and no last line end reads by its declared columns',
    run: async ({ engine, folder }) => {
      const file = path.join(folder, 'odd.csv');
      await writeFile(file, '\uFEFFa,b\r\n1,"x, ""y"""\r\n2,\r\n3,"two\r\nlines"');
      assert.deepEqual(await engine.rows(csvOf(file)), [
        { a: 1, b: 'x, "y"' },
        { a: 2, b: null },
        { a: 3, b: 'two\r\nlines' },
      ]);
      await writeFile(file, 'a,b\n');
      assert.deepEqual(await engine.rows(csvOf(file)), []);
    },
  },
  {
    name: 'a ragged row, a value of the wrong type, broken UTF-8 and a huge line are ENGINE_FILE with file and row',
    run: async ({ engine, folder }) => {
      const file = path.join(folder, 'bad.csv');
      const bad = [
        'a,b\n1,x\n2\n3,z\n',
        'a,b\n1,x\n2,y,z\n',
        'a,b\n1,x\nzwei,y\n',
        Buffer.concat([Buffer.from('a,b\n1,x\n2,'), Buffer.from([0xff, 0xfe, 10])]),
        `a,b\n1,x\n2,${'y'.repeat(3_000_000)}\n`,
      ];
      for (const content of bad) {
        await writeFile(file, content);
        await assert.rejects(() => engine.columns(csvOf(file)), /bad\.csv: line 3: .{10,700}$/s);
        await rejectsWith('ENGINE_FILE', () => engine.columns(csvOf(file)));
      }
    },
  },
];
