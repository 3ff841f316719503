// Published as `sluice/evaluate`: models judged on rows they have not seen, gates, and the numeric answer matcher.
export { matchNumericAnswer, matchUnderPolicies } from '../../math/numeric-match/match-numeric-answer.ts';
export { binaryMetricsWithIntervals } from '../../math/resampling/binary-metrics-with-intervals.ts';
export { pairedBlockDifference } from '../../math/resampling/paired-block-difference.ts';
export { nonInferiority } from '../../math/decision/non-inferiority.ts';
export { evaluateModel, type EvaluateInput } from './evaluate.ts';
export { judgeGates, type GateEvidence } from './gates.ts';
export { evaluateNumericAnswers, type AnswerPair, type NumericAnswers } from './numeric-answers.ts';
