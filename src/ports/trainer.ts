import type { Json } from '../base/canonical-json.ts';
import type { Engine } from './engine.ts';

/** One input column of a model, in the order of the signature. */
export interface FeatureColumn {
  readonly name: string;
  /** `numeric` holds doubles (NULL = missing), `categorical` holds strings (NULL and unseen are levels of their own). */
  readonly kind: 'numeric' | 'categorical';
}

/** What the model predicts: the probability of true, or a number. */
export type Task = 'binary' | 'regression';

/**
 * Everything a trainer may depend on. Training is stateless: the same spec gives the same model bytes.
 * Each file has the feature columns, the label column (`binary`: 0 / 1; NULL never occurs), `_event_us` (event time) and
 * is sorted by (event time, batch, row).
 */
export interface TrainSpec {
  readonly task: Task;
  /** Parquet file of the training rows. */
  readonly trainPath: string;
  /** Parquet file of the validation rows for early stopping; may have no rows. */
  readonly validationPath: string;
  readonly label: string;
  readonly features: readonly FeatureColumn[];
  readonly params: Readonly<Record<string, Json>>;
  readonly seed: number;
  /** An empty directory for the trainer's files. */
  readonly outputDirectory: string;
  readonly timeoutMs: number;
  readonly threads: number;
}

/** One point of a training curve. */
export interface CurvePoint {
  readonly round: number;
  readonly metric: string;
  readonly split: 'train' | 'validation';
  readonly value: number;
}

/** What a trainer leaves behind. */
export interface TrainResult {
  /** Path of a self-contained ONNX model; input per feature by name, output `score` double or float [n, 1]. */
  readonly modelPath: string;
  readonly curve: readonly CurvePoint[];
  /** Share of total gain or absolute standardised weight per feature, summing to 1; absent when the trainer does not tell. */
  readonly importances?: Readonly<Record<string, number>>;
  /** Facts for the model card: rounds used, rows seen, iterations, warnings. */
  readonly facts: Readonly<Record<string, Json>>;
  /**
   * The trainer's own predictions for the rows of a Parquet file, in file order, as float64; the ONNX export is
   * compared with them row by row. Absent for trainers that only leave a file.
   */
  readonly score?: (parquetPath: string) => Promise<Float64Array>;
}

/** What the surroundings lend to a trainer. */
export interface TrainContext {
  readonly engine: Engine;
  readonly signal: AbortSignal;
  /** Called with the share done in [0, 1] and a short note. */
  readonly progress: (share: number, note: string) => void;
}

/** Turns a training set into a model. */
export interface Trainer {
  readonly name: string;
  /** Raised when the same spec would give another model. */
  readonly version: string;
  /** Yields the params with defaults filled in. @throws TRAIN_PARAM naming the key, the value and what is allowed */
  resolveParams(params: Readonly<Record<string, Json>>): Readonly<Record<string, Json>>;
  /** @throws TRAIN_* when no model could be made; nothing of a failed training is registered */
  train(spec: TrainSpec, context: TrainContext): Promise<TrainResult>;
}
