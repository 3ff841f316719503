import type { Digest } from '../../base/digest.ts';
import type { Dataset } from '../../records/dataset.ts';
import type { TableRef } from '../../records/validation.ts';
import type { VersionDraft } from '../../records/version.ts';
import type { CompiledContract } from './compiled-contract.ts';

/** A batch that passed. */
export interface AcceptedBatch {
  /** Version digest of its validation: a parent of the dataset. */
  readonly validation: Digest;
  readonly raw: Digest;
  readonly processed: TableRef;
}

/**
 * Yields the dataset of all accepted batches, as a list of their tables: nothing is copied.
 *
 * @param options.accepted in order of arrival; bytes that came twice count once, the first time
 */
export function assembleDataset(options: {
  readonly source: string;
  readonly contract: Pick<CompiledContract, 'digest' | 'columns'>;
  readonly accepted: readonly AcceptedBatch[];
}): VersionDraft<'dataset'> {
  const { source, contract } = options;
  const byRaw = new Map<Digest, AcceptedBatch>();
  for (const batch of options.accepted) if (!byRaw.has(batch.raw)) byRaw.set(batch.raw, batch);
  const accepted = [...byRaw.values()];
  const content: Dataset = {
    schemaVersion: 1,
    source,
    contract: contract.digest,
    batches: accepted.map(({ raw, processed }) => ({ raw, processed })),
    rows: accepted.reduce((sum, { processed }) => sum + processed.rows, 0),
    columns: contract.columns,
  };
  return {
    kind: 'dataset',
    content,
    parents: accepted.map(({ validation }) => ({ digest: validation, role: 'validation' })),
    blobs: [...new Set(accepted.map(({ processed }) => processed.digest))],
  };
}
