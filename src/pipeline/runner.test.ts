import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { openPipelineWorld, type PipelineWorld } from '../../test/fixtures/pipeline-world.ts';
import { isSluiceError, SluiceError } from '../base/errors.ts';
import type { StepContext } from '../ledger/step-context.ts';
import type { Stage } from '../records/step.ts';
import type { Version, VersionDraft } from '../records/version.ts';
import { defineLoop } from './define/define-loop.ts';
import { defineSource } from './define/define-source.ts';
import { compileLoop } from './load-config.ts';
import { runLoop, type RunEvent, type RunOptions, type RunResult } from './runner.ts';
import type { PlannedOutcome, StagePart, StepPlans } from './step-plan.ts';

const source = defineSource({
  name: 'orders',
  files: 'orders.csv',
  eventTime: 'at',
  schema: z.object({ at: z.date(), token: z.string(), late: z.boolean() }),
});
const loop = compileLoop(
  defineLoop({
    name: 'orders',
    source,
    features: { token: source.columns.token },
    label: { value: source.columns.late },
    train: { trainer: 'command', params: { apiKey: 'secret-value' } },
    evaluate: { gates: [] },
  }),
);

/** One step of a fake stage: a batch with the bytes of its text. */
interface FakeStep {
  readonly subject: string;
  readonly text?: string;
  readonly execute?: (context: StepContext) => Promise<void> | void;
}

/** Yields a stage whose steps make a batch each, and the list of those that really ran. */
function fakePart(stage: Stage, steps: readonly FakeStep[]): { part: StagePart; ran: string[] } {
  const ran: string[] = [];
  const plan = async function* plan(): StepPlans {
    for (const { subject, text = subject, execute } of steps) {
      yield {
        stage,
        subject,
        fields: { stage, text },
        execute: async (context) => {
          ran.push(subject);
          await execute?.(context);
          return outcomeOf(context, text);
        },
      };
    }
  };
  return { ran, part: { stage, version: '1', plan, recall: () => Promise.resolve([]) } };
}

async function outcomeOf({ blob }: StepContext, text: string): Promise<PlannedOutcome> {
  const { digest, sizeBytes } = await blob.put(new TextEncoder().encode(text));
  const content: Version<'batch'>['content'] = {
    schemaVersion: 1,
    source: 'orders',
    raw: digest,
    sizeBytes,
    name: text,
    format: 'csv',
    declaredAtUs: null,
  };
  const draft: VersionDraft = { kind: 'batch', content, parents: [], blobs: [digest] };
  return { versions: [draft], verdict: null, facts: { text } };
}

type Running = Partial<RunOptions> & { readonly parts: readonly StagePart[] };

function run(world: PipelineWorld, options: Running): Promise<RunResult> {
  const signal = new AbortController().signal;
  return runLoop({ loop, surroundings: world, provenance: {}, signal, ...options });
}

async function inWorld(work: (world: PipelineWorld) => Promise<void>): Promise<void> {
  const world = await openPipelineWorld();
  try {
    await work(world);
  } finally {
    await world.close();
  }
}

const failure = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => assert.fail('it did not fail'),
    (error: unknown) => error,
  );

test('a run commits each step, and a second one reuses them all', () =>
  inWorld(async (world) => {
    const events: string[] = [];
    const onEvent = (event: RunEvent): void => void events.push(event.kind);
    const { part, ran } = fakePart('ingest', [{ subject: 'a' }, { subject: 'b' }]);
    const first = await run(world, { parts: [part], onEvent });
    assert.deepEqual(
      [first.run.state, first.steps.map((step) => step.state), ran],
      ['done', ['done', 'done'], ['a', 'b']],
    );
    assert.deepEqual(events, ['stage', 'step', 'step']);
    const second = await run(world, { parts: [part] });
    assert.deepEqual(
      [second.steps.map((step) => step.state), ran],
      [
        ['reused', 'reused'],
        ['a', 'b'],
      ],
    );
    assert.deepEqual(
      second.versions.get('ingest')?.map((one) => one.digest),
      first.versions.get('ingest')?.map((one) => one.digest),
    );
    assert.equal((await world.ledger.leases.current('loop:orders'))?.holder, null);
  }));

