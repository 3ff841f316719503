import type { Digest } from '../base/digest.ts';
import type { Db, DeliveryRow, LedgerContext, Tx } from './catalog/catalog-schema.ts';
import { inChunks } from './catalog/kysely-over-tables.ts';
import type { Deliveries, Delivery, DeliveryDraft, FileStat, SourceFiles } from './ledger.ts';

/**
 * File times come from a coarser clock than ours, and a file can change twice within one of its ticks; a digest is
 * trusted only when it was taken later than this after the file's last change.
 */
const settledUs = 2_000_000;

/** Yields the memory of files' digests. */
export function openSourceFiles({ db, clock }: LedgerContext): SourceFiles {
  return {
    lookup: (files) => lookup(db, files),
    remember: async (files) => {
      if (files.length === 0) return;
      await db.transaction().execute((tx) => remember(tx, files, clock.nowUs()));
    },
  };
}

/** Yields the list of deliveries. */
export function openDeliveries({ db, clock, actor }: LedgerContext): Deliveries {
  return {
    record: async (deliveries) => {
      if (deliveries.length === 0) return;
      await db
        .transaction()
        .execute((tx) => appendDeliveries(tx, deliveries, { actor, atUs: clock.nowUs() }));
    },
    list: async ({ source, limit = 100 } = {}) => {
      let query = db.selectFrom('deliveries').selectAll();
      if (source !== undefined) query = query.where('source', '=', source);
      return (await query.orderBy('sequence', 'desc').limit(limit).execute()).map(toDelivery);
    },
  };
}

/** Appends deliveries inside a transaction, in order. */
export async function appendDeliveries(
  tx: Tx,
  deliveries: readonly DeliveryDraft[],
  by: { readonly actor: string; readonly atUs: number },
): Promise<void> {
  if (deliveries.length === 0) return;
  const last = await tx
    .selectFrom('deliveries')
    .select((eb) => eb.fn.max('sequence').as('sequence'))
    .executeTakeFirst();
  const start = (last?.sequence ?? 0) + 1;
  const rows = deliveries.map(({ source, raw, name, outcome }, position) => {
    return { sequence: start + position, source, raw, name, outcome, actor: by.actor, at_us: by.atUs };
  });
  for (const chunk of inChunks(rows)) await tx.insertInto('deliveries').values(chunk).execute();
}

function toDelivery({ at_us: atUs, ...row }: DeliveryRow): Delivery {
  return { ...row, outcome: row.outcome as Delivery['outcome'], atUs };
}

async function lookup(db: Db, files: readonly FileStat[]): Promise<readonly (Digest | null)[]> {
  const known = new Map<string, Digest>();
  for (const chunk of inChunks(files)) {
    const paths = chunk.map((file) => file.path);
    const rows = await db.selectFrom('source_files').selectAll().where('path', 'in', paths).execute();
    for (const row of rows) {
      if (row.seen_us - row.mtime_us >= settledUs) {
        known.set(fileKey({ path: row.path, sizeBytes: row.size_bytes, mtimeUs: row.mtime_us }), row.raw);
      }
    }
  }
  return files.map((file) => known.get(fileKey(file)) ?? null);
}

function fileKey({ path, sizeBytes, mtimeUs }: FileStat): string {
  return `${sizeBytes}:${mtimeUs}:${path}`;
}

async function remember(
  tx: Tx,
  files: readonly (FileStat & { readonly raw: Digest })[],
  nowUs: number,
): Promise<void> {
  // One statement may touch a row only once.
  const newest = new Map(files.map((file) => [file.path, file]));
  const rows = [...newest.values()].map(({ path, sizeBytes, mtimeUs, raw }) => {
    return { path, size_bytes: sizeBytes, mtime_us: mtimeUs, raw, seen_us: nowUs };
  });
  for (const chunk of inChunks(rows)) {
    await tx
      .insertInto('source_files')
      .values(chunk)
      .onConflict((conflict) =>
        conflict.column('path').doUpdateSet((eb) => ({
          size_bytes: eb.ref('excluded.size_bytes'),
          mtime_us: eb.ref('excluded.mtime_us'),
          raw: eb.ref('excluded.raw'),
          seen_us: eb.ref('excluded.seen_us'),
        })),
      )
      .execute();
  }
}
