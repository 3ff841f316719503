import { SluiceError } from '../../base/errors.ts';
import { columnsOf } from '../../expression/expression.ts';
import { quoteIdentifier } from '../../expression/sql-text.ts';
import { toSql } from '../../expression/to-sql.ts';
import type { AggregateSpec, FeatureViewSpec } from '../../records/features-spec.ts';
import type { CompiledAggregate, CompiledInput, CompiledView } from './compiled-features.ts';
import type { FeatureScope } from './feature-scope.ts';
import { requireType } from './owned-expression.ts';
import { viewFeatureNames } from './view-features.ts';
import { windowColumn } from './windows/window-plan.ts';

/** Views, and the distinct inputs that their aggregates share. */
export interface CompiledViews {
  readonly views: readonly CompiledView[];
  readonly inputs: readonly CompiledInput[];
}

/**
 * Yields the views with their inputs as SQL; two aggregates of one expression share an input.
 *
 * @throws FEATURIZE_AGGREGATE, FEATURIZE_KNOWN_TIME, FEATURIZE_LEAK for an entity made of an outcome,
 *   FEATURIZE_NAME_TAKEN, FEATURIZE_TYPE, FEATURIZE_UNKNOWN_COLUMN, FEATURIZE_EXPRESSION
 */
export function compileViews(specs: readonly FeatureViewSpec[], scope: FeatureScope): CompiledViews {
  const inputs: CompiledInput[] = [];
  const views = specs.map((spec, index): CompiledView => {
    const owner = `view ${spec.name}`;
    const aggregates = spec.aggregates.map((aggregate) => compileAggregate(aggregate, owner, scope));
    nameFeatures(spec, index, scope);
    return {
      name: spec.name,
      entity: [...new Set(spec.entity)].map((column) => compileEntity(owner, column, scope)),
      windows: spec.windows.map(({ name, seconds }) => ({ name, us: seconds * 1_000_000 })),
      aggregates: aggregates.map(({ name, function: how, input }) => ({
        name,
        function: how,
        input: input === null ? null : indexOf(input, inputs),
      })),
    };
  });
  return { views, inputs };
}

function nameFeatures(spec: FeatureViewSpec, view: number, scope: FeatureScope): void {
  viewFeatureNames(spec).forEach((name, at) => {
    const [aggregate, window] = [Math.floor(at / spec.windows.length), at % spec.windows.length];
    scope.addWindowed(`view ${spec.name}`, name, windowColumn({ view, aggregate, window }));
  });
}

/** Equality of floating-point numbers and of instants names nothing. */
function compileEntity(owner: string, column: string, scope: FeatureScope): number {
  requireType(`entity ${column} of ${owner}`, scope.typeOf(owner, column), ['string', 'int64', 'boolean']);
  scope.refuseOutcome(owner, column);
  return scope.keep(column, true);
}

interface AggregateWithInput extends Omit<CompiledAggregate, 'input'> {
  readonly input: CompiledInput | null;
}

function compileAggregate(spec: AggregateSpec, view: string, scope: FeatureScope): AggregateWithInput {
  const owner = `aggregate ${spec.name} of ${view}`;
  if ((spec.function === 'count') !== (spec.input === null)) {
    const reason = spec.function === 'count' ? 'takes no input' : 'needs an input';
    throw new SluiceError('FEATURIZE_AGGREGATE', { owner, function: spec.function, reason });
  }
  const { name, function: how } = spec;
  if (spec.input === null) return { name, function: how, input: null };
  const expression = scope.parseProcessed({ owner, json: spec.input });
  requireType(owner, expression.type, ['boolean', 'int64', 'double']);
  const outcome = columnsOf(expression).find((column) => scope.outcomes.has(column));
  // Without a known time a row would find its own outcome in its window.
  if (outcome !== undefined && !scope.hasKnownTime)
    throw new SluiceError('FEATURIZE_KNOWN_TIME', { owner, column: outcome });
  const type = expression.type as CompiledInput['type'];
  return { name, function: how, input: { sql: toSql(expression, { column: quoteIdentifier }), type } };
}

function indexOf(input: CompiledInput, inputs: CompiledInput[]): number {
  const found = inputs.findIndex((one) => one.sql === input.sql);
  return found >= 0 ? found : inputs.push(input) - 1;
}
