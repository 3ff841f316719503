import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { isSluiceError, type ErrorCode } from '../base/errors.ts';
import { openProject } from './open-project.ts';

async function inFolder(work: (projectDirectory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'sluice-'));
  try {
    await work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const refuses = (promise: Promise<unknown>, code: ErrorCode, text: RegExp): Promise<void> =>
  assert.rejects(promise, (error) => isSluiceError(error, code) && text.test(error.message));

test('a project opens on an empty folder, again on what it made, and heavy parts only when asked for', () =>
  inFolder(async (projectDirectory) => {
    for (let time = 0; time < 2; time++) {
      const project = await openProject({ projectDirectory });
      assert.deepEqual(await project.ledger.journal.runs(), []);
      assert.match(project.holder, new RegExp(`^${process.pid}@`));
      if (time === 1) assert.match((await project.engine()).version, /^duckdb /);
      await project.close();
    }
  }));

test('the trainers there are have names, and any other name is refused with them', () =>
  inFolder(async (projectDirectory) => {
    const project = await openProject({ projectDirectory });
    for (const name of ['linear', 'trees', 'command']) assert.equal((await project.trainer(name)).name, name);
    await refuses(project.trainer('forest'), 'TRAIN_UNKNOWN_TRAINER', /forest.*linear, trees, command/);
    await project.close();
  }));

test('a store that cannot be made is told of, and nothing is overwritten', () =>
  inFolder(async (projectDirectory) => {
    writeFileSync(path.join(projectDirectory, '.sluice'), 'mine');
    await refuses(openProject({ projectDirectory }), 'BLOB_UNAVAILABLE', /\.sluice/);
  }));

test('a catalog of a newer version is refused and let go', () =>
  inFolder(async (projectDirectory) => {
    await (await openProject({ projectDirectory })).close();
    const catalog = path.join(projectDirectory, '.sluice/catalog.db');
    const database = new DatabaseSync(catalog);
    database.exec('INSERT INTO catalog_meta SELECT 9999, name, at_us, actor FROM catalog_meta LIMIT 1');
    database.close();
    await refuses(openProject({ projectDirectory }), 'LEDGER_NEWER', /9999/);
  }));
