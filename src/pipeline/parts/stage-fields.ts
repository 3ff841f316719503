import type { StepKeyFields } from '../../records/step.ts';
import type { Stage } from '../../records/step.ts';
import type { Version } from '../../records/version.ts';
import type { LoopState, StagePart } from '../step-plan.ts';

/** Yields the key fields that every step of a stage shares. */
export async function stageFields(
  state: LoopState,
  part: Pick<StagePart, 'stage' | 'version'>,
): Promise<StepKeyFields> {
  const engine = await state.surroundings.engine();
  return { stage: part.stage, stageVersion: part.version, engine: engine.version };
}

/** Yields the outputs of a stage's newest step in this loop, for runs that start later. */
export async function recallOutputs(
  state: LoopState,
  stage: Stage,
  subject = '',
): Promise<readonly Version[]> {
  const { ledger } = state.surroundings;
  const step = await ledger.journal.latestStep({ loop: state.loop.spec.name, stage, subject });
  return step === null ? [] : Promise.all(step.outputs.map((digest) => ledger.versions.get(digest)));
}

/** Yields what every step of a stage made in the newest run that came to this stage: all variants of a sweep. */
export async function recallRun(state: LoopState, stage: Stage): Promise<readonly Version[]> {
  const { ledger } = state.surroundings;
  const { stages } = await ledger.status(state.loop.spec.name);
  const newest = stages.find(({ step }) => step.stage === stage)?.step;
  if (newest === undefined) return [];
  const steps = (await ledger.journal.steps(newest.runId)).filter((step) => step.stage === stage);
  return Promise.all(steps.flatMap((step) => step.outputs).map((digest) => ledger.versions.get(digest)));
}
