import type { Digest } from '../../base/digest.ts';
import type { StepContext } from '../../ledger/step-context.ts';
import type { Batch } from '../../records/batch.ts';
import type { Dataset } from '../../records/dataset.ts';
import type { Validation } from '../../records/validation.ts';
import type { VersionDraft } from '../../records/version.ts';
import type { DeliveredFile } from '../../stages/ingest/deliveries.ts';
import { ingestFile } from '../../stages/ingest/ingest-file.ts';
import { lookupDigests } from '../../stages/ingest/lookups.ts';
import { openRaw } from '../../stages/ingest/raw-table.ts';
import { compileContract } from '../../stages/validate/compile-contract.ts';
import { validateBatch } from '../../stages/validate/validate-batch.ts';
import type { CompiledLoop } from '../compiled-loop.ts';

/** What a file is judged by, and where its bytes may be put meanwhile. */
export interface ValidateFileRequest {
  readonly loop: CompiledLoop;
  readonly file: DeliveredFile;
  /** Rows of it are the earlier ones for rules of uniqueness; those of the same file are left out. */
  readonly dataset: Dataset | null;
}

/**
 * Judges one file by the loop's contract, as the loop would, and commits nothing.
 *
 * @param context its blob store takes bytes that the caller throws away
 * @throws INGEST_* for a file that cannot be read, VALIDATE_*
 */
export async function validateFile(context: StepContext, request: ValidateFileRequest): Promise<Validation> {
  const { loop, file } = request;
  const { source, contract: spec } = loop.spec;
  const contract = compileContract({ source, contract: spec });
  const lookups = await lookupDigests(context, source);
  const { path, name, mtimeUs } = file;
  const isClosed = spec.rowSchema['additionalProperties'] === false;
  const taken = await ingestFile(context, { source, path, name, declaredAtUs: mtimeUs, isClosed });
  const { content: batch } = taken.versions[0] as VersionDraft<'batch'>;
  const raw = await openRaw(context, { source, batch, lookups });
  const earlier = contract.unique.some((rule) => rule.within === 'dataset')
    ? earlierThan(request, batch)
    : [];
  const judged = await validateBatch(context, { contract, batch, raw, checks: loop.checks, earlier });
  return (judged.versions[0] as VersionDraft<'validation'>).content;
}

function earlierThan({ dataset }: ValidateFileRequest, { raw }: Batch): readonly Digest[] {
  return (dataset?.batches ?? []).filter((one) => one.raw !== raw).map((one) => one.processed.digest);
}
