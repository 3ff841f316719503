import type { Clock } from '../base/clock.ts';
import type { AliasMove, Ledger } from '../ledger/ledger.ts';
import type { StepContext, StepOutcome } from '../ledger/step-context.ts';
import type { Blob } from '../ports/blob.ts';
import type { Engine } from '../ports/engine.ts';
import type { ModelRuntime } from '../ports/model.ts';
import type { Trainer } from '../ports/trainer.ts';
import type { Stage, StepKeyFields } from '../records/step.ts';
import type { Version, VersionKind } from '../records/version.ts';
import type { CompiledLoop } from './compiled-loop.ts';

/** Everything outside the process that a loop touches; the command line opens it, tests pass their own. */
export interface Surroundings {
  readonly blob: Blob;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly projectDirectory: string;
  /** `<pid>@<host>`, for leases. */
  readonly holder: string;
  /** Yields the engine of this run; opened once, closed by whoever opened the surroundings. */
  engine(): Promise<Engine>;
  /** @throws TRAIN_UNKNOWN_TRAINER naming those that exist */
  trainer(name: string): Promise<Trainer>;
  modelRuntime(): Promise<ModelRuntime>;
}

/** What an execution yields, with the alias changes that commit together with it. */
export interface PlannedOutcome extends StepOutcome {
  readonly aliasMoves?: readonly AliasMove[];
  readonly deliveries?: Parameters<Ledger['journal']['finishStep']>[0]['deliveries'];
}

/** A step that could run: its key is known before it runs. */
export interface StepPlan {
  readonly stage: Stage;
  /** What of the stage; empty when there is only one. */
  readonly subject: string;
  readonly fields: StepKeyFields;
  /** Where this step stands among those of its stage, when their number is known: 3 of 90. */
  readonly place?: { readonly number: number; readonly of: number };
  execute(context: StepContext): Promise<PlannedOutcome>;
}

/** Where a run stands: the versions each stage made, found again or recalled, in order. */
export interface LoopState {
  readonly loop: CompiledLoop;
  readonly surroundings: Surroundings;
  readonly versions: Map<Stage, readonly Version[]>;
}

/** Plans steps one by one; what a step made (or what was reused) comes back as the value of its `yield`. */
export type StepPlans = AsyncGenerator<StepPlan, void, readonly Version[]>;

/** One stage as the pipeline sees it. */
export interface StagePart {
  readonly stage: Stage;
  /** Raised when the same inputs would give another output. */
  readonly version: string;
  /** Refuses what is wrong in the config before the first step of a run, for what only this stage can judge. */
  check?(loop: CompiledLoop, surroundings: Surroundings): Promise<void>;
  plan(state: LoopState): StepPlans;
  /** Yields what the stage made last, for runs that start after it. */
  recall(state: LoopState): Promise<readonly Version[]>;
}

/** Yields the newest version of a kind that a stage holds in this run. */
export function newest<Kind extends VersionKind>(
  state: LoopState,
  stage: Stage,
  kind: Kind,
): Version<Kind> | null {
  const versions = (state.versions.get(stage) ?? []).filter((one): one is Version<Kind> => isKind(one, kind));
  return versions.at(-1) ?? null;
}

/** True for a version of the kind. */
export function isKind<Kind extends VersionKind>(version: Version, kind: Kind): version is Version<Kind> {
  return version.kind === kind;
}
