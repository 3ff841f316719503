import type { Json } from '../base/canonical-json.ts';
import type { Clock } from '../base/clock.ts';
import type { Digest } from '../base/digest.ts';
import type { Blob } from '../ports/blob.ts';
import type { Tables } from '../ports/tables.ts';
import type { AliasEvent } from '../records/alias.ts';
import type { Run, Stage, Step, StepKeyFields } from '../records/step.ts';
import type { Provenance, Version, VersionKind } from '../records/version.ts';
import type { StepOutcome } from './step-context.ts';

/** What `openLedger` needs. */
export interface LedgerOptions {
  readonly tables: Tables;
  readonly blob: Blob;
  readonly clock: Clock;
  /** Who acts: recorded with everything that is written. */
  readonly actor: string;
  /** An older catalog is copied to `<backupPath>.backup-v<N>` before it is migrated; give the catalog's own path. */
  readonly backupPath?: string;
}

/**
 * Everything that Sluice remembers besides bytes: versions with their lineage, the journal of steps, leases, aliases.
 * Records are only ever added; what changes (a step's state, a lease, an alias) changes by one transaction.
 */
export interface Ledger {
  readonly versions: Versions;
  readonly journal: Journal;
  readonly leases: Leases;
  readonly aliases: Aliases;
  readonly sourceFiles: SourceFiles;
  readonly deliveries: Deliveries;
  readonly storage: Storage;
  /** Yields how many distinct models were evaluated on these rows: `evaluationTable` is `trainingSet.evaluation.table.digest`. */
  evaluationAttempts(evaluationTable: Digest): Promise<number>;
  /**
   * Yields everything that rests on a batch.
   * @param batch version digest, raw digest (either may be a unique prefix of hex digits), or a name under which it was delivered
   * @throws LEDGER_VERSION_MISSING, LEDGER_AMBIGUOUS
   */
  impact(batch: string): Promise<Impact>;
  /** Yields where a loop stands. */
  status(loop: string): Promise<LoopStatus>;
  /** Closes the ledger, not the ports it was given. */
  close(): Promise<void>;
}

/** Reads versions; they are written by `journal.finishStep` alone. */
export interface Versions {
  /**
   * Yields the one version whose digest starts with `digestOrPrefix`.
   * @throws LEDGER_VERSION_MISSING, LEDGER_AMBIGUOUS, LEDGER_RECORD_CORRUPT
   */
  get<Kind extends VersionKind = VersionKind>(digestOrPrefix: string, kind?: Kind): Promise<Version<Kind>>;
  /** Yields versions of a kind, newest first. @throws LEDGER_RECORD_CORRUPT */
  find<Kind extends VersionKind>(query: FindVersions<Kind>): Promise<readonly Version<Kind>[]>;
  /** Yields the edges to what the version was made from. */
  parents(digest: Digest): Promise<readonly Edge[]>;
  /** Yields the edges from what was made of the version. */
  children(digest: Digest): Promise<readonly Edge[]>;
  /** Yields every edge between the version and what it was made from, however far; each once. */
  ancestors(digest: Digest): Promise<readonly Edge[]>;
  /** Yields every edge between the version and what rests on it, however far; each once. */
  descendants(digest: Digest): Promise<readonly Edge[]>;
}

/** Which versions to find. */
export interface FindVersions<Kind extends VersionKind = VersionKind> {
  readonly kind: Kind;
  /** At most so many; 100 unless told. */
  readonly limit?: number;
  /** Only versions that a step of this loop made or reused. */
  readonly loop?: string;
}

/** `child` was made from `parent`, which served as `role`. */
export interface Edge {
  readonly child: Digest;
  readonly childKind: VersionKind;
  readonly parent: Digest;
  readonly parentKind: VersionKind;
  readonly role: string;
}

