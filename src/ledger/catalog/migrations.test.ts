import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { crashingTables } from '../../../test/fixtures/crashing-tables.ts';
import { dump, openUnflushed, runSql } from '../../../test/fixtures/example-ledger.ts';
import { openMemoryBlob } from '../../adapters/blob/memory.ts';
import { manualClock } from '../../base/clock.ts';
import type { Tables } from '../../ports/tables.ts';
import { openLedger } from '../open-ledger.ts';
import { kyselyOverTables } from './kysely-over-tables.ts';
import { catalogVersion, migrate, migrations, type Migration } from './migrations.ts';

let directory: string;
let catalog: string;
let tables: Tables;
beforeEach(async () => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'sluice-'));
  catalog = path.join(directory, 'catalog.db');
  tables = await openUnflushed(catalog);
});
afterEach(async () => {
  await tables.close();
  rmSync(directory, { recursive: true });
});

const clock = manualClock(1_000_000);
const second: Migration = {
  version: 2,
  name: 'notes',
  up: async (tx) => {
    await tx.schema.alterTable('runs').addColumn('note', 'text').execute();
  },
};
const both = [...migrations, second];

const bring = (to: readonly Migration[], backupPath?: string, store: Tables = tables): Promise<number> =>
  migrate(
    { db: kyselyOverTables(store), tables: store, clock, actor: 'tester' },
    { migrations: to, backupPath },
  );

test('migrations are numbered from 1 without gaps', () => {
  assert.deepEqual(
    migrations.map((migration) => migration.version),
    migrations.map((_, i) => i + 1),
  );
});

test('an empty store becomes a catalog, without a backup', async () => {
  assert.equal(await catalogVersion(kyselyOverTables(tables)), 0);
  assert.equal(await bring(migrations), 1);
  assert.deepEqual(await runSql(tables, 'select * from catalog_meta'), [
    { version: 1, name: 'initial', at_us: 1_000_000, actor: 'tester' },
  ]);
  assert.deepEqual(backups(), []);
});

test('opening a catalog that is up to date writes nothing', async () => {
  await bring(migrations);
  const counted = crashingTables(tables, Infinity, 'before');
  assert.equal(await bring(migrations, undefined, counted), 1);
  assert.equal(counted.begun(), 0);
});

test('an older catalog is migrated in order after a backup beside it', async () => {
  await bring(migrations);
  const before = await dump(tables);
  await assert.rejects(bring(both), { code: 'LEDGER_OLDER', kind: 'state' });
  assert.equal(await dump(tables), before);
  assert.equal(await bring(both, catalog), 2);
  assert.equal(await catalogVersion(kyselyOverTables(tables)), 2);
  await runSql(tables, 'select note from runs');
  assert.deepEqual(backups(), ['catalog.db.backup-v1']);
  const backup = await openUnflushed(`${catalog}.backup-v1`);
  assert.equal(await dump(backup), before);
  await backup.close();
});

test('a migration that fails or is killed leaves the old catalog, and its backup is never overwritten', async () => {
  await bring(migrations);
  const before = await dump(tables);
  const failing: Migration = {
    version: 3,
    name: 'failing',
    up: async (tx) => {
      await tx.schema.dropTable('nowhere').execute();
    },
  };
  await assert.rejects(bring([...both, failing], catalog), { code: 'TABLES_QUERY' });
  assert.equal(await dump(tables), before);
  // What a backup holds is tested above; forty real ones would wait for the disk.
  const quick: Tables = { ...tables, backup: async (target) => writeFileSync(target, '', { flag: 'wx' }) };
  for (let at = 1; ; at++) {
    const dying = crashingTables(quick, at, 'before');
    const ended = await bring(both, catalog, dying).catch(() => null);
    if (ended !== null) break;
    assert.ok(dying.hasCrashed());
    assert.equal(await dump(tables), before);
  }
  const names = backups();
  assert.ok(names.includes('catalog.db.backup-v1') && names.includes('catalog.db.backup-v1.2'));
});

test('a catalog from a newer version is refused and left alone', async () => {
  await bring(both);
  const before = await dump(tables);
  const counted = crashingTables(tables, Infinity, 'before');
  const blob = await openMemoryBlob({ directory });
  const options = { tables: counted, blob, clock, actor: 'tester', backupPath: catalog };
  await assert.rejects(openLedger(options), {
    code: 'LEDGER_NEWER',
    kind: 'unsupported',
    message: 'The catalog has version 2; this Sluice knows versions up to 1.',
  });
  assert.equal(counted.begun(), 0);
  assert.equal(await dump(tables), before);
  assert.ok(!existsSync(`${catalog}.backup-v2`));
});

test('whoever comes second finds the work done', async () => {
  await Promise.all([bring(migrations), bring(migrations), bring(migrations)]);
  assert.equal((await runSql(tables, 'select * from catalog_meta')).length, 1);
});

test('a newer Sluice that migrates in between is noticed under the lock', async () => {
  await bring(migrations);
  const late: Tables = {
    ...tables,
    // The backup comes after the first look: another process overtakes here.
    backup: async () => {
      await bring([...both, { ...second, version: 3, name: 'more', up: async () => {} }], catalog);
    },
  };
  await assert.rejects(bring(both, catalog, late), { code: 'LEDGER_NEWER' });
  assert.equal(await catalogVersion(kyselyOverTables(tables)), 3);
});

function backups(): string[] {
  return readdirSync(directory)
    .filter((name) => name.includes('backup'))
    .sort();
}
