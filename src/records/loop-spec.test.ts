import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ruleSpecSchema, type RuleSpec } from './contract-spec.ts';
import { gateSpecSchema, type GateSpec } from './evaluate-spec.ts';
import { loopSpecSchema, type LoopSpec } from './loop-spec.ts';

const example: LoopSpec = {
  schemaVersion: 1,
  name: 'orders',
  source: {
    name: 'orders',
    files: ['orders/*.csv'],
    format: 'csv',
    csv: { delimiter: ',', quote: '"', header: true, nullText: '' },
    columns: [{ name: 'price', type: 'double', nullable: false }],
    lookups: [
      {
        name: 'shops',
        file: 'shops.csv',
        key: 'shop',
        columns: [{ name: 'shop', type: 'string', nullable: false }],
      },
    ],
    joins: [{ as: 'shops', lookup: 'shops', on: 'shop' }],
    derived: [{ name: 'dear', type: 'boolean', expression: { op: 'gt' } }],
    eventTime: 'at',
    knownTime: null,
    outcomeColumns: [],
  },
  contract: {
    rowSchema: { type: 'object' },
    rules: [{ id: 'notNull:price', severity: 'error', kind: 'notNull', column: 'price' }],
    breaker: { maxQuarantinedShare: 0.05 },
  },
  features: {
    views: [
      {
        name: 'shop',
        entity: ['shop'],
        windows: [{ name: '1h', seconds: 3600 }],
        aggregates: [{ name: 'orders', function: 'count', input: null }],
      },
    ],
    features: [{ name: 'price', kind: 'numeric', expression: { name: 'price' } }],
  },
  label: { task: 'binary', expression: { name: 'returned' }, maturitySeconds: 0 },
  train: {
    trainer: 'trees',
    params: {},
    seed: 1,
    labels: 'recorded',
    split: { evaluationFromUs: null, evaluationUntilUs: null, evaluationDays: 7, validationDays: 0 },
    timeoutMs: 1000,
  },
  evaluate: {
    threshold: 0.5,
    cost: { falsePositive: 1, falseNegative: 4 },
    block: 'day',
    alpha: 0.05,
    replicates: 100,
    slices: [{ name: 'shop', expression: { name: 'shop' }, minRows: 100 }],
    gates: [],
  },
  engine: { memoryMb: 64, threads: 1 },
};

const isLoop = (value: unknown): boolean => loopSpecSchema.safeParse(value).success;

test('a loop is read back as it was written', () => {
  assert.deepEqual(loopSpecSchema.parse(JSON.parse(JSON.stringify(example))), example);
});

test('an unknown member is refused in every part of a loop', () => {
  assert.equal(isLoop({ ...example, extra: 1 }), false);
  for (const part of ['source', 'contract', 'features', 'label', 'train', 'evaluate', 'engine'] as const) {
    assert.equal(isLoop({ ...example, [part]: { ...example[part], extra: 1 } }), false, part);
  }
  assert.equal(
    isLoop({ ...example, train: { ...example.train, split: { ...example.train.split, x: 1 } } }),
    false,
  );
});

test('a value outside its range is refused', () => {
  const train = (change: object): unknown => ({ ...example, train: { ...example.train, ...change } });
  const evaluate = (change: object): unknown => ({
    ...example,
    evaluate: { ...example.evaluate, ...change },
  });
  const refused = [
    { ...example, name: 'Orders 1' },
    { ...example, engine: { memoryMb: 64, threads: 0 } },
    { ...example, engine: { memoryMb: 1, threads: 1 } },
    train({ seed: 1.5 }),
    train({ labels: 'random' }),
    train({ timeoutMs: 0 }),
    evaluate({ threshold: 1.1 }),
    evaluate({ alpha: 0 }),
    evaluate({ replicates: 99 }),
    evaluate({ block: 'month' }),
    evaluate({ cost: { falsePositive: -1, falseNegative: 1 } }),
  ];
  for (const one of refused) assert.equal(isLoop(one), false, JSON.stringify(one));
});

const base = { id: 'x', severity: 'error' } as const;
const rules: readonly RuleSpec[] = [
  { ...base, kind: 'notNull', column: 'a' },
  { ...base, kind: 'range', column: 'a', min: 0, max: null },
  { ...base, kind: 'set', column: 'a', values: ['x', 1, true] },
  { ...base, kind: 'regex', column: 'a', pattern: '^x' },
  { ...base, kind: 'unique', columns: [], within: 'batch' },
  { ...base, kind: 'expression', expression: { op: 'gt' } },
  { ...base, kind: 'check', name: 'schema' },
  { ...base, kind: 'rowCount', min: null, max: 10 },
  { ...base, severity: 'warn', kind: 'freshness', maxAgeSeconds: 60 },
];

test('each kind of rule is read back, and refused with a member of another kind', () => {
  for (const rule of rules) {
    assert.deepEqual(ruleSpecSchema.parse(rule), rule);
    assert.equal(ruleSpecSchema.safeParse({ ...rule, extra: 1 }).success, false, rule.kind);
    assert.equal(ruleSpecSchema.safeParse({ ...rule, severity: 'fatal' }).success, false, rule.kind);
  }
});

const gates: readonly GateSpec[] = [
  { kind: 'absolute', metric: 'auc', atLeast: 0.6, atMost: null },
  { kind: 'nonInferior', metric: 'logLoss', margin: 0 },
  { kind: 'mustPass', name: 'storm', features: { wind: 30 }, atLeast: 0.5, atMost: 1 },
];

test('each kind of gate is read back, and refused with a member of another kind', () => {
  for (const gate of gates) {
    assert.deepEqual(gateSpecSchema.parse(gate), gate);
    assert.equal(gateSpecSchema.safeParse({ ...gate, extra: 1 }).success, false, gate.kind);
  }
  assert.equal(gateSpecSchema.safeParse({ kind: 'nonInferior', metric: 'auc', margin: 0 }).success, false);
  assert.equal(gateSpecSchema.safeParse({ kind: 'nonInferior', metric: 'cost', margin: -1 }).success, false);
});

test('a gate that would let anything or nothing through is refused', () => {
  for (const bounds of [
    { atLeast: null, atMost: null },
    { atLeast: 0.7, atMost: 0.6 },
  ]) {
    assert.equal(gateSpecSchema.safeParse({ kind: 'absolute', metric: 'auc', ...bounds }).success, false);
    const item = { kind: 'mustPass', name: 'storm', features: {}, ...bounds };
    assert.equal(gateSpecSchema.safeParse(item).success, false);
  }
});

test('two items of one name are refused: the score of one would judge the other', () => {
  const item = gates[2] as GateSpec;
  assert.equal(isLoop({ ...example, evaluate: { ...example.evaluate, gates: [item] } }), true);
  assert.equal(isLoop({ ...example, evaluate: { ...example.evaluate, gates: [item, item] } }), false);
});
