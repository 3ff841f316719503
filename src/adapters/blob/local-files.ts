import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { Digest } from '../../base/digest.ts';
import { isSluiceError, SluiceError } from '../../base/errors.ts';
import type { BlobRef } from '../../ports/blob.ts';

const bufferBytes = 4 * 1024 * 1024;

/** Yields the reference of an open file's bytes, reading it once from start to end in pieces of 4 MB. */
export async function hashHandle(handle: FileHandle): Promise<BlobRef> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const piece of pieces(handle)) {
    hash.update(piece);
    sizeBytes += piece.byteLength;
  }
  return { digest: hash.digest('hex'), sizeBytes };
}

/** Copies an open file into another and yields the reference of the bytes that were written. */
export async function copyHandle(source: FileHandle, target: FileHandle): Promise<BlobRef> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const piece of pieces(source)) {
    hash.update(piece);
    await target.writeFile(piece);
    sizeBytes += piece.byteLength;
  }
  return { digest: hash.digest('hex'), sizeBytes };
}

/** Yields the sha256 of the file at `path`. */
export async function hashFile(path: string): Promise<Digest> {
  const handle = await open(path, 'r');
  try {
    return (await hashHandle(handle)).digest;
  } finally {
    await handle.close();
  }
}

/** Makes the names inside a directory survive a power cut. */
export async function flushDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems and Windows cannot flush a directory; there the rename itself is as durable as it gets.
    if (!['EINVAL', 'EPERM', 'ENOTSUP', 'EISDIR'].includes(errnoOf(error) ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

/** Yields the system's name of an error (`ENOSPC`), or undefined when it is none. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || isSluiceError(error) || !('code' in error)) return undefined;
  return 'syscall' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Runs one operation on the store and translates the system's errors to BLOB_UNAVAILABLE. */
export async function translated<Result>(
  place: { readonly operation: string; readonly path: string },
  operate: () => Promise<Result>,
): Promise<Result> {
  try {
    return await operate();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new SluiceError('BLOB_UNAVAILABLE', { ...place, reason }, { cause: error });
  }
}

async function* pieces(handle: FileHandle): AsyncIterable<Uint8Array> {
  const buffer = Buffer.allocUnsafe(bufferBytes);
  let position = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, bufferBytes, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