test('a step whose bytes are gone runs again', () =>
  inWorld(async (world) => {
    const { part, ran } = fakePart('ingest', [{ subject: 'a' }]);
    const { versions } = await run(world, { parts: [part] });
    for (const digest of versions.get('ingest')?.[0]?.blobs ?? []) await world.blob.remove(digest);
    const again = await run(world, { parts: [part] });
    assert.deepEqual([again.steps[0]?.state, ran], ['done', ['a', 'a']]);
  }));

test('stages that are not asked for are recalled', () =>
  inWorld(async (world) => {
    const ingest = fakePart('ingest', [{ subject: 'a' }]);
    const train = fakePart('train', [{ subject: '' }]);
    const { versions } = await run(world, { parts: [ingest.part] });
    const recalled = { ...ingest.part, recall: () => Promise.resolve(versions.get('ingest') ?? []) };
    const result = await run(world, { parts: [recalled, train.part], stages: ['train'] });
    assert.deepEqual([ingest.ran, train.ran, result.steps.length], [['a'], [''], 1]);
    assert.deepEqual(result.versions.get('ingest'), versions.get('ingest'));
  }));

test('a step that fails is on record with its error, keeps what came before, and is tried again', () =>
  inWorld(async (world) => {
    let isBroken = true;
    const execute = (): void => {
      if (isBroken) throw new SluiceError('INGEST_FORBIDDEN', { name: 'b', reason: 'no' });
    };
    const { part, ran } = fakePart('ingest', [{ subject: 'a' }, { subject: 'b', execute }, { subject: 'c' }]);
    const events: RunEvent[] = [];
    const error = await failure(run(world, { parts: [part], onEvent: (event) => void events.push(event) }));
    assert.ok(isSluiceError(error, 'INGEST_FORBIDDEN'));
    assert.deepEqual(events.at(-1), { kind: 'stopped', stage: 'ingest' });
    const [failed] = await world.ledger.journal.runs();
    assert.equal(failed?.state, 'failed');
    const steps = await world.ledger.journal.steps(failed?.id ?? '');
    assert.deepEqual(
      steps.map((step) => [step.subject, step.state, step.error?.code]),
      [
        ['a', 'done', undefined],
        ['b', 'failed', 'INGEST_FORBIDDEN'],
      ],
    );
    isBroken = false;
    await run(world, { parts: [part] });
    assert.deepEqual(ran, ['a', 'b', 'b', 'c']);
  }));

test('an error that is none of ours is recorded as a bug and comes out as it was', () =>
  inWorld(async (world) => {
    const boom = new RangeError('boom');
    const execute = (): never => {
      throw boom;
    };
    const { part } = fakePart('train', [{ subject: '', execute }]);
    assert.equal(await failure(run(world, { parts: [part] })), boom);
    const [step] = await world.ledger.journal.steps((await world.ledger.journal.run('latest')).id);
    assert.deepEqual(step?.error, { code: 'BUG', message: 'boom' });
  }));

test('an outcome that the ledger refuses fails the step', () =>
  inWorld(async (world) => {
    const part: StagePart = {
      stage: 'train',
      version: '1',
      plan: async function* plan(): StepPlans {
        const draft = { kind: 'batch', content: { nothing: 1 }, parents: [], blobs: [] } as never;
        const outcome = { versions: [draft], verdict: null, facts: {} };
        yield { stage: 'train', subject: '', fields: {}, execute: () => Promise.resolve(outcome) };
      },
      recall: () => Promise.resolve([]),
    };
    assert.ok(isSluiceError(await failure(run(world, { parts: [part] })), 'LEDGER_DRAFT_INVALID'));
    const [step] = await world.ledger.journal.steps((await world.ledger.journal.run('latest')).id);
    assert.equal(step?.state, 'failed');
  }));

test('an interrupt during a step ends the run as interrupted, and nothing of the step is kept', () =>
  inWorld(async (world) => {
    const stop = new AbortController();
    const execute = (context: StepContext): void => {
      stop.abort();
      context.signal.throwIfAborted();
    };
    const { part } = fakePart('train', [{ subject: 'x', execute }, { subject: 'y' }]);
    const error = await failure(run(world, { parts: [part], signal: stop.signal }));
    assert.ok(isSluiceError(error, 'PIPELINE_INTERRUPTED'));
    const latest = await world.ledger.journal.run('latest');
    const steps = await world.ledger.journal.steps(latest.id);
    assert.deepEqual(
      [latest.state, steps.map((step) => step.error?.code)],
      ['interrupted', ['PIPELINE_INTERRUPTED']],
    );
    assert.deepEqual(await world.ledger.versions.find({ kind: 'batch' }), []);
    assert.equal((await world.ledger.leases.current('loop:orders'))?.holder, null);
  }));

