import { digestJson } from '../../base/digest.ts';
import { SluiceError } from '../../base/errors.ts';
import { columnsOf, type ExpressionType } from '../../expression/expression.ts';
import { quoteIdentifier } from '../../expression/sql-text.ts';
import { toSql } from '../../expression/to-sql.ts';
import type { SliceSpec } from '../../records/evaluate-spec.ts';
import type { FeaturesSpec, LabelSpec } from '../../records/features-spec.ts';
import type { SourceSpec } from '../../records/source-spec.ts';
import type { CompiledFeatures } from './compiled-features.ts';
import { compileViews } from './compile-views.ts';
import { featureMeanings } from './feature-meanings.ts';
import { FeatureScope } from './feature-scope.ts';
import { requireType } from './owned-expression.ts';

/** What featurize needs of a loop's definition. */
export interface FeatureDefinition {
  readonly source: SourceSpec;
  readonly features: FeaturesSpec;
  readonly label: LabelSpec;
  readonly slices: readonly SliceSpec[];
}

/**
 * Yields the definition as SQL pieces, after checking all of it: names, types, aggregates, and that no feature reads
 * what nobody knows at event time. That includes the known time itself and every derived column that rests on an
 * outcome; such columns are read inside windows, by the label and by slices only.
 *
 * @throws FEATURIZE_LEAK, FEATURIZE_KNOWN_TIME, FEATURIZE_LABEL, FEATURIZE_UNKNOWN_COLUMN, FEATURIZE_EXPRESSION,
 *   FEATURIZE_TYPE, FEATURIZE_AGGREGATE, FEATURIZE_NAME_TAKEN
 */
export function compileFeatures(definition: FeatureDefinition): CompiledFeatures {
  const { source, features, label } = definition;
  const scope = new FeatureScope(source);
  refuseUnusableTimes(source, scope);
  const { views, inputs } = compileViews(features.views, scope);
  return {
    digest: digestOf(definition),
    task: label.task,
    eventTime: source.eventTime,
    knownTime: source.knownTime,
    maturityUs: label.maturitySeconds * 1_000_000,
    views,
    inputs,
    features: compileColumns(features, scope),
    meanings: featureMeanings(definition),
    label: compileLabel(label, scope),
    slices: compileSlices(definition.slices, scope),
    columns: scope.columns,
  };
}

function digestOf({ source, features, label, slices }: FeatureDefinition): string {
  const { eventTime, knownTime } = source;
  // How few rows still make a slice is the judge's matter and moves no row here.
  const cuts = slices.map(({ name, expression }) => ({ name, expression }));
  return digestJson({ features, label, slices: cuts, eventTime, knownTime });
}

function refuseUnusableTimes(source: SourceSpec, scope: FeatureScope): void {
  for (const [owner, name] of [
    ['event time', source.eventTime],
    ['known time', source.knownTime],
  ] as const) {
    if (name === null) continue;
    requireType(`The column ${name} (${owner})`, scope.typeOf(owner, name), ['timestamp']);
  }
  scope.refuseOutcome('The event time', source.eventTime);
}

const numeric: readonly ExpressionType[] = ['boolean', 'int64', 'double'];
const discrete: readonly ExpressionType[] = ['string', 'boolean', 'int64'];

function compileColumns({ features }: FeaturesSpec, scope: FeatureScope): CompiledFeatures['features'] {
  const taken = new Set(['label']);
  return features.map(({ name, kind, expression: json }) => {
    const owner = `feature ${name}`;
    // The engine tells no upper case from lower case in names, and a leading _ marks the columns of Sluice.
    if (taken.has(name.toLowerCase()) || name.startsWith('_'))
      throw new SluiceError('FEATURIZE_NAME_TAKEN', { owner, name });
    taken.add(name.toLowerCase());
    const expression = scope.parse({ owner, json });
    for (const column of columnsOf(expression)) scope.refuseOutcome(owner, column);
    requireType(owner, expression.type, kind === 'numeric' ? numeric : discrete);
    const sql = toSql(expression, { column: (column) => scope.kept(column, true) });
    return { name, kind, sql: `CAST(${sql} AS ${kind === 'numeric' ? 'DOUBLE' : 'VARCHAR'})` };
  });
}

function compileLabel(label: LabelSpec, scope: FeatureScope): string {
  const expression = scope.parseProcessed({ owner: 'label', json: label.expression });
  requireType('label', expression.type, label.task === 'binary' ? ['boolean'] : ['int64', 'double']);
  const read = columnsOf(expression);
  if (!read.some((column) => scope.outcomes.has(column)))
    throw new SluiceError('FEATURIZE_LABEL', { columns: read.join(', ') });
  const sql = `CAST(${toSql(expression, { column: quoteIdentifier })} AS DOUBLE)`;
  return label.task === 'binary' ? sql : `CASE WHEN isfinite(${sql}) THEN ${sql} END`;
}

function compileSlices(slices: readonly SliceSpec[], scope: FeatureScope): CompiledFeatures['slices'] {
  const taken = new Set<string>();
  return slices.map(({ name, expression: json }) => {
    const owner = `slice ${name}`;
    if (taken.has(name.toLowerCase())) throw new SluiceError('FEATURIZE_NAME_TAKEN', { owner, name });
    taken.add(name.toLowerCase());
    const expression = scope.parse({ owner, json });
    requireType(owner, expression.type, discrete);
    const sql = toSql(expression, { column: (column) => scope.kept(column, false) });
    return { name, sql: `CAST(${sql} AS VARCHAR)` };
  });
}
