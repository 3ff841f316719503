import { existsSync } from 'node:fs';
import { isSluiceError, SluiceError } from '../../base/errors.ts';
import type { CreateTableBuilder } from 'kysely';
import type { Tables } from '../../ports/tables.ts';
import type { Db, LedgerContext, Tx } from './catalog-schema.ts';

/** One change of the catalog's form. Numbers run from 1 without gaps; a published migration never changes. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly up: (tx: Tx) => Promise<void>;
}

/** Every migration, in order. */
export const migrations: readonly Migration[] = [{ version: 1, name: 'initial', up: createInitial }];

/**
 * Brings a catalog up to date and yields its version. Nothing is written when it is up to date; an older one is first
 * copied to `<backupPath>.backup-v<N>`. All pending migrations commit together, so a crash leaves the old catalog.
 *
 * @throws LEDGER_NEWER when a newer Sluice wrote it, LEDGER_OLDER when a backup is due and no path was given
 */
export async function migrate(
  context: Pick<LedgerContext, 'db' | 'tables' | 'clock' | 'actor'>,
  options: { readonly backupPath?: string | undefined; readonly migrations?: readonly Migration[] } = {},
): Promise<number> {
  const steps = options.migrations ?? migrations;
  const known = steps.length;
  const found = await catalogVersion(context.db);
  if (found > known) throw new SluiceError('LEDGER_NEWER', { found, known });
  if (found === known) return known;
  if (found > 0) {
    if (options.backupPath === undefined) throw new SluiceError('LEDGER_OLDER', { found, known });
    await backUp(context.tables, `${options.backupPath}.backup-v${found}`);
  }
  await context.db.transaction().execute(async (tx) => {
    // Another process may have migrated between the first look and the lock.
    const present = await catalogVersion(tx);
    if (present > known) throw new SluiceError('LEDGER_NEWER', { found: present, known });
    for (const { version, name, up } of steps.slice(present)) {
      await up(tx);
      const row = { version, name, at_us: context.clock.nowUs(), actor: context.actor };
      await tx.insertInto('catalog_meta').values(row).execute();
    }
  });
  return known;
}

/** Yields the number of the newest migration applied; 0 for an empty store. */
export async function catalogVersion(db: Db): Promise<number> {
  const tables = await db.introspection.getTables();
  if (!tables.some((table) => table.name === 'catalog_meta')) return 0;
  const row = await db
    .selectFrom('catalog_meta')
    .select((eb) => eb.fn.max('version').as('version'))
    .executeTakeFirst();
  return row?.version ?? 0;
}

/** A backup that is there already stays: it belongs to a migration that did not come to its end. */
async function backUp(tables: Tables, file: string): Promise<void> {
  for (let number = 1; ; number++) {
    const target = number === 1 ? file : `${file}.${number}`;
    if (existsSync(target)) continue;
    try {
      return await tables.backup(target);
    } catch (error) {
      // Another process may have taken the name meanwhile.
      if (!isSluiceError(error, 'TABLES_BACKUP_EXISTS')) throw error;
    }
  }
}

/**
 * Columns, then those of the primary key. `name` is text that must be there, `name:int` an integer of 64 bits, a `?` at
 * the end allows NULL.
 */
type Layout = readonly [columns: string, ...key: string[]];

async function createTable(tx: Tx, name: string, layout: Layout): Promise<void> {
  const [columns, ...key] = layout;
  let builder: CreateTableBuilder<string, string> = tx.schema.createTable(name);
  for (const column of columns.split(' ')) {
    const [, columnName = '', integer, nullable] = /^(\w+)(:int)?(\?)?$/.exec(column) ?? [];
    builder = builder.addColumn(columnName, integer === undefined ? 'text' : 'bigint', (definition) =>
      nullable === undefined ? definition.notNull() : definition,
    );
  }
  await builder.addPrimaryKeyConstraint(`${name}_key`, key).execute();
}

async function createInitial(tx: Tx): Promise<void> {
  for (const [name, ...layout] of initialTables) await createTable(tx, name, layout);
  for (const [table, ...columns] of initialIndexes) {
    await tx.schema
      .createIndex(`${table}_by_${columns.join('_')}`)
      .on(table)
      .columns(columns)
      .execute();
  }
  await tx.schema.createIndex('versions_order').unique().on('versions').column('sequence').execute();
}

const initialTables: readonly (readonly [name: string, ...layout: Layout])[] = [
  ['catalog_meta', 'version:int name at_us:int actor', 'version'],
  ['versions', 'digest sequence:int kind content provenance actor at_us:int step_id?', 'digest'],
  ['version_blobs', 'version blob', 'version', 'blob'],
  ['edges', 'child parent role', 'child', 'parent', 'role'],
  ['unreferenced_blobs', 'digest first_seen_us:int', 'digest'],
  ['runs', 'id loop state config lease epoch:int actor started_us:int ended_us:int?', 'id'],
  [
    'steps',
    'id run_id stage subject step_key fields state lease epoch:int verdict? facts error? actor started_us:int ended_us:int?',
    'id',
  ],
  ['step_outputs', 'step_id position:int version', 'step_id', 'position'],
  ['leases', 'name holder? epoch:int since_us:int expires_us:int', 'name'],
  ['alias_events', 'sequence:int name alias model previous? evidence reason actor at_us:int', 'sequence'],
  ['deliveries', 'sequence:int source raw name outcome actor at_us:int', 'sequence'],
  ['source_files', 'path size_bytes:int mtime_us:int raw seen_us:int', 'path'],
];

const initialIndexes: readonly (readonly [table: string, ...columns: string[]])[] = [
  ['versions', 'kind', 'sequence'],
  ['version_blobs', 'blob'],
  ['edges', 'parent'],
  ['runs', 'loop', 'id'],
  ['steps', 'run_id'],
  ['steps', 'step_key', 'state'],
  ['steps', 'stage', 'subject'],
  ['steps', 'state', 'lease'],
  ['step_outputs', 'version'],
  ['alias_events', 'name', 'alias', 'sequence'],
  ['deliveries', 'raw'],
  ['deliveries', 'source', 'sequence'],
];