/** The journal of runs and steps. Every write checks in its transaction that the lease is still held (LEDGER_FENCED). */
export interface Journal {
  startRun(draft: RunDraft): Promise<Run>;
  /** Ends a run that is `running`; one that has ended stays as it is. Yields the run. @throws LEDGER_RUN_MISSING */
  endRun(id: string, state: 'done' | 'failed' | 'interrupted'): Promise<Run>;
  /** Yields runs, newest first. */
  runs(query?: { readonly loop?: string; readonly limit?: number }): Promise<readonly Run[]>;
  /** Yields the run of an id, of a unique prefix (with or without `run_`) or of `latest`. @throws LEDGER_RUN_MISSING, LEDGER_AMBIGUOUS */
  run(idOrPrefix: string): Promise<Run>;
  /** Yields a run's steps in the order of their start. */
  steps(runId: string): Promise<readonly Step[]>;
  /** Yields the newest done step of this key whose output versions all exist; ask `missingBlobs` before reusing it. */
  findReusable(key: Digest): Promise<Step | null>;
  /** Yields the blobs that the step's outputs refer to and that the store no longer has. */
  missingBlobs(step: Step): Promise<readonly Digest[]>;
  /** Yields the newest step that was done or reused, to compare key fields with. */
  latestStep(query: {
    readonly loop: string;
    readonly stage: Stage;
    readonly subject: string;
  }): Promise<Step | null>;
  beginStep(draft: StepDraft): Promise<Step>;
  /**
   * Commits in ONE transaction: versions (content that is there already stays as first made), blob references, lineage,
   * deliveries, alias events, and the step as `done`. Yields the versions as stored, in the order of the outcome.
   * @throws LEDGER_FENCED, LEDGER_STEP_ENDED, LEDGER_ALIAS_MOVED, LEDGER_NO_EVIDENCE, LEDGER_DRAFT_INVALID, BLOB_MISSING;
   * LEDGER_VERSION_MISSING for a parent or a model, LEDGER_LINEAGE_GAP for content that names a version that is no parent or
   * bytes that are not among `blobs`
   */
  finishStep(finish: FinishStep): Promise<readonly Version[]>;
  /** Ends a step as `failed`. @throws LEDGER_FENCED, LEDGER_STEP_ENDED */
  failStep(fail: {
    readonly step: Step;
    readonly lease: Lease;
    readonly error: NonNullable<Step['error']>;
  }): Promise<Step>;
  /** Records a step that took outputs, verdict and facts from an earlier one. */
  reuseStep(draft: StepDraft & { readonly from: Step }): Promise<Step>;
  /** Marks steps left `running` by earlier epochs of this lease as `abandoned` and their runs as `interrupted`. Yields the steps. */
  abandonRunning(lease: Lease): Promise<readonly Step[]>;
}

/** A run about to start. */
export interface RunDraft {
  readonly loop: string;
  /** Resolved config, secrets redacted. */
  readonly config: Readonly<Record<string, Json>>;
  readonly lease: Lease;
}

/** A step about to run, with the key that says what it depends on. */
export interface StepDraft {
  readonly runId: string;
  readonly stage: Stage;
  /** What of the stage; empty when there is only one. */
  readonly subject: string;
  readonly key: Digest;
  readonly fields: StepKeyFields;
  readonly lease: Lease;
}

/** A step that came to its end, with everything it made. */
export interface FinishStep {
  readonly step: Step;
  readonly lease: Lease;
  readonly outcome: StepOutcome;
  readonly provenance: Provenance;
  readonly aliasMoves?: readonly AliasMove[];
  readonly deliveries?: readonly DeliveryDraft[];
}

/** A change of an alias; model and evidence may be versions of the same outcome (`versionDigest` tells their digests). */
export interface AliasMove {
  readonly loop: string;
  readonly alias: AliasEvent['alias'];
  readonly model: Digest;
  /** The decision it rests on. */
  readonly evidence: Digest;
  readonly reason: string;
  /** When given: the value the alias must still have. */
  readonly expected?: Digest | null;
}

