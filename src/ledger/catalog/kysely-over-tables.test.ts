import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSluiceError } from '../../base/errors.ts';
import type { SqlRow, Tables } from '../../ports/tables.ts';
import { descendantEdges } from '../lineage.ts';
import { inChunks, kyselyOverTables } from './kysely-over-tables.ts';
import { migrate } from './migrations.ts';

/** A store that only takes notes. */
function notingTables(dialect: Tables['dialect'], rows: readonly SqlRow[] = []) {
  const notes: string[] = [];
  const tables: Tables = {
    dialect,
    connect: async () => ({
      execute: async (sql) => {
        notes.push(sql);
        return { rows, changedRows: 3 };
      },
      begin: async () => void notes.push('BEGIN'),
      commit: async () => void notes.push('COMMIT'),
      rollback: async () => void notes.push('ROLLBACK'),
      release: () => void notes.push('release'),
    }),
    backup: async () => void notes.push('backup'),
    close: async () => void notes.push('close'),
  };
  return { tables, notes };
}

test('a transaction takes one connection, commits it and gives it back', async () => {
  const { tables, notes } = notingTables('sqlite');
  const db = kyselyOverTables(tables);
  const answer = await db
    .transaction()
    .execute((tx) => tx.updateTable('leases').set({ epoch: 2 }).executeTakeFirst());
  assert.equal(answer.numUpdatedRows, 3n);
  assert.deepEqual(notes, ['BEGIN', 'update "leases" set "epoch" = ?', 'COMMIT', 'release']);
});

test('a failed transaction is rolled back and its error passed on', async () => {
  const { tables, notes } = notingTables('sqlite');
  const failure = new TypeError('no');
  const db = kyselyOverTables(tables);
  await assert.rejects(
    db.transaction().execute(async () => {
      throw failure;
    }),
    failure,
  );
  assert.deepEqual(notes, ['BEGIN', 'ROLLBACK', 'release']);
});

test('closing the query builder leaves the store open', async () => {
  const { tables, notes } = notingTables('sqlite');
  const db = kyselyOverTables(tables);
  await db.selectFrom('runs').select('id').execute();
  await db.destroy();
  assert.ok(!notes.includes('close'));
});

test('a streamed query comes as rows', async () => {
  const { tables } = notingTables('sqlite', [{ id: 'a' }, { id: 'b' }]);
  const ids: string[] = [];
  for await (const row of kyselyOverTables(tables).selectFrom('runs').select('id').stream()) ids.push(row.id);
  assert.deepEqual(ids, ['a', 'b']);
});

test('the dialect of the store chooses the SQL', async () => {
  const { tables, notes } = notingTables('postgres');
  const db = kyselyOverTables(tables);
  await db.selectFrom('runs').selectAll().where('loop', '=', 'x').where('id', '>', 'y').execute();
  assert.equal(notes[0], 'select * from "runs" where "loop" = $1 and "id" > $2');
  await descendantEdges(db, 'f'.repeat(64));
  assert.match(notes.join('\n'), /with recursive "reached"\("digest"\) as \(select cast\(\$1 as text\)/);
  await migrate({ db, tables, clock: { nowUs: () => 0, elapsedMs: () => 0 }, actor: 'x' });
  assert.ok(notes.includes('BEGIN') && notes.some((note) => note.startsWith('create table "versions"')));
});

test('errors of the store pass through unchanged', async () => {
  const { tables } = notingTables('sqlite');
  const broken: Tables = {
    ...tables,
    connect: async () => {
      throw new DOMException('gone');
    },
  };
  await assert.rejects(
    kyselyOverTables(broken).selectFrom('runs').select('id').execute(),
    (error) => error instanceof DOMException && !isSluiceError(error),
  );
});

test('long lists are cut into chunks that keep their order', () => {
  assert.deepEqual(inChunks([1, 2, 3, 4, 5], 2), [[1, 2], [3, 4], [5]]);
  assert.deepEqual(inChunks([]), []);
});
