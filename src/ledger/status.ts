import { sql } from 'kysely';
import type { Digest } from '../base/digest.ts';
import type { Stage, Step } from '../records/step.ts';
import { versionSchemas, type Version, type VersionKind } from '../records/version.ts';
import { currentAlias, toAliasEvent } from './aliases.ts';
import type { Db, LedgerContext, VersionRow } from './catalog/catalog-schema.ts';
import { readSteps } from './journal.ts';
import { inChunks } from './catalog/kysely-over-tables.ts';
import type { Impact, Ledger, LoopStatus } from './ledger.ts';
import { descendantEdges } from './lineage.ts';
import { catalogVersion } from './catalog/migrations.ts';
import { getVersion, readVersions, rowsOfPrefix, uniqueRow } from './versions.ts';

/** The order in which a loop's stages are told. */
const stageOrder: readonly Stage[] = [
  'ingest',
  'validate',
  'featurize',
  'train',
  'evaluate',
  'register',
  'deploy',
  'shadow',
  'experiment',
  'monitor',
  'feedback',
];

/** Yields where a loop stands: see `Ledger.status`. */
export async function loopStatus(
  { db }: LedgerContext,
  ledger: Pick<Ledger, 'journal' | 'leases'>,
  loop: string,
): Promise<LoopStatus> {
  const [lastRun = null] = await ledger.journal.runs({ loop, limit: 1 });
  const leases = await ledger.leases.list();
  return {
    loop,
    catalogVersion: await catalogVersion(db),
    stages: await newestSteps(db, loop),
    champion: await currentAlias(db, loop, 'champion'),
    candidate: await currentAlias(db, loop, 'candidate'),
    lastRun,
    lastRunSteps: lastRun === null ? [] : await ledger.journal.steps(lastRun.id),
    leases: leases.filter((lease) => lease.holder !== null),
    versionCounts: await countVersions(db),
  };
}

async function newestSteps(
  db: Db,
  loop: string,
): Promise<readonly { readonly step: Step; readonly versions: readonly Version[] }[]> {
  const newest = db
    .selectFrom('steps')
    .innerJoin('runs', 'runs.id', 'steps.run_id')
    .where('runs.loop', '=', loop)
    .where('steps.state', 'in', ['done', 'reused'])
    .groupBy('steps.stage')
    .select((eb) => eb.fn.max('steps.id').as('id'));
  const steps = await readSteps(
    db,
    await db.selectFrom('steps').selectAll().where('id', 'in', newest).execute(),
  );
  const inOrder = [...steps].sort((a, b) => stageOrder.indexOf(a.stage) - stageOrder.indexOf(b.stage));
  return Promise.all(inOrder.map(async (step) => ({ step, versions: await readVersions(db, step.outputs) })));
}

async function countVersions(db: Db): Promise<Readonly<Record<VersionKind, number>>> {
  const rows = await db
    .selectFrom('versions')
    .groupBy('kind')
    .select(['kind', (eb) => eb.fn.countAll<number>().as('count')])
    .execute();
  const counts = Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
  const kinds = Object.keys(versionSchemas) as VersionKind[];
  return Object.fromEntries(kinds.map((kind) => [kind, counts[kind] ?? 0])) as Record<VersionKind, number>;
}

/** Yields everything that rests on a batch: see `Ledger.impact`. */
export async function batchImpact(db: Db, asked: string): Promise<Impact> {
  const batch = await findBatch(db, asked);
  const edges = await descendantEdges(db, batch.digest);
  const versions = await readVersions(db, [...new Set(edges.map((edge) => edge.child))]);
  const of = <Kind extends VersionKind>(kind: Kind): readonly Version<Kind>[] =>
    versions.filter((version): version is Version<Kind> => version.kind === kind);
  const models = of('model');
  return {
    batch,
    validations: of('validation'),
    datasets: of('dataset'),
    trainingSets: of('trainingSet'),
    models,
    evaluations: of('evaluation'),
    decisions: of('decision'),
    aliasEvents: await aliasEventsOf(
      db,
      models.map((model) => model.digest),
    ),
  };
}

async function findBatch(db: Db, asked: string): Promise<Version<'batch'>> {
  const found = new Map<Digest, VersionRow>();
  for (const row of await rowsOfPrefix(db, asked, 'batch')) found.set(row.digest, row);
  const batches = db
    .selectFrom('versions')
    .innerJoin('version_blobs', 'version_blobs.version', 'versions.digest')
    .selectAll('versions')
    .where('versions.kind', '=', 'batch');
  if (/^[0-9a-f]{1,64}$/.test(asked)) {
    const raws = batches.where('blob', '>=', asked).where('blob', '<', `${asked}g`).limit(6);
    for (const row of await raws.execute()) found.set(row.digest, row);
  }
  if (found.size === 0) {
    const raws = db.selectFrom('deliveries').where(nameIs(asked)).select('raw');
    for (const row of await batches.where('blob', 'in', raws).limit(6).execute()) found.set(row.digest, row);
  }
  const row = uniqueRow([...found.values()], asked, 'batch');
  return getVersion(db, row.digest, 'batch');
}

/** A delivery goes by its whole name or by what follows the last slash of it. */
function nameIs(asked: string) {
  const escaped = asked.replaceAll(/[\\%_]/g, (character) => `\\${character}`);
  return sql<boolean>`(name = ${asked} or name like ${`%/${escaped}`} escape ${'\\'})`;
}

async function aliasEventsOf(db: Db, models: readonly Digest[]): Promise<Impact['aliasEvents']> {
  const rows = [];
  for (const chunk of inChunks(models)) {
    rows.push(...(await db.selectFrom('alias_events').selectAll().where('model', 'in', chunk).execute()));
  }
  return rows.map(toAliasEvent).sort((a, b) => a.sequence - b.sequence);
}

/** Yields how many distinct models were evaluated on the rows of one table. */
export async function countEvaluatedModels(db: Db, evaluationTable: Digest): Promise<number> {
  const rows = await db
    .selectFrom('version_blobs')
    .innerJoin('versions', 'versions.digest', 'version_blobs.version')
    .where('blob', '=', evaluationTable)
    .where('kind', '=', 'trainingSet')
    .select('digest')
    .execute();
  const trainingSets = new Set<Digest>();
  for (const { digest } of rows) {
    const { content } = await getVersion(db, digest, 'trainingSet');
    if (content.evaluation.table.digest === evaluationTable) trainingSets.add(digest);
  }
  const models = new Set<Digest>();
  for (const chunk of inChunks([...trainingSets])) {
    const evaluations = await db
      .selectFrom('edges')
      .innerJoin('versions', 'versions.digest', 'edges.child')
      .where('edges.parent', 'in', chunk)
      .where('versions.kind', '=', 'evaluation')
      .select('versions.digest')
      .distinct()
      .execute();
    for (const { digest } of evaluations) {
      models.add((await getVersion(db, digest, 'evaluation')).content.model);
    }
  }
  return models.size;
}
