import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { rejectsWith, type ConformanceCase } from './case.ts';
import { listOf, type EngineContext } from './engine-context.ts';

/** Ends only when it is interrupted. */
const endless = 'SELECT count(*) FROM range(1000000000000) a, range(1000) b WHERE a.range % 7 = b.range';

/** Every kind of error that the port names, and life after it. */
export const engineErrorCases: readonly ConformanceCase<EngineContext>[] = [
  {
    name: 'a file that is absent, truncated or of another format is ENGINE_FILE with its path',
    run: async ({ engine, folder }) => {
      const whole = path.join(folder, 'whole.parquet');
      await engine.writeParquet('SELECT range AS a FROM range(100000) ORDER BY a', whole);
      const file = path.join(folder, 'bad.parquet');
      const read = `SELECT sum(a) FROM read_parquet('${file}')`;
      const bytes = await readFile(whole);
      const bad = [
        undefined,
        bytes.subarray(0, 50_000),
        Buffer.alloc(0),
        Buffer.from('a,b\n1,2\n'.repeat(100)),
      ];
      for (const content of bad) {
        if (content !== undefined) await writeFile(file, content);
        await rejectsWith('ENGINE_FILE', () => engine.columns(read));
        await assert.rejects(() => engine.rows(read), /bad\.parquet/);
      }
      const damagedFooter = Buffer.from(bytes);
      damagedFooter.fill(0x5a, bytes.length - 200, bytes.length - 8);
      await writeFile(file, damagedFooter);
      await rejectsWith('ENGINE_FILE', () => engine.columns(read));
    },
  },
  {
    name: 'a statement that cannot be understood or overflows is ENGINE_QUERY, and the next one works',
    run: async ({ engine }) => {
      const bad = [
        'SELEKT 1',
        'SELECT parquet_column FROM range(3)',
        'SELECT * FROM no_such_table',
        'SELECT 9223372036854775807 + range AS x FROM range(3)',
        'SELECT 99999999999999999999999999999999999999::DECIMAL(38,0) + 1 AS x',
        "SELECT 'x'::INTEGER AS x",
      ];
      for (const sql of bad) {
        await rejectsWith('ENGINE_QUERY', () => engine.columns(sql));
        await rejectsWith('ENGINE_QUERY', () => engine.rows(sql));
        await rejectsWith('ENGINE_QUERY', () => engine.run(sql));
      }
      await rejectsWith('ENGINE_QUERY', () => engine.describe('SELEKT 1'));
      assert.deepEqual(await listOf(engine, 'SELECT 1'), [1]);
    },
  },
  {
    name: 'a query beyond the memory limit is ENGINE_MEMORY, and the next one works',
    run: async ({ open }) => {
      const engine = await open({ memoryMb: 30, threads: 1 });
      const sql = 'SELECT len(list(md5(range::VARCHAR))) FROM range(5000000)';
      await rejectsWith('ENGINE_MEMORY', () => engine.rows(sql));
      assert.deepEqual(await listOf(engine, 'SELECT 1'), [1]);
      await engine.close();
    },
  },
  {
    name: 'a sort larger than the memory limit spills and ends well',
    run: async ({ open }) => {
      const engine = await open({ memoryMb: 60, threads: 2 });
      const sorted = '(SELECT range, md5(range::VARCHAR) AS m FROM range(1000000) ORDER BY m OFFSET 1)';
      assert.deepEqual(await listOf(engine, `SELECT count(DISTINCT range) FROM ${sorted}`), [999_999]);
      await engine.close();
    },
  },
  {
    name: 'an engine without a temporary folder is ENGINE_UNAVAILABLE',
    run: async ({ openUnwritable }) => {
      await rejectsWith('ENGINE_UNAVAILABLE', openUnwritable);
    },
  },
  {
    name: 'closing ends a running query and those behind it within a second, with ENGINE_UNAVAILABLE',
    run: async ({ open }) => {
      const engine = await open({ memoryMb: 200, threads: 1 });
      const running = rejectsWith('ENGINE_UNAVAILABLE', () => engine.rows(endless));
      const streaming = rejectsWith('ENGINE_UNAVAILABLE', () => engine.columns(endless));
      await engine.close();
      await running;
      await streaming;
      await rejectsWith('ENGINE_UNAVAILABLE', () => engine.run('SELECT 1'));
      await engine.close();
    },
  },
  {
    name: 'queries started at once each get their own answer, whatever fails among them',
    run: async ({ engine }) => {
      const asked = Array.from({ length: 40 }, async (_, index) => {
        if (index % 10 === 3) {
          await rejectsWith('ENGINE_QUERY', () => engine.rows('SELEKT'));
          return index;
        }
        if (index % 2 === 0) return (await listOf(engine, `SELECT ${index}`))[0];
        const column = (await engine.columns(`SELECT ${index}::DOUBLE AS x FROM range(5000)`)).columns.get(
          'x',
        );
        return column?.type === 'double' ? column.values[4999] : undefined;
      });
      assert.deepEqual(
        await Promise.all(asked),
        Array.from({ length: 40 }, (_, index) => index),
      );
    },
  },
  {
    name: 'nothing is fetched from the network: a remote address is ENGINE_FILE',
    run: async ({ engine }) => {
      for (const address of ['https://example.invalid/x.parquet', 's3://bucket/x.parquet']) {
        await rejectsWith('ENGINE_FILE', () => engine.rows(`SELECT * FROM read_parquet('${address}')`));
      }
    },
  },
];
