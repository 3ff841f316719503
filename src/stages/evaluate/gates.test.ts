import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EvaluateSpec, GateSpec } from '../../records/evaluate-spec.ts';
import type { MetricResult } from '../../records/evaluation.ts';
import { judgeGates, type GateEvidence } from './gates.ts';

const measured = (value: number, lower: number, upper: number): MetricResult => ({
  value,
  lower,
  upper,
  n: 100,
  reason: null,
});
const undefinedMetric: MetricResult = { value: null, lower: null, upper: null, n: 0, reason: 'one class' };

const emptySpec: EvaluateSpec = {
  threshold: 0.5,
  cost: { falsePositive: 1, falseNegative: 1 },
  block: 'day',
  alpha: 0.05,
  replicates: 100,
  slices: [],
  gates: [],
};

function verdictOf(gate: GateSpec, evidence: Partial<GateEvidence>): string | undefined {
  const spec = { ...emptySpec, gates: [gate] };
  return judgeGates(spec, { metrics: {}, paired: null, itemScores: {}, blocks: 31, ...evidence })[0]?.verdict;
}

test('an absolute gate judges the whole interval', () => {
  const gate: GateSpec = { kind: 'absolute', metric: 'auc', atLeast: 0.7, atMost: null };
  assert.equal(verdictOf(gate, { metrics: { auc: measured(0.75, 0.71, 0.79) } }), 'pass');
  assert.equal(verdictOf(gate, { metrics: { auc: measured(0.71, 0.69, 0.73) } }), 'inconclusive');
  assert.equal(verdictOf(gate, { metrics: { auc: measured(0.6, 0.55, 0.65) } }), 'fail');
});

test('an undefined metric never passes', () => {
  const gate: GateSpec = { kind: 'absolute', metric: 'auc', atLeast: 0, atMost: null };
  assert.equal(verdictOf(gate, { metrics: { auc: undefinedMetric } }), 'inconclusive');
  assert.equal(verdictOf(gate, {}), 'inconclusive');
});

test('non-inferiority passes, fails or doubts by the bounds of the harm', () => {
  const gate: GateSpec = { kind: 'nonInferior', metric: 'logLoss', margin: 0.01 };
  assert.equal(verdictOf(gate, { paired: { logLoss: measured(-0.02, -0.03, -0.01) } }), 'pass');
  assert.equal(verdictOf(gate, { paired: { logLoss: measured(0.03, 0.02, 0.04) } }), 'fail');
  assert.equal(verdictOf(gate, { paired: { logLoss: measured(0.01, 0, 0.02) } }), 'inconclusive');
  assert.equal(verdictOf(gate, { paired: null }), 'pass');
});

test('a must-pass item without a score fails', () => {
  const gate: GateSpec = { kind: 'mustPass', name: 'storm', features: {}, atLeast: 0.5, atMost: null };
  assert.equal(verdictOf(gate, { itemScores: { storm: 0.6 } }), 'pass');
  assert.equal(verdictOf(gate, { itemScores: { storm: 0.4 } }), 'fail');
  assert.equal(verdictOf(gate, {}), 'fail');
});
