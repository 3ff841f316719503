import type { Json } from '../../base/canonical-json.ts';
import { isSluiceError, SluiceError } from '../../base/errors.ts';
import { nearest } from '../../expression/nearest.ts';
import { quoteIdentifier } from '../../expression/sql-text.ts';
import type { ColumnSpec } from '../../records/column-spec.ts';
import type { RowRule } from './compiled-contract.ts';
import { lengthPredicate, rangePredicate, regexPredicate, setPredicate, type Bounds } from './predicates.ts';

type Schema = Readonly<Record<string, Json>>;

/** What a row schema asks, as far as SQL can judge it. */
export interface SchemaRules {
  readonly rules: readonly RowRule[];
  /** What SQL cannot judge: `format of email`. */
  readonly rest: readonly string[];
}

const annotations = new Set(
  '$schema $id $comment $anchor title description default examples deprecated readOnly writeOnly type contentEncoding contentMediaType'.split(
    ' ',
  ),
);
const rowKeywords = new Set(['properties', 'required', 'additionalProperties']);

/**
 * Yields the rules of a JSON Schema (draft 2020-12) of one row: a type rule per column, then what its keywords ask.
 * A property that is absent counts as null.
 *
 * @throws VALIDATE_SCHEMA_COLUMN for a property that is no arrived column
 */
export function schemaRules(schema: Schema, columns: readonly ColumnSpec[]): SchemaRules {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>;
  const names = columns.map(({ name }) => name);
  const stray = Object.keys(properties).find((name) => !names.includes(name));
  if (stray !== undefined) {
    throw new SluiceError('VALIDATE_SCHEMA_COLUMN', {
      column: stray,
      nearest: nearest(stray, names) ?? '(none)',
    });
  }
  const required = new Set((schema['required'] ?? []) as readonly string[]);
  const isOpen = typeof (schema['additionalProperties'] ?? true) === 'boolean';
  const rest = Object.keys(schema).filter((key) => !annotations.has(key) && !rowKeywords.has(key));
  const rules: RowRule[] = [];
  for (const column of columns) {
    const property = new Property(column, properties[column.name], required.has(column.name));
    rules.push(...property.rules());
    rest.push(...property.rest);
  }
  return { rules, rest: isOpen ? rest : [...rest, 'additionalProperties'] };
}

const handled = new Set(
  'anyOf enum const minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern format'.split(
    ' ',
  ),
);

class Property {
  readonly rest: string[] = [];
  readonly #column: ColumnSpec;
  readonly #schema: Schema;
  readonly #isNullable: boolean;

  constructor(column: ColumnSpec, schema: Schema | undefined, isRequired: boolean) {
    const { solid, allowsNull } = withoutNull(schema ?? {});
    this.#column = column;
    this.#schema = solid;
    this.#isNullable = column.nullable && (schema === undefined || allowsNull || !isRequired);
    const unknown = Object.keys(solid).filter((key) => !annotations.has(key) && !handled.has(key));
    this.rest.push(...unknown.map((key) => `${key} of ${column.name}`));
  }

  rules(): readonly RowRule[] {
    return [
      this.#type(),
      ...(this.#isNullable
        ? []
        : [this.#rule('notNull', `${quoteIdentifier(this.#column.name)} IS NOT NULL`)]),
      ...this.#range(),
      ...this.#set(),
      ...this.#text(),
      ...this.#multipleOf(),
      ...this.#format(),
    ];
  }

  #rule(kind: RowRule['kind'], predicate: string): RowRule {
    const { name } = this.#column;
    return { id: `${kind}:${name}`, kind, severity: 'error', columns: [name], predicate };
  }

  /** JSON knows no NaN and no infinity; a safe-integer bound is how libraries write "an integer". */
  #type(): RowRule {
    const { name, type } = this.#column;
    const sql = quoteIdentifier(name);
    if (type === 'double' || type === 'timestamp' || type === 'local')
      return this.#rule('type', `isfinite(${sql})`);
    const isSafe =
      this.#schema['maximum'] === Number.MAX_SAFE_INTEGER ||
      this.#schema['minimum'] === Number.MIN_SAFE_INTEGER;
    const safe = `${sql} BETWEEN ${Number.MIN_SAFE_INTEGER} AND ${Number.MAX_SAFE_INTEGER}`;
    if (type === 'int64' && isSafe) return this.#rule('type', safe);
    return { id: `type:${name}`, kind: 'type', severity: 'error', columns: [name] };
  }

