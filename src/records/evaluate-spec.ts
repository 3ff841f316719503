import { z } from 'zod';
import type { Json } from '../base/canonical-json.ts';
import { jsonObjectSchema, jsonSchema } from './json-value.ts';

/** A named way to cut the evaluation rows into groups; groups below `minRows` are counted, not judged. */
export interface SliceSpec {
  readonly name: string;
  readonly expression: Json;
  readonly minRows: number;
}

/** One condition of promotion. Absolute gates judge the bound of the interval, never the point alone. */
export type GateSpec =
  | {
      readonly kind: 'absolute';
      readonly metric: string;
      readonly atLeast: number | null;
      readonly atMost: number | null;
    }
  /** Paired by block against the champion on the same rows; `margin` is the harm that is still accepted. Passes vacuously, and says so, when there is no champion. */
  | {
      readonly kind: 'nonInferior';
      readonly metric: 'logLoss' | 'brier' | 'cost' | 'squaredError';
      readonly margin: number;
    }
  /** Rows whose score must lie in [atLeast, atMost]. */
  | {
      readonly kind: 'mustPass';
      readonly name: string;
      readonly features: Readonly<Record<string, Json>>;
      readonly atLeast: number | null;
      readonly atMost: number | null;
    };

/** How a model is judged. */
export interface EvaluateSpec {
  /** Score at or above which the answer counts as true; declared, stored, never searched on the evaluation rows. */
  readonly threshold: number;
  readonly cost: { readonly falsePositive: number; readonly falseNegative: number };
  readonly block: 'day' | 'hour' | 'week';
  readonly alpha: number;
  readonly replicates: number;
  readonly slices: readonly SliceSpec[];
  readonly gates: readonly GateSpec[];
}

const bound = z.number().nullable();

interface Bounds {
  readonly atLeast: number | null;
  readonly atMost: number | null;
}

/** A gate without a bound would pass anything, one whose bounds cross nothing. */
const hasRoom = ({ atLeast, atMost }: Bounds): boolean =>
  !(atLeast === null && atMost === null) && (atLeast ?? -Infinity) <= (atMost ?? Infinity);
const needsRoom = 'give atLeast, atMost, or both with atLeast <= atMost';

export const gateSpecSchema: z.ZodType<GateSpec> = z.discriminatedUnion('kind', [
  z
    .strictObject({ kind: z.literal('absolute'), metric: z.string(), atLeast: bound, atMost: bound })
    .refine(hasRoom, needsRoom),
  z.strictObject({
    kind: z.literal('nonInferior'),
    metric: z.enum(['logLoss', 'brier', 'cost', 'squaredError']),
    margin: z.number().nonnegative(),
  }),
  z
    .strictObject({
      kind: z.literal('mustPass'),
      name: z.string().min(1),
      features: jsonObjectSchema,
      atLeast: bound,
      atMost: bound,
    })
    .refine(hasRoom, needsRoom),
]);

/** Items are told apart by their names. */
function haveOwnNames(gates: readonly GateSpec[]): boolean {
  const names = gates.flatMap((gate) => (gate.kind === 'mustPass' ? [gate.name] : []));
  return new Set(names).size === names.length;
}

export const evaluateSpecSchema: z.ZodType<EvaluateSpec> = z.strictObject({
  threshold: z.number().min(0).max(1),
  cost: z.strictObject({ falsePositive: z.number().nonnegative(), falseNegative: z.number().nonnegative() }),
  block: z.enum(['day', 'hour', 'week']),
  alpha: z.number().gt(0).lt(1),
  replicates: z.int().min(100).max(10_000),
  slices: z.array(
    z.strictObject({ name: z.string().min(1), expression: jsonSchema, minRows: z.int().positive() }),
  ),
  gates: z.array(gateSpecSchema).refine(haveOwnNames, 'two mustPass gates have the same name'),
});
