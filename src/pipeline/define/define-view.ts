import { SluiceError } from '../../base/errors.ts';
import { column } from '../../expression/expression.ts';
import type { Expression } from '../../expression/methods.ts';
import type { AggregateSpec, FeatureViewSpec } from '../../records/features-spec.ts';
import { durationSeconds, type Duration } from './durations.ts';
import { jsonOf } from './expression-json.ts';
import { refuseUnknownKeys } from './unknown-keys.ts';

type Aggregable = Expression<'int64'> | Expression<'double'> | Expression<'boolean'>;

/** An aggregate over the facts of a window, not yet named. */
export type Aggregate = Omit<AggregateSpec, 'name'>;

/** The number of facts; 0 for an empty window. */
export const count = (): Aggregate => ({ function: 'count', input: null });
/** The mean of an expression (booleans count 0 and 1); NULL for an empty window. */
export const mean = (of: Aggregable): Aggregate => ({ function: 'mean', input: jsonOf(of) });
/** The sum of an expression; NULL for an empty window. */
export const sum = (of: Aggregable): Aggregate => ({ function: 'sum', input: jsonOf(of) });
/** The smallest value; NULL for an empty window. */
export const min = (of: Aggregable): Aggregate => ({ function: 'min', input: jsonOf(of) });
/** The greatest value; NULL for an empty window. */
export const max = (of: Aggregable): Aggregate => ({ function: 'max', input: jsonOf(of) });

/** What `view` takes. */
export interface ViewOptions<Window extends Duration, Names extends string> {
  /** The columns whose values name the entity. */
  readonly by: Expression | readonly Expression[];
  /** Windows (t - w, t] on known time. */
  readonly windows: readonly Window[];
  readonly aggregates: Readonly<Record<Names, Aggregate>>;
}

/** A feature view, and its features by name. */
export interface View<Features extends string = string> {
  readonly spec: FeatureViewSpec;
  readonly features: { readonly [Name in Features]: Expression<'double'> };
}

/**
 * Yields a feature view: what is known about an entity at a row's event time, aggregated over windows of known time.
 * Its features are named `<view>_<aggregate>_<window>`.
 *
 * @throws CONFIG_KEY, CONFIG_VALUE, DEFINE_ENTITY when the entity is not made of plain columns
 */
export function view<const Name extends string, const Window extends Duration, const Names extends string>(
  name: Name,
  options: ViewOptions<Window, Names>,
): View<`${Name}_${Names}_${Window}`> {
  refuseUnknownKeys(`view ${name}`, options, ['by', 'windows', 'aggregates']);
  const { aggregates, windows } = options;
  const spec: FeatureViewSpec = {
    name,
    entity: (Array.isArray(options.by)
      ? (options.by as readonly Expression[])
      : [options.by as Expression]
    ).map((one) => entityColumn(name, one)),
    windows: windows.map((window) => ({
      name: window,
      seconds: durationSeconds(window, `view ${name}.windows`),
    })),
    aggregates: Object.entries<Aggregate>(aggregates).map(([aggregate, rest]) => ({
      name: aggregate,
      ...rest,
    })),
  };
  const names = Object.keys(aggregates).flatMap((aggregate) =>
    windows.map((window) => `${name}_${aggregate}_${window}`),
  );
  const features = Object.fromEntries(names.map((feature) => [feature, column(feature, 'double')]));
  return { spec, features: features as View<`${Name}_${Names}_${Window}`>['features'] };
}

function entityColumn(name: string, expression: Expression): string {
  if ('name' in expression.json) return expression.json.name;
  throw new SluiceError('DEFINE_ENTITY', { view: name, found: expression.json.op });
}
