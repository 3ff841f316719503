import { constants } from 'node:fs';
import { access, copyFile, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { canonicalJson } from '../base/canonical-json.ts';
import { digestBytes, type Digest } from '../base/digest.ts';
import { isSluiceError, SluiceError } from '../base/errors.ts';
import { unpredictableHex } from '../base/random.ts';
import type { BlobRef } from '../ports/blob.ts';
import type { Db, LedgerContext } from './catalog/catalog-schema.ts';
import { inChunks } from './catalog/kysely-over-tables.ts';
import {
  exclusiveLease,
  type BackupManifest,
  type Damage,
  type GarbageOptions,
  type GarbageReport,
  type Lease,
  type Leases,
  type Storage,
  type VerifyReport,
} from './ledger.ts';
import { catalogVersion } from './catalog/migrations.ts';
import { parseContent } from './versions.ts';

const leaseTtlMs = 60_000;
const dayUs = 86_400_000_000;

/** Yields the care for stored bytes. */
export function openStorage(context: LedgerContext, leases: Leases): Storage {
  return {
    reachableBlobs: () => reachableBlobs(context.db),
    collectGarbage: async (options) => {
      if (options.dryRun) return collectGarbage(context, options, async () => {});
      const lease = await leases.acquire(exclusiveLease, options.holder, leaseTtlMs);
      try {
        return await collectGarbage(context, options, renewal(context, leases, lease));
      } finally {
        await leases.release(lease);
      }
    },
    verify: (options = {}) => verify(context, options),
    backup: (directory) => backUp(context, path.resolve(directory)),
  };
}

async function reachableBlobs(db: Db): Promise<ReadonlySet<Digest>> {
  const rows = await db.selectFrom('version_blobs').select('blob').distinct().execute();
  return new Set(rows.map((row) => row.blob));
}

/** Yields what to call before every removal: it keeps the lease, and fails once the lease is lost. */
function renewal({ clock }: LedgerContext, leases: Leases, lease: Lease): () => Promise<void> {
  let renewedMs = clock.elapsedMs();
  return async () => {
    if (clock.elapsedMs() - renewedMs < leaseTtlMs / 4) return;
    await leases.renew(lease, leaseTtlMs);
    renewedMs = clock.elapsedMs();
  };
}

async function collectGarbage(
  { db, blob, clock }: LedgerContext,
  { dryRun, keepDays }: GarbageOptions,
  keepLease: () => Promise<void>,
): Promise<GarbageReport> {
  const reachable = await reachableBlobs(db);
  const unreferenced: BlobRef[] = [];
  let kept = 0;
  for await (const ref of blob.list()) {
    await keepLease();
    if (reachable.has(ref.digest)) kept += 1;
    else unreferenced.push(ref);
  }
  const nowUs = clock.nowUs();
  const marks = await db.selectFrom('unreferenced_blobs').selectAll().execute();
  const firstSeen = new Map(marks.map((mark) => [mark.digest, mark.first_seen_us]));
  const isDue = ({ digest }: BlobRef): boolean =>
    nowUs - (firstSeen.get(digest) ?? nowUs) >= keepDays * dayUs;
  const removed = unreferenced.filter(isDue);
  const waiting = unreferenced.filter((ref) => !isDue(ref));
  if (!dryRun) {
    for (const { digest } of removed) {
      await keepLease();
      await blob.remove(digest);
    }
    await mark(db, waiting, (digest) => firstSeen.get(digest) ?? nowUs);
  }
  const removedBytes = removed.reduce((sum, ref) => sum + ref.sizeBytes, 0);
  return { removed, removedBytes, waiting: waiting.length, kept };
}

/** Replaces the marks: a blob that is referred to by now, or gone, starts anew should it ever be unreferenced again. */
async function mark(
  db: Db,
  waiting: readonly BlobRef[],
  firstSeenOf: (digest: Digest) => number,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx.deleteFrom('unreferenced_blobs').execute();
    const rows = waiting.map(({ digest }) => ({ digest, first_seen_us: firstSeenOf(digest) }));
    for (const chunk of inChunks(rows)) await tx.insertInto('unreferenced_blobs').values(chunk).execute();
  });
}

async function verify(
  context: LedgerContext,
  {
    deep = false,
    progress,
  }: { readonly deep?: boolean; readonly progress?: (share: number, note: string) => void },
): Promise<VerifyReport> {
  const { db } = context;
  const damages: Damage[] = [];
  const versions = await verifyRecords(db, damages);
  const blobs = [...(await reachableBlobs(db))].sort();
  for (const [i, digest] of blobs.entries()) {
    const damage = await damageOfBlob(context, digest, deep);
    if (damage !== null) damages.push(damage);
    progress?.((i + 1) / blobs.length, `${i + 1} of ${blobs.length} blobs`);
  }
  const edges = await verifyEdges(db, damages);
  await verifyAliases(db, damages);
  return { versions, blobs: blobs.length, edges, isDeep: deep, damages };
}

