import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import {
  begin,
  commitChain,
  dayUs,
  digestOfDraft,
  openExample,
  openUnflushed,
  putText,
  runSql,
  secondUs,
  type Example,
} from '../../test/fixtures/example-ledger.ts';
import { openLocalBlob } from '../adapters/blob/local.ts';
import { digestBytes } from '../base/digest.ts';
import type { Tables } from '../ports/tables.ts';
import { exclusiveLease } from './ledger.ts';
import { openLedger } from './open-ledger.ts';

let example: Example;
beforeEach(async () => {
  example = await openExample();
});
afterEach(() => example.close());

const collect = { holder: '9@here', dryRun: false, keepDays: 0 };

async function blobsOf({ blob }: Example): Promise<string[]> {
  const digests: string[] = [];
  for await (const ref of blob.list()) digests.push(ref.digest);
  return digests;
}

test('garbage collection removes exactly the bytes that no version refers to', async () => {
  await commitChain(example, 'jan');
  const { storage, leases } = example.ledger;
  await leases.release(example.lease);
  const reachable = await storage.reachableBlobs();
  assert.equal(reachable.size, 7);
  const lost = await putText(example.blob, 'of a step that failed');
  const dry = await storage.collectGarbage({ ...collect, dryRun: true });
  assert.deepEqual(dry, {
    removed: [{ digest: lost, sizeBytes: 21 }],
    removedBytes: 21,
    waiting: 0,
    kept: 7,
  });
  assert.ok(await example.blob.has(lost));
  assert.deepEqual(await storage.collectGarbage(collect), dry);
  assert.deepEqual(await blobsOf(example), [...reachable].sort());
  assert.deepEqual((await storage.verify({ deep: true })).damages, []);
  assert.equal((await leases.current(exclusiveLease))?.holder, null);
});

test('bytes may be kept for some days after they were first seen unreferenced', async () => {
  const { storage, leases } = example.ledger;
  await leases.release(example.lease);
  const keeping = { ...collect, keepDays: 2 };
  const early = await putText(example.blob, 'early');
  assert.equal((await storage.collectGarbage(keeping)).waiting, 1);
  example.clock.advanceUs(dayUs);
  const late = await putText(example.blob, 'late');
  assert.equal((await storage.collectGarbage(keeping)).waiting, 2);
  example.clock.advanceUs(dayUs);
  const report = await storage.collectGarbage(keeping);
  assert.deepEqual([report.removed, report.waiting], [[{ digest: early, sizeBytes: 5 }], 1]);
  assert.deepEqual(await blobsOf(example), [late]);
  // Stored again, it waits its full time again.
  await putText(example.blob, 'early');
  example.clock.advanceUs(dayUs);
  assert.deepEqual((await storage.collectGarbage(keeping)).removed, [{ digest: late, sizeBytes: 4 }]);
});

test('garbage collection never runs beside a step that may be about to commit', async () => {
  const { ledger, lease, clock, blob } = example;
  const step = await begin(example, 'ingest');
  await putText(blob, 'not yet committed');
  await assert.rejects(ledger.storage.collectGarbage(collect), { code: 'LEDGER_LEASE_HELD' });
  assert.equal((await ledger.storage.collectGarbage({ ...collect, dryRun: true })).removed.length, 1);
  clock.advanceUs(16 * secondUs);
  assert.equal((await ledger.storage.collectGarbage(collect)).removed.length, 1);
  // Its lease had expired; now it can no longer commit what lost its bytes.
  const outcome = { versions: [], verdict: null, facts: {} };
  await assert.rejects(ledger.journal.finishStep({ step, lease, outcome, provenance: {} }), {
    code: 'LEDGER_FENCED',
  });
});

test('a long collection renews its lease, and stops when it lost it', async () => {
  const { ledger, clock, blob, tables } = example;
  await ledger.leases.release(example.lease);
  for (const text of ['a', 'b', 'c']) await putText(blob, text);
  let removals = 0;
  const slow = {
    ...blob,
    list: () => blob.list(),
    remove: async (digest: string) => {
      removals += 1;
      clock.advanceUs(40 * secondUs);
      await blob.remove(digest);
      if (removals === 2) await runSql(tables, "update leases set epoch = 99 where name = '*'");
    },
  };
  const other = await openLedger({ tables, blob: slow, clock, actor: 'collector' });
  await assert.rejects(other.storage.collectGarbage(collect), { code: 'LEDGER_FENCED' });
  assert.equal(removals, 2);
});

