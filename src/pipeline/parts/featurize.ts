import { SluiceError } from '../../base/errors.ts';
import { buildTrainingSet } from '../../stages/featurize/training-set.ts';
import { compileFeatures } from '../../stages/featurize/compile.ts';
import { fieldsOf } from '../step-key.ts';
import { isKind, newest, type LoopState, type StagePart, type StepPlans } from '../step-plan.ts';
import { recallOutputs, stageFields } from './stage-fields.ts';

/** Frozen training sets, point-in-time on known time. */
export const featurizePart: StagePart = {
  stage: 'featurize',
  version: '1',
  plan,
  recall: (state) => recallOutputs(state, 'featurize'),
};

async function* plan(state: LoopState): StepPlans {
  const dataset = newest(state, 'validate', 'dataset');
  if (dataset === null) throw noDataset(state);
  const { source, features, label, train, evaluate } = state.loop.spec;
  const compiled = compileFeatures({ source, features, label, slices: evaluate.slices });
  yield {
    stage: 'featurize',
    subject: '',
    fields: {
      ...(await stageFields(state, featurizePart)),
      ...fieldsOf('features', features),
      ...fieldsOf('label', label),
      ...fieldsOf('slices', evaluate.slices),
      ...fieldsOf('split', train.split),
      ...fieldsOf('source', {
        eventTime: source.eventTime,
        knownTime: source.knownTime,
        outcomes: source.outcomeColumns,
      }),
      'input.dataset': dataset.digest,
    },
    execute: (context) => buildTrainingSet(context, { dataset, compiled, split: train.split }),
  };
}

function noDataset(state: LoopState): SluiceError {
  const stopped = (state.versions.get('validate') ?? []).filter((one) => isKind(one, 'validation'));
  if (stopped.length === 0)
    return new SluiceError('PIPELINE_NO_INPUT', {
      stage: 'featurize',
      input: 'a dataset',
      earlier: 'validate',
    });
  const reasons = [...new Set(stopped.flatMap((one) => one.content.reasons))];
  return new SluiceError('PIPELINE_NOTHING_ACCEPTED', {
    batches: stopped.length,
    reasons: reasons.join(' '),
  });
}