  #range(): readonly RowRule[] {
    const bounds = boundsOf(this.#schema);
    if (bounds.length === 0) return [];
    const parts = bounds.map((bound) => rangePredicate(`range:${this.#column.name}`, this.#column, bound));
    return [this.#rule('range', parts.join(' AND '))];
  }

  #set(): readonly RowRule[] {
    const { enum: list, const: only } = this.#schema;
    const values = only === undefined ? list : [only];
    if (!Array.isArray(values)) return [];
    const solid = values.filter((value: Json) => value !== null) as (string | number | boolean)[];
    if (solid.length === 0) return [this.#rule('set', `${quoteIdentifier(this.#column.name)} IS NULL`)];
    return [this.#rule('set', setPredicate(`set:${this.#column.name}`, this.#column, solid))];
  }

  #text(): readonly RowRule[] {
    const { minLength = null, maxLength = null, pattern } = this.#schema;
    const rules: RowRule[] = [];
    const id = this.#column.name;
    if (minLength !== null || maxLength !== null) {
      const bounds = { min: minLength as number | null, max: maxLength as number | null };
      rules.push(this.#rule('length', lengthPredicate(`length:${id}`, this.#column, bounds)));
    }
    // The pattern that libraries add to a date-time describes its text, and the column holds a time.
    if (typeof pattern === 'string' && this.#column.type === 'string') {
      const predicate = this.#unlessRefused(() => regexPredicate(`regex:${id}`, this.#column, pattern));
      if (predicate === undefined) this.rest.push(`pattern of ${id}`);
      else rules.push(this.#rule('regex', predicate));
    }
    return rules;
  }

  #unlessRefused(predicate: () => string): string | undefined {
    try {
      return predicate();
    } catch (error) {
      if (isSluiceError(error, 'VALIDATE_RULE_PATTERN')) return undefined;
      throw error;
    }
  }

  #multipleOf(): readonly RowRule[] {
    const { multipleOf } = this.#schema;
    if (multipleOf === undefined) return [];
    if (
      Number.isSafeInteger(multipleOf) &&
      (this.#column.type === 'int64' || this.#column.type === 'double')
    ) {
      return [this.#rule('format', `${quoteIdentifier(this.#column.name)} % ${Number(multipleOf)} = 0`)];
    }
    this.rest.push(`multipleOf of ${this.#column.name}`);
    return [];
  }

  /** A format is judged where the engine can, or where a pattern stands beside it. */
  #format(): readonly RowRule[] {
    const { format, pattern } = this.#schema;
    if (typeof format !== 'string' || this.#column.type !== 'string' || pattern !== undefined) return [];
    const sql = quoteIdentifier(this.#column.name);
    if (format === 'date') {
      return [
        this.#rule(
          'format',
          `(regexp_full_match(${sql}, '\\d{4}-\\d{2}-\\d{2}') AND TRY_CAST(${sql} AS DATE) IS NOT NULL)`,
        ),
      ];
    }
    if (format === 'uuid') return [this.#rule('format', `TRY_CAST(${sql} AS UUID) IS NOT NULL`)];
    this.rest.push(`format ${format} of ${this.#column.name}`);
    return [];
  }
}

/** Takes null out of `type: [x, null]`, `anyOf: [x, {type: null}]` and an enumeration. */
function withoutNull(schema: Schema): { readonly solid: Schema; readonly allowsNull: boolean } {
  const { anyOf, type, enum: list } = schema;
  if (Array.isArray(anyOf)) {
    const parts = anyOf as readonly Schema[];
    const solid = parts.filter((part) => part['type'] !== 'null');
    const [only] = solid;
    if (only !== undefined && solid.length === 1) {
      const { anyOf: _, ...others } = schema;
      return { solid: { ...others, ...only }, allowsNull: parts.length > 1 };
    }
    return { solid: { ...schema, 'anyOf of several types': anyOf }, allowsNull: parts.length > solid.length };
  }
  const allowsNull =
    (Array.isArray(type) && type.includes('null')) || (Array.isArray(list) && list.includes(null));
  return { solid: schema, allowsNull };
}

/** The safe-integer bounds that `z.int()` writes belong to the type. */
function boundsOf(schema: Schema): readonly Bounds[] {
  const value = (key: string): number | null => (typeof schema[key] === 'number' ? schema[key] : null);
  const min = value('minimum') === Number.MIN_SAFE_INTEGER ? null : value('minimum');
  const max = value('maximum') === Number.MAX_SAFE_INTEGER ? null : value('maximum');
  const inner = { min, max };
  const outer = {
    min: value('exclusiveMinimum'),
    max: value('exclusiveMaximum'),
    isMinExclusive: true,
    isMaxExclusive: true,
  };
  return [inner, outer].filter((bounds) => bounds.min !== null || bounds.max !== null);
}
