import { canonicalJson, type Json } from '../../base/canonical-json.ts';
import { digestBytes } from '../../base/digest.ts';
import type { DeliveredFile } from '../../stages/ingest/deliveries.ts';
import { ingestRows } from '../../stages/ingest/ingest-file.ts';
import type { StagePart } from '../step-plan.ts';
import { knownBatches } from './batches.ts';
import { fileArrivals, ingestPart, planArrivals, type Arriving } from './ingest.ts';

/** Ingests files that somebody names, wherever they lie, instead of those that the source's globs match. */
export function ingestFilesPart(files: readonly DeliveredFile[]): StagePart {
  return givenPart((state) => fileArrivals(state, files));
}

/** Ingests rows that come without a file; the same rows again are a no-op. */
export function ingestRowsPart(rows: readonly Readonly<Record<string, Json>>[]): StagePart {
  const raw = digestBytes(rows.map((row) => `${canonicalJson(row)}\n`).join(''));
  const arriving: Arriving = {
    name: `rows-${raw.slice(0, 12)}.ndjson`,
    raw,
    declaredAtUs: null,
    take: (context, arrival) => ingestRows(context, { ...arrival, rows }),
  };
  return givenPart(() => Promise.resolve([arriving]));
}

/** Ingests deliveries whose bytes are known, in their order. */
export function givenPart(
  arrivals: (state: Parameters<StagePart['plan']>[0]) => Promise<readonly Arriving[]>,
): StagePart {
  return {
    stage: ingestPart.stage,
    version: ingestPart.version,
    plan: async function* plan(state) {
      yield* planArrivals(state, await arrivals(state));
    },
    recall: knownBatches,
  };
}
