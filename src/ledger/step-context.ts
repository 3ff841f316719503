import type { Json } from '../base/canonical-json.ts';
import type { Clock } from '../base/clock.ts';
import type { Blob } from '../ports/blob.ts';
import type { Engine } from '../ports/engine.ts';
import type { Verdict } from '../records/verdict.ts';
import type { VersionDraft } from '../records/version.ts';

/** What the runner lends to one execution of a stage. A stage reads blobs and files, and writes blobs; it commits nothing. */
export interface StepContext {
  readonly blob: Blob;
  readonly engine: Engine;
  readonly clock: Clock;
  /** The project: relative paths of the definition start here. */
  readonly projectDirectory: string;
  readonly threads: number;
  readonly signal: AbortSignal;
  /** Called with the share done in [0, 1] and a short note for the progress bar. */
  readonly progress: (share: number, note: string) => void;
}

/** What an execution yields. The runner commits it with its lineage in one transaction; before that nothing is visible. */
export interface StepOutcome {
  readonly versions: readonly VersionDraft[];
  readonly verdict: Verdict | null;
  /** Figures for people and `--json`: rows in, rows out, counts by reason. */
  readonly facts: Readonly<Record<string, Json>>;
}
