import type { Cell, Engine } from '../ports/engine.ts';

/** Bounds that a case asks for. */
export interface EngineBounds {
  readonly memoryMb: number;
  readonly threads: number;
}

/** What an adapter's test provides: a fresh engine per case (two threads, 1,000 MB), and an empty folder. */
export interface EngineContext {
  readonly engine: Engine;
  /** Opens another engine; the caller closes it. */
  readonly open: (bounds: EngineBounds) => Promise<Engine>;
  /** Opens an engine whose temporary folder cannot be made. */
  readonly openUnwritable: () => Promise<Engine>;
  readonly folder: string;
}

/** Yields the values of the only column of a query, row by row. */
export async function listOf(engine: Engine, sql: string): Promise<readonly Cell[]> {
  const rows = await engine.rows(sql);
  return rows.map((row) => Object.values(row)[0] ?? null);
}

/** Yields the values of the only row of a query, column by column. */
export async function rowOf(engine: Engine, sql: string): Promise<readonly Cell[]> {
  const [row] = await engine.rows(sql);
  return Object.values(row ?? {});
}
