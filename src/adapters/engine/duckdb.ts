// @backend
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance, version, type DuckDBConnection } from '@duckdb/node-api';
import { SluiceError } from '../../base/errors.ts';
import type { Cell, ColumnInfo, ColumnTable, Engine, WrittenFile } from '../../ports/engine.ts';
import { removeStaleScratch, scratchFile } from '../scratch.ts';
import { readColumns } from './duckdb-columns.ts';
import { translateDuckdb } from './duckdb-errors.ts';
import { appendTable } from './duckdb-register.ts';
import { readRows } from './duckdb-rows.ts';
import { columnTypeOfName, quotedName, quotedText, sqlTypes } from './duckdb-types.ts';

/** The bounds of one engine. */
export interface DuckdbOptions {
  /** Limit of the engine's buffers in MB (10^6 bytes); list aggregates and the process itself come on top. */
  readonly memoryMb: number;
  readonly threads: number;
  /** Where the engine spills to; it makes a folder of its own inside and removes it when closed. */
  readonly temporaryDirectory: string;
}

/** Part of the bytes of every Parquet file, and therefore of every digest: never changed without a new step version. */
const rowGroupRows = 122_880;

/**
 * Opens DuckDB in memory: bounded, in UTC, without network. Its statements run one after the other, each on all threads;
 * `close` interrupts the one that runs.
 *
 * @throws ENGINE_UNAVAILABLE when the temporary folder cannot be made
 */
export async function openDuckdb(options: DuckdbOptions): Promise<Engine> {
  const spill = await spillFolder(options.temporaryDirectory);
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${options.memoryMb}MB`,
    threads: String(options.threads),
    temp_directory: spill,
    preserve_insertion_order: 'true',
    default_null_order: 'NULLS LAST',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    allow_persistent_secrets: 'false',
  });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  return new Duckdb({ instance, connection, spill, memoryMb: options.memoryMb });
}

async function spillFolder(directory: string): Promise<string> {
  try {
    await mkdir(directory, { recursive: true });
    await removeStaleScratch(directory);
    const folder = await scratchFile(path.resolve(directory), '.duckdb');
    await mkdir(folder);
    return folder;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SluiceError('ENGINE_UNAVAILABLE', { reason }, { cause: error });
  }
}

interface OpenedDuckdb {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  readonly spill: string;
  readonly memoryMb: number;
}

class Duckdb implements Engine {
  readonly version: string = `duckdb ${version().replace(/^v/, '')}`;
  readonly #opened: OpenedDuckdb;
  /** Ends when every statement asked for so far has ended; a connection runs one at a time. */
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(opened: OpenedDuckdb) {
    this.#opened = opened;
  }

  async run(sql: string): Promise<void> {
    await this.#inTurn(sql, (connection) => connection.run(sql));
  }

  async rows(sql: string): Promise<readonly Readonly<Record<string, Cell>>[]> {
    return this.#inTurn(sql, readAll(sql));
  }

  async columns(sql: string): Promise<ColumnTable> {
    return this.#inTurn(sql, async (connection) => readColumns(await connection.stream(sql), refusal(sql)));
  }

  async describe(sql: string): Promise<readonly ColumnInfo[]> {
    const rows = await this.rows(`SELECT column_name, column_type FROM (DESCRIBE ${sql})`);
    return rows.map((row) => {
      const engineType = String(row['column_type']);
      return { name: String(row['column_name']), type: columnTypeOfName(engineType), engineType };
    });
  }

  async writeParquet(sql: string, file: string): Promise<WrittenFile> {
    const options = `FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroupRows}, USE_TMP_FILE false`;
    const copy = `COPY (${sql}) TO ${quotedText(file)} (${options})`;
    try {
      const answer = await this.#inTurn(copy, readAll(copy), file);
      return { path: file, rows: Number(answer[0]?.['Count'] ?? 0) };
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
  }

  async register(name: string, table: ColumnTable): Promise<void> {
    const columns = [...table.columns].map(([column, { type }]) => `${quotedName(column)} ${sqlTypes[type]}`);
    const create = `CREATE TABLE ${quotedName(name)} (${columns.join(', ')})`;
    refuseUneven(table, create);
    await this.#inTurn(create, async (connection) => {
      await connection.run(create);
      const appender = await connection.createAppender(name);
      try {
        appendTable(appender, table);
      } finally {
        appender.closeSync();
      }
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const progress = { hasEnded: false };
    const ended = this.#last.finally(() => {
      progress.hasEnded = true;
    });
    // An interrupt that comes before the query reached its thread is lost, hence the repetition.
    while (!progress.hasEnded) {
      this.#opened.connection.interrupt();
      await Promise.race([ended, sleep(10)]);
    }
    this.#opened.connection.closeSync();
    this.#opened.instance.closeSync();
    await rm(this.#opened.spill, { recursive: true, force: true });
  }

  async #inTurn<Result>(
    sql: string,
    work: (connection: DuckDBConnection) => Promise<Result>,
    writes?: string,
  ): Promise<Result> {
    const turn = this.#last.then(async () => {
      if (this.#isClosed) throw new SluiceError('ENGINE_UNAVAILABLE', { reason: 'it was closed' });
      return work(this.#opened.connection);
    });
    this.#last = turn.catch(() => {});
    try {
      return await turn;
    } catch (error) {
      const place = { sql, memoryMb: this.#opened.memoryMb };
      throw translateDuckdb(error, writes === undefined ? place : { ...place, writes });
    }
  }
}

function readAll(sql: string) {
  return async (connection: DuckDBConnection) => readRows(await connection.run(sql), refusal(sql));
}

function refusal(sql: string): (column: string, reason: string) => SluiceError {
  return (column, reason) =>
    new SluiceError('ENGINE_QUERY', { reason: `column "${column}": ${reason}`, sql });
}

function refuseUneven(table: ColumnTable, sql: string): void {
  for (const [name, column] of table.columns) {
    const length = column.type === 'string' ? column.codes.length : column.values.length;
    if (length === table.rows) continue;
    const reason = `column "${name}" has ${length} values for ${table.rows} rows`;
    throw new SluiceError('ENGINE_QUERY', { reason, sql });
  }
}