test('an interrupt between steps keeps the finished one', () =>
  inWorld(async (world) => {
    const stop = new AbortController();
    const { part, ran } = fakePart('ingest', [{ subject: 'a' }, { subject: 'b' }]);
    const onEvent = (event: RunEvent): void => {
      if (event.kind === 'step') stop.abort();
    };
    const error = await failure(run(world, { parts: [part], signal: stop.signal, onEvent }));
    assert.ok(isSluiceError(error, 'PIPELINE_INTERRUPTED'));
    assert.deepEqual([ran, (await world.ledger.versions.find({ kind: 'batch' })).length], [['a'], 1]);
  }));

test('a run that lost its lease commits nothing and says who holds it', () =>
  inWorld(async (world) => {
    const { leases } = world.ledger;
    const execute = async (): Promise<void> => {
      const seen = await leases.current('loop:orders');
      assert.ok(seen);
      await leases.takeOver(seen, '7@elsewhere', 15_000);
    };
    const { part } = fakePart('ingest', [{ subject: 'a', execute }, { subject: 'b' }]);
    const error = await failure(run(world, { parts: [part] }));
    assert.ok(isSluiceError(error, 'LEDGER_FENCED'), String(error));
    assert.match(error.message, /7@elsewhere/);
    assert.deepEqual(await world.ledger.versions.find({ kind: 'batch' }), []);
    assert.equal((await leases.current('loop:orders'))?.holder, '7@elsewhere');
  }));

test('a second run is told who holds the lease', () =>
  inWorld(async (world) => {
    const other = await openPipelineWorld(world);
    const inner = fakePart('ingest', [{ subject: 'b' }]);
    let error: unknown;
    const execute = async (): Promise<void> => {
      error = await failure(run(other, { parts: [inner.part] }));
    };
    await run(world, { parts: [fakePart('ingest', [{ subject: 'a', execute }]).part] });
    await other.close();
    assert.ok(isSluiceError(error, 'LEDGER_LEASE_HELD'));
    assert.match(error.message, new RegExp(`held by ${process.pid}@`));
    assert.deepEqual(inner.ran, []);
  }));

test('steps of a killed run are abandoned by the next one', () =>
  inWorld(async (world) => {
    const { journal, leases } = world.ledger;
    const lease = await leases.acquire('loop:orders', '999999999@gone', 1);
    const killed = await journal.startRun({ loop: 'orders', config: {}, lease });
    await journal.beginStep({ runId: killed.id, stage: 'train', subject: '', key: 'k', fields: {}, lease });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await run(world, { parts: [fakePart('ingest', [{ subject: 'a' }]).part] });
    assert.equal((await journal.run(killed.id)).state, 'interrupted');
    assert.equal((await journal.steps(killed.id))[0]?.state, 'abandoned');
  }));

test("what is wrong in the config is told before the first step, by the part's own check", () =>
  inWorld(async (world) => {
    const ingest = fakePart('ingest', [{ subject: 'a' }]);
    const check = (): Promise<void> =>
      Promise.reject(new SluiceError('TRAIN_UNKNOWN_TRAINER', { trainer: 'x', known: 'trees' }));
    const train = { ...fakePart('train', []).part, check };
    const error = await failure(run(world, { parts: [ingest.part, train] }));
    assert.ok(isSluiceError(error, 'TRAIN_UNKNOWN_TRAINER'));
    assert.deepEqual([ingest.ran, await world.ledger.journal.runs()], [[], []]);
    await run(world, { parts: [ingest.part, train], stages: ['ingest'] });
  }));

test("the run's record holds the config with its secrets taken out", () =>
  inWorld(async (world) => {
    const { run: made } = await run(world, { parts: [] });
    const text = JSON.stringify(made.config);
    assert.doesNotMatch(text, /secret-value/);
    assert.match(text, /"apiKey":"\[redacted\]"/);
  }));
