// @backend
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { digestBytes, type Digest } from '../../base/digest.ts';
import { SluiceError } from '../../base/errors.ts';
import type { Blob, BlobRef, WritePoint } from '../../ports/blob.ts';
import { copyHandle, errnoOf, flushDirectory, hashFile, hashHandle, translated } from './local-files.ts';
import { removeStaleScratch, scratchFile } from '../scratch.ts';

/** Where a local store lives; `writePoint` is for tests only. */
export interface LocalBlobOptions {
  readonly directory: string;
  readonly writePoint?: WritePoint;
}

const digestForm = /^[0-9a-f]{64}$/;

/**
 * Opens a store of immutable bytes in one directory: `<directory>/sha256/ab/<64 hex digits>`, with unfinished files in
 * `<directory>/tmp`. Any number of processes may share it. What crashed writers left behind is removed here.
 *
 * @throws BLOB_UNAVAILABLE when the directory cannot be made or written
 */
export async function openLocalBlob(options: LocalBlobOptions): Promise<Blob> {
  const store = new LocalBlob(path.resolve(options.directory), options.writePoint ?? (() => {}));
  await store.open();
  return store;
}

class LocalBlob implements Blob {
  readonly #root: string;
  readonly #scratch: string;
  readonly #writePoint: WritePoint;
  /** Digest -> stamp (time and size) of the file whose bytes were hashed, so that a changed file is hashed again. */
  readonly #verified = new Map<Digest, string>();
  readonly #flushedPrefixes = new Set<string>();

  constructor(directory: string, writePoint: WritePoint) {
    this.#root = path.join(directory, 'sha256');
    this.#scratch = path.join(directory, 'tmp');
    this.#writePoint = writePoint;
  }

