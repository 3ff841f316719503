import { z } from 'zod';
import type { Json } from '../base/canonical-json.ts';
import { jsonSchema } from './json-value.ts';

/**
 * An aggregate over the facts of a window, of type double. `count` takes no input; the others skip inputs that are NULL,
 * NaN or infinite; an empty window gives NULL (count: 0). Sums are exact: doubles are added as multiples of 2^-40.
 */
export interface AggregateSpec {
  readonly name: string;
  readonly function: 'count' | 'sum' | 'mean' | 'min' | 'max';
  /** JSON form of a numeric or boolean (0 / 1) expression over processed columns; null for `count`. */
  readonly input: Json;
}

/**
 * A feature view: aggregates over the facts of one entity in the windows (t - w, t] on KNOWN time, t being the row's
 * event time. It yields one feature per aggregate and window, named `<view>_<aggregate>_<window>`. A row with a NULL in
 * its entity finds empty windows and is nobody's fact; a fact whose known time is NULL is never known.
 */
export interface FeatureViewSpec {
  readonly name: string;
  /** Processed columns whose values name the entity. */
  readonly entity: readonly string[];
  readonly windows: readonly { readonly name: string; readonly seconds: number }[];
  readonly aggregates: readonly AggregateSpec[];
}

/** A column of the model's input: an expression over processed columns (known at event time) and view features. */
export interface FeatureSpec {
  readonly name: string;
  readonly kind: 'numeric' | 'categorical';
  readonly expression: Json;
}

/** What the model sees, and what it must predict. */
export interface FeaturesSpec {
  readonly views: readonly FeatureViewSpec[];
  readonly features: readonly FeatureSpec[];
}

/** What is to be predicted. */
export interface LabelSpec {
  readonly task: 'binary' | 'regression';
  /** Boolean or numeric expression over processed columns; rows where it is NULL are left out and counted. */
  readonly expression: Json;
  /** Age after its event at which a row's outcome counts as final. */
  readonly maturitySeconds: number;
}

const name = z.string().regex(/^[A-Za-z0-9_]+$/);

const aggregateSpecSchema: z.ZodType<AggregateSpec> = z.strictObject({
  name,
  function: z.enum(['count', 'sum', 'mean', 'min', 'max']),
  input: jsonSchema,
});

const featureViewSpecSchema: z.ZodType<FeatureViewSpec> = z.strictObject({
  name,
  entity: z.array(z.string()).min(1),
  windows: z.array(z.strictObject({ name, seconds: z.int().positive() })).min(1),
  aggregates: z.array(aggregateSpecSchema).min(1),
});

export const featuresSpecSchema: z.ZodType<FeaturesSpec> = z.strictObject({
  views: z.array(featureViewSpecSchema),
  features: z
    .array(z.strictObject({ name, kind: z.enum(['numeric', 'categorical']), expression: jsonSchema }))
    .min(1),
});

export const labelSpecSchema: z.ZodType<LabelSpec> = z.strictObject({
  task: z.enum(['binary', 'regression']),
  expression: jsonSchema,
  maturitySeconds: z.int().nonnegative(),
});
