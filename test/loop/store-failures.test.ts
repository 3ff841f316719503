import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { mountSmallDisk } from '../fixtures/small-disk.ts';
import {
  finalDigests,
  leftovers,
  sluice,
  startSluice,
  withProject,
  type CommandEnd,
} from '../fixtures/small-loop-run.ts';
import { copyProject, withSmallLoop, writeSmallLoop } from '../fixtures/small-loop.ts';

let finished = '';

before(async () => {
  finished = writeSmallLoop();
  assert.equal((await sluice(finished, 'run')).code, 0);
});

after(() => rmSync(finished, { recursive: true, force: true }));

async function withFinished(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = copyProject(finished);
  try {
    await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A refusal is told in words: kind and code, no stack. */
function assertRefused(end: CommandEnd, code: number, words: RegExp): void {
  assert.equal(end.code, code, end.errors);
  assert.match(end.errors, words);
  assert.doesNotMatch(end.errors, /\n\s+at |\bbug\b/);
}

test('a full disk is told, at whatever stage it fills, and the run goes on once there is room', async (t) => {
  const { stdout } = spawnSync('du', ['-sk', path.join(finished, '.sluice')], { encoding: 'utf8' });
  const wholeKb = Number.parseInt(stdout, 10);
  for (const share of [0.1, 0.55, 0.92]) {
    await withSmallLoop(async (directory) => {
      const store = path.join(directory, '.sluice');
      const unmount = mountSmallDisk(store, Math.round(wholeKb * share) * 1024);
      if (unmount === undefined) return t.skip('untested: this process may not mount a small disk');
      try {
        assertRefused(await sluice(directory, 'run'), 5, /(space left|disk is full)[^]*kind unavailable/);
        spawnSync('mount', ['-o', 'remount,size=64m', store]);
        const again = await sluice(directory, 'run');
        assert.equal(again.code, 0, again.errors);
        assert.deepEqual(await finalDigests(directory), await finalDigests(finished));
        assert.deepEqual(leftovers(directory), []);
      } finally {
        unmount();
      }
    });
  }
});

test('a store that may not be written is told, and stays as it is', async (t) => {
  const uid = 65_534;
  if (process.getuid?.() !== 0) return t.skip('untested: only root can run a command as somebody else');
  const other = await startSluice('/', ['--version'], { uid }).ended;
  if (other.code !== 0) return t.skip('untested: another user cannot read this repository');
  await withFinished(async (directory) => {
    chmodSync(directory, 0o755);
    const catalog = readFileSync(path.join(directory, '.sluice', 'catalog.db'));
    for (const words of [['run'], ['run', '--only', 'train', '--set', 'train.params.rounds=2']]) {
      assertRefused(await startSluice(directory, words, { uid }).ended, 5, /kind unavailable/);
    }
    assert.ok(catalog.equals(readFileSync(path.join(directory, '.sluice', 'catalog.db'))));
    assert.deepEqual(await finalDigests(directory), await finalDigests(finished));
  });
  await withSmallLoop(async (directory) => {
    chmodSync(directory, 0o755);
    assertRefused(await startSluice(directory, ['run'], { uid }).ended, 5, /\.sluice[^]*kind unavailable/);
  });
});

test('stored bytes that changed are found, named and never overwritten', () =>
  withFinished(async (directory) => {
    const digest = await withProject(directory, async ({ ledger }) => {
      const [trainingSet] = await ledger.versions.find({ kind: 'trainingSet' });
      return trainingSet?.content.train.table.digest ?? '';
    });
    const file = path.join(directory, '.sluice', 'blobs', 'sha256', digest.slice(0, 2), digest);
    flipBit(file, 100);
    const damaged = readFileSync(file);
    const words = ['run', '--set', 'train.params.rounds=4'];
    assertRefused(await sluice(directory, ...words), 8, new RegExp(`${digest}[^]*kind corrupt`));
    // Making the same bytes again must not hide the damage either.
    const again = await sluice(directory, 'run', '--set', 'label.maturitySeconds=21601');
    assert.ok(again.code === 8 || again.code === 0, again.errors);
    assert.ok(damaged.equals(readFileSync(file)));
    const doctor = await sluice(directory, 'doctor', '--deep');
    assert.equal(doctor.code, 8);
    assert.match(doctor.output, new RegExp(digest.slice(0, 12)));
    rmSync(file);
    assert.equal((await sluice(directory, ...words)).code, 0, 'without the damaged file it is made again');
  }));

function flipBit(file: string, position: number): void {
  const handle = openSync(file, 'r+');
  const byte = Buffer.alloc(1);
  readSync(handle, byte, 0, 1, position);
  byte.writeUInt8(byte.readUInt8() ^ 1);
  writeSync(handle, byte, 0, 1, position);
  closeSync(handle);
}

test('a catalog that a newer Sluice wrote is left alone', () =>
  withFinished(async (directory) => {
    const catalog = path.join(directory, '.sluice', 'catalog.db');
    const database = new DatabaseSync(catalog);
    database.exec(
      "INSERT INTO catalog_meta (version, name, at_us, actor) VALUES (999, 'from the future', 0, 'x')",
    );
    database.close();
    const before = readFileSync(catalog);
    for (const words of [['run'], ['status'], ['gc']]) {
      assertRefused(await sluice(directory, ...words), 2, /version 999[^]*kind unsupported/);
    }
    assert.ok(before.equals(readFileSync(catalog)));
  }));

test('a catalog that is none is told, and left alone', () =>
  withFinished(async (directory) => {
    const catalog = path.join(directory, '.sluice', 'catalog.db');
    flipBit(catalog, 3);
    const before = readFileSync(catalog);
    assertRefused(await sluice(directory, 'run'), 8, /kind corrupt/);
    assert.ok(before.equals(readFileSync(catalog)));
  }));
