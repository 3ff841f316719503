import type { StepContext } from '../../ledger/step-context.ts';
import type { LoadedModel, ModelRuntime } from '../../ports/model.ts';
import type { ModelVersion } from '../../records/model-version.ts';

/** Loads a model for one piece of work and closes it whatever happens. Yields what the work yields. */
export async function withModel<Result>(
  { blob, signal }: StepContext,
  of: { readonly runtime: ModelRuntime; readonly version: ModelVersion },
  work: (model: LoadedModel) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  const { task, features, model: bytes } = of.version;
  const model = await of.runtime.load(await blob.get(bytes), { task, features });
  try {
    return await work(model);
  } finally {
    await model.close();
  }
}
