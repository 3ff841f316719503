import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../base/random.ts';
import type { RawColumn } from './design.ts';
import { fitLinear, type LinearFit, type LinearJob } from './fit-linear.ts';
import golden from './fit-linear.golden.json' with { type: 'json' };
import { scoreLinear } from './score-linear.ts';

const dictionary = ['red', 'white', 'blue', 'green'];

/** Columns are made anew for each fit, which overwrites them. */
function goldenColumns(): RawColumn[] {
  return [
    { kind: 'numeric', values: Float64Array.from(golden.a) },
    { kind: 'numeric', values: Float64Array.from(golden.b, (value) => value ?? Number.NaN) },
    {
      kind: 'categorical',
      codes: Int32Array.from(golden.text, (text) => dictionary.indexOf(text ?? '')),
      dictionary,
    },
  ];
}

function aJob(changes: Partial<LinearJob> = {}): LinearJob {
  return {
    task: 'binary',
    names: ['a', 'b', 'text'],
    columns: goldenColumns(),
    labels: Float64Array.from(golden.late),
    rows: golden.late.length,
    weights: { negative: 1, positive: 1 },
    l2: 1,
    maxIterations: 1000,
    tolerance: 1e-8,
    maxLevels: 100,
    ...changes,
  };
}

function fit(changes: Partial<LinearJob> = {}): LinearFit {
  return fitLinear(aJob(changes), () => {});
}

/** The weights in the order of the golden design: a, b, b missing, blue, green, red, white, null. */
function weightsOf({ model }: LinearFit): number[] {
  const [a, b] = model.numeric;
  const [text] = model.categorical;
  assert.ok(a !== undefined && b !== undefined && text !== undefined);
  return [a.weight, b.weight, b.missingWeight, ...text.weights, text.nullWeight];
}

function assertNear(found: readonly number[], expected: readonly number[], tolerance: number): void {
  assert.equal(found.length, expected.length);
  found.forEach((value, at) => {
    const difference = Math.abs(value - (expected[at] ?? Number.NaN));
    assert.ok(difference <= tolerance, `${at}: ${value} against ${expected[at]}`);
  });
}

test('logistic weights equal those of scikit-learn', () => {
  const found = fit();
  assert.ok(found.converged);
  assertNear(
    [found.model.intercept, ...weightsOf(found)],
    [golden.logistic.intercept, ...golden.logistic.weights],
    1e-6,
  );
});

test('balanced classes give the weights of scikit-learn', () => {
  const ones = golden.late.reduce((sum, label) => sum + label, 0);
  const rows = golden.late.length;
  const weights = { negative: rows / (2 * (rows - ones)), positive: rows / (2 * ones) };
  const found = fit({ weights, l2: 0.5 });
  assertNear(
    [found.model.intercept, ...weightsOf(found)],
    [golden.balanced.intercept, ...golden.balanced.weights],
    1e-6,
  );
});

test('least squares with a penalty give the weights of scikit-learn', () => {
  const found = fit({ task: 'regression', labels: Float64Array.from(golden.amount), l2: 2 });
  assertNear(
    [found.model.intercept, ...weightsOf(found)],
    [golden.ridge.intercept, ...golden.ridge.weights],
    1e-5,
  );
});

test('the same job gives the same bits', () => {
  assert.deepEqual(fit(), fit());
});

test('levels stand sorted, and those beyond the most frequent have no weight', () => {
  const [text] = fit({ maxLevels: 2 }).model.categorical;
  const counts = new Map(dictionary.map((level) => [level, golden.text.filter((t) => t === level).length]));
  const frequent = dictionary.toSorted((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0)).slice(0, 2);
  assert.deepEqual(text?.levels, frequent.toSorted());
});

test('constant and wholly missing columns get no weight and no share', () => {
  const rows = golden.late.length;
  const columns: RawColumn[] = [
    { kind: 'numeric', values: new Float64Array(rows).fill(7.1) },
    { kind: 'numeric', values: new Float64Array(rows).fill(Number.NaN) },
    { kind: 'categorical', codes: new Int32Array(rows), dictionary: ['only'] },
  ];
  const found = fit({ columns });
  assert.deepEqual(
    found.model.numeric.map(({ weight, missingWeight, scale }) => [weight, missingWeight, scale]),
    [
      [0, 0, 1],
      [0, 0, 1],
    ],
  );
  assertNear(found.spreads, [0, 0, 0], 1e-9);
});

test('huge and tiny numbers are standardised without overflow', () => {
  const random = seededRandom(5);
  const values = Float64Array.from(golden.late, (label) => (label + random.next()) * 1e300);
  const tiny = values.map((value) => value * 1e-320 * 1e-280);
  const found = fit({ columns: [{ kind: 'numeric', values }], names: ['a'] });
  assert.ok(found.converged && found.model.numeric.every(({ weight }) => weight > 1 && weight < 100));
  assert.ok(
    fit({ columns: [{ kind: 'numeric', values: tiny }], names: ['a'] }).model.numeric.every(
      ({ scale }) => scale > 0,
    ),
  );
});

test('validation rows are watched but not fitted, and the last losses are those of the scores', () => {
  const rows = 300;
  const found = fit({ rows });
  const { model } = fit({
    rows,
    labels: Float64Array.from(golden.late, (label, row) => (row < rows ? label : 1 - label)),
  });
  assert.deepEqual(model, found.model);
  const codes = goldenColumns().map((column) =>
    column.kind === 'numeric'
      ? column.values
      : Float64Array.from(column.codes, (code) =>
          code < 0 ? Number.NaN : (found.model.categorical[0]?.levels.indexOf(dictionary[code] ?? '') ?? -1),
        ),
  );
  const scores = new Float64Array(golden.late.length);
  scoreLinear(found.model, codes, scores);
  const losses = [...scores].map((score, row) => -Math.log(golden.late[row] === 1 ? score : 1 - score));
  const mean = (part: readonly number[]): number => part.reduce((a, b) => a + b, 0) / part.length;
  const last = found.curve.at(-1);
  assertNear(
    [last?.train ?? 0, last?.validation ?? 0],
    [mean(losses.slice(0, rows)), mean(losses.slice(rows))],
    1e-9,
  );
});

test('a search that runs out of iterations says so', () => {
  const found = fit({ maxIterations: 1 });
  assert.deepEqual([found.iterations, found.converged], [1, false]);
});

test('unseen levels add nothing and nulls their own weight', () => {
  const { model } = fit();
  const scores = new Float64Array(2);
  const a = new Float64Array(2).fill(model.numeric[0]?.mean ?? 0);
  const b = new Float64Array(2).fill(model.numeric[1]?.mean ?? 0);
  scoreLinear({ ...model, task: 'regression' }, [a, b, Float64Array.of(-1, Number.NaN)], scores);
  assertNear(
    [...scores],
    [model.intercept, model.intercept + (model.categorical[0]?.nullWeight ?? 0)],
    1e-12,
  );
});
