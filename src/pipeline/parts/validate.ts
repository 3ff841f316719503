import type { StepOutcome } from '../../ledger/step-context.ts';
import type { Version } from '../../records/version.ts';
import { lookupDigests, type LookupDigests } from '../../stages/ingest/lookups.ts';
import { openRaw } from '../../stages/ingest/raw-table.ts';
import { assembleDataset, type AcceptedBatch } from '../../stages/validate/assemble-dataset.ts';
import { compileContract } from '../../stages/validate/compile-contract.ts';
import type { CompiledContract } from '../../stages/validate/compiled-contract.ts';
import { validateBatch } from '../../stages/validate/validate-batch.ts';
import { fieldsOf } from '../step-key.ts';
import { isKind, type LoopState, type StagePart, type StepPlan, type StepPlans } from '../step-plan.ts';
import { currentBatches, knownBatches } from './batches.ts';
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
}

async function* plan(state: LoopState): StepPlans {
  const { source, contract } = state.loop.spec;
  const { blob, projectDirectory } = state.surroundings;
  const validating: Validating = {
    state,
    contract: compileContract({ source, contract }),
    lookups: await lookupDigests({ blob, projectDirectory }, source),
  };
  const accepted: AcceptedBatch[] = [];
  const batches = currentBatches(await knownBatches(state));
  for (const [i, batch] of batches.entries()) {
    const place = { number: i + 1, of: batches.length };
    const versions = yield { ...(await planBatch(validating, batch, accepted)), place };
    const validation = versions.find((one) => isKind(one, 'validation'));
    if (validation?.content.processed) {
      accepted.push({
        validation: validation.digest,
        raw: batch.content.raw,
        processed: validation.content.processed,
      });
    }
  }
  if (accepted.length > 0) yield await planDataset(validating, accepted);
}

async function planBatch(
  { state, contract, lookups }: Validating,
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
      return validateBatch(context, { contract, batch: batch.content, raw, checks: loop.checks, earlier });
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
