import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mountSmallDisk } from '../../../test/fixtures/small-disk.ts';
import { isSluiceError, type ErrorCode } from '../../base/errors.ts';
import type { SqlValue, Tables } from '../../ports/tables.ts';
import { openSqliteTables } from './sqlite.ts';

const writer = fileURLToPath(import.meta.resolve('../../../test/fixtures/tables-writer.ts'));

async function answerOf(tables: Tables, sql: string, parameters: readonly SqlValue[] = []) {
  const connection = await tables.connect();
  try {
    return (await connection.execute(sql, parameters)).rows;
  } finally {
    connection.release();
  }
}

function rejects(code: ErrorCode, work: () => Promise<unknown>): Promise<void> {
  return assert.rejects(work, (error) => isSluiceError(error, code));
}

async function exitOf(file: string, ...rest: string[]): Promise<number | string> {
  const child = spawn(process.execPath, [writer, file, ...rest], { stdio: 'inherit' });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return code ?? signal ?? 'unknown';
}

describe('the SQLite catalog', () => {
  let folder = '';
  let file = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sluice-'));
    file = path.join(folder, 'catalog.db');
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function withCounter(): Promise<Tables> {
    const tables = await openSqliteTables({ path: file });
    await answerOf(tables, 'create table counter (n integer)');
    await answerOf(tables, 'insert into counter values (0)');
    return tables;
  }

  test('three processes with 100 read-then-write transactions each lose none', async () => {
    const tables = await withCounter();
    const exits = await Promise.all([1, 2, 3].map(() => exitOf(file, '100')));
    assert.deepEqual(exits, [0, 0, 0]);
    assert.deepEqual(await answerOf(tables, 'select n from counter'), [{ n: 300 }]);
    await tables.close();
  });

  for (const [point, after] of [
    ['tables.begin', 1],
    ['tables.commit', 1],
    ['tables.committed', 2],
  ] as const) {
    test(`a process killed at ${point} leaves a whole catalog`, async () => {
      const tables = await withCounter();
      assert.equal(await exitOf(file, '5', point), 'SIGKILL');
      assert.deepEqual(await answerOf(tables, 'select n from counter'), [{ n: after }]);
      assert.deepEqual(await answerOf(tables, 'pragma integrity_check'), [{ integrity_check: 'ok' }]);
      await tables.close();
    });
  }

  test('every commit is announced before and after, also that of a statement alone', async () => {
    const points: string[] = [];
    const tables = await openSqliteTables({ path: file, writePoint: (name) => points.push(name) });
    await answerOf(tables, 'create table t (a integer)');
    await answerOf(tables, 'select * from t');
    assert.deepEqual(points, ['tables.commit', 'tables.committed']);
    const connection = await tables.connect();
    await connection.begin();
    await connection.execute('insert into t values (1)', []);
    await connection.commit();
    connection.release();
    assert.deepEqual(points.slice(2), ['tables.begin', 'tables.commit', 'tables.committed']);
    await tables.close();
  });

  test('commits reach the disk before they are answered', async () => {
    const tables = await openSqliteTables({ path: file });
    assert.deepEqual(await answerOf(tables, 'pragma journal_mode'), [{ journal_mode: 'wal' }]);
    assert.deepEqual(await answerOf(tables, 'pragma synchronous'), [{ synchronous: 2 }]);
    await tables.close();
  });

  test('ten first openings at once all succeed', async () => {
    const opened = await Promise.all(Array.from({ length: 10 }, () => openSqliteTables({ path: file })));
    await Promise.all(opened.map((tables) => tables.close()));
  });

  test('a thousand different statements run on a bounded number of prepared ones', async () => {
    const tables = await openSqliteTables({ path: file });
    for (let i = 0; i < 1000; i++) {
      assert.deepEqual(await answerOf(tables, `select ${i} as n, ? as x`, [i]), [{ n: i, x: i }]);
    }
    await tables.close();
  });

  test('a prepared statement sees columns that were added after it', async () => {
    const tables = await openSqliteTables({ path: file });
    await answerOf(tables, 'create table t (a integer)');
    await answerOf(tables, 'insert into t values (1)');
    assert.deepEqual(await answerOf(tables, 'select * from t'), [{ a: 1 }]);
    await answerOf(tables, 'alter table t add column b text');
    assert.deepEqual(await answerOf(tables, 'select * from t'), [{ a: 1, b: null }]);
    await tables.close();
  });

  test('a file that is no catalog is TABLES_CORRUPT and is not touched', async () => {
    await writeFile(file, 'not a database, but long enough to have a header '.repeat(10));
    await rejects('TABLES_CORRUPT', () => openSqliteTables({ path: file }));
    assert.deepEqual(await readdir(folder), ['catalog.db']);
  });

  test('a folder, a path in an absent folder and an absent file to read are TABLES_UNAVAILABLE', async () => {
    await mkdir(file);
    await rejects('TABLES_UNAVAILABLE', () => openSqliteTables({ path: file }));
    const absent = path.join(folder, 'absent', 'catalog.db');
    await rejects('TABLES_UNAVAILABLE', () => openSqliteTables({ path: absent }));
    const unmade = path.join(folder, 'unmade.db');
    await rejects('TABLES_UNAVAILABLE', () => openSqliteTables({ path: unmade, readOnly: true }));
  });

  test('a whole number too large for a JavaScript number is refused rather than rounded', async () => {
    const tables = await openSqliteTables({ path: file });
    await rejects('TABLES_QUERY', () => answerOf(tables, 'select 9007199254740993 as n'));
    await tables.close();
  });

  test('constraints, a busy catalog and an existing backup keep their codes', async () => {
    const tables = await withCounter();
    const other = await openSqliteTables({ path: file, busyTimeoutMs: 20 });
    const holder = await tables.connect();
    await holder.begin();
    await rejects('TABLES_BUSY', () => answerOf(other, 'update counter set n = 9'));
    await holder.rollback();
    holder.release();
    await answerOf(other, 'create unique index one on counter (n)');
    await rejects('TABLES_CONSTRAINT', () => answerOf(other, 'insert into counter values (0)'));
    await rejects('TABLES_BACKUP_EXISTS', () => tables.backup(file));
    await other.close();
    await tables.close();
  });

  test('waiting for another process holds up nothing else in this one', async () => {
    const tables = await withCounter();
    const other = await openSqliteTables({ path: file, busyTimeoutMs: 200 });
    const holder = await tables.connect();
    await holder.begin();
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    await rejects('TABLES_BUSY', () => answerOf(other, 'update counter set n = 9'));
    clearInterval(timer);
    assert.ok(ticks >= 5, `${ticks} ticks`);
    holder.release();
    await answerOf(other, 'update counter set n = 9');
    await other.close();
    await tables.close();
  });

  test('closing wakes the callers that wait for the connection', async () => {
    const tables = await openSqliteTables({ path: file });
    const holder = await tables.connect();
    await holder.begin();
    const waiting = rejects('TABLES_UNAVAILABLE', () => tables.connect());
    await tables.close();
    holder.release();
    await waiting;
  });

  test('a full disk is TABLES_UNAVAILABLE, the transaction is gone, and the catalog stays whole', async (t) => {
    const disk = path.join(folder, 'disk');
    const unmount = mountSmallDisk(disk, 400_000);
    if (unmount === undefined) {
      t.skip('untested: this process may not mount a file system');
      return;
    }
    try {
      const tables = await openSqliteTables({ path: path.join(disk, 'catalog.db') });
      await answerOf(tables, 'create table t (a integer primary key, b text)');
      const connection = await tables.connect();
      await connection.begin();
      await connection.execute("insert into t values (1, 'kept?')", []);
      const insert = 'insert into t (b) values (?)';
      await rejects('TABLES_UNAVAILABLE', async () => {
        for (let i = 0; i < 100; i++) await connection.execute(insert, ['x'.repeat(100_000)]);
        await connection.commit();
      });
      await connection.rollback();
      connection.release();
      assert.deepEqual(await answerOf(tables, 'select count(*) as n from t'), [{ n: 0 }]);
      assert.deepEqual(await answerOf(tables, 'pragma integrity_check'), [{ integrity_check: 'ok' }]);
      await tables.close();
    } finally {
      unmount();
    }
  });
});
