import type { Version } from '../../records/version.ts';
import type { LoopState } from '../step-plan.ts';

/** More than any catalog holds. */
const everything = 10_000_000;

/** Yields every batch of the loop's source, in order of arrival. */
export async function knownBatches({ loop, surroundings }: LoopState): Promise<readonly Version<'batch'>[]> {
  const found = await surroundings.ledger.versions.find({
    kind: 'batch',
    loop: loop.spec.name,
    limit: everything,
  });
  return found.filter((one) => one.content.source === loop.spec.source.name).reverse();
}

/** Yields the batches that count: a later delivery under the same name is a correction and stands for the earlier one. */
export function currentBatches(batches: readonly Version<'batch'>[]): readonly Version<'batch'>[] {
  const newest = new Map(batches.map((batch) => [batch.content.name, batch]));
  return batches.filter((batch) => newest.get(batch.content.name) === batch);
}
