import type { StepContext } from '../../ledger/step-context.ts';
import type { Dataset } from '../../records/dataset.ts';

/** Yields local, verified paths of a dataset's tables that have rows, in order of arrival. */
export async function datasetPaths(
  { blob }: Pick<StepContext, 'blob'>,
  dataset: Dataset,
): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const { processed } of dataset.batches)
    if (processed.rows > 0) paths.push(await blob.path(processed.digest));
  return paths;
}
