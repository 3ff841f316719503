import { SluiceError } from '../../base/errors.ts';
import type { Expression, ExpressionType } from '../../expression/expression.ts';
import { nearest } from '../../expression/nearest.ts';
import type { SourceSpec } from '../../records/source-spec.ts';
import type { CompiledColumn } from './compiled-features.ts';
import { outcomeColumns } from './outcome-columns.ts';
import { parseOwned, type OwnedJson } from './owned-expression.ts';

/** The names a definition may use while it is compiled, and which processed columns it turned out to need. */
export class FeatureScope {
  /** Column that nobody knows at event time -> the declared outcome it rests on. */
  readonly outcomes: ReadonlyMap<string, string>;
  readonly hasKnownTime: boolean;
  readonly #processed: Readonly<Record<string, ExpressionType>>;
  readonly #windowed = new Map<string, string>();
  readonly #kept = new Map<string, CompiledColumn>();

  constructor(source: SourceSpec) {
    this.outcomes = outcomeColumns(source);
    this.hasKnownTime = source.knownTime !== null;
    this.#processed = Object.fromEntries(
      [...source.columns, ...source.derived].map(({ name, type }) => [name, type]),
    );
    for (const column of source.outcomeColumns) this.typeOf('source.outcomeColumns', column);
  }

  /** Yields the kept columns in order of their index. */
  get columns(): readonly CompiledColumn[] {
    return [...this.#kept.values()];
  }

  /** Yields the type of a processed column. @throws FEATURIZE_UNKNOWN_COLUMN */
  typeOf(owner: string, column: string): ExpressionType {
    const type = Object.hasOwn(this.#processed, column) ? this.#processed[column] : undefined;
    if (type !== undefined) return type;
    const closest = nearest(column, Object.keys(this.#processed)) ?? '(none)';
    throw new SluiceError('FEATURIZE_UNKNOWN_COLUMN', { owner, column, nearest: closest });
  }

  /** Makes a view's feature readable by name. @throws FEATURIZE_NAME_TAKEN */
  addWindowed(owner: string, name: string, sqlName: string): void {
    if (this.#windowed.has(name) || Object.hasOwn(this.#processed, name))
      throw new SluiceError('FEATURIZE_NAME_TAKEN', { owner, name });
    this.#windowed.set(name, sqlName);
  }

  /** Yields an expression over processed columns. @throws FEATURIZE_UNKNOWN_COLUMN, FEATURIZE_EXPRESSION */
  parseProcessed(owned: OwnedJson): Expression {
    return parseOwned(owned, this.#processed);
  }

  /** Yields an expression over processed columns and features of views. @throws FEATURIZE_UNKNOWN_COLUMN, FEATURIZE_EXPRESSION */
  parse(owned: OwnedJson): Expression {
    const windowed = [...this.#windowed.keys()].map((name): [string, ExpressionType] => [name, 'double']);
    return parseOwned(owned, { ...this.#processed, ...Object.fromEntries(windowed) });
  }

  /** @throws FEATURIZE_LEAK for a column whose value nobody knows at event time */
  refuseOutcome(owner: string, column: string): void {
    const outcome = this.outcomes.get(column);
    if (outcome !== undefined) throw new SluiceError('FEATURIZE_LEAK', { owner, column, outcome });
  }

  /** Yields the index under which a processed column is kept. */
  keep(column: string, isForFeatures: boolean): number {
    const before = this.#kept.get(column);
    const isNeeded = isForFeatures || before?.isForFeatures === true;
    this.#kept.set(column, { name: column, isForFeatures: isNeeded });
    return [...this.#kept.keys()].indexOf(column);
  }

  /** Yields the SQL name of a processed column or of a view's feature, in the relation `r`. */
  kept(column: string, isForFeatures: boolean): string {
    return `r.${this.#windowed.get(column) ?? `c_${this.keep(column, isForFeatures)}`}`;
  }
}
