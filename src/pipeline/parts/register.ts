import { SluiceError } from '../../base/errors.ts';
import { decide } from '../../stages/register/decide.ts';
import { versionDigest, type Version } from '../../records/version.ts';
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
  const rival = await rivalOf(state, evaluation);
  yield {
    stage: 'register',
    subject: '',
    fields: {
      stage: 'register',
      stageVersion: registerPart.version,
      loop: name,
      'input.evaluation': evaluation.digest,
      'input.candidate': rival?.digest ?? 'none',
    },
    execute: async () => decisionOutcome(state, { name, evaluation, rival }),
  };
}

/**
 * Yields the evaluation, on the same rows, of the candidate that this model would replace; null when there is none. For the
 * candidate itself it is the one before it, so that a second run asks the same question.
 */
async function rivalOf(
  state: LoopState,
  evaluation: Version<'evaluation'>,
): Promise<Version<'evaluation'> | null> {
  const { aliases, versions } = state.surroundings.ledger;
  const { model, champion, trainingSet } = evaluation.content;
  const history = await aliases.history(state.loop.spec.name);
  const other = history.find((event) => event.alias === 'candidate' && event.model !== model);
  if (other === undefined || other.model === champion) return null;
  const rows = (await versions.get(trainingSet, 'trainingSet')).content.evaluation.table.digest;
  const edges = await versions.children(other.model);
  for (const edge of edges.filter((one) => one.childKind === 'evaluation' && one.role === 'model')) {
    const found = await versions.get(edge.child, 'evaluation');
    const set = await versions.get(found.content.trainingSet, 'trainingSet');
    if (set.content.evaluation.table.digest === rows) return found;
  }
  return null;
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
