import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { mountSmallDisk } from '../../../test/fixtures/small-disk.ts';
import { digestBytes } from '../../base/digest.ts';
import { isSluiceError } from '../../base/errors.ts';
import { openLocalBlob } from './local.ts';

const isUnavailable = (error: unknown): boolean => isSluiceError(error, 'BLOB_UNAVAILABLE');

describe('the local blob store', () => {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'sluice-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const scratchNames = (): Promise<string[]> => readdir(path.join(directory, 'tmp'));

  test('the layout is sha256, two digits, the digest', async () => {
    const blob = await openLocalBlob({ directory });
    const { digest } = await blob.put(Buffer.from('x'));
    assert.equal(await blob.path(digest), path.join(directory, 'sha256', digest.slice(0, 2), digest));
  });

  test('every durable step is announced before it is taken', async () => {
    const points: string[] = [];
    const blob = await openLocalBlob({ directory, writePoint: (name) => points.push(name) });
    const taken = async (work: () => Promise<unknown>): Promise<string[]> => {
      points.length = 0;
      await work();
      return [...points];
    };
    const whole = ['blob.temp', 'blob.flush', 'blob.rename', 'blob.directory'];
    assert.deepEqual(await taken(() => blob.put(Buffer.from('one'))), whole);
    assert.deepEqual(await taken(() => blob.put(Buffer.from('one'))), ['blob.directory']);
    const source = await blob.scratchPath('.x');
    await writeFile(source, 'two');
    assert.deepEqual(await taken(() => blob.putFile(source)), whole);
    await writeFile(source, 'three');
    assert.deepEqual(await taken(() => blob.putFile(source, { move: true })), whole.slice(1));
  });

  for (const point of ['blob.temp', 'blob.flush', 'blob.rename', 'blob.directory']) {
    test(`a failure at ${point} leaves no temporary file, and trying again ends as if nothing had been`, async () => {
      let isArmed = true;
      const blob = await openLocalBlob({
        directory,
        writePoint: (name) => {
          if (isArmed && name === point) throw new RangeError(point);
        },
      });
      const source = await blob.scratchPath('.x');
      await writeFile(source, 'moved');
      await assert.rejects(() => blob.put(Buffer.from('put')), RangeError);
      if (point !== 'blob.temp') await assert.rejects(() => blob.putFile(source, { move: true }), RangeError);
      else await rm(source);
      assert.deepEqual(await scratchNames(), []);
      isArmed = false;
      const { digest } = await blob.put(Buffer.from('put'));
      assert.equal(Buffer.from(await blob.get(digest)).toString(), 'put');
    });
  }

  test('a file from outside the store is copied before it is taken away, and stays when that fails', async () => {
    const outside = path.join(directory, 'outside.txt');
    await writeFile(outside, 'precious');
    let isArmed = true;
    const writePoint = (): void => {
      if (isArmed) throw new RangeError('stop');
    };
    const blob = await openLocalBlob({ directory: path.join(directory, 'store'), writePoint });
    await assert.rejects(() => blob.putFile(outside, { move: true }), RangeError);
    await stat(outside);
    isArmed = false;
    const { digest } = await blob.putFile(outside, { move: true });
    assert.equal(digest, digestBytes('precious'));
    await assert.rejects(() => stat(outside));
  });

  test('a file that changed after it was verified is verified again', async () => {
    const blob = await openLocalBlob({ directory });
    const { digest } = await blob.put(Buffer.from('as it was'));
    const file = await blob.path(digest);
    await writeFile(file, 'as it is!');
    const later = new Date('2030-01-01T00:00:00Z');
    await utimes(file, later, later);
    await assert.rejects(
      () => blob.path(digest),
      (error) => isSluiceError(error, 'BLOB_CORRUPT'),
    );
  });

  test('opening removes what a dead process left and stray files disturb no listing', async () => {
    const blob = await openLocalBlob({ directory });
    const { digest } = await blob.put(Buffer.from('x'));
    await writeFile(path.join(directory, 'tmp', `${2 ** 22 + 1}-0-0123456789abcdef.blob`), 'half');
    await writeFile(path.join(directory, 'sha256', '.DS_Store'), '');
    await writeFile(path.join(directory, 'sha256', digest.slice(0, 2), 'notes.txt'), '');
    const again = await openLocalBlob({ directory });
    assert.deepEqual(await scratchNames(), []);
    const listed = [];
    for await (const ref of again.list()) listed.push(ref);
    assert.deepEqual(listed, [{ digest, sizeBytes: 1 }]);
  });

  test('a full disk is BLOB_UNAVAILABLE, leaves nothing half-written, and smaller bytes still fit', async (t) => {
    const disk = path.join(directory, 'disk');
    const unmount = mountSmallDisk(disk, 1_000_000);
    if (unmount === undefined) {
      t.skip('untested: this process may not mount a file system');
      return;
    }
    try {
      const blob = await openLocalBlob({ directory: disk });
      await assert.rejects(() => blob.put(Buffer.alloc(2_000_000)), isUnavailable);
      const outside = path.join(directory, 'large');
      await writeFile(outside, Buffer.alloc(2_000_000));
      await assert.rejects(() => blob.putFile(outside), isUnavailable);
      assert.deepEqual(await readdir(path.join(disk, 'tmp')), []);
      const { digest } = await blob.put(Buffer.alloc(100_000));
      assert.equal((await blob.get(digest)).byteLength, 100_000);
    } finally {
      unmount();
    }
  });

  test('a directory that may not be written is BLOB_UNAVAILABLE', async (t) => {
    if (process.getuid?.() !== 0) {
      t.skip('untested: only root can drop its rights');
      return;
    }
    const blob = await openLocalBlob({ directory });
    const { digest } = await blob.put(Buffer.from('readable'));
    await chmod(directory, 0o755);
    const script = `
      const { openLocalBlob } = await import(${JSON.stringify(import.meta.resolve('./local.ts'))});
      const blob = await openLocalBlob({ directory: ${JSON.stringify(directory)} });
      const read = Buffer.from(await blob.get('${digest}')).toString();
      const wrote = await blob.put(Buffer.from('refused')).catch((error) => error.code);
      console.log(read, wrote);`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], { uid: 65534 });
    assert.equal(String(child.stdout).trim(), 'readable BLOB_UNAVAILABLE', String(child.stderr));
  });
});
