import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { removeStaleScratch, scratchFile } from './scratch.ts';

describe('scratch files', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'sluice-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('a file of this process stays, one of a dead process goes', async () => {
    const own = await scratchFile(folder, '.parquet');
    await writeFile(own, '');
    // Linux gives out no process id above 2^22.
    await writeFile(path.join(folder, `${2 ** 22 + 1}-123-0123456789abcdef.blob`), '');
    await removeStaleScratch(folder);
    assert.deepEqual(await readdir(folder), [path.basename(own)]);
  });

  test(
    'a file of an earlier process with our id goes, and so does a folder',
    { skip: process.platform === 'linux' ? false : 'untested: start times are read from /proc' },
    async () => {
      await mkdir(path.join(folder, `${process.pid}-1-0123456789abcdef.duckdb`));
      await writeFile(path.join(folder, `${process.pid}-1-0123456789abcdef.blob`), '');
      await removeStaleScratch(folder);
      assert.deepEqual(await readdir(folder), []);
    },
  );

  test('whatever is older than a day goes, what has another name stays until then', async () => {
    const file = path.join(folder, 'somebody-elses');
    await writeFile(file, '');
    await removeStaleScratch(folder);
    assert.deepEqual(await readdir(folder), ['somebody-elses']);
    const longAgo = new Date('2001-01-01T00:00:00Z');
    await utimes(file, longAgo, longAgo);
    await removeStaleScratch(folder);
    assert.deepEqual(await readdir(folder), []);
  });

  test('names are never the same twice', async () => {
    const names = await Promise.all(Array.from({ length: 100 }, () => scratchFile(folder, '.x')));
    assert.equal(new Set(names).size, 100);
  });
});
