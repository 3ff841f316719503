/** The column types that cross the boundary of the engine. `timestamp` is UTC microseconds. */
export type ColumnType = 'boolean' | 'int64' | 'double' | 'string' | 'timestamp';

/**
 * One column of an answer. Numbers, booleans (0 / 1) and timestamps (microseconds) are doubles with NaN for NULL when
 * `valid` says so; strings are codes into a dictionary, -1 for NULL.
 */
export type Column =
  | {
      readonly type: 'boolean' | 'int64' | 'double' | 'timestamp';
      readonly values: Float64Array;
      /** 1 where the value is not NULL; absent when nothing is NULL. Tells a NULL from a NaN of type double. */
      readonly valid?: Uint8Array;
    }
  | { readonly type: 'string'; readonly codes: Int32Array; readonly dictionary: readonly string[] };

/** Columns of equal length, in the order of the query. */
export interface ColumnTable {
  readonly rows: number;
  readonly columns: ReadonlyMap<string, Column>;
}

/** A value of a small answer. int64 beyond 2^53 comes as bigint, timestamps as UTC microseconds. */
export type Cell = null | boolean | number | bigint | string;

/** Name and type of a column, as the engine reports it. `type` is null when it is none of ours (then `engineType` says what it is). */
export interface ColumnInfo {
  readonly name: string;
  readonly type: ColumnType | null;
  readonly engineType: string;
}

/** How a Parquet file was written, for the manifest. */
export interface WrittenFile {
  readonly path: string;
  readonly rows: number;
}

/** SQL over immutable files. One engine serves one task: bounded memory, declared threads, its own temporary folder. */
export interface Engine {
  /** Name and exact version, part of every step key: `duckdb 1.5.6`. */
  readonly version: string;
  /** Runs statements that yield nothing. @throws ENGINE_FILE, ENGINE_MEMORY, ENGINE_QUERY, ENGINE_UNAVAILABLE */
  run(sql: string): Promise<void>;
  /** Yields a small answer as row objects; never for bulk data. */
  rows(sql: string): Promise<readonly Readonly<Record<string, Cell>>[]>;
  /** Yields a large answer as typed columns. */
  columns(sql: string): Promise<ColumnTable>;
  /** Yields the columns a query would return, without running it. */
  describe(sql: string): Promise<readonly ColumnInfo[]>;
  /**
   * Writes a query's rows as Parquet (zstd). The query must ORDER BY a unique key: then the same rows give the same
   * bytes on any number of threads.
   */
  writeParquet(sql: string, path: string): Promise<WrittenFile>;
  /** Makes columns readable by name in later SQL, until `run('DROP TABLE name')`. */
  register(name: string, table: ColumnTable): Promise<void>;
  close(): Promise<void>;
}
