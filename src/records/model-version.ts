import { z } from 'zod';
import type { Json } from '../base/canonical-json.ts';
import type { Digest } from '../base/digest.ts';
import { digestSchema, jsonObjectSchema } from './json-value.ts';
import { featureColumnSchema } from './training-set.ts';

/** One point of a training curve. */
export interface Curve {
  readonly round: number;
  readonly metric: string;
  readonly split: 'train' | 'validation';
  readonly value: number;
}

/** A trained model with everything needed to make it again. */
export interface ModelVersion {
  readonly schemaVersion: 1;
  /** The loop's name. */
  readonly name: string;
  /** Digest of the ONNX bytes. */
  readonly model: Digest;
  readonly sizeBytes: number;
  readonly task: 'binary' | 'regression';
  readonly features: readonly { readonly name: string; readonly kind: 'numeric' | 'categorical' }[];
  readonly trainingSet: Digest;
  readonly trainer: { readonly name: string; readonly version: string };
  readonly params: Readonly<Record<string, Json>>;
  readonly seed: number;
  readonly curve: readonly Curve[];
  readonly importances: Readonly<Record<string, number>> | null;
  readonly facts: Readonly<Record<string, Json>>;
  /** Largest difference between the ONNX model and the trainer's own scorer, over every evaluation row; null when the trainer has no scorer. */
  readonly parity: { readonly rows: number; readonly maxDifference: number } | null;
  /** Engine, runtime and trainer versions, and the CPU family that digests are promised for. */
  readonly environment: Readonly<Record<string, string>>;
}

export const modelVersionSchema: z.ZodType<ModelVersion> = z.strictObject({
  schemaVersion: z.literal(1),
  name: z.string(),
  model: digestSchema,
  sizeBytes: z.int().positive(),
  task: z.enum(['binary', 'regression']),
  features: z.array(featureColumnSchema),
  trainingSet: digestSchema,
  trainer: z.strictObject({ name: z.string(), version: z.string() }),
  params: jsonObjectSchema,
  seed: z.int(),
  curve: z.array(
    z.strictObject({
      round: z.int().nonnegative(),
      metric: z.string(),
      split: z.enum(['train', 'validation']),
      value: z.number(),
    }),
  ),
  importances: z.record(z.string(), z.number()).nullable(),
  facts: jsonObjectSchema,
  parity: z.strictObject({ rows: z.int(), maxDifference: z.number() }).nullable(),
  environment: z.record(z.string(), z.string()),
});
