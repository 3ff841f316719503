import { isSluiceError, SluiceError } from '../../base/errors.ts';

/** What a translated error says besides the driver's own words. */
export interface SqlitePlace {
  readonly path: string;
  readonly busyTimeoutMs: number;
  readonly sql: string;
}

const busy = new Set([5, 6]);
const damaged = new Set([11, 26]);
/** READONLY, IOERR, FULL, CANTOPEN, PROTOCOL, PERM, AUTH: the machine, not the statement. */
const unavailable = new Set([3, 8, 10, 13, 14, 15, 23]);
const constraint = 19;

/**
 * Translates an error of `node:sqlite` by SQLite's primary result code, the low byte of the extended one.
 * Source: https://www.sqlite.org/rescode.html
 */
export function translateSqlite(error: unknown, place: SqlitePlace): unknown {
  if (!(error instanceof Error) || isSluiceError(error) || !('code' in error)) return error;
  const { path, sql } = place;
  const reason = error.message;
  const options = { cause: error };
  const primary = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
  if (primary === undefined) {
    const ofDriver = typeof error.code === 'string' && error.code.startsWith('ERR_');
    return ofDriver ? new SluiceError('TABLES_QUERY', { reason, sql }, options) : error;
  }
  if (busy.has(primary)) {
    return new SluiceError('TABLES_BUSY', { path, waitedMs: place.busyTimeoutMs }, options);
  }
  if (primary === constraint) return new SluiceError('TABLES_CONSTRAINT', { reason }, options);
  if (damaged.has(primary)) return new SluiceError('TABLES_CORRUPT', { path, reason }, options);
  if (unavailable.has(primary)) return new SluiceError('TABLES_UNAVAILABLE', { path, reason }, options);
  return new SluiceError('TABLES_QUERY', { reason, sql }, options);
}
