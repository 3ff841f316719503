import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { mountSmallDisk } from '../../../test/fixtures/small-disk.ts';
import { isSluiceError, type ErrorCode } from '../../base/errors.ts';
import type { Engine } from '../../ports/engine.ts';
import { openDuckdb } from './duckdb.ts';

function rejects(code: ErrorCode, work: () => Promise<unknown>): Promise<void> {
  return assert.rejects(work, (error) => isSluiceError(error, code));
}

describe('the DuckDB engine', () => {
  let folder = '';
  let engine: Engine;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sluice-'));
    engine = await openDuckdb({ memoryMb: 500, threads: 2, temporaryDirectory: path.join(folder, 'spill') });
  });
  afterEach(async () => {
    await engine.close();
    await rm(folder, { recursive: true });
  });

  test('it names itself with the exact version', () => {
    assert.match(engine.version, /^duckdb \d+\.\d+\.\d+$/);
  });

  test('its bounds and its zone are set', async () => {
    const names = [
      'memory_limit',
      'threads',
      'TimeZone',
      'autoload_known_extensions',
      'preserve_insertion_order',
    ];
    const settings = names.map((name) => `current_setting('${name}') AS "${name}"`);
    assert.deepEqual(await engine.rows(`SELECT ${settings.join(', ')}`), [
      {
        memory_limit: '476.8 MiB',
        threads: 2,
        TimeZone: 'UTC',
        autoload_known_extensions: false,
        preserve_insertion_order: true,
      },
    ]);
  });

  test('Parquet is zstd in row groups of 122,880 rows', async () => {
    const file = path.join(folder, 'x.parquet');
    await engine.writeParquet('SELECT range AS a FROM range(200000) ORDER BY a', file);
    const groups = `SELECT row_group_num_rows AS rows, compression FROM parquet_metadata('${file}') ORDER BY row_group_id`;
    assert.deepEqual(await engine.rows(groups), [
      { rows: 122_880, compression: 'ZSTD' },
      { rows: 77_120, compression: 'ZSTD' },
    ]);
    assert.deepEqual(await readdir(folder), ['spill', 'x.parquet']);
  });

  test('enums of 300 and of 70,000 texts cross with their NULLs', async () => {
    for (const size of [300, 70_000]) {
      await engine.run(
        `CREATE OR REPLACE TYPE big AS ENUM (SELECT 'v' || range FROM range(${size}) ORDER BY range)`,
      );
      const sql = `SELECT CASE WHEN range <> 7 THEN 'v' || range END::big AS x FROM range(${size}) ORDER BY range`;
      const x = (await engine.columns(sql)).columns.get('x');
      assert.ok(x?.type === 'string');
      const texts = Array.from(x.codes, (code) => x.dictionary[code]);
      assert.deepEqual(
        texts,
        Array.from({ length: size }, (_, row) => (row === 7 ? undefined : `v${row}`)),
      );
    }
  });

  test('a dropped name can be registered again with other columns', async () => {
    const one = { type: 'double', values: Float64Array.of(1) } as const;
    await engine.register('t', { rows: 1, columns: new Map([['a', one]]) });
    await engine.run('DROP TABLE t');
    await engine.register('t', { rows: 1, columns: new Map([['b', one]]) });
    assert.deepEqual(await engine.rows('SELECT * FROM t'), [{ b: 1 }]);
  });

  test('what a killed engine spilled is removed by the next one in the folder', async () => {
    const spill = path.join(folder, 'spill');
    const left = path.join(spill, `${2 ** 22 + 1}-0-0123456789abcdef.duckdb`);
    await mkdir(left);
    await writeFile(path.join(left, 'duckdb_temp_storage-0.tmp'), 'x');
    const other = await openDuckdb({ memoryMb: 100, threads: 1, temporaryDirectory: spill });
    assert.equal((await readdir(spill)).length, 2);
    await other.close();
    await engine.close();
    assert.deepEqual(await readdir(spill), []);
  });

  test('a full disk is ENGINE_UNAVAILABLE while spilling and while writing, and leaves no file', async (t) => {
    const disk = path.join(folder, 'disk');
    const unmount = mountSmallDisk(disk, 2_000_000);
    if (unmount === undefined) {
      t.skip('untested: this process may not mount a file system');
      return;
    }
    try {
      const bounds = { memoryMb: 40, threads: 1, temporaryDirectory: path.join(disk, 'spill') };
      const small = await openDuckdb(bounds);
      const file = path.join(disk, 'large.parquet');
      const random = 'SELECT range AS id, random() AS r FROM range(1000000)';
      await rejects('ENGINE_UNAVAILABLE', () => small.writeParquet(random, file));
      assert.deepEqual(await readdir(disk), ['spill']);
      const sorted = `SELECT count(DISTINCT id) FROM (SELECT id, md5(id::VARCHAR) AS m FROM (${random}) ORDER BY m OFFSET 1)`;
      await rejects('ENGINE_UNAVAILABLE', () => small.rows(sorted));
      assert.deepEqual(await small.rows('SELECT 1 AS a'), [{ a: 1 }]);
      await small.close();
    } finally {
      unmount();
    }
  });

  test('each kind of failure has its code', async () => {
    await rejects('ENGINE_FILE', () => engine.rows(`SELECT * FROM '${path.join(folder, 'none.parquet')}'`));
    await rejects('ENGINE_QUERY', () => engine.rows('SELECT none'));
    const tight = await openDuckdb({ memoryMb: 20, threads: 1, temporaryDirectory: folder });
    await rejects('ENGINE_MEMORY', () => tight.rows('SELECT len(list(range)) FROM range(10000000)'));
    await tight.close();
  });

  test('nothing is installed from the network', async () => {
    await rejects('ENGINE_QUERY', () => engine.run('LOAD httpfs'));
  });
});
