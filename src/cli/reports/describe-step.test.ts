import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Stage, Step } from '../../records/step.ts';
import { describeStep } from './describe-step.ts';

function aStep(change: Partial<Step>): Step {
  return {
    id: 'step_1',
    runId: 'run_1',
    stage: 'train',
    subject: '',
    key: 'k',
    fields: {},
    state: 'done',
    epoch: 1,
    outputs: [],
    verdict: null,
    facts: {},
    error: null,
    startedUs: 0,
    endedUs: 1,
    actor: 'me',
    ...change,
  };
}

const cases: readonly (readonly [Stage, readonly Partial<Step>[], RegExp])[] = [
  ['ingest', [{ facts: { sizeBytes: 1500 } }, { facts: { sizeBytes: 500 } }], /^2 files, 2 kB$/],
  [
    'validate',
    [
      { subject: 'a.csv', verdict: 'pass', facts: { rows: 1000, quarantined: 3 } },
      { subject: 'b.csv', verdict: 'fail', facts: { rows: 500 } },
      { subject: 'dataset', facts: { rows: 997, batches: 1 } },
    ],
    /^1,500 rows in 2 batches, 3 in quarantine, stopped: b\.csv$/,
  ],
  ['validate', [{ subject: 'dataset', facts: { rows: 997, batches: 1 } }], /^997 rows in 1 batch$/],
  [
    'featurize',
    [{ facts: { train: 10, validation: 2, evaluation: 3 } }],
    /^10 train, 2 validation, 3 evaluation rows$/,
  ],
  ['train', [{ subject: 'leaves=31', facts: { sizeBytes: 100 } }], /^leaves=31 100 B$/],
  [
    'evaluate',
    [{ verdict: 'inconclusive', facts: { rows: 5, lead: null, attempt: 2 } }],
    /^5 rows, no lead metric, verdict inconclusive, model 2/,
  ],
  ['register', [{ facts: { outcome: 'refused' } }], /^refused$/],
  ['register', [{ facts: { outcome: 'candidate', rule: 'gate' } }], /^candidate \(gate\)$/],
  ['deploy', [{}, {}], /^2 steps$/],
];

for (const [stage, steps, text] of cases) {
  test(`${stage}: ${text.source.slice(1, 40)}`, () => {
    assert.match(
      describeStep(
        stage,
        steps.map((step) => aStep({ ...step, stage })),
      ),
      text,
    );
  });
}

test('a step without facts is told without failing', () => {
  for (const stage of ['ingest', 'validate', 'featurize', 'train', 'evaluate', 'register'] as const)
    assert.ok(describeStep(stage, [aStep({ stage })]).length > 0);
});
