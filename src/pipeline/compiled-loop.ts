import type { Digest } from '../base/digest.ts';
import type { LoopSpec } from '../records/loop-spec.ts';
import type { TrainPartSpec } from '../records/train-spec.ts';

/** A function of the user's schema that judges one row: null when it is good, else what is wrong. */
export type RowCheck = (row: Readonly<Record<string, unknown>>) => string | null;

/** What `defineLoop` yields: the loop as data, and the few things of it that are code. */
export interface LoopDefinition {
  readonly spec: LoopSpec;
  /** By the name of the contract's `check` rule. */
  readonly checks: Readonly<Record<string, RowCheck>>;
  /** Functions inside the definition whose code belongs to a stage's version, by a name for people. */
  readonly functions: Readonly<Record<string, (...args: never[]) => unknown>>;
}

/** A loop ready to run: overrides applied, code digested. */
export interface CompiledLoop {
  readonly spec: LoopSpec;
  readonly checks: Readonly<Record<string, RowCheck>>;
  /** The `train` parts to try; more than one in a sweep. */
  readonly variants: readonly TrainPartSpec[];
  /** Digest of each function's code, by its name in the definition. */
  readonly code: Readonly<Record<string, Digest>>;
  /** Functions whose digest is that of the whole config, because they are not exported. */
  readonly inlineFunctions: readonly string[];
  /** The config file, relative to the project; null when the loop was defined in memory. */
  readonly configFile: string | null;
  /** Overrides as typed, for the run's record. */
  readonly overrides: readonly string[];
}
