import { z } from 'zod';
import { contractSpecSchema, type ContractSpec } from './contract-spec.ts';
import { evaluateSpecSchema, type EvaluateSpec } from './evaluate-spec.ts';
import { featuresSpecSchema, labelSpecSchema, type FeaturesSpec, type LabelSpec } from './features-spec.ts';
import { sourceSpecSchema, type SourceSpec } from './source-spec.ts';
import { trainPartSpecSchema, type TrainPartSpec } from './train-spec.ts';

/** Bounds for the data engine, per task. They change no result. */
export interface EngineSpec {
  readonly memoryMb: number;
  readonly threads: number;
}

/** A whole loop as data: what `defineLoop` compiles a config to, after environment and command line were applied. */
export interface LoopSpec {
  readonly schemaVersion: 1;
  readonly name: string;
  readonly source: SourceSpec;
  readonly contract: ContractSpec;
  readonly features: FeaturesSpec;
  readonly label: LabelSpec;
  readonly train: TrainPartSpec;
  readonly evaluate: EvaluateSpec;
  readonly engine: EngineSpec;
}

export const loopSpecSchema: z.ZodType<LoopSpec> = z.strictObject({
  schemaVersion: z.literal(1),
  name: z.string().regex(/^[a-z][a-z0-9_-]*$/),
  source: sourceSpecSchema,
  contract: contractSpecSchema,
  features: featuresSpecSchema,
  label: labelSpecSchema,
  train: trainPartSpecSchema,
  evaluate: evaluateSpecSchema,
  engine: z.strictObject({ memoryMb: z.int().min(64), threads: z.int().min(1).max(64) }),
});
