import type { Digest } from '../base/digest.ts';

/** How `RawTable.select` reads. */
export interface RawSelectOptions {
  /**
   * Leaves out the check of how a value is written, for rows known to be good: the SQL of thousands of columns is then
   * short enough for one statement. `_raw` is NULL throughout.
   */
  readonly trusted?: boolean;
}

/**
 * A delivery as the engine reads it: typed by the source definition, never by guessing. Ingest opens it, validate reads
 * it, and neither knows the other.
 */
export interface RawTable {
  /** Digest of the bytes. */
  readonly batch: Digest;
  /** The name under which they arrived, for messages. */
  readonly name: string;
  /** Digests of the lookups' bytes, which garbage collection must keep with what is made of the rows. */
  readonly lookups: readonly Digest[];
  /**
   * Yields a SELECT of `_row` (BIGINT, position in the file from 0), the named columns (arrived, or of a lookup as
   * `<as>.<column>`) in that order, and `_raw` (VARCHAR): NULL, or a JSON object of the texts that could not be read as
   * their column's type, by column; the typed column is NULL there.
   */
  select(columns: readonly string[], options?: RawSelectOptions): string;
}
