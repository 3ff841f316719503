/** A value that every control-plane store can bind and return. Times are integer microseconds, structures JSON text. */
export type SqlValue = null | string | number | Uint8Array;

/** One row of an answer, column name to value. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** What a statement yields: rows for a query or RETURNING, and how many rows a write changed. */
export interface SqlAnswer {
  readonly rows: readonly SqlRow[];
  readonly changedRows: number;
}

/** One connection; used by one transaction at a time. */
export interface TablesConnection {
  /** Runs one statement. @throws TABLES_BUSY, TABLES_CONSTRAINT, TABLES_CORRUPT, TABLES_UNAVAILABLE */
  execute(sql: string, parameters: readonly SqlValue[]): Promise<SqlAnswer>;
  /** Opens a write transaction that holds the write lock from its first statement. */
  begin(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** Gives the connection back. */
  release(): void;
}

/** The control plane's store: small relational records, never bulk data. Many processes may share it. */
export interface Tables {
  readonly dialect: 'sqlite' | 'postgres';
  connect(): Promise<TablesConnection>;
  /** Writes a consistent copy of the whole store to a file that must not exist yet. */
  backup(path: string): Promise<void>;
  close(): Promise<void>;
}
