import { mkdir, readFile, rm } from 'node:fs/promises';
import { arch } from 'node:process';
import { SluiceError } from '../../base/errors.ts';
import type { StepContext, StepOutcome } from '../../ledger/step-context.ts';
import type { Signature, ModelRuntime } from '../../ports/model.ts';
import type { TrainResult, TrainSpec, Trainer } from '../../ports/trainer.ts';
import type { ModelVersion } from '../../records/model-version.ts';
import type { TrainPartSpec } from '../../records/train-spec.ts';
import type { TrainingSet } from '../../records/training-set.ts';
import { measureParity } from './parity.ts';
import { shuffleLabels } from './shuffled-labels.ts';

/** Largest difference between a model's ONNX form and its trainer's own scorer that is still the same model. */
export const parityTolerance: number = 1e-6;

/** What one training needs. */
export interface TrainInput {
  /** The loop's name. */
  readonly name: string;
  readonly trainingSet: { readonly digest: string; readonly content: TrainingSet };
  readonly part: TrainPartSpec;
  readonly trainer: Trainer;
  readonly runtime: ModelRuntime;
}

/**
 * Trains one model and checks it before anything is kept: the ONNX bytes load in a process of their own, fit the
 * signature, score every row of the evaluation block with finite numbers, and agree with the trainer's own scorer.
 *
 * @throws TRAIN_PARITY when the two scorers differ by more than 1e-6; what the trainer or the runtime throws
 */
export async function trainModel(context: StepContext, input: TrainInput): Promise<StepOutcome> {
  const directory = await context.blob.scratchPath('.train');
  await mkdir(directory, { recursive: true });
  try {
    const spec = await specFor(context, input, directory);
    const result = await input.trainer.train(spec, {
      engine: context.engine,
      signal: context.signal,
      progress: (share, note) => context.progress(share * 0.9, note),
    });
    return await keepModel(context, input, { spec, result });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function specFor(context: StepContext, input: TrainInput, outputDirectory: string): Promise<TrainSpec> {
  const { content } = input.trainingSet;
  const output = `${outputDirectory}/output`;
  await mkdir(output);
  const pathOf = async (part: 'train' | 'validation'): Promise<string> => {
    const source = await context.blob.path(content[part].table.digest);
    if (input.part.labels === 'recorded') return source;
    return shuffleLabels(context, { source, target: `${outputDirectory}/${part}.parquet` }, input.part.seed);
  };
  return {
    task: content.task,
    trainPath: await pathOf('train'),
    validationPath: await pathOf('validation'),
    label: 'label',
    features: content.features,
    params: input.trainer.resolveParams(input.part.params),
    seed: input.part.seed,
    outputDirectory: output,
    timeoutMs: input.part.timeoutMs,
    threads: context.threads,
  };
}

async function keepModel(
  context: StepContext,
  input: TrainInput,
  made: { readonly spec: TrainSpec; readonly result: TrainResult },
): Promise<StepOutcome> {
  const { spec, result } = made;
  const bytes = await readFile(result.modelPath);
  const parity = await checkModel(context, input, { bytes, result });
  const stored = await context.blob.put(bytes);
  const content: ModelVersion = {
    schemaVersion: 1,
    name: input.name,
    model: stored.digest,
    sizeBytes: stored.sizeBytes,
    task: spec.task,
    features: spec.features,
    trainingSet: input.trainingSet.digest,
    trainer: { name: input.trainer.name, version: input.trainer.version },
    params: spec.params,
    seed: spec.seed,
    curve: result.curve,
    importances: result.importances ?? null,
    facts: { ...result.facts, labels: input.part.labels },
    parity,
    environment: { arch, engine: context.engine.version, runtime: input.runtime.version },
  };
  const parents = [{ digest: input.trainingSet.digest, role: 'trainingSet' }];
  return {
    versions: [{ kind: 'model', content, parents, blobs: [stored.digest] }],
    verdict: null,
    facts: { ...result.facts, sizeBytes: stored.sizeBytes, parity: parity?.maxDifference ?? null },
  };
}

async function checkModel(
  context: StepContext,
  input: TrainInput,
  made: { readonly bytes: Uint8Array; readonly result: TrainResult },
): Promise<ModelVersion['parity']> {
  context.progress(0.9, 'checking the exported model');
  const { task, features, evaluation } = input.trainingSet.content;
  const signature: Signature = { task, features };
  const model = await input.runtime.load(made.bytes, signature);
  try {
    const path = await context.blob.path(evaluation.table.digest);
    const parity = await measureParity({ context, model, path, score: made.result.score ?? null });
    if (parity !== null && !(parity.maxDifference <= parityTolerance)) {
      throw new SluiceError('TRAIN_PARITY', {
        difference: parity.maxDifference,
        row: parity.row,
        allowed: parityTolerance,
      });
    }
    return parity === null ? null : { rows: parity.rows, maxDifference: parity.maxDifference };
  } finally {
    await model.close();
  }
}
