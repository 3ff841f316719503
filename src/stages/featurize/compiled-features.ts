import type { Digest } from '../../base/digest.ts';

/** An expression as SQL over the names of processed columns, ready to be evaluated while the rows are read. */
export interface CompiledInput {
  readonly sql: string;
  readonly type: 'boolean' | 'int64' | 'double';
}

/** One aggregate of a view; `input` is an index into the inputs, null for a count. */
export interface CompiledAggregate {
  readonly name: string;
  readonly function: 'count' | 'sum' | 'mean' | 'min' | 'max';
  readonly input: number | null;
}

/** A feature view whose parts have been found and checked. */
export interface CompiledView {
  readonly name: string;
  /** Indices into `columns`. */
  readonly entity: readonly number[];
  readonly windows: readonly { readonly name: string; readonly us: number }[];
  readonly aggregates: readonly CompiledAggregate[];
}

/** A processed column that is kept, as `c_<index>`, until the features are computed. */
export interface CompiledColumn {
  readonly name: string;
  /** False when only a slice reads it; such a column may hold what nobody knows at event time. */
  readonly isForFeatures: boolean;
}

/** What a definition of features comes to. SQL of features and slices reads `r.c_<column>` and `r.w_<view>_<aggregate>_<window>`. */
export interface CompiledFeatures {
  /** Covers features, label, slices and the names of the times: everything that moves a value, except data and split. */
  readonly digest: Digest;
  readonly task: 'binary' | 'regression';
  readonly eventTime: string;
  readonly knownTime: string | null;
  readonly maturityUs: number;
  readonly columns: readonly CompiledColumn[];
  readonly inputs: readonly CompiledInput[];
  readonly views: readonly CompiledView[];
  readonly features: readonly {
    readonly name: string;
    readonly kind: 'numeric' | 'categorical';
    readonly sql: string;
  }[];
  /** Per feature, the digest of all that its values follow from. */
  readonly meanings: Readonly<Record<string, Digest>>;
  /** SQL over the names of processed columns, of type DOUBLE; NULL where there is no outcome. */
  readonly label: string;
  readonly slices: readonly { readonly name: string; readonly sql: string }[];
}

/** Yields the longest window of all views in microseconds; 0 without views. */
export function longestWindowUs(compiled: CompiledFeatures): number {
  return Math.max(0, ...compiled.views.flatMap((view) => view.windows.map((window) => window.us)));
}
