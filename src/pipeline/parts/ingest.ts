import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Digest } from '../../base/digest.ts';
import { SluiceError } from '../../base/errors.ts';
import type { StepContext } from '../../ledger/step-context.ts';
import { isSluiceError } from '../../base/errors.ts';
import { ingestFile } from '../../stages/ingest/ingest-file.ts';
import { listDeliveries, type DeliveredFile } from '../../stages/ingest/deliveries.ts';
import {
  isKind,
  type LoopState,
  type PlannedOutcome,
  type StagePart,
  type StepPlan,
  type StepPlans,
} from '../step-plan.ts';
import { fieldsOf } from '../step-key.ts';
import { knownBatches } from './batches.ts';
import { stageFields } from './stage-fields.ts';

/** Raw batches: every delivery kept as received; the same bytes again are a no-op. */
export const ingestPart: StagePart = {
  stage: 'ingest',
  version: '1',
  plan,
  recall: knownBatches,
};

async function* plan(state: LoopState): StepPlans {
  const { ledger } = state.surroundings;
  const { source } = state.loop.spec;
  const files = await deliveries(state);
  const raws = await rawDigests(state, files);
  const firstNames = new Map(
    (await knownBatches(state))
      .filter((one) => isKind(one, 'batch'))
      .map((one) => [one.content.raw, one.content.name]),
  );
  for (const [i, file] of files.entries()) {
    const raw = raws[i] ?? '';
    const firstName = firstNames.get(raw);
    if (firstName !== undefined && firstName !== file.name) {
      await recordRepeated(state, { source: source.name, raw, name: file.name });
      continue;
    }
    firstNames.set(raw, file.name);
    yield await planFile(state, file, raw);
  }
  await ledger.sourceFiles.remember(files.map((file, i) => ({ ...file, raw: raws[i] ?? '' })));
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

async function rawDigests(state: LoopState, files: readonly DeliveredFile[]): Promise<readonly Digest[]> {
  const known = await state.surroundings.ledger.sourceFiles.lookup(files);
  const raws: Digest[] = [];
  for (const [i, file] of files.entries()) raws.push(known[i] ?? (await digestOfFile(file.path)));
  return raws;
}

async function digestOfFile(path: string): Promise<Digest> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function recordRepeated(
  state: LoopState,
  delivery: { source: string; raw: Digest; name: string },
): Promise<void> {
  const { deliveries } = state.surroundings.ledger;
  const seen = await deliveries.list({ source: delivery.source, limit: 100_000 });
  if (seen.some((one) => one.raw === delivery.raw && one.name === delivery.name)) return;
  await deliveries.record([{ ...delivery, outcome: 'repeated' }]);
}

async function planFile(state: LoopState, file: DeliveredFile, raw: Digest): Promise<StepPlan> {
  const { source, contract } = state.loop.spec;
  const isClosed = contract.rowSchema['additionalProperties'] === false;
  const { format, csv, columns } = source;
  // A file's time is declared only where a rule asks for it: otherwise equal bytes would give unequal batches.
  const declaredAtUs = contract.rules.some((rule) => rule.kind === 'freshness') ? file.mtimeUs : null;
  return {
    stage: 'ingest',
    subject: file.name,
    fields: {
      ...(await stageFields(state, ingestPart)),
      ...fieldsOf('source', { name: source.name, format, csv, columns, isClosed }),
      declaredAt: String(declaredAtUs),
      'input.raw': raw,
    },
    execute: async (context: StepContext): Promise<PlannedOutcome> => {
      const outcome = await ingestFile(context, {
        source,
        path: file.path,
        name: file.name,
        declaredAtUs,
        isClosed,
      });
      const [draft] = outcome.versions;
      if (draft === undefined || !isDraftOf(draft, raw))
        throw new SluiceError('PIPELINE_FILE_CHANGED', { path: file.name });
      return { ...outcome, deliveries: [{ source: source.name, raw, name: file.name, outcome: 'new' }] };
    },
  };
}

function isDraftOf(draft: PlannedOutcome['versions'][number], raw: Digest): boolean {
  return draft.kind === 'batch' && 'raw' in draft.content && draft.content.raw === raw;
}
