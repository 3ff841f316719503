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
