import { isSluiceError, SluiceError } from '../base/errors.ts';
import type { Json } from '../base/canonical-json.ts';
import type { Lease } from '../ledger/ledger.ts';
import type { StepContext } from '../ledger/step-context.ts';
import type { Run, Stage, Step } from '../records/step.ts';
import type { Provenance, Version } from '../records/version.ts';
import { keepLease } from './kept-lease.ts';
import { redacted } from './redact.ts';
import { stepKey } from './step-key.ts';
import type { LoopState, PlannedOutcome, StagePart, StepPlan, Surroundings } from './step-plan.ts';
import type { CompiledLoop } from './compiled-loop.ts';

/** What happens during a run, for progress bars and logs. */
export type RunEvent =
  | { readonly kind: 'stage'; readonly stage: Stage }
  /** The stage ended without all of its steps: an error follows. */
  | { readonly kind: 'stopped'; readonly stage: Stage }
  | {
      readonly kind: 'progress';
      readonly stage: Stage;
      readonly subject: string;
      readonly share: number;
      readonly note: string;
    }
  | {
      readonly kind: 'step';
      readonly step: Step;
      readonly versions: readonly Version[];
      readonly elapsedMs: number;
      readonly place: NonNullable<StepPlan['place']> | null;
    };

/** Which part of a loop to run and how. */
export interface RunOptions {
  readonly loop: CompiledLoop;
  readonly surroundings: Surroundings;
  readonly parts: readonly StagePart[];
  /** Stages to run, in the order of `parts`; the others are recalled. All when absent. */
  readonly stages?: readonly Stage[];
  readonly provenance: Provenance;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: RunEvent) => void;
}

/** A finished run with everything its steps made. */
export interface RunResult {
  readonly run: Run;
  readonly steps: readonly Step[];
  readonly versions: ReadonlyMap<Stage, readonly Version[]>;
}

interface Execution {
  readonly options: RunOptions;
  readonly run: Run;
  readonly lease: Lease;
  readonly signal: AbortSignal;
  readonly state: LoopState;
  readonly steps: Step[];
}

/**
 * Runs a loop's stages in order, reusing every step whose key and bytes are already there. Killing the process at any
 * moment leaves only whole steps behind; the next run takes over after them.
 *
 * @throws LEDGER_LEASE_HELD when another process runs this loop; PIPELINE_INTERRUPTED after the signal; what a part's check
 * or a step throws
 */
export async function runLoop(options: RunOptions): Promise<RunResult> {
  const { ledger, holder } = options.surroundings;
  for (const part of options.parts) {
    if (isAsked(options, part)) await part.check?.(options.loop, options.surroundings);
  }
  const kept = await keepLease({ ledger, name: `loop:${options.loop.spec.name}`, holder });
  try {
    const signal = AbortSignal.any([options.signal, kept.lost]);
    await ledger.journal.abandonRunning(kept.lease);
    const run = await ledger.journal.startRun({
      loop: options.loop.spec.name,
      config: configRecord(options.loop),
      lease: kept.lease,
    });
    return await runStages({
      options,
      run,
      lease: kept.lease,
      signal,
      steps: [],
      state: emptyState(options),
    });
  } finally {
    // What the run ended with counts more than a lease that expires by itself.
    await kept.release().catch(() => undefined);
  }
}

const isAsked = ({ stages }: RunOptions, { stage }: StagePart): boolean => stages?.includes(stage) ?? true;

function emptyState({ loop, surroundings }: RunOptions): LoopState {
  return { loop, surroundings, versions: new Map() };
}

function configRecord(loop: CompiledLoop): Readonly<Record<string, Json>> {
  const spec = JSON.parse(JSON.stringify(loop.spec)) as Json;
  return redacted({ spec, overrides: loop.overrides, configFile: loop.configFile }) as Readonly<
    Record<string, Json>
  >;
}

async function runStages(execution: Execution): Promise<RunResult> {
  const { options, run, state } = execution;
  const { journal } = options.surroundings.ledger;
  try {
    for (const part of options.parts) {
      const versions = isAsked(options, part) ? await runStage(execution, part) : await part.recall(state);
      state.versions.set(part.stage, versions);
    }
    const ended = await journal.endRun(run.id, 'done');
    return { run: ended, steps: execution.steps, versions: state.versions };
  } catch (error) {
    const interrupted = isSluiceError(error, 'PIPELINE_INTERRUPTED');
    // The lease may be what was lost: then the run is the next holder's to close.
    await journal.endRun(run.id, interrupted ? 'interrupted' : 'failed').catch(() => undefined);
    throw error;
  }
}

