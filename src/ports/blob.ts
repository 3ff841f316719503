import type { Digest } from '../base/digest.ts';

/** What is known of stored bytes without reading them. */
export interface BlobRef {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/**
 * Content-addressed immutable bytes. A blob exists whole or not at all: writes go to a temporary file, are flushed to
 * the disk, then renamed. Storing the same bytes twice is a no-op that yields the same reference.
 */
export interface Blob {
  /** Stores bytes. @throws BLOB_UNAVAILABLE when the disk is full or the directory cannot be written */
  put(bytes: Uint8Array): Promise<BlobRef>;
  /**
   * Stores a file: `move` hands over a file made in `scratchPath` (it is gone afterwards), otherwise it is copied.
   * The digest is taken from what was written, after the flush.
   */
  putFile(path: string, options?: { readonly move?: boolean }): Promise<BlobRef>;
  /** Yields the bytes, verified against the digest. @throws BLOB_MISSING, BLOB_CORRUPT */
  get(digest: Digest): Promise<Uint8Array>;
  /** Yields a local path that engines can read; the bytes are verified the first time in this process. @throws BLOB_MISSING, BLOB_CORRUPT */
  path(digest: Digest): Promise<string>;
  has(digest: Digest): Promise<boolean>;
  /** Removes bytes that no version needs; absent bytes are no error. */
  remove(digest: Digest): Promise<void>;
  /** Yields every stored blob, in order of digest. */
  list(): AsyncIterable<BlobRef>;
  /** Yields a fresh path on the same file system, ending in `suffix`, for a file that will be handed to `putFile`. */
  scratchPath(suffix: string): Promise<string>;
}

/**
 * Called just before each durable step of a write (`blob.temp`, `blob.flush`, `blob.rename`, `tables.commit`, …). Tests
 * throw or kill the process here, to prove that every point is safe; production passes none.
 */
export type WritePoint = (name: string) => void;