/** The right to write under a name, until somebody else holds a higher epoch. */
export interface Lease {
  readonly name: string;
  /** `<pid>@<host>`. */
  readonly holder: string;
  readonly epoch: number;
}

/** A lease as it stands; `holder` is null when it was given back. */
export interface LeaseState {
  readonly name: string;
  readonly holder: string | null;
  readonly epoch: number;
  readonly sinceUs: number;
  readonly expiresUs: number;
}

/**
 * Leases with a rising epoch. The lease named `exclusiveLease` is refused while any other is held, and refuses all others.
 * Whoever stores bytes for a later commit holds a lease first: garbage collection is kept away by nothing else.
 */
export interface Leases {
  /** Takes a lease that is free or expired. @param ttlMs > 0 @throws LEDGER_LEASE_HELD naming holder, since when and until when */
  acquire(name: string, holder: string, ttlMs: number): Promise<Lease>;
  /** Takes a held lease from a holder known to be dead (its process is gone), if it is still in the state seen. @throws LEDGER_LEASE_HELD */
  takeOver(seen: LeaseState, holder: string, ttlMs: number): Promise<Lease>;
  /** Moves the expiry to now + `ttlMs`. @throws LEDGER_FENCED when the lease was lost */
  renew(lease: Lease, ttlMs: number): Promise<void>;
  /** Gives a lease back; one that was lost is no error. */
  release(lease: Lease): Promise<void>;
  current(name: string): Promise<LeaseState | null>;
  list(): Promise<readonly LeaseState[]>;
}

/** Reads aliases; they move in `journal.finishStep` or by `override`. */
export interface Aliases {
  /** Yields the newest event of an alias; null when it never pointed anywhere. */
  current(loop: string, alias: AliasEvent['alias']): Promise<AliasEvent | null>;
  /** Yields every event of a loop, newest first. */
  history(loop: string): Promise<readonly AliasEvent[]>;
  /** Yields the model version of `champion`, `candidate`, a digest or a unique prefix. @throws LEDGER_ALIAS_UNSET, LEDGER_VERSION_MISSING, LEDGER_AMBIGUOUS */
  resolve(loop: string, nameOrDigest: string): Promise<Version<'model'>>;
  /** Moves an alias by hand. Evidence: the model's newest decision, else its newest evaluation. @throws LEDGER_NO_EVIDENCE, LEDGER_ALIAS_MOVED, LEDGER_VERSION_MISSING */
  override(move: Omit<AliasMove, 'evidence'>): Promise<AliasEvent>;
}

/** A file as the file system describes it. */
export interface FileStat {
  readonly path: string;
  readonly sizeBytes: number;
  readonly mtimeUs: number;
}

/** Remembers the digests of files, so that unchanged files are not read again. */
export interface SourceFiles {
  /**
   * Yields per file, in order, the digest of its bytes; null when it is unknown or changed, or was changed less than two
   * seconds before it was remembered (a later change could have the same time).
   */
  lookup(files: readonly FileStat[]): Promise<readonly (Digest | null)[]>;
  remember(files: readonly (FileStat & { readonly raw: Digest })[]): Promise<void>;
}

/** An arrival of bytes about to be recorded. */
export interface DeliveryDraft {
  readonly source: string;
  readonly raw: Digest;
  /** The name under which it came. */
  readonly name: string;
  readonly outcome: 'new' | 'repeated';
}

/** One arrival of bytes, the first or a repeated one. */
export interface Delivery extends DeliveryDraft {
  readonly sequence: number;
  readonly atUs: number;
  readonly actor: string;
}

/** Every delivery seen, append-only. */
export interface Deliveries {
  record(deliveries: readonly DeliveryDraft[]): Promise<void>;
  /** Yields deliveries, newest first. */
  list(query?: { readonly source?: string; readonly limit?: number }): Promise<readonly Delivery[]>;
}

