import type { Digest } from '../base/digest.ts';

/**
 * The rows without a look at how values are written, for values known to be good: one short expression per column, so
 * that one statement can hold thousands.
 */
export interface TrustedRows {
  /** SQL relation. */
  readonly relation: string;
  /** SQL of `_row` over the relation. */
  readonly row: string;
  /** SQL of each arrived column over the relation. */
  readonly columns: ReadonlyMap<string, string>;
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
  select(columns: readonly string[]): string;
  readonly trusted: TrustedRows;
}
