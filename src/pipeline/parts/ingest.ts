import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Digest } from '../../base/digest.ts';
import { isSluiceError, SluiceError } from '../../base/errors.ts';
import type { StepContext, StepOutcome } from '../../ledger/step-context.ts';
import { ingestFile } from '../../stages/ingest/ingest-file.ts';
import { listDeliveries, type DeliveredFile } from '../../stages/ingest/deliveries.ts';
import {
  type LoopState,
  type PlannedOutcome,
  type StagePart,
  type StepPlan,
  type StepPlans,
} from '../step-plan.ts';
import { fieldsOf } from '../step-key.ts';
import { deliveriesOf, knownBatches } from './batches.ts';
import { stageFields } from './stage-fields.ts';

/** Raw batches: every delivery kept as received; the same bytes again are a no-op. */
export const ingestPart: StagePart = {
  stage: 'ingest',
  version: '1',
  plan,
  recall: knownBatches,
};

async function* plan(state: LoopState): StepPlans {
  const files = await deliveries(state);
  yield* planArrivals(state, await fileArrivals(state, files));
}

/** A delivery whose bytes are known but not yet taken in. */
export interface Arriving {
  readonly name: string;
  readonly raw: Digest;
  /** When the sender says it was made, UTC microseconds; counts only where a rule asks for it. */
  readonly declaredAtUs: number | null;
  readonly take: (
    context: StepContext,
    arrival: Omit<Parameters<typeof ingestFile>[1], 'path'>,
  ) => Promise<StepOutcome>;
}

/**
 * Plans one step per delivery. Bytes that came before are taken in no more; that they came again is noted where it says
 * something new: under another name, or under their own after a correction (which is thereby taken back).
 */
export async function* planArrivals(state: LoopState, arrivals: readonly Arriving[]): StepPlans {
  const { source } = state.loop.spec;
  const { ledger } = state.surroundings;
  const firstNames = new Map(
    (await knownBatches(state)).map((one) => [one.content.raw, one.content.name] as const),
  );
  const lastBytes = new Map((await deliveriesOf(ledger, source.name)).map((one) => [one.name, one.raw]));
  for (const [i, arrival] of arrivals.entries()) {
    const { raw, name } = arrival;
    const firstName = firstNames.get(raw);
    if (firstName !== undefined && lastBytes.get(name) !== raw) {
      await ledger.deliveries.record([{ source: source.name, raw, name, outcome: 'repeated' }]);
    }
    lastBytes.set(name, raw);
    if (firstName !== undefined && firstName !== name) continue;
    firstNames.set(raw, name);
    yield { ...(await planArrival(state, arrival)), place: { number: i + 1, of: arrivals.length } };
  }
}

/** Yields files as deliveries; those seen before and unchanged since are not read again. */
export async function fileArrivals(
  state: LoopState,
  files: readonly DeliveredFile[],
): Promise<readonly Arriving[]> {
  const { sourceFiles } = state.surroundings.ledger;
  const { format } = state.loop.spec.source;
  const known = await sourceFiles.lookup(files);
  const raws: Digest[] = [];
  for (const [i, file] of files.entries()) raws.push(known[i] ?? (await digestOfFile(file, format)));
  await sourceFiles.remember(files.map((file, i) => ({ ...file, raw: raws[i] ?? '' })));
  return files.map(({ name, path, mtimeUs }, i) => ({
    name,
    raw: raws[i] ?? '',
    declaredAtUs: mtimeUs,
    take: (context, arrival) => ingestFile(context, { ...arrival, path }),
  }));
}

/** No file is no error for a loop whose rows came by other ways or whose files were cleared away after ingest. */
async function deliveries(state: LoopState): Promise<readonly DeliveredFile[]> {
  try {
    return await listDeliveries({
      source: state.loop.spec.source,
      projectDirectory: state.surroundings.projectDirectory,
    });
  } catch (error) {
    if (isSluiceError(error, 'INGEST_NO_FILES') && (await knownBatches(state)).length > 0) return [];
    throw error;
  }
}

/** @throws INGEST_FORBIDDEN, PIPELINE_FILE_CHANGED when it has gone since it was listed, INGEST_UNREADABLE */
async function digestOfFile({ path, name }: DeliveredFile, format: string): Promise<Digest> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
    if (code === 'EACCES' || code === 'EPERM')
      throw new SluiceError('INGEST_FORBIDDEN', { name, reason }, { cause });
    if (code === 'ENOENT') throw new SluiceError('PIPELINE_FILE_CHANGED', { path: name }, { cause });
    throw new SluiceError('INGEST_UNREADABLE', { name, format, reason }, { cause });
  }
  return hash.digest('hex');
}

async function planArrival(state: LoopState, arriving: Arriving): Promise<StepPlan> {
  const { name, raw } = arriving;
  const { source, contract } = state.loop.spec;
  const isClosed = contract.rowSchema['additionalProperties'] === false;
  const { format, csv, columns } = source;
  // A file's time is declared only where a rule asks for it: otherwise equal bytes would give unequal batches.
  const declaredAtUs = contract.rules.some((rule) => rule.kind === 'freshness')
    ? arriving.declaredAtUs
    : null;
  return {
    stage: 'ingest',
    subject: name,
    fields: {
      ...(await stageFields(state, ingestPart)),
      ...fieldsOf('source', { name: source.name, format, csv, columns, isClosed }),
      declaredAt: String(declaredAtUs),
      'input.raw': raw,
    },
    execute: async (context: StepContext): Promise<PlannedOutcome> => {
      const outcome = await arriving.take(context, { source, name, declaredAtUs, isClosed });
      const [draft] = outcome.versions;
      if (draft === undefined || !isDraftOf(draft, raw))
        throw new SluiceError('PIPELINE_FILE_CHANGED', { path: name });
      return { ...outcome, deliveries: [{ source: source.name, raw, name, outcome: 'new' }] };
    },
  };
}

function isDraftOf(draft: PlannedOutcome['versions'][number], raw: Digest): boolean {
  return draft.kind === 'batch' && 'raw' in draft.content && draft.content.raw === raw;
}
