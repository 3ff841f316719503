import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import type { SqlRow, Tables, TablesConnection } from '../ports/tables.ts';
import { rejectsWith, type ConformanceCase } from './case.ts';

/** What an adapter's test provides: a fresh store per case, and the means to break it. */
export interface TablesContext {
  /** An empty store, whose writes wait at most about 100 ms for another process. */
  readonly tables: Tables;
  /** Opens the same store once more, as another process would. */
  readonly reopen: () => Promise<Tables>;
  /** Opens the backup that was written to `path`. */
  readonly openBackup: (path: string) => Promise<Tables>;
  /** Yields a path where a file can be written and none is. */
  readonly freshPath: () => Promise<string>;
  /** Damages the closed store, so that opening or reading it must notice. */
  readonly damage: () => Promise<void>;
  /** Opens a store whose disk is full or cannot be written, filled by `create table t (a integer primary key, b text)`. */
  readonly openUnwritable: () => Promise<Tables>;
}

const createTable = 'create table t (a integer primary key, b text)';

async function using<Result>(tables: Tables, work: (connection: TablesConnection) => Promise<Result>) {
  const connection = await tables.connect();
  try {
    return await work(connection);
  } finally {
    connection.release();
  }
}

async function rowsOf(tables: Tables, sql: string): Promise<readonly SqlRow[]> {
  return using(tables, async (connection) => (await connection.execute(sql, [])).rows);
}

async function prepared(tables: Tables): Promise<void> {
  await using(tables, (connection) => connection.execute(createTable, []));
}

async function countOf(tables: Tables): Promise<unknown> {
  return (await rowsOf(tables, 'select count(*) as n from t'))[0]?.['n'];
}

const valueCases: readonly ConformanceCase<TablesContext>[] = [
  {
    name: 'null, text, numbers and bytes come back as they were bound',
    run: async ({ tables }) => {
      await using(tables, async (connection) => {
        await connection.execute('create table v (i integer, r real, s text, b blob, n text)', []);
        const bytes = Uint8Array.from([0, 255, 10]);
        const insert = 'insert into v (i, r, s, b, n) values (?, ?, ?, ?, ?)';
        await connection.execute(insert, [1_700_000_000_123_456, 0.1, 'Ünï\u0000☃', bytes, null]);
        const { rows } = await connection.execute('select * from v', []);
        const [row] = rows;
        assert.deepEqual(
          { ...row, b: [...((row?.['b'] ?? []) as Uint8Array)] },
          { i: 1_700_000_000_123_456, r: 0.1, s: 'Ünï\u0000☃', b: [0, 255, 10], n: null },
        );
      });
    },
  },
  {
    name: 'a whole number stays whole in arithmetic and in text',
    run: async ({ tables }) => {
      await using(tables, async (connection) => {
        await connection.execute('create table w (s text, i integer)', []);
        await connection.execute('insert into w (s, i) values (?, ?)', [5, 7]);
        const { rows } = await connection.execute('select s, i / 2 as half from w', []);
        assert.deepEqual(rows, [{ s: '5', half: 3 }]);
      });
    },
  },
  {
    name: 'rows are plain objects and writes tell how many rows they changed',
    run: async ({ tables }) => {
      await using(tables, async (connection) => {
        await connection.execute(createTable, []);
        const insert = "insert into t (a, b) values (1, 'x'), (2, 'x'), (3, 'y')";
        assert.deepEqual(await connection.execute(insert, []), { rows: [], changedRows: 3 });
        const returning = await connection.execute("update t set b = 'z' where b = 'x' returning a", []);
        assert.deepEqual(returning, { rows: [{ a: 1 }, { a: 2 }], changedRows: 2 });
        const none = await connection.execute('delete from t where a = ?', [99]);
        assert.deepEqual(none, { rows: [], changedRows: 0 });
        const read = await connection.execute('select a, b from t order by a', []);
        assert.equal(read.changedRows, 0);
        assert.deepEqual(read.rows[0], { a: 1, b: 'z' });
      });
    },
  },
];

const transactionCases: readonly ConformanceCase<TablesContext>[] = [
  {
    name: 'a committed transaction is seen by every other opening',
    run: async ({ tables, reopen }) => {
      await prepared(tables);
      await using(tables, async (connection) => {
        await connection.begin();
        await connection.execute('insert into t (a) values (1)', []);
        await connection.commit();
      });
      const other = await reopen();
      assert.equal(await countOf(other), 1);
      await other.close();
    },
  },
  {
    name: 'a transaction that is rolled back, or given back unfinished, leaves nothing',
    run: async ({ tables }) => {
      await prepared(tables);
      await using(tables, async (connection) => {
        await connection.begin();
        await connection.execute('insert into t (a) values (1)', []);
        await connection.rollback();
        await connection.rollback();
        await connection.begin();
        await connection.execute('insert into t (a) values (2)', []);
      });
      assert.equal(await countOf(tables), 0);
    },
  },
  {
    name: 'what is not committed is not seen by another opening',
    run: async ({ tables, reopen }) => {
      await prepared(tables);
      const other = await reopen();
      await using(tables, async (connection) => {
        await connection.begin();
        await connection.execute('insert into t (a) values (1)', []);
        assert.equal(await countOf(other), 0);
        await connection.commit();
      });
      assert.equal(await countOf(other), 1);
      await other.close();
    },
  },
  {
    name: 'a hundred read-then-write transactions started at once lose no update',
    run: async ({ tables }) => {
      await prepared(tables);
      await using(tables, (connection) => connection.execute("insert into t (a, b) values (1, '0')", []));
      const addOne = () =>
        using(tables, async (connection) => {
          await connection.begin();
          const { rows } = await connection.execute('select b from t where a = 1', []);
          await Promise.resolve();
          await connection.execute('update t set b = ? where a = 1', [String(Number(rows[0]?.['b']) + 1)]);
          await connection.commit();
        });
      await Promise.all(Array.from({ length: 100 }, addOne));
      assert.deepEqual(await rowsOf(tables, 'select b from t'), [{ b: '100' }]);
    },
  },
];

