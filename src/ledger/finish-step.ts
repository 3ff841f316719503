import { canonicalJson } from '../base/canonical-json.ts';
import { digestFields, type Digest } from '../base/digest.ts';
import { SluiceError } from '../base/errors.ts';
import type { Blob } from '../ports/blob.ts';
import type { Step } from '../records/step.ts';
import { versionSchemas, type Version, type VersionDraft } from '../records/version.ts';
import { moveAlias } from './aliases.ts';
import { appendDeliveries } from './arrivals.ts';
import type { LedgerContext, StepRow, Tx } from './catalog/catalog-schema.ts';
import { inChunks } from './catalog/kysely-over-tables.ts';
import type { FinishStep, Lease } from './ledger.ts';
import { requireLease } from './leases.ts';
import { refuseGaps } from './lineage.ts';
import { readVersions } from './versions.ts';

/** Commits everything that a step made, in one transaction: see `Journal.finishStep`. */
export async function finishStep(context: LedgerContext, finish: FinishStep): Promise<readonly Version[]> {
  const { step, lease, outcome } = finish;
  const { db, blob, clock, actor } = context;
  const drafts = outcome.versions.map(prepare);
  await requireBlobs(
    blob,
    outcome.versions.flatMap((draft) => draft.blobs),
  );
  await db.transaction().execute(async (tx) => {
    const by = { actor, atUs: clock.nowUs() };
    await requireRunning(tx, step, lease);
    await insertVersions(tx, drafts, {
      provenance: canonicalJson(finish.provenance),
      actor,
      at_us: by.atUs,
      step_id: step.id,
    });
    await insertReferences(tx, drafts);
    await insertOutputs(
      tx,
      step.id,
      drafts.map((draft) => draft.digest),
    );
    await appendDeliveries(tx, finish.deliveries ?? [], by);
    for (const move of finish.aliasMoves ?? []) await moveAlias(tx, move, by);
    const end = { state: 'done', verdict: outcome.verdict, facts: canonicalJson(outcome.facts) };
    await endStep(tx, step.id, { ...end, ended_us: by.atUs });
  });
  return readVersions(
    db,
    drafts.map((draft) => draft.digest),
  );
}

/**
 * Proves inside a transaction that the lease is held, that the step ran under it and has not ended.
 *
 * @throws LEDGER_FENCED, LEDGER_STEP_ENDED
 */
export async function requireRunning(tx: Tx, step: Step, lease: Lease): Promise<void> {
  await requireLease(tx, lease);
  const row = await tx.selectFrom('steps').selectAll().where('id', '=', step.id).executeTakeFirst();
  if (row?.state !== 'running') {
    throw new SluiceError('LEDGER_STEP_ENDED', { step: step.id, state: row?.state ?? 'unknown' });
  }
  if (row.lease === lease.name && row.epoch === lease.epoch) return;
  const now = `the step began under ${row.lease}, epoch ${row.epoch}`;
  throw new SluiceError('LEDGER_FENCED', { lease: lease.name, epoch: lease.epoch, now });
}

/** Writes the end of a step. */
export async function endStep(tx: Tx, id: string, end: Partial<StepRow>): Promise<void> {
  await tx.updateTable('steps').set(end).where('id', '=', id).execute();
}

/** Writes what a step made or found, in order. */
export async function insertOutputs(tx: Tx, stepId: string, outputs: readonly Digest[]): Promise<void> {
  const rows = outputs.map((version, position) => ({ step_id: stepId, position, version }));
  for (const chunk of inChunks(rows)) await tx.insertInto('step_outputs').values(chunk).execute();
}

interface Prepared {
  readonly digest: Digest;
  readonly draft: VersionDraft;
  /** Canonical JSON of the content: what is stored is what was hashed. */
  readonly content: string;
}

function prepare(draft: VersionDraft): Prepared {
  const parsed = versionSchemas[draft.kind].safeParse(draft.content);
  if (!parsed.success) {
    throw new SluiceError('LEDGER_DRAFT_INVALID', { kind: draft.kind, reason: parsed.error.message });
  }
  refuseGaps(draft);
  const content = canonicalJson(draft.content);
  return { digest: digestFields([draft.kind, content]), draft, content };
}

/** Bytes are stored before a version may refer to them; asking before the transaction keeps the write lock short. */
async function requireBlobs(blob: Blob, digests: readonly Digest[]): Promise<void> {
  for (const digest of new Set(digests)) {
    if (!(await blob.has(digest))) throw new SluiceError('BLOB_MISSING', { digest });
  }
}

interface Making {
  readonly provenance: string;
  readonly actor: string;
  readonly at_us: number;
  readonly step_id: string;
}

/** A version that is there already stays as it was first made: its digest says that the content is the same. */
async function insertVersions(tx: Tx, drafts: readonly Prepared[], making: Making): Promise<void> {
  const last = await tx
    .selectFrom('versions')
    .select((eb) => eb.fn.max('sequence').as('sequence'))
    .executeTakeFirst();
  const start = (last?.sequence ?? 0) + 1;
  const rows = drafts.map(({ digest, draft, content }, position) => {
    return { digest, sequence: start + position, kind: draft.kind, content, ...making };
  });
  for (const chunk of inChunks(rows)) {
    await tx
      .insertInto('versions')
      .values(chunk)
      .onConflict((conflict) => conflict.column('digest').doNothing())
      .execute();
  }
}

async function insertReferences(tx: Tx, drafts: readonly Prepared[]): Promise<void> {
  const edges = drafts.flatMap(({ digest: child, draft }) =>
    draft.parents.map(({ digest: parent, role }) => ({ child, parent, role })),
  );
  await requireVersions(
    tx,
    edges.map((edge) => edge.parent),
  );
  for (const chunk of inChunks(edges)) {
    await tx
      .insertInto('edges')
      .values(chunk)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  const blobs = drafts.flatMap(({ digest: version, draft }) =>
    draft.blobs.map((blob) => ({ version, blob })),
  );
  for (const chunk of inChunks(blobs)) {
    await tx
      .insertInto('version_blobs')
      .values(chunk)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

async function requireVersions(tx: Tx, digests: readonly Digest[]): Promise<void> {
  const missing = new Set(digests);
  for (const chunk of inChunks([...missing])) {
    const rows = await tx.selectFrom('versions').select('digest').where('digest', 'in', chunk).execute();
    for (const { digest } of rows) missing.delete(digest);
  }
  for (const digest of missing) throw new SluiceError('LEDGER_VERSION_MISSING', { kind: 'parent', digest });
}