  async open(): Promise<void> {
    await translated({ operation: 'open the store', path: path.dirname(this.#root) }, async () => {
      await mkdir(this.#root, { recursive: true });
      await mkdir(this.#scratch, { recursive: true });
      await removeStaleScratch(this.#scratch);
    });
  }

  async put(bytes: Uint8Array): Promise<BlobRef> {
    const ref = { digest: digestBytes(bytes), sizeBytes: bytes.byteLength };
    return translated({ operation: 'store bytes', path: this.#fileOf(ref.digest) }, async () => {
      if (await this.#isStored(ref)) return ref;
      return this.#withScratch(async (file) => {
        const handle = await open(file, 'wx');
        try {
          await handle.writeFile(bytes);
          this.#writePoint('blob.flush');
          await handle.sync();
        } finally {
          await handle.close();
        }
        return this.#publish(file, ref);
      });
    });
  }

  async putFile(source: string, options?: { readonly move?: boolean }): Promise<BlobRef> {
    return translated({ operation: `store ${source}`, path: this.#root }, async () =>
      options?.move === true ? this.#moveIn(path.resolve(source)) : this.#copyIn(source),
    );
  }

  async get(digest: Digest): Promise<Uint8Array> {
    const file = this.#existing(digest);
    const bytes = await this.#reading(digest, () => readFile(file));
    const actual = digestBytes(bytes);
    if (actual !== digest) throw new SluiceError('BLOB_CORRUPT', { digest, actual });
    return bytes;
  }

  async path(digest: Digest): Promise<string> {
    const file = this.#existing(digest);
    await this.#reading(digest, () => this.#verify(digest, file));
    return file;
  }

  async has(digest: Digest): Promise<boolean> {
    return digestForm.test(digest) && (await this.#sizeOf(digest)) !== undefined;
  }

  async remove(digest: Digest): Promise<void> {
    if (!digestForm.test(digest)) return;
    const file = this.#fileOf(digest);
    this.#verified.delete(digest);
    await translated({ operation: 'remove bytes', path: file }, () => rm(file, { force: true }));
  }

  async *list(): AsyncIterable<BlobRef> {
    const place = { operation: 'list the store', path: this.#root };
    const prefixes = await translated(place, () => readdir(this.#root));
    for (const prefix of prefixes.filter((name) => /^[0-9a-f]{2}$/.test(name)).sort()) {
      const names = await translated(place, () => readdir(path.join(this.#root, prefix)));
      for (const digest of names.filter((name) => digestForm.test(name)).sort()) {
        const sizeBytes = await this.#sizeOf(digest);
        if (sizeBytes !== undefined) yield { digest, sizeBytes };
      }
    }
  }

  async scratchPath(suffix: string): Promise<string> {
    return scratchFile(this.#scratch, suffix);
  }

  #fileOf(digest: Digest): string {
    return path.join(this.#root, digest.slice(0, 2), digest);
  }

  /** The digest may come from a damaged record or from the command line: it must not lead out of the store. */
  #existing(digest: Digest): string {
    if (!digestForm.test(digest)) throw new SluiceError('BLOB_MISSING', { digest });
    return this.#fileOf(digest);
  }

  async #reading<Result>(digest: Digest, read: () => Promise<Result>): Promise<Result> {
    try {
      return await translated({ operation: 'read bytes', path: this.#fileOf(digest) }, read);
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      if (errnoOf(cause) === 'ENOENT') throw new SluiceError('BLOB_MISSING', { digest }, { cause: error });
      throw error;
    }
  }

  async #sizeOf(digest: Digest): Promise<number | undefined> {
    try {
      return (await stat(this.#fileOf(digest))).size;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined;
      const reason = error instanceof Error ? error.message : String(error);
      const place = { operation: 'look up bytes', path: this.#fileOf(digest) };
      throw new SluiceError('BLOB_UNAVAILABLE', { ...place, reason }, { cause: error });
    }
  }

  async #verify(digest: Digest, file: string): Promise<void> {
    const before = await stampOf(file);
    if (this.#verified.get(digest) === before) return;
    const actual = await hashFile(file);
    if (actual !== digest) throw new SluiceError('BLOB_CORRUPT', { digest, actual });
    this.#verified.set(digest, before);
  }

  /** Bytes that are there already count as stored only when they are sound and their name is on the disk. */
  async #isStored(ref: BlobRef): Promise<boolean> {
    if ((await this.#sizeOf(ref.digest)) === undefined) return false;
    const file = this.#fileOf(ref.digest);
    await this.#verify(ref.digest, file);
    await this.#flushName(file);
    return true;
  }

  async #flushName(file: string): Promise<void> {
    const prefix = path.dirname(file);
    this.#writePoint('blob.directory');
    await flushDirectory(prefix);
    if (this.#flushedPrefixes.has(prefix)) return;
    await flushDirectory(this.#root);
    this.#flushedPrefixes.add(prefix);
  }

  async #withScratch(work: (file: string) => Promise<BlobRef>): Promise<BlobRef> {
    const file = await this.scratchPath('.blob');
    this.#writePoint('blob.temp');
    try {
      return await work(file);
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    }
  }

  async #copyIn(source: string): Promise<BlobRef> {
    return this.#withScratch(async (file) => {
      const from = await open(source, 'r');
      try {
        const to = await open(file, 'wx');
        try {
          const ref = await copyHandle(from, to);
          this.#writePoint('blob.flush');
          await to.sync();
          return await this.#publish(file, ref);
        } finally {
          await to.close();
        }
      } finally {
        await from.close();
      }
    });
  }

  async #moveIn(source: string): Promise<BlobRef> {
    if (path.dirname(source) !== this.#scratch) {
      const ref = await this.#copyIn(source);
      await rm(source);
      return ref;
    }
    try {
      const handle = await open(source, 'r+');
      try {
        this.#writePoint('blob.flush');
        await handle.sync();
        return await this.#publish(source, await hashHandle(handle));
      } finally {
        await handle.close();
      }
    } catch (error) {
      await rm(source, { force: true });
      throw error;
    }
  }

  /** Gives a finished file its name. A rename over the same digest, by a racing process, replaces like by like. */
  async #publish(file: string, ref: BlobRef): Promise<BlobRef> {
    if (await this.#isStored(ref)) {
      await rm(file);
      return ref;
    }
    const target = this.#fileOf(ref.digest);
    await mkdir(path.dirname(target), { recursive: true });
    this.#writePoint('blob.rename');
    await rename(file, target);
    await this.#flushName(target);
    this.#verified.set(ref.digest, await stampOf(target));
    return ref;
  }
}

async function stampOf(file: string): Promise<string> {
  const { mtimeNs, size } = await stat(file, { bigint: true });
  return `${mtimeNs}:${size}`;
}
