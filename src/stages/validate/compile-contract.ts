import { digestJson } from '../../base/digest.ts';
import { SluiceError } from '../../base/errors.ts';
import { columnsOf, type ColumnTypes } from '../../expression/expression.ts';
import { nearest } from '../../expression/nearest.ts';
import { parseExpression } from '../../expression/parse.ts';
import { quoteIdentifier } from '../../expression/sql-text.ts';
import { specializeZones } from '../../expression/specialize-zones.ts';
import { toSql } from '../../expression/to-sql.ts';
import type { ColumnSpec } from '../../records/column-spec.ts';
import type { ContractSpec, RuleSpec } from '../../records/contract-spec.ts';
import type { SourceSpec } from '../../records/source-spec.ts';
import type { CompiledContract, DerivedColumn, RowRule, UniqueRule } from './compiled-contract.ts';
import { rangePredicate, regexPredicate, setPredicate } from './predicates.ts';
import { schemaRules } from './row-schema.ts';

/**
 * Compiles a contract: what the row schema asks, and the declared rules, as predicates of one scan. Times that order
 * rows (`eventTime`, `knownTime`) must not be null, whatever the schema says.
 *
 * @throws VALIDATE_COLUMN_NAME, VALIDATE_DERIVED_TYPE, VALIDATE_RULE_TWICE, VALIDATE_RULE_COLUMN, VALIDATE_RULE_TYPE,
 *   VALIDATE_RULE_VALUE, VALIDATE_RULE_PATTERN, VALIDATE_SCHEMA_COLUMN, VALIDATE_SCHEMA_UNSUPPORTED naming what neither
 *   SQL nor a `check` rule can judge; EXPRESSION_* for a derived column or rule whose expression is wrong
 */
export function compileContract(options: {
  readonly source: SourceSpec;
  readonly contract: ContractSpec;
  /** Time zones known to occur in the lookups: they make conversions faster and change nothing else. */
  readonly zones?: readonly string[];
}): CompiledContract {
  const { source, contract } = options;
  const derived = compileDerived(source, options.zones ?? []);
  const columns: readonly ColumnSpec[] = [
    ...source.columns,
    ...derived.map(({ name, type }) => ({ name, type, nullable: !isTime(source, name) })),
  ];
  refuseNames(source, columns);
  const { rules: implied, rest } = schemaRules(contract.rowSchema, source.columns);
  const checks = contract.rules.filter((rule) => rule.kind === 'check');
  if (rest.length > 0 && checks.length === 0) {
    throw new SluiceError('VALIDATE_SCHEMA_UNSUPPORTED', { parts: rest.join('; ') });
  }
  const declared = contract.rules.flatMap((rule) => rowRule(rule, columns) ?? []);
  refuseTwice(contract.rules);
  return {
    digest: contractDigest(source, contract),
    arrived: source.columns,
    derived,
    columns,
    eventTime: source.eventTime,
    rows: [
      ...withoutClashes([...implied, ...timeRules(source, derived, implied)], contract.rules, declared),
      ...declared,
    ],
    unique: contract.rules.flatMap((rule) => uniqueRule(rule, source, columns) ?? []),
    checks,
    batch: contract.rules.filter((rule) => rule.kind === 'rowCount' || rule.kind === 'freshness'),
    perRow: rest,
    maxQuarantinedShare: contract.breaker.maxQuarantinedShare,
  };
}

function contractDigest(source: SourceSpec, contract: ContractSpec): string {
  const lookups = source.lookups.map((lookup) => ({ ...lookup, file: undefined }));
  return digestJson({ source: { ...source, files: undefined, lookups }, contract });
}

function isTime(source: SourceSpec, name: string): boolean {
  return name === source.eventTime || name === source.knownTime;
}

function compileDerived(source: SourceSpec, zones: readonly string[]): readonly DerivedColumn[] {
  const types: Record<string, ColumnTypes[string]> = {};
  for (const { name, type } of source.columns) types[name] = type;
  for (const { as, lookup } of source.joins) {
    const spec = source.lookups.find(({ name }) => name === lookup);
    for (const { name, type } of spec?.columns ?? []) types[`${as}.${name}`] = type;
  }
  return source.derived.map(({ name, type, expression }) => {
    const parsed = parseExpression(expression, types);
    if (parsed.type !== type) {
      throw new SluiceError('VALIDATE_DERIVED_TYPE', { column: name, declared: type, found: parsed.type });
    }
    const fast = specializeZones(parsed, { columns: types, zones });
    types[name] = type;
    return { name, type, sql: toSql(fast), reads: columnsOf(parsed) };
  });
}

const reserved = /^(_row|_batch|_raw|_reasons|_notes|file_row_number)$/i;

