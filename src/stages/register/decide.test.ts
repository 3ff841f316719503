import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestBytes } from '../../base/digest.ts';
import { decisionSchema, type Decision } from '../../records/decision.ts';
import type { Evaluation, GateResult } from '../../records/evaluation.ts';
import type { Verdict } from '../../records/verdict.ts';
import { decide } from './decide.ts';

const model = digestBytes('model');
const evidence = digestBytes('evaluation');

function aGate(gate: string, verdict: Verdict): GateResult {
  return { gate, verdict, explanation: `${gate} says ${verdict}.`, observed: null, bound: null };
}

function anEvaluation(gates: readonly GateResult[], champion: string | null): Evaluation {
  return {
    schemaVersion: 1,
    model,
    trainingSet: digestBytes('set'),
    champion,
    rows: 10,
    blocks: 10,
    block: 'day',
    alpha: 0.05,
    threshold: 0.5,
    metrics: {},
    baseline: {},
    championMetrics: null,
    paired: null,
    calibration: [],
    slices: [],
    gates,
    verdict: 'pass',
    scores: digestBytes('scores'),
    attempt: 1,
  };
}

function decisionOn(gates: readonly GateResult[], champion: string | null = null): Decision {
  const evaluation = { digest: evidence, content: anEvaluation(gates, champion) };
  const draft = decide({ name: 'orders', evaluation, rival: null });
  assert.deepEqual(draft.parents, [
    { digest: model, role: 'model' },
    { digest: evidence, role: 'evidence' },
  ]);
  const decision = decisionSchema.parse(draft.content);
  assert.deepEqual([decision.model, decision.evidence, decision.name], [model, evidence, 'orders']);
  return decision;
}

const absolute = aGate('absolute auc', 'pass');
const champion = digestBytes('champion');

test('the first model becomes champion by absolute gates, and the reasons say what it showed', () => {
  const { outcome, rule, reasons } = decisionOn([absolute, aGate('nonInferior logLoss', 'pass')]);
  assert.deepEqual([outcome, rule], ['champion', 'bootstrap']);
  assert.deepEqual(reasons, ['absolute auc says pass.', 'nonInferior logLoss says pass.']);
});

test('a model that passed beside a champion becomes candidate', () => {
  const { outcome, rule } = decisionOn([absolute, aGate('nonInferior logLoss', 'pass')], champion);
  assert.deepEqual([outcome, rule], ['candidate', 'gate']);
});

for (const verdict of ['fail', 'inconclusive'] as const) {
  test(`a gate that says ${verdict} refuses, with every reason and no other`, () => {
    const gates = [absolute, aGate('nonInferior logLoss', verdict), aGate('mustPass storm', verdict)];
    const { outcome, reasons } = decisionOn(gates, champion);
    assert.equal(outcome, 'refused');
    assert.deepEqual(reasons, [`nonInferior logLoss says ${verdict}.`, `mustPass storm says ${verdict}.`]);
  });
}

test('the first model is refused when no absolute gate judged it', () => {
  const { outcome, reasons } = decisionOn([aGate('nonInferior logLoss', 'pass')]);
  assert.equal(outcome, 'refused');
  assert.match(reasons.join(), /at least one absolute gate/);
});

test('a model beside a champion is refused when no gate compared the two', () => {
  const { outcome, reasons } = decisionOn([absolute], champion);
  assert.equal(outcome, 'refused');
  assert.match(reasons.join(), /at least one nonInferior gate/);
});

test('without gates nobody is accepted', () => {
  assert.equal(decisionOn([]).outcome, 'refused');
  assert.equal(decisionOn([], champion).outcome, 'refused');
});

test('a candidate is replaced only by a model that does no worse on the same rows', () => {
  const gates = [absolute, aGate('nonInferior logLoss', 'pass')];
  const withLoss = (
    value: number,
    of: string,
  ): { readonly digest: string; readonly content: Evaluation } => ({
    digest: digestBytes(`evaluation of ${of}`),
    content: {
      ...anEvaluation(gates, champion),
      model: digestBytes(of),
      metrics: { logLoss: { value, lower: null, upper: null, n: 10, reason: null } },
    },
  });
  const against = (own: number, other: number) =>
    decide({ name: 'orders', evaluation: withLoss(own, 'own'), rival: withLoss(other, 'rival') });
  assert.equal(against(0.4, 0.5).content.outcome, 'candidate');
  assert.equal(against(0.4, 0.4).content.outcome, 'candidate');
  const worse = against(0.5, 0.4);
  assert.equal(worse.content.outcome, 'refused');
  assert.match(worse.content.reasons.join(), /does better on the same rows: logLoss 0\.4 against 0\.5/);
  assert.deepEqual(worse.parents.at(-1), { digest: digestBytes('evaluation of rival'), role: 'rival' });
});
