import {
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely';
import type { SqlValue, Tables, TablesConnection } from '../../ports/tables.ts';
import type { Catalog } from './catalog-schema.ts';

/**
 * Yields a query builder whose statements run on the `Tables` port; the port's dialect chooses the SQL. Destroying it
 * leaves the port open, since whoever opened the port closes it.
 */
export function kyselyOverTables(tables: Tables): Kysely<Catalog> {
  return new Kysely<Catalog>({ dialect: dialectOver(tables) });
}

function dialectOver(tables: Tables): Dialect {
  const isPostgres = tables.dialect === 'postgres';
  return {
    createDriver: () => new TablesDriver(tables),
    createAdapter: () => (isPostgres ? new PostgresAdapter() : new SqliteAdapter()),
    createQueryCompiler: () => (isPostgres ? new PostgresQueryCompiler() : new SqliteQueryCompiler()),
    createIntrospector: (db) => (isPostgres ? new PostgresIntrospector(db) : new SqliteIntrospector(db)),
  };
}

class TablesDriver implements Driver {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DriverConnection> {
    return new DriverConnection(await this.#tables.connect());
  }

  async beginTransaction(connection: DriverConnection): Promise<void> {
    await connection.inner.begin();
  }

  async commitTransaction(connection: DriverConnection): Promise<void> {
    await connection.inner.commit();
  }

  async rollbackTransaction(connection: DriverConnection): Promise<void> {
    await connection.inner.rollback();
  }

  async releaseConnection(connection: DriverConnection): Promise<void> {
    connection.inner.release();
  }

  async destroy(): Promise<void> {}
}

class DriverConnection implements DatabaseConnection {
  readonly inner: TablesConnection;

  constructor(inner: TablesConnection) {
    this.inner = inner;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const answer = await this.inner.execute(query.sql, query.parameters as readonly SqlValue[]);
    return { rows: answer.rows as Row[], numAffectedRows: BigInt(answer.changedRows) };
  }

  /** The port has no cursors; the catalog holds small records, so one chunk does. */
  async *streamQuery<Row>(query: CompiledQuery): AsyncIterableIterator<QueryResult<Row>> {
    yield await this.executeQuery<Row>(query);
  }
}

/** Yields slices short enough for one statement: stores limit how many values a statement may bind. */
export function inChunks<Item>(items: readonly Item[], size = 500): readonly (readonly Item[])[] {
  const chunks: (readonly Item[])[] = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
}
