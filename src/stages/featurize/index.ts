// Published as `sluice/featurize`: point-in-time features on known time, frozen training sets.
export { compileFeatures, type FeatureDefinition } from './compile.ts';
export type { CompiledFeatures } from './compiled-features.ts';
export { explainRow, type ExplainedRow, type ExplainRequest } from './explain-row.ts';
export { featurizeRows, type FeaturizeRequest } from './featurize-rows.ts';
export { buildTrainingSet, type TrainingSetRequest } from './training-set.ts';
