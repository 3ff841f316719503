import type { Digest } from '../../base/digest.ts';
import { SluiceError } from '../../base/errors.ts';
import type { Version } from '../../records/version.ts';
import { evaluateModel, type EvaluateInput } from '../../stages/evaluate/evaluate.ts';
import { fieldsOf } from '../step-key.ts';
import { isKind, type LoopState, type StagePart, type StepPlans } from '../step-plan.ts';
import { recallOutputs, stageFields } from './stage-fields.ts';

/** Verdicts on models. Of a sweep only the one that validated best is evaluated: the evaluation rows are no search ground. */
export const evaluatePart: StagePart = {
  stage: 'evaluate',
  version: '1',
  plan,
  recall: (state) => recallOutputs(state, 'evaluate'),
};

async function* plan(state: LoopState): StepPlans {
  const model = bestModel(state);
  const { surroundings, loop } = state;
  const trainingSet = await surroundings.ledger.versions.get(model.content.trainingSet, 'trainingSet');
  const champion = await championBefore(state, model);
  const runtime = await surroundings.modelRuntime();
  const table = trainingSet.content.evaluation.table.digest;
  yield {
    stage: 'evaluate',
    subject: '',
    fields: {
      ...(await stageFields(state, evaluatePart)),
      ...fieldsOf('evaluate', loop.spec.evaluate),
      runtime: runtime.version,
      'input.model': model.digest,
      'input.trainingSet': trainingSet.digest,
      'input.champion': champion?.model.digest ?? 'none',
    },
    execute: async (context) => {
      const attempt = await attemptOf(state, { model: model.digest, table });
      return evaluateModel(context, {
        model,
        trainingSet,
        champion,
        spec: loop.spec.evaluate,
        runtime,
        attempt,
      });
    },
  };
}

/** Yields how many models these evaluation rows have judged, this one included; a model judged again counts once. */
async function attemptOf({ surroundings }: LoopState, of: { model: Digest; table: Digest }): Promise<number> {
  const { ledger } = surroundings;
  const edges = await ledger.versions.children(of.model);
  const isKnown = edges.some((edge) => edge.childKind === 'evaluation' && edge.role === 'model');
  return (await ledger.evaluationAttempts(of.table)) + (isKnown ? 0 : 1);
}

/**
 * Yields the model with the lowest validation loss among this run's variants, the first one of equals.
 *
 * @throws PIPELINE_NO_INPUT, PIPELINE_NO_SEARCH when there is no loss that all of them logged
 */
export function bestModel(state: LoopState): Version<'model'> {
  const models = (state.versions.get('train') ?? []).filter((one) => isKind(one, 'model'));
  const [first] = models;
  if (first === undefined)
    throw new SluiceError('PIPELINE_NO_INPUT', { stage: 'evaluate', input: 'a model', earlier: 'train' });
  if (models.length === 1) return first;
  const metric = lossMetrics.find((name) => models.every((model) => bestLoss(model, name) < Infinity));
  if (metric === undefined)
    throw new SluiceError('PIPELINE_NO_SEARCH', { variants: models.length, losses: lossMetrics.join(', ') });
  return models.reduce((kept, one) => (bestLoss(one, metric) < bestLoss(kept, metric) ? one : kept));
}

/** Metrics of training curves of which less is better, by preference; others say nothing about which variant to keep. */
const lossMetrics = ['logLoss', 'rmse', 'loss', 'brier', 'squaredError', 'mse', 'mae'];

function bestLoss(model: Version<'model'>, metric: string): number {
  return model.content.curve
    .filter((point) => point.split === 'validation' && point.metric === metric)
    .reduce((least, { value }) => Math.min(least, value), Infinity);
}

/**
 * Yields the champion to compare with: the present one, or, when the model is that champion itself, the one before it;
 * so a second run asks the same question as the first.
 */
async function championBefore(state: LoopState, model: Version<'model'>): Promise<EvaluateInput['champion']> {
  const { ledger } = state.surroundings;
  const history = await ledger.aliases.history(state.loop.spec.name);
  const other = history.find((event) => event.alias === 'champion' && event.model !== model.digest);
  if (other === undefined) return null;
  const champion = await ledger.versions.get(other.model, 'model');
  const trainingSet = await ledger.versions.get(champion.content.trainingSet, 'trainingSet');
  return { model: champion, trainingSet: trainingSet.content };
}
