import type { ColumnTable } from './engine.ts';
import type { FeatureColumn, Task } from './trainer.ts';

/** What goes in and what comes out of a model. */
export interface Signature {
  readonly task: Task;
  readonly features: readonly FeatureColumn[];
}

/** A model that is ready to answer. */
export interface LoadedModel {
  readonly signature: Signature;
  /**
   * Yields one score per row, in row order: the probability of true for `binary`, a number for `regression`.
   * @throws MODEL_INPUT for a missing column or a wrong type, MODEL_NOT_FINITE naming the row, MODEL_CRASHED
   */
  predict(rows: ColumnTable): Promise<Float64Array>;
  close(): Promise<void>;
}

/** Loads models into places where they can do no harm: a model that hangs or crashes takes only its own process along. */
export interface ModelRuntime {
  /** Name and exact version, part of the environment of a model version: `onnxruntime 1.30.0`. */
  readonly version: string;
  /** @throws MODEL_INVALID for bytes that are no ONNX model, use external data, or do not fit the signature */
  load(bytes: Uint8Array, signature: Signature): Promise<LoadedModel>;
  close(): Promise<void>;
}