async function verifyRecords(db: Db, damages: Damage[]): Promise<number> {
  let [last, count] = [0, 0];
  for (;;) {
    const query = db.selectFrom('versions').selectAll().where('sequence', '>', last);
    const rows = await query.orderBy('sequence').limit(500).execute();
    for (const row of rows) {
      try {
        parseContent(row);
      } catch (error) {
        if (!isSluiceError(error, 'LEDGER_RECORD_CORRUPT')) throw error;
        damages.push({ what: 'recordCorrupt', digest: row.digest, explanation: error.message });
      }
      last = row.sequence;
    }
    count += rows.length;
    if (rows.length === 0) return count;
  }
}

async function damageOfBlob({ blob }: LedgerContext, digest: Digest, deep: boolean): Promise<Damage | null> {
  try {
    if (deep) await blob.path(digest);
    else if (!(await blob.has(digest))) throw new SluiceError('BLOB_MISSING', { digest });
    return null;
  } catch (error) {
    if (isSluiceError(error, 'BLOB_MISSING')) {
      return { what: 'blobMissing', digest, explanation: error.message };
    }
    if (isSluiceError(error, 'BLOB_CORRUPT')) {
      return { what: 'blobCorrupt', digest, explanation: error.message };
    }
    throw error;
  }
}

async function verifyEdges(db: Db, damages: Damage[]): Promise<number> {
  const dangling = await db
    .selectFrom('edges')
    .leftJoin('versions as child', 'child.digest', 'edges.child')
    .leftJoin('versions as parent', 'parent.digest', 'edges.parent')
    .where((eb) => eb.or([eb('child.digest', 'is', null), eb('parent.digest', 'is', null)]))
    .select(['edges.child', 'edges.parent', 'edges.role'])
    .execute();
  for (const { child, parent, role } of dangling) {
    const explanation = `The edge ${child} <- ${role} ${parent} has an end that is no version.`;
    damages.push({ what: 'edgeDangling', digest: child, explanation });
  }
  const total = await db
    .selectFrom('edges')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .execute();
  return total[0]?.count ?? 0;
}

async function verifyAliases(db: Db, damages: Damage[]): Promise<void> {
  const dangling = await db
    .selectFrom('alias_events')
    .leftJoin('versions as model', 'model.digest', 'alias_events.model')
    .leftJoin('versions as evidence', 'evidence.digest', 'alias_events.evidence')
    .where((eb) => eb.or([eb('model.digest', 'is', null), eb('evidence.digest', 'is', null)]))
    .select(['alias_events.name', 'alias_events.alias', 'alias_events.model', 'alias_events.evidence'])
    .execute();
  for (const { name, alias, model, evidence } of dangling) {
    const explanation = `The alias ${alias} of ${name} names model ${model} on evidence ${evidence}; one of them is no version.`;
    damages.push({ what: 'aliasDangling', digest: model, explanation });
  }
}

async function backUp(context: LedgerContext, directory: string): Promise<BackupManifest> {
  if (await exists(directory)) throw new SluiceError('LEDGER_BACKUP_EXISTS', { path: directory });
  const partial = `${directory}.partial-${unpredictableHex(4)}`;
  try {
    await mkdir(partial, { recursive: true });
    const manifest = await writeBackup(context, partial);
    await rename(partial, directory);
    await flush(path.dirname(directory));
    return manifest;
  } catch (error) {
    // Failing to tidy up must not hide why the backup failed.
    await rm(partial, { recursive: true, force: true }).catch(() => undefined);
    if (!(error instanceof Error) || isSluiceError(error) || !('syscall' in error)) throw error;
    const details = { path: directory, reason: error.message };
    throw new SluiceError('LEDGER_BACKUP_FAILED', details, { cause: error });
  }
}

/** The catalog comes first: whatever a version in that copy refers to was stored before and is never changed. */
async function writeBackup(context: LedgerContext, directory: string): Promise<BackupManifest> {
  const catalogFile = path.join(directory, 'catalog.db');
  await context.tables.backup(catalogFile);
  const catalog = await readFile(catalogFile);
  const blobs: BlobRef[] = [];
  for (const digest of [...(await reachableBlobs(context.db))].sort()) {
    const target = path.join(directory, 'blobs', 'sha256', digest.slice(0, 2), digest);
    await mkdir(path.dirname(target), { recursive: true });
    await copyFile(await context.blob.path(digest), target, constants.COPYFILE_FICLONE);
    blobs.push({ digest, sizeBytes: await flush(target) });
  }
  const manifest: BackupManifest = {
    schemaVersion: 1,
    madeUs: context.clock.nowUs(),
    actor: context.actor,
    catalogVersion: await catalogVersion(context.db),
    catalog: { file: 'catalog.db', digest: digestBytes(catalog), sizeBytes: catalog.byteLength },
    blobs,
  };
  const manifestFile = path.join(directory, 'manifest.json');
  await writeFile(manifestFile, canonicalJson(manifest));
  await flush(manifestFile);
  await flush(directory);
  return manifest;
}

/** Flushes a file or a directory to the disk and yields its size. */
async function flush(file: string): Promise<number> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
