import { digestFields, type Digest } from '../base/digest.ts';
import { SluiceError } from '../base/errors.ts';
import {
  provenanceSchema,
  versionSchemas,
  type Parent,
  type Provenance,
  type Version,
  type VersionContents,
  type VersionKind,
} from '../records/version.ts';
import type { Db, LedgerContext, VersionRow } from './catalog/catalog-schema.ts';
import { inChunks } from './catalog/kysely-over-tables.ts';
import type { FindVersions, Versions } from './ledger.ts';
import { ancestorEdges, childEdges, descendantEdges, parentEdges } from './lineage.ts';

/** Yields the reading side of versions. */
export function openVersions({ db }: LedgerContext): Versions {
  return {
    get: (digestOrPrefix, kind) => getVersion(db, digestOrPrefix, kind),
    find: (query) => findVersions(db, query),
    parents: (digest) => parentEdges(db, digest),
    children: (digest) => childEdges(db, digest),
    ancestors: (digest) => ancestorEdges(db, digest),
    descendants: (digest) => descendantEdges(db, digest),
  };
}

/** Yields the one version whose digest starts with the given digits. @throws LEDGER_VERSION_MISSING, LEDGER_AMBIGUOUS */
export async function getVersion<Kind extends VersionKind = VersionKind>(
  db: Db,
  prefix: string,
  kind?: Kind,
): Promise<Version<Kind>> {
  const row = uniqueRow(await rowsOfPrefix(db, prefix, kind), prefix, kind);
  const [version] = await readRows<Kind>(db, [row]);
  if (version === undefined) throw missing(kind, prefix);
  return version;
}

/** How many candidates an ambiguous prefix names at most. */
const candidatesShown = 6;

/** Yields rows whose digest starts with hex digits, oldest first; none when the prefix is no hex. */
export async function rowsOfPrefix(
  db: Db,
  prefix: string,
  kind: VersionKind | undefined,
): Promise<readonly VersionRow[]> {
  if (!/^[0-9a-f]{1,64}$/.test(prefix)) return [];
  let query = db.selectFrom('versions').selectAll().where('digest', '>=', prefix);
  // 'g' comes after every hex digit.
  query = query.where('digest', '<', `${prefix}g`);
  if (kind !== undefined) query = query.where('kind', '=', kind);
  return query.orderBy('sequence').limit(candidatesShown).execute();
}

/** Yields the only row. @throws LEDGER_VERSION_MISSING when there is none, LEDGER_AMBIGUOUS when there are several */
export function uniqueRow(
  rows: readonly VersionRow[],
  asked: string,
  kind: VersionKind | undefined,
): VersionRow {
  const [row, second] = rows;
  if (row === undefined) throw missing(kind, asked);
  if (second === undefined) return row;
  const candidates = rows.map((one) => `${one.kind} ${one.digest}`).join(', ');
  throw new SluiceError('LEDGER_AMBIGUOUS', { prefix: asked, candidates });
}

async function findVersions<Kind extends VersionKind>(
  db: Db,
  { kind, limit = 100, loop }: FindVersions<Kind>,
): Promise<readonly Version<Kind>[]> {
  let query = db.selectFrom('versions').selectAll('versions').where('kind', '=', kind);
  if (loop !== undefined) {
    query = query.where('digest', 'in', (eb) =>
      eb
        .selectFrom('step_outputs')
        .innerJoin('steps', 'steps.id', 'step_outputs.step_id')
        .innerJoin('runs', 'runs.id', 'steps.run_id')
        .where('runs.loop', '=', loop)
        .select('step_outputs.version'),
    );
  }
  return readRows<Kind>(db, await query.orderBy('sequence', 'desc').limit(limit).execute());
}

/** Yields the versions of digests that are known to exist, in the given order. @throws LEDGER_VERSION_MISSING, LEDGER_RECORD_CORRUPT */
export async function readVersions(db: Db, digests: readonly Digest[]): Promise<readonly Version[]> {
  const byDigest = new Map<Digest, VersionRow>();
  for (const chunk of inChunks([...new Set(digests)])) {
    const rows = await db.selectFrom('versions').selectAll().where('digest', 'in', chunk).execute();
    for (const row of rows) byDigest.set(row.digest, row);
  }
  return readRows(
    db,
    digests.map((digest) => {
      const row = byDigest.get(digest);
      if (row === undefined) throw missing(undefined, digest);
      return row;
    }),
  );
}

/** Yields rows as versions with parents and blobs, every record checked. @throws LEDGER_RECORD_CORRUPT */
export async function readRows<Kind extends VersionKind>(
  db: Db,
  rows: readonly VersionRow[],
): Promise<readonly Version<Kind>[]> {
  const parents = new Map<Digest, Parent[]>();
  const blobs = new Map<Digest, Digest[]>();
  for (const chunk of inChunks(rows.map((row) => row.digest))) {
    const edges = db.selectFrom('edges').selectAll().where('child', 'in', chunk);
    for (const { child, parent, role } of await edges.orderBy('role').orderBy('parent').execute()) {
      append(parents, child, { digest: parent, role });
    }
    const references = db.selectFrom('version_blobs').selectAll().where('version', 'in', chunk);
    for (const { version, blob } of await references.orderBy('blob').execute()) append(blobs, version, blob);
  }
  return rows.map((row) => ({
    digest: row.digest,
    kind: row.kind as Kind,
    content: parseContent(row) as VersionContents[Kind],
    parents: parents.get(row.digest) ?? [],
    blobs: blobs.get(row.digest) ?? [],
    actor: row.actor,
    atUs: row.at_us,
    stepId: row.step_id,
    provenance: parseProvenance(row),
  }));
}

/** Yields the content of a row after checking its kind, its digest and its schema. @throws LEDGER_RECORD_CORRUPT */
export function parseContent(row: VersionRow): VersionContents[VersionKind] {
  if (!isVersionKind(row.kind)) throw corrupt(row, `its kind is ${row.kind}`);
  const actual = digestFields([row.kind, row.content]);
  if (actual !== row.digest) throw corrupt(row, `its content hashes to ${actual}`);
  const parsed = versionSchemas[row.kind].safeParse(parseJson(row, row.content));
  if (!parsed.success) throw corrupt(row, parsed.error.message);
  return parsed.data;
}

/** True for the name of a kind of version. */
export function isVersionKind(name: string): name is VersionKind {
  return Object.hasOwn(versionSchemas, name);
}

function parseProvenance(row: VersionRow): Provenance {
  const parsed = provenanceSchema.safeParse(parseJson(row, row.provenance));
  if (!parsed.success) throw corrupt(row, parsed.error.message);
  return parsed.data;
}

function parseJson(row: VersionRow, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw corrupt(row, String(error));
  }
}

function corrupt(row: VersionRow, reason: string): SluiceError {
  return new SluiceError('LEDGER_RECORD_CORRUPT', { record: `${row.kind} ${row.digest}`, reason });
}

function append<Item>(map: Map<Digest, Item[]>, key: Digest, item: Item): void {
  const items = map.get(key);
  if (items === undefined) map.set(key, [item]);
  else items.push(item);
}

function missing(kind: VersionKind | undefined, digest: string): SluiceError {
  return new SluiceError('LEDGER_VERSION_MISSING', { kind: kind ?? 'such', digest });
}
