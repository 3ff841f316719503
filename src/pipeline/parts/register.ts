import { SluiceError } from '../../base/errors.ts';
import { decide } from '../../stages/register/decide.ts';
import { versionDigest } from '../../records/version.ts';
import { newest, type LoopState, type PlannedOutcome, type StagePart, type StepPlans } from '../step-plan.ts';
import { recallOutputs } from './stage-fields.ts';

/** Decisions on evidence: an alias moves, or a refusal is kept. */
export const registerPart: StagePart = {
  stage: 'register',
  version: '1',
  plan,
  recall: (state) => recallOutputs(state, 'register'),
};

async function* plan(state: LoopState): StepPlans {
  const evaluation = newest(state, 'evaluate', 'evaluation');
  if (evaluation === null)
    throw new SluiceError('PIPELINE_NO_INPUT', {
      stage: 'register',
      input: 'an evaluation',
      earlier: 'evaluate',
    });
  const { name } = state.loop.spec;
  yield {
    stage: 'register',
    subject: '',
    fields: {
      stage: 'register',
      stageVersion: registerPart.version,
      loop: name,
      'input.evaluation': evaluation.digest,
    },
    execute: async () => decisionOutcome(state, { name, evaluation }),
  };
}

async function decisionOutcome(
  state: LoopState,
  input: Parameters<typeof decide>[0],
): Promise<PlannedOutcome> {
  const draft = decide(input);
  const { outcome, model, reasons, rule } = draft.content;
  const verdict = outcome === 'refused' ? input.evaluation.content.verdict : 'pass';
  const facts = { outcome, rule, reasons };
  if (outcome === 'refused')
    return { versions: [draft], verdict: verdict === 'pass' ? 'fail' : verdict, facts };
  const current = await state.surroundings.ledger.aliases.current(input.name, outcome);
  // An alias that points there already is not moved: its history tells what came before what.
  if (current?.model === model) return { versions: [draft], verdict, facts };
  await refuseOtherChampion(state, input);
  const move = {
    loop: input.name,
    alias: outcome,
    model,
    evidence: versionDigest('decision', draft.content),
    reason: rule === 'bootstrap' ? 'first model, by absolute gates' : 'passed every gate',
    expected: current?.model ?? null,
  };
  return { versions: [draft], verdict, facts, aliasMoves: [move] };
}

/** The evaluation compared with one champion; when another one reigns by now, it says nothing. @throws LEDGER_ALIAS_MOVED */
async function refuseOtherChampion(
  { surroundings }: LoopState,
  { name, evaluation }: Parameters<typeof decide>[0],
): Promise<void> {
  const { champion, model } = evaluation.content;
  const reigning = await surroundings.ledger.aliases.current(name, 'champion');
  if (reigning === null || reigning.model === champion || reigning.model === model) return;
  throw new SluiceError('LEDGER_ALIAS_MOVED', {
    loop: name,
    alias: 'champion',
    actual: reigning.model,
    expected: champion ?? 'nothing',
  });
}
