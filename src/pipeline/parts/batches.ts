import type { Delivery, Ledger } from '../../ledger/ledger.ts';
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

/**
 * Yields for each name under which bytes were delivered, in the order of its first delivery, the batches it has stood
 * for, newest first: a later delivery under the same name is a correction, and the same bytes again take it back.
 *
 * @param batches in order of arrival
 */
export async function deliveredLines(
  ledger: Ledger,
  batches: readonly Version<'batch'>[],
): Promise<readonly (readonly Version<'batch'>[])[]> {
  // Equal bytes that were declared at another time are another version; the newest one counts.
  const byRaw = new Map(batches.map((batch) => [batch.content.raw, batch]));
  const lines = new Map<string, readonly Version<'batch'>[]>();
  for (const source of new Set(batches.map((batch) => batch.content.source))) {
    for (const { name, raw } of await deliveriesOf(ledger, source)) {
      const batch = byRaw.get(raw);
      if (batch === undefined) continue;
      const others = (lines.get(name) ?? []).filter((one) => one !== batch);
      lines.set(name, [batch, ...others]);
    }
  }
  return [...lines.values()];
}

/** Yields every delivery of a source, oldest first. */
export async function deliveriesOf(ledger: Ledger, source: string): Promise<readonly Delivery[]> {
  return [...(await ledger.deliveries.list({ source, limit: everything }))].reverse();
}

/** Yields the batches that count: of each name the newest, each once. */
export async function currentBatches(
  ledger: Ledger,
  batches: readonly Version<'batch'>[],
): Promise<readonly Version<'batch'>[]> {
  const lines = await deliveredLines(ledger, batches);
  return [...new Set(lines.flatMap(([newest]) => newest ?? []))];
}
