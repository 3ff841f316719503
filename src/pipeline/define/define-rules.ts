import { SluiceError } from '../../base/errors.ts';
import type { Expression } from '../../expression/methods.ts';
import type { RuleSpec, Severity } from '../../records/contract-spec.ts';
import { durationSeconds, type Duration } from './durations.ts';
import { jsonOf } from './expression-json.ts';

interface RuleOptions {
  /** What quarantine shows as the reason; a name is made from the rule when absent. */
  readonly id?: string;
  /** `error` (the default) sends rows to quarantine, `warn` only counts. */
  readonly severity?: Severity;
}

/** A rule on a column judges what is in it; what is computed from columns is judged by `check`. @throws DEFINE_RULE */
function nameOf(rule: RuleSpec['kind'], expression: Expression): string {
  if ('name' in expression.json) return expression.json.name;
  throw new SluiceError('DEFINE_RULE', {
    rule,
    found: 'op' in expression.json ? expression.json.op : 'a literal',
  });
}

const common = (id: string, options: RuleOptions): { readonly id: string; readonly severity: Severity } => ({
  id: options.id ?? id,
  severity: options.severity ?? 'error',
});

/** A column must not be NULL. */
export const notNull = (of: Expression, options: RuleOptions = {}): RuleSpec => ({
  ...common(`notNull:${nameOf('notNull', of)}`, options),
  kind: 'notNull',
  column: nameOf('notNull', of),
});

/** A number must lie in [min, max], both included; NULL passes. */
export const range = (
  of: Expression<'int64'> | Expression<'double'>,
  options: RuleOptions & { readonly min?: number; readonly max?: number },
): RuleSpec => ({
  ...common(`range:${nameOf('range', of)}`, options),
  kind: 'range',
  column: nameOf('range', of),
  min: options.min ?? null,
  max: options.max ?? null,
});

/** A value must be one of a list; NULL passes. */
export const oneOf = (
  of: Expression,
  values: readonly (string | number | boolean)[],
  options: RuleOptions = {},
): RuleSpec => ({
  ...common(`set:${nameOf('set', of)}`, options),
  kind: 'set',
  column: nameOf('set', of),
  values,
});

/** Text must match a regular expression (RE2); NULL passes. */
export const matches = (of: Expression<'string'>, pattern: string, options: RuleOptions = {}): RuleSpec => ({
  ...common(`regex:${nameOf('regex', of)}`, options),
  kind: 'regex',
  column: nameOf('regex', of),
  pattern,
});

/** Keeps the first row of each key, in row order; without columns the whole arrived row is the key. */
export const unique = (
  of: readonly Expression[] = [],
  options: RuleOptions & { readonly within?: 'batch' | 'dataset' } = {},
): RuleSpec => {
  const columns = of.map((one) => nameOf('unique', one));
  return {
    ...common(columns.length === 0 ? 'unique:row' : `unique:${columns.join('+')}`, options),
    kind: 'unique',
    columns,
    within: options.within ?? 'batch',
  };
};

/** An expression must not be false; NULL passes. */
export const check = (
  id: string,
  expression: Expression<'boolean'>,
  options: Omit<RuleOptions, 'id'> = {},
): RuleSpec => ({
  ...common(id, options),
  kind: 'expression',
  expression: jsonOf(expression),
});

/** A batch must have so many rows. */
export const rowCount = (
  options: RuleOptions & { readonly min?: number; readonly max?: number },
): RuleSpec => ({
  ...common('rowCount', options),
  kind: 'rowCount',
  min: options.min ?? null,
  max: options.max ?? null,
});

/** The newest event of a batch must not be older than this at its declared arrival. */
export const freshness = (maxAge: Duration, options: RuleOptions = {}): RuleSpec => ({
  ...common('freshness', options),
  kind: 'freshness',
  maxAgeSeconds: durationSeconds(maxAge, 'freshness'),
});
