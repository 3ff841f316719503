// @backend
import { link, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../base/clock.ts';
import { isSluiceError, SluiceError } from '../../base/errors.ts';
import { unpredictableHex } from '../../base/random.ts';
import type { WritePoint } from '../../ports/blob.ts';
import type { SqlAnswer, SqlRow, SqlValue, Tables, TablesConnection } from '../../ports/tables.ts';
import { translateSqlite } from './sqlite-errors.ts';
import { TurnQueue } from './sqlite-queue.ts';

/** Which file to open; `writePoint` is for tests only. */
export interface SqliteTablesOptions {
  readonly path: string;
  readonly readOnly?: boolean;
  /** How long a statement waits for the write lock of another process, ms, without holding up the event loop. 5,000 unless told. */
  readonly busyTimeoutMs?: number;
  readonly writePoint?: WritePoint;
}

const statementsKept = 256;
/** SQLite's own waiting blocks the event loop and backs off to 100 ms, so that a process among busy ones may starve. */
const driverTimeoutMs = 3;
const pausesMs = [1, 2, 1, 3];

/**
 * Opens a catalog in one SQLite file (write-ahead log, every commit flushed to the disk). Any number of processes may
 * share the file; within a process one connection is handed out at a time, in the order of asking.
 *
 * @throws TABLES_CORRUPT when the file is no catalog, TABLES_UNAVAILABLE when it cannot be opened, TABLES_BUSY
 */
export async function openSqliteTables(options: SqliteTablesOptions): Promise<Tables> {
  const store = new SqliteStore(options);
  await store.prepare();
  return {
    dialect: 'sqlite',
    connect: () => store.connect(),
    backup: (target) => store.backup(target),
    close: async () => store.close(),
  };
}

class SqliteStore {
  readonly path: string;
  readonly writePoint: WritePoint;
  readonly #busyTimeoutMs: number;
  readonly #readOnly: boolean;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #turns = new TurnQueue();

  constructor(options: SqliteTablesOptions) {
    this.path = path.resolve(options.path);
    this.writePoint = options.writePoint ?? (() => {});
    this.#busyTimeoutMs = options.busyTimeoutMs ?? 5_000;
    this.#readOnly = options.readOnly === true;
    this.#database = this.translated('open', () => {
      return new DatabaseSync(this.path, { timeout: driverTimeoutMs, readOnly: this.#readOnly });
    });
  }

  /** Asked of SQLite rather than remembered: it may end a transaction on its own. */
  get isTransaction(): boolean {
    return this.#database.isOpen && this.#database.isTransaction;
  }

  async prepare(): Promise<void> {
    try {
      const { rows } = await this.runPatiently('PRAGMA journal_mode', []);
      const isWal = rows[0]?.['journal_mode'] === 'wal';
      if (!isWal && !this.#readOnly) await this.runPatiently('PRAGMA journal_mode = WAL', []);
      this.run('PRAGMA synchronous = FULL', []);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Runs a statement that begins or is a transaction of its own: refused by a lock, it has done nothing and can be repeated. */
  async runPatiently(sql: string, parameters: readonly SqlValue[]): Promise<SqlAnswer> {
    const startMs = systemClock.elapsedMs();
    for (let attempt = 0; ; attempt++) {
      try {
        return this.run(sql, parameters);
      } catch (error) {
        const waitedMs = systemClock.elapsedMs() - startMs;
        if (!isSluiceError(error, 'TABLES_BUSY') || waitedMs > this.#busyTimeoutMs) throw error;
        await sleep(pausesMs[attempt % pausesMs.length]);
      }
    }
  }

  async connect(): Promise<TablesConnection> {
    const endTurn = await this.#turns.take();
    if (!this.#database.isOpen) {
      endTurn();
      throw this.#closed();
    }
    return new SqliteConnection(this, endTurn);
  }

  run(sql: string, parameters: readonly SqlValue[]): SqlAnswer {
    return this.translated(sql, () => {
      const statement = this.#statement(sql);
      const values = parameters.map(bound);
      if (statement.columns().length === 0) {
        return { rows: [], changedRows: Number(statement.run(...values).changes) };
      }
      const rows = statement.all(...values).map((row) => ({ ...row }) as SqlRow);
      // A RETURNING clause yields one row for each row that the statement changed.
      return { rows, changedRows: /\breturning\b/i.test(sql) ? rows.length : 0 };
    });
  }

  isWrite(sql: string): boolean {
    return this.translated(sql, () => {
      return this.#statement(sql).columns().length === 0 || /\breturning\b/i.test(sql);
    });
  }

  async backup(target: string): Promise<void> {
    const connection = await this.connect();
    const file = path.resolve(target);
    const partial = `${file}.${unpredictableHex(4)}.partial`;
    try {
      await this.runPatiently('VACUUM INTO ?', [partial]);
      await flushFile(partial);
      // link, unlike rename, refuses to take the place of a file that is there.
      await link(partial, file);
      await flushFile(path.dirname(file));
    } catch (error) {
      throw backupError(error, file);
    } finally {
      await rm(partial, { force: true });
      connection.release();
    }
  }

  close(): void {
    this.#statements.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  translated<Result>(sql: string, work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw translateSqlite(error, { path: this.path, busyTimeoutMs: this.#busyTimeoutMs, sql });
    }
  }

  #closed(): SluiceError {
    return new SluiceError('TABLES_UNAVAILABLE', { path: this.path, reason: 'it was closed' });
  }

  #statement(sql: string): StatementSync {
    if (!this.#database.isOpen) throw this.#closed();
    const known = this.#statements.get(sql);
    const statement = known ?? this.#database.prepare(sql);
    // Putting it back at the end keeps the map in order of use, so that the first entry is the one to drop.
    if (known !== undefined) this.#statements.delete(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > statementsKept) {
      for (const oldest of this.#statements.keys()) {
        this.#statements.delete(oldest);
        break;
      }
    }
    return statement;
  }
}

class SqliteConnection implements TablesConnection {
  readonly #store: SqliteStore;
  readonly #endTurn: () => void;
  #isReleased = false;

  constructor(store: SqliteStore, endTurn: () => void) {
    this.#store = store;
    this.#endTurn = endTurn;
  }

  async execute(sql: string, parameters: readonly SqlValue[]): Promise<SqlAnswer> {
    this.#refuseReleased(sql);
    if (this.#store.isTransaction) return this.#store.run(sql, parameters);
    if (!this.#store.isWrite(sql)) return this.#store.runPatiently(sql, parameters);
    // Outside a transaction every write is a commit of its own.
    this.#store.writePoint('tables.commit');
    const answer = await this.#store.runPatiently(sql, parameters);
    this.#store.writePoint('tables.committed');
    return answer;
  }

  async begin(): Promise<void> {
    this.#refuseReleased('BEGIN IMMEDIATE');
    this.#store.writePoint('tables.begin');
    await this.#store.runPatiently('BEGIN IMMEDIATE', []);
  }

  async commit(): Promise<void> {
    this.#refuseReleased('COMMIT');
    this.#store.writePoint('tables.commit');
    this.#store.run('COMMIT', []);
    this.#store.writePoint('tables.committed');
  }

  /** SQLite itself ends a transaction when the disk is full; rolling back what is over is therefore no error. */
  async rollback(): Promise<void> {
    this.#refuseReleased('ROLLBACK');
    if (this.#store.isTransaction) this.#store.run('ROLLBACK', []);
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    try {
      if (this.#store.isTransaction) this.#store.run('ROLLBACK', []);
    } finally {
      this.#endTurn();
    }
  }

  #refuseReleased(sql: string): void {
    if (this.#isReleased) {
      throw new SluiceError('TABLES_QUERY', { reason: 'the connection was given back before', sql });
    }
  }
}

/** node:sqlite binds every number as REAL, so that `? / 2` and TEXT columns would see 5.0; whole numbers go as INTEGER. */
function bound(value: SqlValue): SQLInputValue {
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
}

async function flushFile(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function backupError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error;
  if (error.code === 'EEXIST') return new SluiceError('TABLES_BACKUP_EXISTS', { path: file });
  return new SluiceError('TABLES_UNAVAILABLE', { path: file, reason: error.message }, { cause: error });
}
