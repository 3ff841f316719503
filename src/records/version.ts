import type { ZodType } from 'zod';
import { digestFields, type Digest } from '../base/digest.ts';
import { canonicalJson, type Json } from '../base/canonical-json.ts';
import { batchSchema, type Batch } from './batch.ts';
import { datasetSchema, type Dataset } from './dataset.ts';
import { decisionSchema, type Decision } from './decision.ts';
import { evaluationSchema, type Evaluation } from './evaluation.ts';
import { jsonObjectSchema } from './json-value.ts';
import { modelVersionSchema, type ModelVersion } from './model-version.ts';
import { trainingSetSchema, type TrainingSet } from './training-set.ts';
import { validationSchema, type Validation } from './validation.ts';

/** Kinds of version and the record each holds. */
export interface VersionContents {
  readonly batch: Batch;
  readonly validation: Validation;
  readonly dataset: Dataset;
  readonly trainingSet: TrainingSet;
  readonly model: ModelVersion;
  readonly evaluation: Evaluation;
  readonly decision: Decision;
}

/** Names of the kinds of version. */
export type VersionKind = keyof VersionContents;

/** Parsers by kind; a record read from a catalog passes through here. */
export const versionSchemas: { readonly [Kind in VersionKind]: ZodType<VersionContents[Kind]> } = {
  batch: batchSchema,
  validation: validationSchema,
  dataset: datasetSchema,
  trainingSet: trainingSetSchema,
  model: modelVersionSchema,
  evaluation: evaluationSchema,
  decision: decisionSchema,
};

/** A lineage edge to something this version was made from: `digest` is a version's digest, `role` says as what. */
export interface Parent {
  readonly digest: Digest;
  readonly role: string;
}

/** A version about to be committed. Its digest covers kind and content only: never the time, the actor or the git state. */
export interface VersionDraft<Kind extends VersionKind = VersionKind> {
  readonly kind: Kind;
  readonly content: VersionContents[Kind];
  readonly parents: readonly Parent[];
  /** Blobs that the content refers to; garbage collection keeps them. */
  readonly blobs: readonly Digest[];
}

/** Facts about the making of a version that must not move its digest: git commit, uncommitted changes, config snapshot, host. */
export type Provenance = Readonly<Record<string, Json>>;

export const provenanceSchema: ZodType<Provenance> = jsonObjectSchema;

/** A committed version. */
export interface Version<Kind extends VersionKind = VersionKind> extends VersionDraft<Kind> {
  readonly digest: Digest;
  readonly actor: string;
  readonly atUs: number;
  readonly stepId: string | null;
  readonly provenance: Provenance;
}

/** Yields the digest of a version: sha256 over kind and canonical content. */
export function versionDigest<Kind extends VersionKind>(kind: Kind, content: VersionContents[Kind]): Digest {
  return digestFields([kind, canonicalJson(content)]);
}
