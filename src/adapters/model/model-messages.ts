import type { FeedPlan } from './feed-plan.ts';

/** One column of a chunk: numbers, or codes into the texts of the table (-1 for NULL). */
export type ChunkColumn = Float64Array | Int32Array;

/** Rows to score. Answers come in the order of the requests. */
export interface ScoreRequest {
  readonly kind: 'score';
  readonly rows: number;
  /** By place in the signature. */
  readonly columns: readonly ChunkColumn[];
  /** The table this chunk is of; its texts come with its first chunk and are kept until `forget`. */
  readonly table: number;
  readonly texts?: readonly (readonly string[])[];
}

/** What the process of a model is told. */
export type ModelRequest =
  { readonly kind: 'load'; readonly bytes: Uint8Array; readonly plan: FeedPlan } | ScoreRequest;

/** Says that no more chunks of a table come; it has no answer. */
export interface ForgetNotice {
  readonly kind: 'forget';
  readonly table: number;
}

/** What it answers. */
export type ModelAnswer =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'scores'; readonly scores: Float64Array }
  | { readonly kind: 'refused'; readonly reason: string };