/** The engine does not tell upper from lower case in names. */
function refuseNames(source: SourceSpec, columns: readonly ColumnSpec[]): void {
  const seen = new Map<string, string>();
  for (const { name } of columns) {
    const twin = seen.get(name.toLowerCase());
    const reason = reserved.test(name)
      ? 'the name is reserved'
      : twin === undefined
        ? undefined
        : `it differs from ${twin} at most in case`;
    if (reason !== undefined) throw new SluiceError('VALIDATE_COLUMN_NAME', { column: name, reason });
    seen.set(name.toLowerCase(), name);
  }
  for (const name of [source.eventTime, ...(source.knownTime === null ? [] : [source.knownTime])]) {
    const column = columnOf('source times', name, columns);
    if (column.type !== 'timestamp') {
      const details = { rule: 'source times', column: name, type: column.type, wanted: 'a timestamp' };
      throw new SluiceError('VALIDATE_RULE_TYPE', details);
    }
  }
}

function timeRules(
  source: SourceSpec,
  derived: readonly DerivedColumn[],
  implied: readonly RowRule[],
): readonly RowRule[] {
  const known = new Set(implied.map(({ id }) => id));
  const types = derived.map(({ name }) => typeRule(name));
  const times = [source.eventTime, ...(source.knownTime === null ? [] : [source.knownTime])];
  const notNull = [...new Set(times)]
    .map((name) => notNullRule(`notNull:${name}`, name, 'error'))
    .filter(({ id }) => !known.has(id));
  return [...types, ...notNull];
}

/** What is broken where a derived column cannot be computed: an overflow, an unknown time zone. */
function typeRule(name: string): RowRule {
  return { id: `type:${name}`, kind: 'type', severity: 'error', columns: [name] };
}

function notNullRule(id: string, column: string, severity: RuleSpec['severity']): RowRule {
  return {
    id,
    kind: 'notNull',
    severity,
    columns: [column],
    predicate: `${quoteIdentifier(column)} IS NOT NULL`,
  };
}

/** A declared rule may have the name of an implied one; the implied one then goes, when it says the same, or is renamed. */
function withoutClashes(
  implied: readonly RowRule[],
  specs: readonly RuleSpec[],
  declared: readonly RowRule[],
): readonly RowRule[] {
  const ids = new Set(specs.map(({ id }) => id));
  return implied.flatMap((rule) => {
    if (!ids.has(rule.id)) return [rule];
    const twin = declared.find(({ id }) => id === rule.id);
    if (twin?.predicate === rule.predicate && twin?.severity === 'error') return [];
    return [{ ...rule, id: `schema:${rule.id}` }];
  });
}

function refuseTwice(rules: readonly RuleSpec[]): void {
  const ids = rules.map(({ id }) => id);
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice !== undefined) throw new SluiceError('VALIDATE_RULE_TWICE', { rule: twice });
}

function columnOf(rule: string, name: string, columns: readonly ColumnSpec[]): ColumnSpec {
  const found = columns.find((column) => column.name === name);
  if (found !== undefined) return found;
  const names = columns.map((column) => column.name);
  throw new SluiceError('VALIDATE_RULE_COLUMN', {
    rule,
    column: name,
    nearest: nearest(name, names) ?? '(none)',
  });
}

function rowRule(rule: RuleSpec, columns: readonly ColumnSpec[]): readonly RowRule[] | undefined {
  const { id, severity } = rule;
  const of = (name: string): ColumnSpec => columnOf(id, name, columns);
  const made = (column: string, predicate: string): readonly RowRule[] => [
    { id, kind: rule.kind as RowRule['kind'], severity, columns: [column], predicate },
  ];
  switch (rule.kind) {
    case 'notNull':
      return [notNullRule(id, of(rule.column).name, severity)];
    case 'range':
      return made(rule.column, rangePredicate(id, of(rule.column), rule));
    case 'set':
      return made(rule.column, setPredicate(id, of(rule.column), rule.values));
    case 'regex':
      return made(rule.column, regexPredicate(id, of(rule.column), rule.pattern));
    case 'expression':
      return [expressionRule(rule, columns)];
    case 'unique':
    case 'check':
    case 'rowCount':
    case 'freshness':
      return undefined;
  }
}

function expressionRule(
  { id, severity, expression }: Extract<RuleSpec, { kind: 'expression' }>,
  columns: readonly ColumnSpec[],
): RowRule {
  const parsed = parseExpression(
    expression,
    Object.fromEntries(columns.map(({ name, type }) => [name, type])),
  );
  if (parsed.type !== 'boolean') {
    const details = { rule: id, column: 'the expression', type: parsed.type, wanted: 'boolean' };
    throw new SluiceError('VALIDATE_RULE_TYPE', details);
  }
  return { id, kind: 'expression', severity, columns: columnsOf(parsed), predicate: toSql(parsed) };
}

function uniqueRule(
  rule: RuleSpec,
  source: SourceSpec,
  columns: readonly ColumnSpec[],
): UniqueRule | undefined {
  if (rule.kind !== 'unique') return undefined;
  const isWholeRow = rule.columns.length === 0;
  const names = isWholeRow ? source.columns.map(({ name }) => name) : rule.columns;
  for (const name of names) columnOf(rule.id, name, columns);
  return { id: rule.id, severity: rule.severity, columns: names, isWholeRow, within: rule.within };
}
