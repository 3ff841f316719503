import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ErrorCode } from '../../base/errors.ts';
import type { Blob } from '../../ports/blob.ts';
import { listDeliveries, namedFile } from './deliveries.ts';
import { ingestFile } from './ingest-file.ts';
import { openRaw } from './raw-table.ts';
import { aSource, ingestWorld, plain } from '../../../test/fixtures/ingest-world.ts';

const world = ingestWorld();
const { context, rowsOf, take, write } = world;

test('ten thousand columns are read', async () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `column_${i}`);
  const source = aSource({ columns: names.map((name) => ({ name, type: 'int64', nullable: false })) });
  const row = (seed: number): string => names.map((_, i) => i * seed).join(',');
  const batch = await take(`${names.join(',')}\n${row(1)}\n${row(2)}\n`, source);
  const raw = await openRaw(context(), { source, batch, lookups: {} });
  const rows = await world.engine.rows(`${raw.select(['column_9999', 'column_3'])} ORDER BY _row`);
  assert.deepEqual(
    rows.map((one) => one['column_9999']),
    [9999, 19_998],
  );
});

test('files are listed once, by name, and an empty glob says what there is', async () => {
  write('landing/b.csv', '');
  write('landing/a.csv', '');
  write('landing/deep/c.csv', '');
  const list = async (...files: readonly string[]): Promise<readonly string[]> => {
    const found = await listDeliveries({ source: aSource({ files }), projectDirectory: world.directory });
    return found.map(({ name }) => name);
  };
  assert.deepEqual(await list('landing/*.csv', 'landing/a.csv'), ['landing/a.csv', 'landing/b.csv']);
  assert.deepEqual(await list('landing/**/*.csv'), ['landing/a.csv', 'landing/b.csv', 'landing/deep/c.csv']);
  await assert.rejects(list('landing/*.parquet'), {
    code: 'INGEST_NO_FILES',
    message: /landing\/\*\.parquet .*landing holds .*a\.csv/s,
  });
  await assert.rejects(list('lending/*.csv'), { code: 'INGEST_NO_FILES', message: /holds .*landing/ });
  await assert.rejects(list('landing/d.csv'), { code: 'INGEST_FILE_MISSING', message: /holds a\.csv/ });
  await assert.rejects(list('landing'), { code: 'INGEST_NOT_A_FILE', message: /is a directory/ });
  const file = await namedFile('landing/a.csv', world.directory);
  assert.equal(file.sizeBytes, 0);
  assert.ok(Number.isSafeInteger(file.mtimeUs));
});

const airports = {
  name: 'airport',
  file: 'ref/airports.csv',
  key: 'code',
  columns: [
    { name: 'code', type: 'string', nullable: false },
    { name: 'height', type: 'double', nullable: true },
  ],
} as const;
const lookedUp = aSource({ lookups: [airports], joins: [{ as: 'from', lookup: 'airport', on: 'city' }] });

test('a lookup is joined by its key; what it does not know is NULL', async () => {
  write('ref/airports.csv', 'code,height,zone\nOslo,23.5,x\nBergen,,y\n');
  const rows = await rowsOf(await take(plain, lookedUp), lookedUp, ['from.height', 'from.code']);
  assert.deepEqual(
    rows.map((row) => [row['from.code'], row['from.height']]),
    [
      ['Oslo', 23.5],
      [null, null],
    ],
  );
});

test('a lookup with a key twice, an unreadable value or another ending is refused', async () => {
  const batch = await take(plain, lookedUp);
  const withLookup = async (text: string, code: ErrorCode, says: RegExp): Promise<void> => {
    write('ref/airports.csv', text);
    await assert.rejects(rowsOf(batch, lookedUp, ['from.height']), { code, message: says });
  };
  await withLookup('code,height\nOslo,1\nOslo,2\n', 'INGEST_LOOKUP_DUPLICATE', /2 rows with code = Oslo/);
  await withLookup(
    'code,height\nOslo,1\nBergen,high\n',
    'INGEST_LOOKUP_VALUE',
    /row 2: the height "high" is no double/,
  );
  await withLookup('code\nOslo\n', 'INGEST_COLUMN_MISSING', /no column height/);
  const other = { ...lookedUp, lookups: [{ ...airports, file: 'ref/airports.json' }] };
  write('ref/airports.json', '[]');
  await assert.rejects(rowsOf(batch, other), { code: 'INGEST_LOOKUP_FORMAT' });
  await assert.rejects(openRaw(context(), { source: lookedUp, batch, lookups: {} }), {
    code: 'INGEST_LOOKUP_UNKNOWN',
  });
});

test('a file that may not be read is refused, and a full or read-only store is unavailable', async () => {
  const file = write('in/secret.csv', plain);
  chmodSync(file, 0o000);
  chmodSync(world.directory, 0o755);
  const arrival = { source: aSource(), path: file, name: 'secret.csv', declaredAtUs: null };
  const isRoot = process.geteuid?.() === 0;
  // Root reads everything: be somebody else for a moment, with a scratch folder of their own.
  const scratch = path.join(mkdtempSync(path.join(os.tmpdir(), 'sluice-')), 'x.csv');
  chmodSync(path.dirname(scratch), 0o777);
  const other = { ...context(), blob: withScratch(scratch) };
  if (isRoot) process.seteuid?.(65_534);
  try {
    await assert.rejects(ingestFile(other, arrival), { code: 'INGEST_FORBIDDEN', exitCode: 2 });
  } finally {
    if (isRoot) process.seteuid?.(0);
    rmSync(path.dirname(scratch), { recursive: true, force: true });
  }
  chmodSync(file, 0o644);
  const gone = { ...context(), blob: withScratch(path.join(world.directory, 'no such folder', 'x.csv')) };
  await assert.rejects(ingestFile(gone, arrival), { code: 'BLOB_UNAVAILABLE', exitCode: 5 });
});

function withScratch(scratch: string): Blob {
  return new Proxy(world.blob, {
    get: (target, key): unknown =>
      key === 'scratchPath' ? () => Promise.resolve(scratch) : Reflect.get(target, key),
  });
}
