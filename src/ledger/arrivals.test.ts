import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { openExample, secondUs, type Example } from '../../test/fixtures/example-ledger.ts';
import { digestBytes } from '../base/digest.ts';

let example: Example;
beforeEach(async () => {
  example = await openExample();
});
afterEach(() => example.close());

test('an unchanged file is known by path, size and time', async () => {
  const { sourceFiles } = example.ledger;
  const mtimeUs = example.clock.nowUs() - 10 * secondUs;
  const file = { path: 'landing/a', sizeBytes: 5, mtimeUs };
  const raw = digestBytes('a');
  await sourceFiles.remember([]);
  await sourceFiles.remember([{ ...file, raw }]);
  const changed = [
    file,
    { ...file, path: 'landing/b' },
    { ...file, sizeBytes: 6 },
    { ...file, mtimeUs: mtimeUs + 1 },
  ];
  assert.deepEqual(await sourceFiles.lookup(changed), [raw, null, null, null]);
  assert.deepEqual(await sourceFiles.lookup([]), []);
  await sourceFiles.remember([
    { ...file, raw: digestBytes('lost') },
    { ...file, sizeBytes: 6, raw: digestBytes('b') },
  ]);
  assert.deepEqual(await sourceFiles.lookup([file, { ...file, sizeBytes: 6 }]), [null, digestBytes('b')]);
});

test('a file that was read right after it changed is read again, once', async () => {
  const { sourceFiles } = example.ledger;
  const file = { path: 'landing/a', sizeBytes: 5, mtimeUs: example.clock.nowUs() };
  const raw = digestBytes('a');
  example.clock.advanceUs(2 * secondUs - 1);
  await sourceFiles.remember([{ ...file, raw }]);
  assert.deepEqual(await sourceFiles.lookup([file]), [null]);
  example.clock.advanceUs(1);
  await sourceFiles.remember([{ ...file, raw }]);
  assert.deepEqual(await sourceFiles.lookup([file]), [raw]);
});

test('thousands of files are looked up at once', async () => {
  const { sourceFiles } = example.ledger;
  const files = Array.from({ length: 2500 }, (_, i) => ({
    path: `landing/${i}`,
    sizeBytes: i,
    mtimeUs: 0,
    raw: digestBytes(String(i)),
  }));
  await sourceFiles.remember(files);
  assert.deepEqual(
    await sourceFiles.lookup(files),
    files.map((file) => file.raw),
  );
});

test('every delivery is listed, repeated ones too, newest first', async () => {
  const { deliveries } = example.ledger;
  const first = { source: 'flights', raw: digestBytes('a'), name: 'a', outcome: 'new' } as const;
  const again = { ...first, name: 'a (1)', outcome: 'repeated' } as const;
  const other = { ...first, source: 'airports' };
  await deliveries.record([]);
  await deliveries.record([first, again]);
  example.clock.advanceUs(1);
  await deliveries.record([other]);
  const by = { actor: 'tester', atUs: example.clock.nowUs() - 1 };
  assert.deepEqual(await deliveries.list({ source: 'flights' }), [
    { ...again, ...by, sequence: 2 },
    { ...first, ...by, sequence: 1 },
  ]);
  assert.deepEqual(
    (await deliveries.list({ limit: 2 })).map((delivery) => delivery.sequence),
    [3, 2],
  );
});
