import type { Json } from '../base/canonical-json.ts';
import type { Digest } from '../base/digest.ts';
import type { Verdict } from './verdict.ts';

/** The eleven stages. */
export type Stage =
  | 'ingest'
  | 'validate'
  | 'featurize'
  | 'train'
  | 'evaluate'
  | 'register'
  | 'deploy'
  | 'shadow'
  | 'experiment'
  | 'monitor'
  | 'feedback';

/** The named fields of a step key; `sluice explain` compares them one by one. Values are digests or short texts. */
export type StepKeyFields = Readonly<Record<string, string>>;

/** One execution of a stage, as the journal keeps it. */
export interface Step {
  readonly id: string;
  readonly runId: string;
  readonly stage: Stage;
  /** What of the stage: a batch's name for validate, else empty. */
  readonly subject: string;
  readonly key: Digest;
  readonly fields: StepKeyFields;
  readonly state: 'running' | 'done' | 'failed' | 'reused' | 'abandoned';
  /** The lease's epoch under which it ran. */
  readonly epoch: number;
  /** Digests of the versions it made (or, when reused, of those found), in order. */
  readonly outputs: readonly Digest[];
  readonly verdict: Verdict | null;
  /** Figures for people and for `--json`: rows, counts. */
  readonly facts: Readonly<Record<string, Json>>;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly startedUs: number;
  readonly endedUs: number | null;
  readonly actor: string;
}

/** One pass of the steps. */
export interface Run {
  readonly id: string;
  readonly loop: string;
  readonly state: 'running' | 'done' | 'failed' | 'interrupted';
  readonly startedUs: number;
  readonly endedUs: number | null;
  readonly actor: string;
  /** The resolved config (secrets redacted) and overrides it ran with. */
  readonly config: Readonly<Record<string, Json>>;
}
