import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { openSqliteTables } from '../../src/adapters/tables/sqlite.ts';
import { conformanceCases } from '../../src/conformance/case.ts';
import { tablesCases, type TablesContext } from '../../src/conformance/tables.ts';

async function sqliteContext(folder: string): Promise<TablesContext> {
  const file = path.join(folder, 'catalog.db');
  const reopen = () => openSqliteTables({ path: file, busyTimeoutMs: 100 });
  return {
    tables: await reopen(),
    reopen,
    openBackup: (backup) => openSqliteTables({ path: backup }),
    freshPath: async () => path.join(folder, 'backup.db'),
    damage: async () => {
      const handle = await open(file, 'r+');
      await handle.write(Buffer.alloc(4096, 0x5a), 0, 4096, 4096);
      await handle.close();
    },
    openUnwritable: async () => {
      const readOnly = path.join(folder, 'read-only.db');
      const database = new DatabaseSync(readOnly);
      database.exec('create table t (a integer primary key, b text)');
      database.close();
      return openSqliteTables({ path: readOnly, readOnly: true });
    },
  };
}

describe('tables adapter sqlite', () => {
  for (const one of conformanceCases(tablesCases, [])) {
    test(one.name, async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'sluice-'));
      const context = await sqliteContext(folder);
      try {
        await one.run(context);
      } finally {
        await context.tables.close();
        await rm(folder, { recursive: true });
      }
    });
  }
});
