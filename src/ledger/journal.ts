import { canonicalJson, type Json } from '../base/canonical-json.ts';
import type { Digest } from '../base/digest.ts';
import { SluiceError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { jsonObjectSchema } from '../records/json-value.ts';
import type { Run, Stage, Step } from '../records/step.ts';
import type { Db, LedgerContext, RunRow, StepRow, Tx } from './catalog/catalog-schema.ts';
import { endStep, finishStep, insertOutputs, requireRunning } from './finish-step.ts';
import { inChunks } from './catalog/kysely-over-tables.ts';
import type { Journal, Lease, RunDraft, StepDraft } from './ledger.ts';
import { requireLease } from './leases.ts';

/** Yields the journal of a catalog. */
export function openJournal(context: LedgerContext): Journal {
  const { db } = context;
  const transaction = <Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> =>
    db.transaction().execute(work);
  return {
    startRun: (draft) => transaction((tx) => startRun(tx, context, draft)),
    endRun: (id, state) => transaction((tx) => endRun(tx, id, { state, ended_us: context.clock.nowUs() })),
    runs: (query) => findRuns(db, query),
    run: (idOrPrefix) => getRun(db, idOrPrefix),
    steps: async (runId) => readSteps(db, await stepsOf(db, runId)),
    findReusable: (key) => findReusable(db, key),
    missingBlobs: (step) => missingBlobs(context, step),
    latestStep: (query) => latestStep(db, query),
    beginStep: (draft) => transaction((tx) => beginStep(tx, context, draft)),
    finishStep: (finish) => finishStep(context, finish),
    failStep: ({ step, lease, error }) =>
      transaction(async (tx) => {
        await requireRunning(tx, step, lease);
        const endedUs = context.clock.nowUs();
        await endStep(tx, step.id, { state: 'failed', error: canonicalJson(error), ended_us: endedUs });
        return { ...step, state: 'failed', error, endedUs };
      }),
    reuseStep: (draft) => transaction((tx) => reuseStep(tx, context, draft)),
    abandonRunning: (lease) => transaction((tx) => abandonRunning(tx, lease, context.clock.nowUs())),
  };
}

async function startRun(tx: Tx, context: LedgerContext, draft: RunDraft): Promise<Run> {
  await requireLease(tx, draft.lease);
  const row: RunRow = {
    id: newId('run', context.clock),
    loop: draft.loop,
    state: 'running',
    config: canonicalJson(draft.config),
    lease: draft.lease.name,
    epoch: draft.lease.epoch,
    actor: context.actor,
    started_us: context.clock.nowUs(),
    ended_us: null,
  };
  await tx.insertInto('runs').values(row).execute();
  return toRun(row);
}

async function endRun(tx: Tx, id: string, end: Pick<RunRow, 'state' | 'ended_us'>): Promise<Run> {
  await tx.updateTable('runs').set(end).where('id', '=', id).where('state', '=', 'running').execute();
  const row = await tx.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw new SluiceError('LEDGER_RUN_MISSING', { id });
  return toRun(row);
}

async function findRuns(
  db: Db,
  { loop, limit = 100 }: { readonly loop?: string; readonly limit?: number } = {},
): Promise<readonly Run[]> {
  let query = db.selectFrom('runs').selectAll();
  if (loop !== undefined) query = query.where('loop', '=', loop);
  return (await query.orderBy('id', 'desc').limit(limit).execute()).map(toRun);
}

async function getRun(db: Db, asked: string): Promise<Run> {
  if (asked === 'latest') {
    const [latest] = await findRuns(db, { limit: 1 });
    if (latest === undefined) throw new SluiceError('LEDGER_RUN_MISSING', { id: asked });
    return latest;
  }
  const prefix = asked.startsWith('run_') ? asked : `run_${asked}`;
  const query = db.selectFrom('runs').selectAll().where('id', '>=', prefix).where('id', '<', `${prefix}g`);
  const [row, ...others] = await query.orderBy('id').limit(6).execute();
  if (row === undefined) throw new SluiceError('LEDGER_RUN_MISSING', { id: asked });
  if (others.length === 0 || row.id === prefix) return toRun(row);
  const candidates = [row, ...others].map((one) => one.id).join(', ');
  throw new SluiceError('LEDGER_AMBIGUOUS', { prefix: asked, candidates });
}

async function stepsOf(db: Db, runId: string): Promise<readonly StepRow[]> {
  return db.selectFrom('steps').selectAll().where('run_id', '=', runId).orderBy('id').execute();
}

async function findReusable(db: Db, key: Digest): Promise<Step | null> {
  const rows = await db
    .selectFrom('steps')
    .selectAll()
    .where('step_key', '=', key)
    .where('state', '=', 'done')
    .where('id', 'not in', (eb) =>
      eb
        .selectFrom('step_outputs')
        .innerJoin('steps as candidate', 'candidate.id', 'step_outputs.step_id')
        .leftJoin('versions', 'versions.digest', 'step_outputs.version')
        .where('candidate.step_key', '=', key)
        .where('versions.digest', 'is', null)
        .select('step_outputs.step_id'),
    )
    .orderBy('id', 'desc')
    .limit(1)
    .execute();
  const [step] = await readSteps(db, rows);
  return step ?? null;
}

async function missingBlobs({ db, blob }: LedgerContext, step: Step): Promise<readonly Digest[]> {
  const missing: Digest[] = [];
  for (const chunk of inChunks(step.outputs)) {
    const query = db.selectFrom('version_blobs').select('blob').distinct().where('version', 'in', chunk);
    for (const row of await query.orderBy('blob').execute()) {
      if (!(await blob.has(row.blob))) missing.push(row.blob);
    }
  }
  return missing;
}

async function latestStep(
  db: Db,
  { loop, stage, subject }: { readonly loop: string; readonly stage: Stage; readonly subject: string },
): Promise<Step | null> {
  const rows = await db
    .selectFrom('steps')
    .innerJoin('runs', 'runs.id', 'steps.run_id')
    .selectAll('steps')
    .where('runs.loop', '=', loop)
    .where('steps.stage', '=', stage)
    .where('steps.subject', '=', subject)
    .where('steps.state', 'in', ['done', 'reused'])
    .orderBy('steps.id', 'desc')
    .limit(1)
    .execute();
  const [step] = await readSteps(db, rows);
  return step ?? null;
}

function stepRow(context: LedgerContext, draft: StepDraft): StepRow {
  return {
    id: newId('step', context.clock),
    run_id: draft.runId,
    stage: draft.stage,
    subject: draft.subject,
    step_key: draft.key,
    fields: canonicalJson(draft.fields),
    state: 'running',
    lease: draft.lease.name,
    epoch: draft.lease.epoch,
    verdict: null,
    facts: '{}',
    error: null,
    actor: context.actor,
    started_us: context.clock.nowUs(),
    ended_us: null,
  };
}

async function beginStep(tx: Tx, context: LedgerContext, draft: StepDraft): Promise<Step> {
  await requireLease(tx, draft.lease);
  const row = stepRow(context, draft);
  await tx.insertInto('steps').values(row).execute();
  return toStep(row, []);
}

async function reuseStep(
  tx: Tx,
  context: LedgerContext,
  draft: StepDraft & { readonly from: Step },
): Promise<Step> {
  await requireLease(tx, draft.lease);
  const { verdict, facts, outputs } = draft.from;
  const begun = stepRow(context, draft);
  const row = { ...begun, state: 'reused', verdict, facts: canonicalJson(facts), ended_us: begun.started_us };
  await tx.insertInto('steps').values(row).execute();
  await insertOutputs(tx, row.id, outputs);
  return toStep(row, outputs);
}

async function abandonRunning(tx: Tx, lease: Lease, nowUs: number): Promise<readonly Step[]> {
  await requireLease(tx, lease);
  const rows = await tx
    .selectFrom('steps')
    .selectAll()
    .where('state', '=', 'running')
    .where('lease', '=', lease.name)
    .where('epoch', '<', lease.epoch)
    .orderBy('id')
    .execute();
  const end = { state: 'abandoned', ended_us: nowUs };
  for (const { id } of rows) await endStep(tx, id, end);
  await tx
    .updateTable('runs')
    .set({ state: 'interrupted', ended_us: nowUs })
    .where('state', '=', 'running')
    .where('lease', '=', lease.name)
    .where('epoch', '<', lease.epoch)
    .execute();
  return rows.map((row) => toStep({ ...row, ...end }, []));
}

/** Yields rows as steps with their outputs, in the given order. @throws LEDGER_RECORD_CORRUPT */
export async function readSteps(db: Db, rows: readonly StepRow[]): Promise<readonly Step[]> {
  const outputs = new Map<string, Digest[]>(rows.map((row) => [row.id, []]));
  for (const chunk of inChunks([...outputs.keys()])) {
    const query = db.selectFrom('step_outputs').selectAll().where('step_id', 'in', chunk);
    for (const row of await query.orderBy('step_id').orderBy('position').execute()) {
      outputs.get(row.step_id)?.push(row.version);
    }
  }
  return rows.map((row) => toStep(row, outputs.get(row.id) ?? []));
}

function toRun(row: RunRow): Run {
  const { id, loop, actor } = row;
  const state = row.state as Run['state'];
  const config = parseObject(row.config, id);
  return { id, loop, state, startedUs: row.started_us, endedUs: row.ended_us, actor, config };
}

function toStep(row: StepRow, outputs: readonly Digest[]): Step {
  return {
    id: row.id,
    runId: row.run_id,
    stage: row.stage as Stage,
    subject: row.subject,
    key: row.step_key,
    fields: parseTexts(row.fields, row.id),
    state: row.state as Step['state'],
    epoch: row.epoch,
    outputs,
    verdict: row.verdict as Step['verdict'],
    facts: parseObject(row.facts, row.id),
    error: row.error === null ? null : parseError(row.error, row.id),
    startedUs: row.started_us,
    endedUs: row.ended_us,
    actor: row.actor,
  };
}

function parseError(text: string, id: string): NonNullable<Step['error']> {
  const { code = '', message = '' } = parseTexts(text, id);
  return { code, message };
}

function parseTexts(text: string, id: string): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(parseObject(text, id))) {
    if (typeof value !== 'string') throw corrupt(id, `${name} is no text`);
    texts[name] = value;
  }
  return texts;
}

function parseObject(text: string, id: string): Readonly<Record<string, Json>> {
  try {
    return jsonObjectSchema.parse(JSON.parse(text));
  } catch (error) {
    throw corrupt(id, String(error));
  }
}

function corrupt(record: string, reason: string): SluiceError {
  return new SluiceError('LEDGER_RECORD_CORRUPT', { record, reason });
}
