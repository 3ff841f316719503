// @backend
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { digestBytes, type Digest } from '../../base/digest.ts';
import { SluiceError } from '../../base/errors.ts';
import { unpredictableHex } from '../../base/random.ts';
import type { Blob, BlobRef, WritePoint } from '../../ports/blob.ts';
import { hashFile, translated } from './local-files.ts';

/** Where paths are handed out; `bytes` lets several openings share one store, `writePoint` is for tests only. */
export interface MemoryBlobOptions {
  readonly directory: string;
  readonly bytes?: Map<Digest, Uint8Array>;
  readonly writePoint?: WritePoint;
}

/**
 * Opens a store that forgets everything with the process, for tests and for loops that keep nothing. Only what
 * `path` and `scratchPath` hand out lives in `directory`.
 *
 * @throws BLOB_UNAVAILABLE when the directory cannot be made
 */
export async function openMemoryBlob(options: MemoryBlobOptions): Promise<Blob> {
  await translated({ operation: 'open the store', path: options.directory }, () =>
    mkdir(options.directory, { recursive: true }),
  );
  return new MemoryBlob(options);
}

class MemoryBlob implements Blob {
  readonly #directory: string;
  readonly #bytes: Map<Digest, Uint8Array>;
  readonly #writePoint: WritePoint;

  constructor(options: MemoryBlobOptions) {
    this.#directory = path.resolve(options.directory);
    this.#bytes = options.bytes ?? new Map<Digest, Uint8Array>();
    this.#writePoint = options.writePoint ?? (() => {});
  }

  async put(bytes: Uint8Array): Promise<BlobRef> {
    const digest = digestBytes(bytes);
    const ref = { digest, sizeBytes: bytes.byteLength };
    return translated({ operation: 'store bytes', path: 'memory' }, async () => {
      // Bytes that are there already count as stored only when they are sound.
      if (this.#bytes.has(digest)) await this.get(digest);
      this.#writePoint('blob.temp');
      if (!this.#bytes.has(digest)) this.#bytes.set(digest, Uint8Array.from(bytes));
      return ref;
    });
  }

  async putFile(source: string, options?: { readonly move?: boolean }): Promise<BlobRef> {
    return translated({ operation: `store ${source}`, path: this.#directory }, async () => {
      const ref = await this.put(await readFile(source));
      if (options?.move === true) await rm(source);
      return ref;
    });
  }

  async get(digest: Digest): Promise<Uint8Array> {
    const bytes = this.#bytes.get(digest);
    if (bytes === undefined) throw new SluiceError('BLOB_MISSING', { digest });
    const actual = digestBytes(bytes);
    if (actual !== digest) throw new SluiceError('BLOB_CORRUPT', { digest, actual });
    return Uint8Array.from(bytes);
  }

  async path(digest: Digest): Promise<string> {
    const bytes = await this.get(digest);
    const file = path.join(this.#directory, digest);
    return translated({ operation: 'write bytes', path: file }, async () => {
      if ((await hashFile(file).catch(() => undefined)) !== digest) await writeFile(file, bytes);
      return file;
    });
  }

  async has(digest: Digest): Promise<boolean> {
    return this.#bytes.has(digest);
  }

  async remove(digest: Digest): Promise<void> {
    if (this.#bytes.delete(digest)) await rm(path.join(this.#directory, digest), { force: true });
  }

  async *list(): AsyncIterable<BlobRef> {
    for (const digest of [...this.#bytes.keys()].sort()) {
      const bytes = this.#bytes.get(digest);
      if (bytes !== undefined) yield { digest, sizeBytes: bytes.byteLength };
    }
  }

  async scratchPath(suffix: string): Promise<string> {
    return path.join(this.#directory, `scratch-${unpredictableHex(8)}${suffix}`);
  }
}
