import { canonicalJson, type Json } from '../../base/canonical-json.ts';
import type { Digest } from '../../base/digest.ts';
import { isSluiceError, SluiceError } from '../../base/errors.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Stage, Step } from '../../records/step.ts';
import type { Version } from '../../records/version.ts';
import { ingestFile } from '../../stages/ingest/ingest-file.ts';
import type { CompiledLoop } from '../compiled-loop.ts';
import { givenPart } from '../parts/ingest-given.ts';
import type { Arriving } from '../parts/ingest.ts';
import { featurizePart } from '../parts/featurize.ts';
import { trainPart } from '../parts/train.ts';
import { validatePart } from '../parts/validate.ts';
import { runLoop, type RunEvent } from '../runner.ts';
import { changedFields } from '../step-key.ts';
import { isKind, type StagePart, type StepPlan, type StepPlans, type Surroundings } from '../step-plan.ts';

/** Everything a model was made from, with the steps that made it. */
export interface ModelOrigin {
  readonly model: Version<'model'>;
  readonly trainingSet: Version<'trainingSet'>;
  readonly dataset: Version<'dataset'>;
  /** The batches of the dataset, in its order. */
  readonly batches: readonly Version<'batch'>[];
  /** Steps by the version they made. */
  readonly steps: ReadonlyMap<Digest, Step>;
}

/** One artifact, as recorded and as made again. */
export interface ReproducedArtifact {
  readonly kind: 'dataset' | 'trainingSet' | 'model';
  readonly recorded: Digest;
  /** null when nothing came out. */
  readonly found: Digest | null;
  readonly isSame: boolean;
  /** Members of the record that differ. */
  readonly differing: readonly string[];
}

/** What to make again, and where. */
export interface ReproduceRequest {
  /** The present config with the overrides of the model's run laid over it. */
  readonly loop: CompiledLoop;
  readonly origin: ModelOrigin;
  /** An empty ledger whose store also reads the raw batches of the real one. */
  readonly scratch: Surroundings;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: RunEvent) => void;
}

/** Yields everything a model was made from. @throws LEDGER_VERSION_MISSING */
export async function originOf(ledger: Ledger, model: Version<'model'>): Promise<ModelOrigin> {
  const trainingSet = await ledger.versions.get(model.content.trainingSet, 'trainingSet');
  const dataset = await ledger.versions.get(trainingSet.content.dataset, 'dataset');
  const validations = await Promise.all(dataset.parents.map(({ digest }) => ledger.versions.get(digest)));
  const byRaw = new Map<Digest, Version<'batch'>>();
  for (const validation of validations) {
    for (const { digest } of validation.parents) {
      const batch = await ledger.versions.get(digest);
      if (isKind(batch, 'batch')) byRaw.set(batch.content.raw, batch);
    }
  }
  const batches = dataset.content.batches.flatMap(({ raw }) => byRaw.get(raw) ?? []);
  const steps = await stepsOf(ledger, [model, trainingSet, dataset, ...validations, ...batches]);
  return { model, trainingSet, dataset, batches, steps };
}

async function stepsOf(ledger: Ledger, versions: readonly Version[]): Promise<ReadonlyMap<Digest, Step>> {
  const wanted = new Map(versions.map((version) => [version.stepId, version.digest]));
  const found = new Map<Digest, Step>();
  for (const run of await ledger.journal.runs({ limit: 1_000_000 })) {
    if (found.size === wanted.size) break;
    for (const step of await ledger.journal.steps(run.id)) {
      const digest = wanted.get(step.id);
      if (digest !== undefined) found.set(digest, step);
    }
  }
  return found;
}

/** Yields the overrides that a model's run was given. */
export function recordedOverrides({ provenance }: Version<'model'>): readonly string[] {
  const config = provenance['config'] as { readonly overrides?: Json } | null | undefined;
  const overrides = config?.overrides;
  return Array.isArray(overrides) ? overrides.filter((one): one is string => typeof one === 'string') : [];
}

