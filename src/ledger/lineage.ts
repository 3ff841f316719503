import { sql } from 'kysely';
import type { Digest } from '../base/digest.ts';
import { SluiceError } from '../base/errors.ts';
import type { VersionContents, VersionDraft, VersionKind } from '../records/version.ts';
import type { Db } from './catalog/catalog-schema.ts';
import type { Edge } from './ledger.ts';

/** Yields the edges to what a version was made from. */
export async function parentEdges(db: Db, digest: Digest): Promise<readonly Edge[]> {
  return edgesAt(db, digest, 'child');
}

/** Yields the edges from what was made of a version. */
export async function childEdges(db: Db, digest: Digest): Promise<readonly Edge[]> {
  return edgesAt(db, digest, 'parent');
}

async function edgesAt(db: Db, digest: Digest, near: 'child' | 'parent'): Promise<readonly Edge[]> {
  const rows = db
    .selectFrom('edges')
    .innerJoin('versions as child', 'child.digest', 'edges.child')
    .innerJoin('versions as parent', 'parent.digest', 'edges.parent')
    .where(`edges.${near}`, '=', digest)
    .select(columns);
  return toEdges(
    await rows.orderBy('child.sequence').orderBy('parent.sequence').orderBy('edges.role').execute(),
  );
}

/** Yields every edge on a way from the version back to its origins, each once, oldest first. */
export async function ancestorEdges(db: Db, digest: Digest): Promise<readonly Edge[]> {
  return reachableEdges(db, digest, { near: 'child', far: 'parent' });
}

/** Yields every edge on a way from the version to what rests on it, each once, oldest first. */
export async function descendantEdges(db: Db, digest: Digest): Promise<readonly Edge[]> {
  return reachableEdges(db, digest, { near: 'parent', far: 'child' });
}

interface Direction {
  /** The end of an edge at which a walk enters it. */
  readonly near: 'child' | 'parent';
  readonly far: 'child' | 'parent';
}

async function reachableEdges(db: Db, digest: Digest, { near, far }: Direction): Promise<readonly Edge[]> {
  // PostgreSQL does not guess the type of a bare parameter.
  const start = sql<Digest>`cast(${digest} as text)`.as('digest');
  const reached = db.withRecursive('reached(digest)', (qb) =>
    qb.selectNoFrom(start).union(
      qb
        .selectFrom('edges')
        .innerJoin('reached', 'reached.digest', `edges.${near}`)
        .select(sql.ref<Digest>(`edges.${far}`).as('digest')),
    ),
  );
  const rows = reached
    .selectFrom('edges')
    .innerJoin('reached', 'reached.digest', `edges.${near}`)
    .innerJoin('versions as child', 'child.digest', 'edges.child')
    .innerJoin('versions as parent', 'parent.digest', 'edges.parent')
    .select(columns);
  return toEdges(
    await rows.orderBy('child.sequence').orderBy('parent.sequence').orderBy('edges.role').execute(),
  );
}

const columns = [
  'edges.child as child',
  'child.kind as childKind',
  'edges.parent as parent',
  'parent.kind as parentKind',
  'edges.role as role',
] as const;

interface EdgeAnswer {
  readonly child: string;
  readonly childKind: string;
  readonly parent: string;
  readonly parentKind: string;
  readonly role: string;
}

function toEdges(rows: readonly EdgeAnswer[]): readonly Edge[] {
  return rows.map((row) => ({
    ...row,
    childKind: row.childKind as VersionKind,
    parentKind: row.parentKind as VersionKind,
  }));
}

/** What the content of each kind refers to: versions that must be parents, and blobs that garbage collection must keep. */
const references: {
  readonly [Kind in VersionKind]: (content: VersionContents[Kind]) => {
    readonly parents?: Readonly<Record<string, Digest | null>>;
    readonly blobs?: Readonly<Record<string, Digest | null | undefined>>;
  };
} = {
  batch: ({ raw }) => ({ blobs: { raw } }),
  validation: ({ processed, quarantine }) => ({
    blobs: { processed: processed?.digest, quarantine: quarantine?.digest },
  }),
  dataset: ({ batches }) => ({
    blobs: Object.fromEntries(batches.map(({ processed }, i) => [`batches[${i}]`, processed.digest])),
  }),
  trainingSet: ({ dataset, train, validation, evaluation }) => ({
    parents: { dataset },
    blobs: {
      train: train.table.digest,
      validation: validation.table.digest,
      evaluation: evaluation.table.digest,
    },
  }),
  model: ({ trainingSet, model }) => ({ parents: { trainingSet }, blobs: { model } }),
  evaluation: ({ model, trainingSet, champion, scores }) => ({
    parents: { model, trainingSet, champion },
    blobs: { scores },
  }),
  decision: ({ model, evidence }) => ({ parents: { model, evidence } }),
};

/**
 * Refuses a draft whose content names a version that is no parent of it, or bytes that it does not hold on to: lineage
 * and garbage collection see edges and references only.
 *
 * @throws LEDGER_LINEAGE_GAP
 */
export function refuseGaps({ kind, content, parents, blobs }: VersionDraft): void {
  const named = (
    references[kind] as (content: VersionDraft['content']) => ReturnType<typeof references.model>
  )(content);
  const refuse = (field: string, digest: Digest, as: string): never => {
    throw new SluiceError('LEDGER_LINEAGE_GAP', { kind, field, digest, as });
  };
  for (const [field, digest] of Object.entries(named.parents ?? {})) {
    if (digest !== null && !parents.some((parent) => parent.digest === digest))
      refuse(field, digest, 'parent');
  }
  const held = new Set(blobs);
  for (const [field, digest] of Object.entries(named.blobs ?? {})) {
    if (digest !== null && digest !== undefined && !held.has(digest)) refuse(field, digest, 'blob');
  }
}
