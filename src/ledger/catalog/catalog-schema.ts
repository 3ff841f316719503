import type { Kysely, Transaction } from 'kysely';
import type { Clock } from '../../base/clock.ts';
import type { Blob } from '../../ports/blob.ts';
import type { Tables } from '../../ports/tables.ts';

/**
 * The tables of the catalog as migrations leave them. Ids and digests are TEXT, times integer microseconds, structures
 * canonical JSON in TEXT: nothing that only one engine knows.
 */
export interface Catalog {
  catalog_meta: { version: number; name: string; at_us: number; actor: string };
  versions: VersionRow;
  version_blobs: { version: string; blob: string };
  edges: EdgeRow;
  runs: RunRow;
  steps: StepRow;
  step_outputs: { step_id: string; position: number; version: string };
  alias_events: AliasEventRow;
  leases: LeaseRow;
  source_files: { path: string; size_bytes: number; mtime_us: number; raw: string; seen_us: number };
  deliveries: DeliveryRow;
  /** When garbage collection first met a blob that no version refers to. */
  unreferenced_blobs: { digest: string; first_seen_us: number };
}

/** A version; `sequence` rises with every one committed, `content` is what the digest covers besides `kind`. */
export interface VersionRow {
  digest: string;
  sequence: number;
  kind: string;
  content: string;
  provenance: string;
  actor: string;
  at_us: number;
  step_id: string | null;
}

/** `child` was made from `parent`. */
export interface EdgeRow {
  child: string;
  parent: string;
  role: string;
}

/** A run, with the lease under which it was started. */
export interface RunRow {
  id: string;
  loop: string;
  state: string;
  config: string;
  lease: string;
  epoch: number;
  actor: string;
  started_us: number;
  ended_us: number | null;
}

/** A step; its outputs are in `step_outputs`. */
export interface StepRow {
  id: string;
  run_id: string;
  stage: string;
  subject: string;
  step_key: string;
  fields: string;
  state: string;
  lease: string;
  epoch: number;
  verdict: string | null;
  facts: string;
  error: string | null;
  actor: string;
  started_us: number;
  ended_us: number | null;
}

/** A change of an alias. */
export interface AliasEventRow {
  sequence: number;
  name: string;
  alias: string;
  model: string;
  previous: string | null;
  evidence: string;
  reason: string;
  actor: string;
  at_us: number;
}

/** A lease; `holder` is null when it was given back. */
export interface LeaseRow {
  name: string;
  holder: string | null;
  epoch: number;
  since_us: number;
  expires_us: number;
}

/** One arrival of bytes. */
export interface DeliveryRow {
  sequence: number;
  source: string;
  raw: string;
  name: string;
  outcome: string;
  actor: string;
  at_us: number;
}

/** Reads, inside or outside a transaction. */
export type Db = Kysely<Catalog>;

/** Writes: always inside a transaction, which must be passed on (using the `Db` inside one waits for ever). */
export type Tx = Transaction<Catalog>;

/** What every service of the ledger works with. */
export interface LedgerContext {
  readonly db: Db;
  readonly tables: Tables;
  readonly blob: Blob;
  readonly clock: Clock;
  readonly actor: string;
}
