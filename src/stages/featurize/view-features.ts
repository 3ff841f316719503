import type { FeaturesSpec, FeatureViewSpec } from '../../records/features-spec.ts';

/**
 * Yields the names of a view's features, `<view>_<aggregate>_<window>`, aggregate by aggregate. All are of type double;
 * a count is never NULL.
 *
 * @example
 * viewFeatureNames({ name: 'o', entity: ['origin'], windows: [{ name: '1h', seconds: 3600 }], aggregates: [{ name: 'n', function: 'count', input: null }] }); // ['o_n_1h']
 */
export function viewFeatureNames(view: FeatureViewSpec): readonly string[] {
  return view.aggregates.flatMap((aggregate) =>
    view.windows.map((window) => `${view.name}_${aggregate.name}_${window.name}`),
  );
}

/** Yields name and kind of the model's input columns, in order. */
export function featureColumns(
  spec: FeaturesSpec,
): readonly { readonly name: string; readonly kind: 'numeric' | 'categorical' }[] {
  return spec.features.map(({ name, kind }) => ({ name, kind }));
}
