import type { Digest } from '../../base/digest.ts';
import type { ColumnSpec, ColumnSpecType } from '../../records/column-spec.ts';
import type { RuleSpec, Severity } from '../../records/contract-spec.ts';

/** What one rule asks of one row. */
export interface RowRule {
  readonly id: string;
  readonly kind: 'type' | 'notNull' | 'range' | 'set' | 'regex' | 'length' | 'format' | 'expression';
  readonly severity: Severity;
  /** The columns it reads. */
  readonly columns: readonly string[];
  /** SQL over the columns; NULL passes. Absent for a type rule that only unreadable text can break. */
  readonly predicate?: string;
}

/** One key that may occur once. */
export interface UniqueRule {
  readonly id: string;
  readonly severity: Severity;
  readonly columns: readonly string[];
  /** The key is the whole arrived row, and NULL equals NULL; else rows with a NULL in the key pass. */
  readonly isWholeRow: boolean;
  readonly within: 'batch' | 'dataset';
}

/** A column computed at the door. */
export interface DerivedColumn {
  readonly name: string;
  readonly type: ColumnSpecType;
  readonly sql: string;
  readonly reads: readonly string[];
}

/** Functions of the user's schema, run row by row. */
export type CheckRule = Extract<RuleSpec, { readonly kind: 'check' }>;

/** Rules that judge the batch as a whole. */
export type BatchRule = Extract<RuleSpec, { readonly kind: 'rowCount' | 'freshness' }>;

/** A contract ready to run on batches of its source. */
export interface CompiledContract {
  /** Covers the contract and what the source definition makes of a row; not where the files are. */
  readonly digest: Digest;
  readonly arrived: readonly ColumnSpec[];
  readonly derived: readonly DerivedColumn[];
  /** Processed columns: arrived, then derived. */
  readonly columns: readonly ColumnSpec[];
  readonly eventTime: string;
  readonly rows: readonly RowRule[];
  readonly unique: readonly UniqueRule[];
  readonly checks: readonly CheckRule[];
  readonly batch: readonly BatchRule[];
  /** Parts of the row schema that no SQL can judge and a `check` rule does, by name. */
  readonly perRow: readonly string[];
  readonly maxQuarantinedShare: number;
}
