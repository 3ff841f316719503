import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestBytes } from '../base/digest.ts';
import { versionDigest, versionSchemas, type VersionContents, type VersionKind } from './version.ts';

const digest = digestBytes('any');
const table = { digest, rows: 3, sizeBytes: 100 };
const metric = { value: 0.7, lower: 0.6, upper: 0.8, n: 10, reason: null };
const part = { table, fromUs: 0, untilUs: 10 };

const examples: VersionContents = {
  batch: {
    schemaVersion: 1,
    source: 'orders',
    raw: digest,
    sizeBytes: 10,
    name: 'orders.csv',
    format: 'csv',
    declaredAtUs: null,
  },
  validation: {
    schemaVersion: 1,
    batch: digest,
    contract: digest,
    rows: 3,
    processed: table,
    quarantine: null,
    quarantinedRows: 0,
    rules: [{ id: 'notNull:price', kind: 'notNull', severity: 'error', failures: 0, observed: null }],
    profile: [
      {
        name: 'price',
        type: 'double',
        nulls: 0,
        distinctApprox: 3,
        min: 1,
        max: 3,
        mean: 2,
        stddev: 1,
        minLength: null,
        maxLength: null,
      },
    ],
    verdict: 'pass',
    reasons: [],
  },
  dataset: {
    schemaVersion: 1,
    source: 'orders',
    contract: digest,
    batches: [{ raw: digest, processed: table }],
    rows: 3,
    columns: [{ name: 'price', type: 'double', nullable: false }],
  },
  trainingSet: {
    schemaVersion: 1,
    dataset: digest,
    definition: digest,
    task: 'binary',
    features: [{ name: 'price', kind: 'numeric' }],
    train: part,
    validation: part,
    evaluation: { table, fromUs: null, untilUs: null },
    cutUs: 10,
    leftOut: { unlabelled: 1 },
  },
  model: {
    schemaVersion: 1,
    name: 'orders',
    model: digest,
    sizeBytes: 10,
    task: 'binary',
    features: [{ name: 'price', kind: 'numeric' }],
    trainingSet: digest,
    trainer: { name: 'trees', version: '1' },
    params: { leaves: 31 },
    seed: 1,
    curve: [{ round: 1, metric: 'logLoss', split: 'validation', value: 0.5 }],
    importances: { price: 1 },
    facts: { rounds: 1 },
    parity: { rows: 3, maxDifference: 0 },
    environment: { arch: 'x64' },
  },
  evaluation: {
    schemaVersion: 1,
    model: digest,
    trainingSet: digest,
    champion: null,
    rows: 3,
    blocks: 1,
    block: 'day',
    alpha: 0.05,
    threshold: 0.5,
    metrics: { auc: metric },
    baseline: { auc: metric },
    championMetrics: null,
    paired: { logLoss: { value: null, lower: null, upper: null, n: 0, reason: 'one class' } },
    calibration: [{ rows: 3, meanScore: 0.1, observedRate: 0.1, lower: 0, upper: 0.3 }],
    slices: [{ slice: 'shop', group: 'a', rows: 3, metrics: { auc: metric } }],
    gates: [{ gate: 'absolute auc', verdict: 'pass', explanation: 'auc 0.7', observed: 0.7, bound: 0.6 }],
    verdict: 'pass',
    scores: digest,
    attempt: 1,
  },
  decision: {
    schemaVersion: 1,
    name: 'orders',
    model: digest,
    evidence: digest,
    outcome: 'refused',
    rule: 'gate',
    reasons: ['auc 0.5 misses >= 0.6.'],
  },
};

const kinds = Object.keys(examples) as VersionKind[];

/** Yields the paths of every member of a value, as lists of keys. */
function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...path, key]));
  return path.length === 0 ? inner : [path, ...inner];
}

/** Yields a copy with the member at a path replaced. */
function changed(value: unknown, [key, ...rest]: readonly string[], to: unknown): unknown {
  if (key === undefined) return to;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<
    string,
    unknown
  >;
  copy[key] = changed(copy[key], rest, to);
  return copy;
}

for (const kind of kinds) {
  test(`a ${kind} is read back as it was written`, () => {
    const text = JSON.stringify(examples[kind]);
    assert.deepEqual(versionSchemas[kind].parse(JSON.parse(text)), examples[kind]);
  });

  test(`a ${kind} with an unknown member is refused`, () => {
    assert.equal(versionSchemas[kind].safeParse({ ...examples[kind], extra: 1 }).success, false);
  });

  test(`a ${kind} that lacks a member or is of another schema version is refused`, () => {
    for (const key of Object.keys(examples[kind])) {
      const rest = Object.fromEntries(Object.entries(examples[kind]).filter(([name]) => name !== key));
      assert.equal(versionSchemas[kind].safeParse(rest).success, false, key);
    }
    assert.equal(versionSchemas[kind].safeParse({ ...examples[kind], schemaVersion: 2 }).success, false);
  });

  test(`every member of a ${kind} moves its digest`, () => {
    const before = versionDigest(kind, examples[kind]);
    for (const path of pathsOf(examples[kind])) {
      const other = changed(examples[kind], path, 'another value') as VersionContents[typeof kind];
      assert.notEqual(versionDigest(kind, other), before, path.join('.'));
    }
  });
}

test('the kind is part of the digest, the order of writing is not', () => {
  const { batch } = examples;
  assert.notEqual(
    versionDigest('batch', batch),
    versionDigest('decision', batch as unknown as VersionContents['decision']),
  );
  const turned = Object.fromEntries(Object.entries(batch).reverse()) as unknown as typeof batch;
  assert.equal(versionDigest('batch', turned), versionDigest('batch', batch));
});

test('numbers that are not finite and digests that are none are refused', () => {
  const { evaluation, batch } = examples;
  const refused = [
    changed(evaluation, ['metrics', 'auc', 'value'], Number.NaN),
    changed(evaluation, ['attempt'], 0),
    changed(evaluation, ['verdict'], 'maybe'),
  ];
  for (const one of refused) assert.equal(versionSchemas.evaluation.safeParse(one).success, false);
  assert.equal(versionSchemas.batch.safeParse({ ...batch, raw: 'AB' }).success, false);
  assert.equal(versionSchemas.batch.safeParse({ ...batch, sizeBytes: 1.5 }).success, false);
});
