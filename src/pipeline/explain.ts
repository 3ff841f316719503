import type { Stage } from '../records/step.ts';
import type { Version } from '../records/version.ts';
import type { CompiledLoop } from './compiled-loop.ts';
import { loopParts } from './loop.ts';
import { changedFields, stepKey, type FieldChange } from './step-key.ts';
import type { LoopState, StepPlan, Surroundings } from './step-plan.ts';

/** What would happen to one step, and which fields of its key differ from its last execution. */
export interface ExplainedStep {
  readonly subject: string;
  /** `same`: it would be reused; `changed`: it would run again; `new`: nothing of that name ever ran. */
  readonly state: 'same' | 'changed' | 'new';
  readonly changes: readonly FieldChange[];
}

/**
 * Compares the keys that a stage's steps would have now with those of its last ones, on what the earlier stages made
 * last. A step that would run again ends the list where later steps depend on what it makes. Yields null for an unknown stage.
 */
export async function explainStage(request: {
  readonly loop: CompiledLoop;
  readonly surroundings: Surroundings;
  readonly stage: string;
}): Promise<readonly ExplainedStep[] | null> {
  const { loop, surroundings } = request;
  const part = loopParts.find((one) => one.stage === request.stage);
  if (part === undefined) return null;
  const state: LoopState = { loop, surroundings, versions: new Map() };
  for (const earlier of loopParts.slice(0, loopParts.indexOf(part))) {
    state.versions.set(earlier.stage, await earlier.recall(state));
  }
  const explained: ExplainedStep[] = [];
  const plans = part.plan(state);
  let next = await plans.next();
  while (next.done !== true) {
    const one = await explainStep(state, part.stage, next.value);
    explained.push(one.step);
    if (one.versions === null) break;
    next = await plans.next(one.versions);
  }
  return explained;
}

interface Compared {
  readonly step: ExplainedStep;
  /** What the step made before; null when that no longer stands. */
  readonly versions: readonly Version[] | null;
}

async function explainStep(
  { loop, surroundings }: LoopState,
  stage: Stage,
  plan: StepPlan,
): Promise<Compared> {
  const { journal, versions } = surroundings.ledger;
  const { subject } = plan;
  const last = await journal.latestStep({ loop: loop.spec.name, stage, subject });
  const same = await journal.findReusable(stepKey(plan.fields));
  const missing = same === null ? [] : await journal.missingBlobs(same);
  if (missing.length > 0) {
    const bytes = { field: 'stored bytes', before: 'present', now: `${missing.length} missing` };
    return { step: { subject, state: 'changed', changes: [bytes] }, versions: null };
  }
  if (same !== null) {
    const made = await Promise.all(same.outputs.map((digest) => versions.get(digest)));
    return { step: { subject, state: 'same', changes: [] }, versions: made };
  }
  const changes = changedFields(last?.fields ?? {}, plan.fields);
  return { step: { subject, state: last === null ? 'new' : 'changed', changes }, versions: null };
}
