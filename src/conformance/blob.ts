import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { digestBytes } from '../base/digest.ts';
import type { Blob, BlobRef } from '../ports/blob.ts';
import { rejectsWith, type ConformanceCase } from './case.ts';

/** What an adapter's test provides: a fresh store per case, and the means to break it. */
export interface BlobContext {
  /** An empty store. */
  readonly blob: Blob;
  /** Opens the same store as another process would: nothing remembered of earlier verification. */
  readonly reopen: () => Promise<Blob>;
  /** Flips one bit of the stored bytes, behind the store's back. */
  readonly damage: (digest: string) => Promise<void>;
  /** Makes every later write fail, as a full or read-only disk does. */
  readonly breakWrites: () => Promise<void>;
  /** Yields the names of unfinished files. */
  readonly unfinished: () => Promise<readonly string[]>;
}

const text = new TextEncoder();
const absent = digestBytes('never stored');

async function listOf(blob: Blob): Promise<readonly BlobRef[]> {
  const found: BlobRef[] = [];
  for await (const ref of blob.list()) found.push(ref);
  return found;
}

/** Every demand of the blob port. */
export const blobCases: readonly ConformanceCase<BlobContext>[] = [
  {
    name: 'bytes come back as they were put, under their sha256',
    run: async ({ blob }) => {
      const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 31) % 256);
      const ref = await blob.put(bytes);
      assert.deepEqual(ref, { digest: digestBytes(bytes), sizeBytes: 70_000 });
      assert.ok(Buffer.from(await blob.get(ref.digest)).equals(bytes));
    },
  },
  {
    name: 'no bytes at all are bytes too',
    run: async ({ blob }) => {
      const ref = await blob.put(new Uint8Array(0));
      assert.equal(ref.digest, digestBytes(''));
      assert.equal((await blob.get(ref.digest)).byteLength, 0);
      assert.equal((await stat(await blob.path(ref.digest))).size, 0);
    },
  },
  {
    name: 'changing the bytes after putting them changes nothing stored',
    run: async ({ blob }) => {
      const bytes = text.encode('before');
      const { digest } = await blob.put(bytes);
      bytes[0] = 0;
      const first = await blob.get(digest);
      first[0] = 0;
      assert.equal(Buffer.from(await blob.get(digest)).toString(), 'before');
    },
  },
  {
    name: 'putting the same bytes twice, in turn or at once, stores them once',
    run: async ({ blob }) => {
      const bytes = text.encode('twice');
      const refs = await Promise.all([blob.put(bytes), blob.put(bytes), blob.put(bytes)]);
      refs.push(await blob.put(bytes));
      assert.equal(new Set(refs.map(({ digest }) => digest)).size, 1);
      assert.equal((await listOf(blob)).length, 1);
    },
  },
  {
    name: 'a file is copied in, and the source stays',
    run: async ({ blob, unfinished }) => {
      const source = await blob.scratchPath('.txt');
      await writeFile(source, 'a file');
      const ref = await blob.putFile(source);
      assert.deepEqual(ref, { digest: digestBytes('a file'), sizeBytes: 6 });
      assert.equal(await readFile(await blob.path(ref.digest), 'utf8'), 'a file');
      assert.equal(await readFile(source, 'utf8'), 'a file');
      assert.equal((await unfinished()).length, 1);
    },
  },
  {
    name: 'a file is moved in, and the source is gone, also when its bytes were there already',
    run: async ({ blob, unfinished }) => {
      for (let round = 0; round < 2; round++) {
        const source = await blob.scratchPath('.txt');
        await writeFile(source, 'moved');
        const ref = await blob.putFile(source, { move: true });
        assert.equal(ref.digest, digestBytes('moved'));
        await assert.rejects(() => stat(source));
      }
      assert.deepEqual(await unfinished(), []);
    },
  },
  {
    name: 'a scratch path is fresh, ends in its suffix and lies beside the store',
    run: async ({ blob }) => {
      const one = await blob.scratchPath('.parquet');
      const other = await blob.scratchPath('.parquet');
      assert.notEqual(one, other);
      assert.ok(one.endsWith('.parquet'));
      await assert.rejects(() => stat(one));
      await writeFile(one, 'x');
      assert.deepEqual(await listOf(blob), []);
    },
  },
  {
    name: 'absent bytes are BLOB_MISSING, and so is what is no digest',
    run: async ({ blob }) => {
      for (const digest of [absent, '', '../../etc/passwd', absent.toUpperCase()]) {
        await rejectsWith('BLOB_MISSING', () => blob.get(digest));
        await rejectsWith('BLOB_MISSING', () => blob.path(digest));
        assert.equal(await blob.has(digest), false);
      }
    },
  },
  {
    name: 'a missing source file is BLOB_UNAVAILABLE and leaves nothing',
    run: async ({ blob, unfinished }) => {
      const source = await blob.scratchPath('.gone');
      await rejectsWith('BLOB_UNAVAILABLE', () => blob.putFile(source));
      await rejectsWith('BLOB_UNAVAILABLE', () => blob.putFile(source, { move: true }));
      assert.deepEqual(await unfinished(), []);
    },
  },
  {
    name: 'removed bytes are gone, and removing them again is no error',
    run: async ({ blob }) => {
      const { digest } = await blob.put(text.encode('gone soon'));
      assert.equal(await blob.has(digest), true);
      await blob.remove(digest);
      await blob.remove(digest);
      await blob.remove('no digest');
      assert.equal(await blob.has(digest), false);
      await rejectsWith('BLOB_MISSING', () => blob.path(digest));
      await blob.put(text.encode('gone soon'));
      assert.equal(await blob.has(digest), true);
    },
  },
  {
    name: 'the list is complete and in order of digest',
    run: async ({ blob }) => {
      const stored = [];
      for (let i = 0; i < 20; i++) stored.push(await blob.put(text.encode(`blob ${i}`)));
      stored.sort((a, b) => (a.digest < b.digest ? -1 : 1));
      assert.deepEqual(await listOf(blob), stored);
    },
  },
  {
    name: 'a second opening sees what the first one stored',
    run: async ({ blob, reopen }) => {
      const { digest } = await blob.put(text.encode('shared'));
      const other = await reopen();
      assert.equal(Buffer.from(await other.get(digest)).toString(), 'shared');
    },
  },
  {
    name: 'a flipped bit is BLOB_CORRUPT on every way of reading, and nothing is overwritten',
    run: async ({ blob, damage, reopen }) => {
      const { digest } = await blob.put(text.encode('precious'));
      await blob.path(digest);
      await damage(digest);
      await rejectsWith('BLOB_CORRUPT', () => blob.get(digest));
      const other = await reopen();
      await rejectsWith('BLOB_CORRUPT', () => other.path(digest));
      await rejectsWith('BLOB_CORRUPT', () => other.path(digest));
      await rejectsWith('BLOB_CORRUPT', () => other.put(text.encode('precious')));
      await rejectsWith('BLOB_CORRUPT', () => other.get(digest));
    },
  },
  {
    name: 'a write that fails is BLOB_UNAVAILABLE, leaves nothing half-written, and reading goes on',
    run: async ({ blob, breakWrites }) => {
      const kept = await blob.put(text.encode('kept'));
      await breakWrites();
      const bytes = text.encode('refused');
      await rejectsWith('BLOB_UNAVAILABLE', () => blob.put(bytes));
      assert.equal(await blob.has(digestBytes(bytes)), false);
      assert.equal(Buffer.from(await blob.get(kept.digest)).toString(), 'kept');
    },
  },
];