async function runStage(execution: Execution, part: StagePart): Promise<readonly Version[]> {
  const { stage } = part;
  const { onEvent } = execution.options;
  onEvent?.({ kind: 'stage', stage });
  try {
    return await runSteps(execution, part);
  } catch (error) {
    onEvent?.({ kind: 'stopped', stage });
    throw error;
  }
}

async function runSteps(execution: Execution, part: StagePart): Promise<readonly Version[]> {
  const made: Version[] = [];
  const plans = part.plan(execution.state);
  let next = await plans.next();
  while (next.done !== true) {
    if (execution.signal.aborted) throw interruption(execution.signal, part.stage);
    const versions = await runStep(execution, next.value);
    made.push(...versions);
    next = await plans.next(versions);
  }
  return made;
}

async function runStep(execution: Execution, plan: StepPlan): Promise<readonly Version[]> {
  const { options, run, lease } = execution;
  const { ledger, clock } = options.surroundings;
  const startedMs = clock.elapsedMs();
  const draft = {
    runId: run.id,
    stage: plan.stage,
    subject: plan.subject,
    key: stepKey(plan.fields),
    fields: plan.fields,
    lease,
  };
  const earlier = await ledger.journal.findReusable(draft.key);
  const isWhole = earlier !== null && (await ledger.journal.missingBlobs(earlier)).length === 0;
  const step = isWhole
    ? await ledger.journal.reuseStep({ ...draft, from: earlier })
    : await executeStep(execution, plan, draft);
  execution.steps.push(step);
  const versions = await Promise.all(step.outputs.map((digest) => ledger.versions.get(digest)));
  const elapsedMs = clock.elapsedMs() - startedMs;
  options.onEvent?.({ kind: 'step', step, versions, elapsedMs, place: plan.place ?? null });
  return versions;
}

async function executeStep(
  execution: Execution,
  plan: StepPlan,
  draft: Parameters<Surroundings['ledger']['journal']['beginStep']>[0],
): Promise<Step> {
  const { options, lease } = execution;
  const { journal } = options.surroundings.ledger;
  const step = await journal.beginStep(draft);
  try {
    const { aliasMoves, deliveries, ...outcome } = await executeInterruptibly(execution, plan);
    const versions = await journal.finishStep({
      step,
      lease,
      outcome,
      provenance: options.provenance,
      ...(aliasMoves === undefined ? {} : { aliasMoves }),
      ...(deliveries === undefined ? {} : { deliveries }),
    });
    return {
      ...step,
      state: 'done',
      outputs: versions.map((one) => one.digest),
      verdict: outcome.verdict,
      facts: outcome.facts,
    };
  } catch (error) {
    const known = execution.signal.aborted ? interruption(execution.signal, plan.stage) : error;
    await journal.failStep({ step, lease, error: errorRecord(known) }).catch(() => undefined);
    throw known;
  }
}

/** Says why a run ends before its time: somebody asked for it, or the lease was lost to somebody else. */
function interruption(signal: AbortSignal, stage: Stage): SluiceError {
  const reason: unknown = signal.reason;
  return isSluiceError(reason, 'LEDGER_FENCED') ? reason : new SluiceError('PIPELINE_INTERRUPTED', { stage });
}

/** Ends a running query when the run is interrupted: nobody waits half a minute for Ctrl-C. */
async function executeInterruptibly(execution: Execution, plan: StepPlan): Promise<PlannedOutcome> {
  const context = await contextFor(execution, plan);
  const interrupt = (): void => void context.engine.close().catch(() => undefined);
  execution.signal.addEventListener('abort', interrupt, { once: true });
  try {
    return await plan.execute(context);
  } finally {
    execution.signal.removeEventListener('abort', interrupt);
  }
}

function errorRecord(error: unknown): { readonly code: string; readonly message: string } {
  if (isSluiceError(error)) return { code: error.code, message: error.message };
  return { code: 'BUG', message: error instanceof Error ? error.message : String(error) };
}

async function contextFor(execution: Execution, plan: StepPlan): Promise<StepContext> {
  const { options, signal } = execution;
  const { surroundings, loop } = options;
  const { stage, subject } = plan;
  return {
    blob: surroundings.blob,
    engine: await surroundings.engine(),
    clock: surroundings.clock,
    projectDirectory: surroundings.projectDirectory,
    threads: loop.spec.engine.threads,
    signal,
    progress: (share, note) => options.onEvent?.({ kind: 'progress', stage, subject, share, note }),
  };
}