/**
 * Makes a model again, from the raw batches on, in a place of its own, and compares digests: proof that the recorded
 * inputs, code and config do give this model.
 *
 * @throws REPRODUCE_MOVED naming the fields of the step keys that are not as recorded
 */
export async function reproduce(request: ReproduceRequest): Promise<readonly ReproducedArtifact[]> {
  const { loop, origin, scratch, signal, onEvent } = request;
  const arrivals = await Promise.all(origin.batches.map((batch) => arrivalOf(scratch, batch)));
  const parts = [givenPart(() => Promise.resolve(arrivals)), validatePart, featurizePart, trainPart];
  const result = await runLoop({
    loop,
    surroundings: scratch,
    parts: parts.map((part) => checkedPart(part, origin)),
    provenance: {},
    signal,
    ...(onEvent === undefined ? {} : { onEvent }),
  }).catch((error: unknown) => {
    // A batch without rows to train on can only come of other code than the recorded one.
    const isEmpty =
      isSluiceError(error, 'PIPELINE_NO_INPUT') || isSluiceError(error, 'PIPELINE_NOTHING_ACCEPTED');
    if (isEmpty) return null;
    throw error;
  });
  const made = [...(result?.versions.values() ?? [])].flat();
  return ([origin.dataset, origin.trainingSet, origin.model] as const).map((recorded) => {
    const found = made.findLast((one) => one.kind === recorded.kind);
    const differing = found === undefined ? [] : differingMembers(recorded.content, found.content);
    const digests = { recorded: recorded.digest, found: found?.digest ?? null };
    return { kind: recorded.kind, ...digests, isSame: found?.digest === recorded.digest, differing };
  });
}

function differingMembers(recorded: object, found: object): readonly string[] {
  const before = Object.entries(recorded) as readonly (readonly [string, Json])[];
  const now = new Map(Object.entries(found) as readonly (readonly [string, Json])[]);
  return before
    .filter(([name, value]) => canonicalJson(value) !== canonicalJson(now.get(name) ?? null))
    .map(([name]) => name);
}

async function arrivalOf({ blob }: Surroundings, { content }: Version<'batch'>): Promise<Arriving> {
  const { name, raw, declaredAtUs, format } = content;
  const path = await blob.path(raw);
  return {
    name,
    raw,
    declaredAtUs,
    take: (context, arrival) =>
      ingestFile(context, { ...arrival, source: { ...arrival.source, format }, path }),
  };
}

/** Lets only those steps pass whose keys are as recorded, and leaves out what the model does not rest on. */
function checkedPart(part: StagePart, origin: ModelOrigin): StagePart {
  const recorded = [...origin.steps.values()].filter((step) => step.stage === part.stage);
  return {
    ...part,
    plan: async function* plan(state): StepPlans {
      const plans = part.plan(state);
      let next = await plans.next();
      while (next.done !== true) {
        const step = recorded.find((one) => one.subject === next.value?.subject);
        const isWanted = step !== undefined || part.stage !== 'train';
        if (step !== undefined) refuseMoved(part.stage, step, next.value);
        next = await plans.next(isWanted ? yield next.value : []);
      }
    },
  };
}

/** Inputs are compared by what comes out; everything else must be as it was. @throws REPRODUCE_MOVED */
function refuseMoved(stage: Stage, recorded: Step, plan: StepPlan): void {
  const moved = changedFields(recorded.fields, plan.fields).filter(
    ({ field }) => !field.startsWith('input.'),
  );
  if (moved.length === 0) return;
  throw new SluiceError('REPRODUCE_MOVED', {
    stage,
    subject: recorded.subject === '' ? '' : ` ${recorded.subject}`,
    fields: moved
      .map(({ field, before, now }) => `${field} (was ${shown(before)}, is ${shown(now)})`)
      .join(', '),
  });
}

/** Digests are told by their first digits. */
const shown = (text: string | null): string =>
  text === null ? 'absent' : text.replaceAll(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1');