/** Everything that rests on a batch, oldest first. */
export interface Impact {
  readonly batch: Version<'batch'>;
  readonly validations: readonly Version<'validation'>[];
  readonly datasets: readonly Version<'dataset'>[];
  readonly trainingSets: readonly Version<'trainingSet'>[];
  readonly models: readonly Version<'model'>[];
  readonly evaluations: readonly Version<'evaluation'>[];
  readonly decisions: readonly Version<'decision'>[];
  readonly aliasEvents: readonly AliasEvent[];
}

/** Where a loop stands. */
export interface LoopStatus {
  readonly loop: string;
  /** Number of the newest migration applied. */
  readonly catalogVersion: number;
  /** Per stage that ever succeeded, in the order of the loop: the newest step done or reused, and its output versions. */
  readonly stages: readonly { readonly step: Step; readonly versions: readonly Version[] }[];
  readonly champion: AliasEvent | null;
  readonly candidate: AliasEvent | null;
  readonly lastRun: Run | null;
  readonly lastRunSteps: readonly Step[];
  /** Leases held now. */
  readonly leases: readonly LeaseState[];
  readonly versionCounts: Readonly<Record<VersionKind, number>>;
}

/** Care for stored bytes. */
export interface Storage {
  /** Yields the blobs that some version refers to. */
  reachableBlobs(): Promise<ReadonlySet<Digest>>;
  /**
   * Removes blobs that no version refers to; versions are never deleted. Holds `exclusiveLease` meanwhile, so that no
   * step is between writing a blob and committing it.
   * @throws LEDGER_LEASE_HELD when something runs
   */
  collectGarbage(options: GarbageOptions): Promise<GarbageReport>;
  /** Looks for damage without mending it. */
  verify(options?: {
    readonly deep?: boolean;
    readonly progress?: (share: number, note: string) => void;
  }): Promise<VerifyReport>;
  /**
   * Writes `catalog.db`, `blobs/` and `manifest.json` into a directory that must not exist; it appears whole or not at all.
   * @throws LEDGER_BACKUP_EXISTS, BLOB_MISSING, BLOB_CORRUPT, TABLES_UNAVAILABLE
   */
  backup(directory: string): Promise<BackupManifest>;
}

/** What to collect. */
export interface GarbageOptions {
  /** `<pid>@<host>`, for the lease. */
  readonly holder: string;
  /** Only tell what would go. */
  readonly dryRun: boolean;
  /** Keeps blobs that were first seen unreferenced less than so many days ago; 0 removes at once. */
  readonly keepDays: number;
}

/** What was collected, or would be. */
export interface GarbageReport {
  readonly removed: readonly { readonly digest: Digest; readonly sizeBytes: number }[];
  readonly removedBytes: number;
  /** Unreferenced, but not for long enough. */
  readonly waiting: number;
  readonly kept: number;
}

/** One thing that is wrong. */
export interface Damage {
  readonly what: 'blobMissing' | 'blobCorrupt' | 'recordCorrupt' | 'edgeDangling' | 'aliasDangling';
  readonly digest: Digest;
  readonly explanation: string;
}

/** What was looked at and what is wrong. */
export interface VerifyReport {
  readonly versions: number;
  readonly blobs: number;
  readonly edges: number;
  /** Whether the bytes of every blob were hashed, not only found. */
  readonly isDeep: boolean;
  readonly damages: readonly Damage[];
}

/** What a backup holds. To restore, put `catalog.db` and `blobs/` where they were. */
export interface BackupManifest {
  readonly schemaVersion: 1;
  readonly madeUs: number;
  readonly actor: string;
  readonly catalogVersion: number;
  readonly catalog: { readonly file: 'catalog.db'; readonly digest: Digest; readonly sizeBytes: number };
  readonly blobs: readonly { readonly digest: Digest; readonly sizeBytes: number }[];
}

/** The lease that stands for the whole store. */
export const exclusiveLease = '*';
