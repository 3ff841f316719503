// Published as `sluice/train`: one training, checked before anything is kept.
export { parityTolerance, trainModel, type TrainInput } from './train.ts';
