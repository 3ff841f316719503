import { SluiceError } from '../../base/errors.ts';
import type { TrainPartSpec } from '../../records/train-spec.ts';
import { trainModel } from '../../stages/train/train.ts';
import { fieldsOf } from '../step-key.ts';
import type { CompiledLoop } from '../compiled-loop.ts';
import { newest, type LoopState, type StagePart, type StepPlans, type Surroundings } from '../step-plan.ts';
import { recallRun, stageFields } from './stage-fields.ts';

/** Models: one, or one per variant of a sweep. */
export const trainPart: StagePart = {
  stage: 'train',
  version: '1',
  check,
  plan,
  recall: (state) => recallRun(state, 'train'),
};

/** @throws TRAIN_UNKNOWN_TRAINER, TRAIN_PARAM: nobody waits for features to learn of a misspelt parameter */
async function check({ variants }: CompiledLoop, surroundings: Surroundings): Promise<void> {
  for (const { trainer, params } of variants) (await surroundings.trainer(trainer)).resolveParams(params);
}

async function* plan(state: LoopState): StepPlans {
  const trainingSet = newest(state, 'featurize', 'trainingSet');
  if (trainingSet === null)
    throw new SluiceError('PIPELINE_NO_INPUT', {
      stage: 'train',
      input: 'a training set',
      earlier: 'featurize',
    });
  const { surroundings, loop } = state;
  const runtime = await surroundings.modelRuntime();
  for (const part of loop.variants) {
    const trainer = await surroundings.trainer(part.trainer);
    const params = trainer.resolveParams(part.params);
    yield {
      stage: 'train',
      subject: loop.variants.length === 1 ? '' : variantName(part, loop.variants),
      fields: {
        ...(await stageFields(state, trainPart)),
        loop: loop.spec.name,
        ...fieldsOf('params', params),
        trainer: `${trainer.name} ${trainer.version}`,
        runtime: runtime.version,
        seed: String(part.seed),
        labels: part.labels,
        'input.trainingSet': trainingSet.digest,
      },
      execute: (context) =>
        trainModel(context, { name: loop.spec.name, trainingSet, part, trainer, runtime }),
    };
  }
}

const variantOf = ({ trainer, params, seed, labels }: TrainPartSpec): object => ({
  trainer,
  params,
  seed,
  labels,
});

/** Yields what tells a variant from its siblings: `leaves=31`. */
function variantName(part: TrainPartSpec, variants: readonly TrainPartSpec[]): string {
  const own = fieldsOf('', variantOf(part));
  const differing = Object.entries(own).filter(([name, text]) =>
    variants.some((other) => fieldsOf('', variantOf(other))[name] !== text),
  );
  return differing.map(([name, text]) => `${name.split('.').at(-1) ?? name}=${text}`).join(' ');
}