const errorCases: readonly ConformanceCase<TablesContext>[] = [
  {
    name: 'a broken constraint is TABLES_CONSTRAINT, and the connection can go on',
    run: async ({ tables }) => {
      await prepared(tables);
      await using(tables, async (connection) => {
        await connection.execute('insert into t (a) values (1)', []);
        await rejectsWith('TABLES_CONSTRAINT', () => connection.execute('insert into t (a) values (1)', []));
        await connection.execute('insert into t (a) values (2)', []);
      });
      assert.equal(await countOf(tables), 2);
    },
  },
  {
    name: 'a write lock held by another process is TABLES_BUSY, and free again afterwards',
    run: async ({ tables, reopen }) => {
      await prepared(tables);
      const other = await reopen();
      await using(other, async (holder) => {
        await holder.begin();
        await holder.execute('insert into t (a) values (1)', []);
        await using(tables, async (connection) => {
          await rejectsWith('TABLES_BUSY', () => connection.begin());
          await holder.commit();
          await connection.begin();
          await connection.commit();
        });
      });
      await other.close();
    },
  },
  {
    name: 'a statement that cannot be understood, or a connection given back, is TABLES_QUERY',
    run: async ({ tables }) => {
      const connection = await tables.connect();
      await rejectsWith('TABLES_QUERY', () => connection.execute('selekt 1', []));
      connection.release();
      connection.release();
      await rejectsWith('TABLES_QUERY', () => connection.execute('select 1', []));
    },
  },
  {
    name: 'a store that cannot be written is TABLES_UNAVAILABLE, and reading goes on',
    run: async ({ openUnwritable }) => {
      const tables = await openUnwritable();
      await using(tables, async (connection) => {
        const insert = 'insert into t (b) values (?)';
        await rejectsWith('TABLES_UNAVAILABLE', () => connection.execute(insert, ['x'.repeat(8_000_000)]));
        await connection.rollback();
      });
      assert.equal(await countOf(tables), 0);
      await tables.close();
    },
  },
  {
    name: 'a closed store is TABLES_UNAVAILABLE',
    run: async ({ tables }) => {
      await tables.close();
      await tables.close();
      await rejectsWith('TABLES_UNAVAILABLE', () => tables.connect());
    },
  },
  {
    name: 'a damaged store is TABLES_CORRUPT',
    run: async ({ tables, reopen, damage }) => {
      await prepared(tables);
      await using(tables, async (connection) => {
        for (let i = 0; i < 200; i++) {
          await connection.execute('insert into t (b) values (?)', ['row '.repeat(100)]);
        }
      });
      await tables.close();
      await damage();
      await rejectsWith('TABLES_CORRUPT', async () => countOf(await reopen()));
    },
  },
];

const backupCases: readonly ConformanceCase<TablesContext>[] = [
  {
    name: 'a backup is a whole store, taken while others write',
    run: async ({ tables, reopen, freshPath, openBackup }) => {
      await prepared(tables);
      await using(tables, (connection) => connection.execute('insert into t (a) values (1)', []));
      const other = await reopen();
      const path = await freshPath();
      await using(other, async (writer) => {
        await writer.begin();
        await writer.execute('insert into t (a) values (2)', []);
        await tables.backup(path);
        await writer.commit();
      });
      const backup = await openBackup(path);
      assert.equal(await countOf(backup), 1);
      assert.equal(await countOf(tables), 2);
      await backup.close();
      await other.close();
    },
  },
  {
    name: 'a backup never overwrites, and one that fails leaves no file',
    run: async ({ tables, freshPath }) => {
      await prepared(tables);
      const path = await freshPath();
      await tables.backup(path);
      await rejectsWith('TABLES_BACKUP_EXISTS', () => tables.backup(path));
      const nowhere = `${path}.absent-folder/backup`;
      await rejectsWith('TABLES_UNAVAILABLE', () => tables.backup(nowhere));
      await assert.rejects(() => stat(nowhere));
    },
  },
];

/** Every demand of the tables port. */
export const tablesCases: readonly ConformanceCase<TablesContext>[] = [
  ...valueCases,
  ...transactionCases,
  ...errorCases,
  ...backupCases,
];
