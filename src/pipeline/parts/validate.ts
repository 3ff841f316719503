import type { Digest } from '../../base/digest.ts';
import type { StepContext, StepOutcome } from '../../ledger/step-context.ts';
import type { Version } from '../../records/version.ts';
import { knownZones } from '../../stages/ingest/known-zones.ts';
import { lookupDigests, type LookupDigests } from '../../stages/ingest/lookups.ts';
import { openRaw } from '../../stages/ingest/raw-table.ts';
import { assembleDataset, type AcceptedBatch } from '../../stages/validate/assemble-dataset.ts';
import { compileContract } from '../../stages/validate/compile-contract.ts';
import type { CompiledContract } from '../../stages/validate/compiled-contract.ts';
import { validateBatch } from '../../stages/validate/validate-batch.ts';
import { fieldsOf } from '../step-key.ts';
import { isKind, type LoopState, type StagePart, type StepPlan, type StepPlans } from '../step-plan.ts';
import { deliveredLines, knownBatches } from './batches.ts';
import { recallOutputs, stageFields } from './stage-fields.ts';

/** The subject of the step that assembles the dataset. */
export const datasetSubject = 'dataset';

/** A verdict per batch, then the dataset of all that were accepted. */
export const validatePart: StagePart = {
  stage: 'validate',
  version: '1',
  plan,
  recall: (state) => recallOutputs(state, 'validate', datasetSubject),
};

interface Validating {
  readonly state: LoopState;
  readonly contract: CompiledContract;
  readonly lookups: LookupDigests;
  /** The same contract, compiled for the time zones that the lookups hold; made when the first batch is judged. */
  readonly fastContract: (context: StepContext) => Promise<CompiledContract>;
}

async function* plan(state: LoopState): StepPlans {
  const { source, contract } = state.loop.spec;
  const { blob, projectDirectory } = state.surroundings;
  const lookups = await lookupDigests({ blob, projectDirectory }, source);
  let fast: Promise<CompiledContract> | undefined;
  const compileFast = async (context: StepContext): Promise<CompiledContract> =>
    compileContract({ source, contract, zones: await knownZones(context, source, lookups) });
  const validating: Validating = {
    state,
    contract: compileContract({ source, contract }),
    lookups,
    fastContract: (context) => (fast ??= compileFast(context)),
  };
  const accepted: AcceptedBatch[] = [];
  const lines = await deliveredLines(state.surroundings.ledger, await knownBatches(state));
  const seen = new Set<Digest>();
  for (const [i, line] of lines.entries()) {
    const place = { number: i + 1, of: lines.length };
    for (const batch of line) {
      const { raw } = batch.content;
      const isJudged = seen.has(raw);
      seen.add(raw);
      const versions = isJudged ? [] : yield { ...(await planBatch(validating, batch, accepted)), place };
      const validation = versions.find((one) => isKind(one, 'validation'));
      const processed = validation?.content.processed ?? null;
      if (validation !== undefined && processed !== null)
        accepted.push({ validation: validation.digest, raw, processed });
      // A correction that is stopped does not take the place of what it was to correct.
      if (accepted.some((one) => one.raw === raw)) break;
    }
  }
  if (accepted.length > 0) yield await planDataset(validating, accepted);
}

async function planBatch(
  { state, contract, lookups, fastContract }: Validating,
  batch: Version<'batch'>,
  accepted: readonly AcceptedBatch[],
): Promise<StepPlan> {
  const { loop } = state;
  const { source, contract: spec } = loop.spec;
  const looksBack = contract.unique.some((rule) => rule.within === 'dataset');
  const earlier = looksBack ? accepted.map((one) => one.processed.digest) : [];
  const { columns, csv, joins, derived, eventTime, knownTime } = source;
  return {
    stage: 'validate',
    subject: batch.content.name,
    fields: {
      ...(await stageFields(state, validatePart)),
      ...fieldsOf('contract', spec),
      ...fieldsOf('source', { columns, csv, joins, derived, eventTime, knownTime, lookups: source.lookups }),
      ...fieldsOf('lookup', lookups),
      ...fieldsOf('code', loop.code),
      ...(looksBack ? { 'input.earlier': earlier.join(' ') } : {}),
      'input.batch': batch.digest,
    },
    execute: async (context) => {
      const raw = await openRaw(context, { source, batch: batch.content, lookups });
      const compiled = await fastContract(context);
      const { checks } = loop;
      return validateBatch(context, { contract: compiled, batch: batch.content, raw, checks, earlier });
    },
  };
}

async function planDataset(
  { state, contract }: Validating,
  accepted: readonly AcceptedBatch[],
): Promise<StepPlan> {
  const draft = assembleDataset({ source: state.loop.spec.source.name, contract, accepted });
  const outcome: StepOutcome = {
    versions: [draft],
    verdict: null,
    facts: { rows: draft.content.rows, batches: draft.content.batches.length },
  };
  return {
    stage: 'validate',
    subject: datasetSubject,
    fields: {
      stage: 'validate',
      stageVersion: validatePart.version,
      contract: contract.digest,
      'input.validations': fieldText(accepted.map((one) => one.validation)),
    },
    execute: () => Promise.resolve(outcome),
  };
}

function fieldText(digests: readonly string[]): string {
  return fieldsOf('list', digests)['list'] ?? '';
}