test('verifying finds nothing wrong in a sound store', async () => {
  await commitChain(example, 'jan');
  const shares: number[] = [];
  const progress = (share: number): void => void shares.push(share);
  assert.deepEqual(await example.ledger.storage.verify({ deep: true, progress }), {
    versions: 7,
    blobs: 7,
    edges: 8,
    isDeep: true,
    damages: [],
  });
  assert.equal(shares.at(-1), 1);
});

test('verifying names every kind of damage', async () => {
  const jan = await commitChain(example, 'jan');
  const feb = await commitChain(example, 'feb');
  const directory = path.join(example.directory, 'local');
  const local = await openLocalBlob({ directory });
  for await (const { digest } of example.blob.list()) await local.put(await example.blob.get(digest));
  const { tables, clock } = example;
  const { storage } = await openLedger({ tables, blob: local, clock, actor: 'doctor' });
  const missing = jan.model.content.model;
  await local.remove(missing);
  const corrupt = jan.batch.content.raw;
  writeFileSync(path.join(directory, 'sha256', corrupt.slice(0, 2), corrupt), 'flipped');
  const record = digestOfDraft(jan.validation);
  await runSql(tables, "update versions set content = '{}' where digest = ?", [record]);
  const removed = digestOfDraft(feb.model);
  await runSql(tables, 'delete from versions where digest = ?', [removed]);
  const report = await storage.verify({ deep: true });
  const found = report.damages.map(({ what, digest }) => `${what} ${digest}`).sort();
  assert.deepEqual(
    found,
    [
      `aliasDangling ${removed}`,
      `blobCorrupt ${corrupt}`,
      `blobMissing ${missing}`,
      `edgeDangling ${digestOfDraft(feb.decision)}`,
      `edgeDangling ${digestOfDraft(feb.evaluation)}`,
      `edgeDangling ${removed}`,
      `recordCorrupt ${record}`,
    ].sort(),
  );
  const shallow = await storage.verify();
  assert.deepEqual([shallow.isDeep, shallow.damages.length], [false, 6]);
});

test('a backup opens as a catalog of its own with all its bytes', async () => {
  const { decision } = await commitChain(example, 'jan');
  await putText(example.blob, 'garbage stays behind');
  const directory = path.join(example.directory, 'backups', 'today');
  const manifest = await example.ledger.storage.backup(directory);
  assert.deepEqual(readdirSync(directory).sort(), ['blobs', 'catalog.db', 'manifest.json']);
  assert.deepEqual(JSON.parse(readFileSync(path.join(directory, 'manifest.json'), 'utf8')), manifest);
  const catalog = readFileSync(path.join(directory, 'catalog.db'));
  assert.deepEqual(
    [manifest.catalog.digest, manifest.catalog.sizeBytes],
    [digestBytes(catalog), catalog.length],
  );
  assert.deepEqual([manifest.blobs.length, manifest.catalogVersion, manifest.actor], [7, 1, 'tester']);
  const tables = await openUnflushed(path.join(directory, 'catalog.db'));
  const blob = await openLocalBlob({ directory: path.join(directory, 'blobs') });
  const restored = await openLedger({ tables, blob, clock: example.clock, actor: 'restorer' });
  assert.deepEqual((await restored.storage.verify({ deep: true })).damages, []);
  assert.equal((await restored.versions.ancestors(digestOfDraft(decision))).length, 8);
  await tables.close();
});

test('a backup never overwrites and leaves nothing behind when it fails', async () => {
  const { model } = await commitChain(example, 'jan');
  const { storage } = example.ledger;
  const target = path.join(example.directory, 'backup');
  await storage.backup(target);
  await assert.rejects(storage.backup(target), { code: 'LEDGER_BACKUP_EXISTS', kind: 'state' });
  await example.blob.remove(model.content.model);
  const next = path.join(example.directory, 'next');
  await assert.rejects(storage.backup(next), { code: 'BLOB_MISSING' });
  const belowFile = path.join(example.catalog, 'backup');
  await assert.rejects(storage.backup(belowFile), { code: 'LEDGER_BACKUP_FAILED', kind: 'unavailable' });
  const broken: Tables = {
    ...example.tables,
    backup: async () => {
      throw new RangeError('no');
    },
  };
  const { blob, clock } = example;
  const other = await openLedger({ tables: broken, blob, clock, actor: 'x' });
  await assert.rejects(other.storage.backup(next), RangeError);
  assert.ok(!existsSync(next));
  assert.deepEqual(
    readdirSync(example.directory).filter((name) => name.includes('partial')),
    [],
  );
});
