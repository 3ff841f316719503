import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  columnModelBytes,
  openColumnRuntime,
  type ColumnRuntime,
} from '../../../test/fixtures/column-model.ts';
import { openWorld, type World } from '../../../test/fixtures/featurize-world.ts';
import { digestBytes } from '../../base/digest.ts';
import { isSluiceError, type ErrorCode } from '../../base/errors.ts';
import { logLoss } from '../../math/metrics/log-loss.ts';
import type { EvaluateSpec, GateSpec } from '../../records/evaluate-spec.ts';
import { evaluationSchema, type Evaluation } from '../../records/evaluation.ts';
import type { ModelVersion } from '../../records/model-version.ts';
import type { TrainingPart, TrainingSet } from '../../records/training-set.ts';
import { evaluateModel, type EvaluateInput } from './evaluate.ts';

const dayUs = 86_400_000_000;
/** 2024-03-04, a Monday. */
const startUs = Date.UTC(2024, 2, 4) * 1000;

let world: World;
let runtime: ColumnRuntime;
before(async () => {
  world = await openWorld({ memoryMb: 256 });
  runtime = openColumnRuntime();
});
after(() => world[Symbol.asyncDispose]());

/** Which rows to evaluate on. */
interface Rows {
  readonly days?: number;
  readonly perDay?: number;
  /** SQL over `i` (row) and `d` (day). */
  readonly label?: string;
  /** How the label is stored. */
  readonly labelAs?: string;
  readonly task?: 'binary' | 'regression';
  /** Columns besides `good` and `bad`, SQL over `i` and `d`. */
  readonly extra?: string;
}

const isLate = '(hash(i) % 10 < 3)::DOUBLE';

/** A training set whose evaluation rows hold the scores of two models: `good` follows the label, `bad` does not. */
async function aTrainingSet(rows: Rows = {}): Promise<{ digest: string; content: TrainingSet }> {
  const {
    days = 10,
    perDay = 40,
    label = isLate,
    labelAs = 'label',
    task = 'binary',
    extra = "'x' AS _slice_shop",
  } = rows;
  const source = `SELECT i, i // ${perDay} AS d FROM range(${days * perDay}) t(i)`;
  const labelled = `SELECT *, ${label} AS label FROM (${source})`;
  const sql = `SELECT '${digestBytes('batch')}' AS _batch, i AS _row, ${startUs} + d * ${dayUs} + (i % ${perDay}) * 1000000 AS _event_us,
      CASE WHEN label > 0.5 THEN 0.6 ELSE 0.2 END + (hash(i * 7) % 100) / 500.0 AS good,
      (hash(i * 13) % 1000) / 1000.0 AS bad, ${labelAs} AS label, ${extra}
    FROM (${labelled}) ORDER BY i`;
  const evaluation = await stored(sql);
  const train = await stored('SELECT (i % 4 = 0)::DOUBLE AS label FROM range(100) t(i)');
  const content: TrainingSet = {
    schemaVersion: 1,
    dataset: digestBytes('dataset'),
    definition: digestBytes('definition'),
    task,
    features: [
      { name: 'good', kind: 'numeric' },
      { name: 'bad', kind: 'numeric' },
    ],
    train,
    validation: { ...train, table: { ...train.table, rows: 0 } },
    evaluation: { ...evaluation, fromUs: evaluation.table.rows === 0 ? null : startUs },
    cutUs: startUs,
    leftOut: {},
  };
  return { digest: digestBytes(JSON.stringify(content)), content };
}

async function stored(sql: string): Promise<TrainingPart> {
  const { path, rows } = await world.engine.writeParquet(sql, await world.blob.scratchPath('.parquet'));
  const { digest, sizeBytes } = await world.blob.putFile(path, { move: true });
  return { table: { digest, rows, sizeBytes }, fromUs: null, untilUs: null };
}

async function aModel(
  column: string,
  of: TrainingSet,
  change: Partial<ModelVersion> = {},
): Promise<{ digest: string; content: ModelVersion }> {
  const { digest: model, sizeBytes } = await world.blob.put(columnModelBytes({ column }));
  const content: ModelVersion = {
    schemaVersion: 1,
    name: 'orders',
    model,
    sizeBytes,
    task: of.task,
    features: of.features,
    trainingSet: digestBytes('set'),
    trainer: { name: 'fake', version: '1' },
    params: {},
    seed: 1,
    curve: [],
    importances: null,
    facts: {},
    parity: null,
    environment: {},
    ...change,
  };
  return { digest: digestBytes(`model ${column}`), content };
}

const gate: GateSpec = { kind: 'absolute', metric: 'auc', atLeast: 0.6, atMost: null };
const againstChampion: GateSpec = { kind: 'nonInferior', metric: 'logLoss', margin: 0.01 };

function aSpec(change: Partial<EvaluateSpec> = {}): EvaluateSpec {
  return {
    threshold: 0.5,
    cost: { falsePositive: 1, falseNegative: 4 },
    block: 'day',
    alpha: 0.05,
    replicates: 200,
    slices: [],
    gates: [gate],
    ...change,
  };
}

/** What to judge: the model by its column, on which rows, against what. */
interface Case extends Rows {
  readonly column?: string;
  readonly champion?: {
    readonly column: string;
    readonly change?: Partial<ModelVersion>;
    readonly cutUs?: number;
  };
  readonly spec?: Partial<EvaluateSpec>;
}

async function inputOf({ column = 'good', champion, spec, ...rows }: Case): Promise<EvaluateInput> {
  const trainingSet = await aTrainingSet(rows);
  const { content } = trainingSet;
  return {
    model: await aModel(column, content),
    trainingSet,
    champion:
      champion === undefined
        ? null
        : {
            model: await aModel(champion.column, content, champion.change),
            trainingSet: { ...content, cutUs: champion.cutUs ?? content.cutUs },
          },
    spec: aSpec(spec),
    runtime,
    attempt: 3,
  };
}

async function evaluate(one: Case): Promise<Evaluation> {
  const { versions } = await evaluateModel(world, await inputOf(one));
  assert.equal(runtime.openModels(), 0);
  const [draft] = versions;
  assert.equal(draft?.kind, 'evaluation');
  return evaluationSchema.parse(draft?.content);
}

async function refuses(one: Case, code: ErrorCode, text: RegExp): Promise<void> {
  await assert.rejects(evaluate(one), (error) => {
    assert.ok(isSluiceError(error, code), String(error));
    assert.match(error.message, text);
    return true;
  });
  assert.equal(runtime.openModels(), 0);
}

const value = (metrics: Evaluation['metrics'] | null, name: string): number =>
  metrics?.[name]?.value ?? Number.NaN;

test('a binary model is measured with intervals, beside a constant that answers the training rate', async () => {
  const evaluation = await evaluate({});
  assert.deepEqual([evaluation.rows, evaluation.blocks, evaluation.attempt], [400, 10, 3]);
  assert.equal(value(evaluation.metrics, 'auc'), 1);
  assert.equal(value(evaluation.metrics, 'accuracy'), 1);
  const { lower, upper, n } = evaluation.metrics['logLoss'] ?? assert.fail();
  const loss = value(evaluation.metrics, 'logLoss');
  assert.ok(lower !== null && upper !== null && lower < loss && loss < upper);
  assert.equal(n, 400);
  assert.equal(value(evaluation.baseline, 'auc'), 0.5);
  const labels = await world.engine.columns(`SELECT ${isLate} AS label FROM range(400) t(i)`);
  const column = labels.columns.get('label');
  assert.ok(column !== undefined && column.type !== 'string');
  const constant = logLoss(Uint8Array.from(column.values), new Float64Array(400).fill(0.25));
  assert.ok('value' in constant && Math.abs(constant.value - value(evaluation.baseline, 'logLoss')) < 1e-12);
  assert.equal(evaluation.verdict, 'pass');
});

test('a regression model is measured by its own metrics, against the training mean', async () => {
  const evaluation = await evaluate({
    task: 'regression',
    label: '(i % 7)::DOUBLE',
    extra: "(i % 7) + 0.5 AS off, 'x' AS _slice_shop",
    column: 'good',
    spec: { gates: [{ kind: 'absolute', metric: 'rSquared', atLeast: 0.9, atMost: null }] },
  });
  assert.deepEqual(Object.keys(evaluation.metrics), [
    'meanAbsoluteError',
    'rootMeanSquaredError',
    'rSquared',
  ]);
  assert.ok(value(evaluation.baseline, 'rSquared') < 0);
  assert.deepEqual(evaluation.calibration, []);
  assert.equal(evaluation.verdict, 'fail');
});

test('calibration bins hold every row once and bracket what was observed', async () => {
  const { calibration } = await evaluate({});
  assert.equal(
    calibration.reduce((sum, bin) => sum + bin.rows, 0),
    400,
  );
  for (const { observedRate, lower, upper } of calibration)
    assert.ok(lower <= observedRate && observedRate <= upper);
});

test('the champion is scored on the same rows and compared block by block', async () => {
  const evaluation = await evaluate({
    champion: { column: 'bad' },
    spec: { gates: [gate, againstChampion] },
  });
  assert.ok(value(evaluation.championMetrics, 'logLoss') > value(evaluation.metrics, 'logLoss'));
  const difference = value(evaluation.metrics, 'logLoss') - value(evaluation.championMetrics, 'logLoss');
  assert.ok(Math.abs(value(evaluation.paired, 'logLoss') - difference) < 1e-12);
  assert.deepEqual(
    evaluation.gates.map((one) => one.verdict),
    ['pass', 'pass'],
  );
});

test('a model that is worse than the champion fails the gate against it', async () => {
  const evaluation = await evaluate({
    column: 'bad',
    champion: { column: 'good' },
    spec: { gates: [againstChampion] },
  });
  assert.equal(evaluation.verdict, 'fail');
  assert.match(evaluation.gates[0]?.explanation ?? '', /surely beyond the margin/);
});

test('without a champion the gate against it passes and says so', async () => {
  const { gates, paired, championMetrics } = await evaluate({ spec: { gates: [againstChampion] } });
  assert.deepEqual([paired, championMetrics], [null, null]);
  assert.match(gates[0]?.explanation ?? '', /No champion/);
});

const champions: readonly (readonly [string, Partial<ModelVersion>, RegExp])[] = [
  ['needs a feature that is made no more', { features: [{ name: 'gone', kind: 'numeric' }] }, /gone/],
  [
    'needs a feature of another kind',
    { features: [{ name: 'bad', kind: 'categorical' }] },
    /bad \(categorical\)/,
  ],
  ['predicts something else', { task: 'regression' }, /regression model.*binary model/],
];
for (const [what, change, reason] of champions) {
  test(`a champion that ${what} leaves the comparison inconclusive`, async () => {
    const evaluation = await evaluate({
      champion: { column: 'bad', change },
      spec: { gates: [gate, againstChampion] },
    });
    assert.equal(evaluation.championMetrics, null);
    assert.match(evaluation.paired?.['logLoss']?.reason ?? '', reason);
    assert.deepEqual(
      evaluation.gates.map((one) => one.verdict),
      ['pass', 'inconclusive'],
    );
    assert.equal(evaluation.verdict, 'inconclusive');
  });
}

test('a champion that knew a feature by another definition leaves the comparison inconclusive', async () => {
  const input = await inputOf({ champion: { column: 'bad' }, spec: { gates: [againstChampion] } });
  const withMeanings = (good: string): TrainingSet => ({
    ...input.trainingSet.content,
    meanings: { good: digestBytes(good), bad: digestBytes('bad') },
  });
  const judge = async (before: TrainingSet): Promise<string> => {
    const { model } = input.champion ?? assert.fail();
    const { versions } = await evaluateModel(world, {
      ...input,
      trainingSet: { ...input.trainingSet, content: withMeanings('hours') },
      champion: { model, trainingSet: before },
    });
    const { gates } = evaluationSchema.parse(versions[0]?.content);
    return `${gates[0]?.verdict}: ${gates[0]?.explanation}`;
  };
  assert.match(await judge(withMeanings('minutes')), /^inconclusive: .*another definition of good/);
  assert.match(await judge(withMeanings('hours')), /^pass: /);
  // A set of before meanings were kept is taken at its names.
  assert.match(await judge(input.trainingSet.content), /^pass: /);
});

test('a champion that was trained on what was known inside the block refuses the evaluation', () =>
  refuses(
    { champion: { column: 'bad', cutUs: startUs + dayUs } },
    'EVALUATE_OVERLAP',
    /the champion [0-9a-f]{12} .*2024-03-05T00:00:00.*2024-03-04/,
  ));

test('a model whose own training cut lies inside the block refuses the evaluation', async () => {
  const input = await inputOf({});
  const content = { ...input.trainingSet.content, cutUs: startUs + 1 };
  await assert.rejects(
    evaluateModel(world, { ...input, trainingSet: { ...input.trainingSet, content } }),
    (error) => isSluiceError(error, 'EVALUATE_OVERLAP') && /the model/.test(error.message),
  );
});

test('an empty block is refused', () => refuses({ days: 0 }, 'EVALUATE_NO_ROWS', /empty/));

test('rows that were built without what the spec asks for are refused, naming the column', async () => {
  const slices = [{ name: 'shop', expression: {}, minRows: 1 }];
  await refuses(
    { extra: "'x' AS other", spec: { slices } },
    'EVALUATE_COLUMN',
    /_slice_shop.*no such column/,
  );
  await refuses(
    { extra: '1.5::DOUBLE AS _slice_shop', spec: { slices } },
    'EVALUATE_COLUMN',
    /_slice_shop.*text/,
  );
  await refuses({ labelAs: 'label::VARCHAR' }, 'EVALUATE_COLUMN', /label.*text.*numbers/);
});

test('labels of one class leave the ranking undefined, and the gate on it inconclusive', async () => {
  const evaluation = await evaluate({ label: '0::DOUBLE' });
  const { auc } = evaluation.metrics;
  assert.deepEqual([auc?.value, auc?.lower, auc?.upper], [null, null, null]);
  assert.match(auc?.reason ?? '', /no positive label/);
  assert.equal(evaluation.verdict, 'inconclusive');
  assert.equal(value(evaluation.metrics, 'accuracy'), 1);
});

test('fewer than seven blocks give values without intervals, and no verdict but doubt', async () => {
  const evaluation = await evaluate({
    days: 6,
    champion: { column: 'bad' },
    spec: { gates: [gate, againstChampion] },
  });
  assert.equal(evaluation.blocks, 6);
  assert.deepEqual([evaluation.metrics['auc']?.value, evaluation.metrics['auc']?.lower], [1, null]);
  assert.match(evaluation.metrics['auc']?.reason ?? '', /6 blocks/);
  assert.deepEqual(
    evaluation.gates.map((one) => one.verdict),
    ['inconclusive', 'inconclusive'],
  );
});

test('weeks begin on Monday, days and hours at midnight UTC', async () => {
  const week = await evaluate({ days: 14, perDay: 5, spec: { block: 'week' } });
  assert.equal(week.blocks, 2);
  const hour = await evaluate({ days: 2, perDay: 40, spec: { block: 'hour' } });
  assert.equal(hour.blocks, 2);
});

const item = (change: Partial<Extract<GateSpec, { kind: 'mustPass' }>>): GateSpec => ({
  kind: 'mustPass',
  name: 'storm',
  features: { good: 0.9 },
  atLeast: 0.5,
  atMost: null,
  ...change,
});

test('must-pass items are scored by the model itself, each by its own bounds', async () => {
  const gates = [
    item({}),
    item({ name: 'calm', features: { good: 0.9 }, atLeast: null, atMost: 0.2 }),
    item({ name: 'unknown', features: {} }),
  ];
  const evaluation = await evaluate({ spec: { gates } });
  assert.deepEqual(
    evaluation.gates.map((one) => [one.gate, one.verdict, one.observed]),
    [
      ['mustPass storm', 'pass', 0.9],
      ['mustPass calm', 'fail', 0.9],
      ['mustPass unknown', 'pass', 0.5],
    ],
  );
  assert.equal(evaluation.verdict, 'fail');
});

test('slices have metrics of their own from a least number of rows on; the rest is counted, NULL is a group', async () => {
  const shop =
    "CASE WHEN i < 300 THEN 'large' WHEN i < 360 THEN NULL WHEN i < 385 THEN 'small' ELSE 'tiny' END";
  const evaluation = await evaluate({
    extra: `${shop} AS _slice_shop`,
    spec: { slices: [{ name: 'shop', expression: {}, minRows: 50 }] },
  });
  assert.deepEqual(
    evaluation.slices.map(({ slice, group, rows, metrics }) => [slice, group, rows, 'auc' in metrics]),
    [
      ['shop', 'large', 300, true],
      ['shop', 'NULL', 60, true],
      ['shop', '2 groups below 50 rows', 40, false],
    ],
  );
});

test('without gates nothing was asked, and the verdict is doubt', async () => {
  assert.equal((await evaluate({ spec: { gates: [] } })).verdict, 'inconclusive');
});

test('the same input gives the same record and the same bytes of scores', async () => {
  const one = { champion: { column: 'bad' }, spec: { gates: [gate, againstChampion] } };
  const [first, second] = [await evaluate(one), await evaluate(one)];
  assert.deepEqual(first, second);
});

test('the stored scores carry the identity of each row, in order', async () => {
  const { scores, rows } = await evaluate({});
  const path = await world.blob.path(scores);
  const [found] = await world.engine.rows(
    `SELECT count(*) AS n, list(_row ORDER BY file_row_number) = range(${rows}) AS sorted, count(DISTINCT _batch) AS batches,
       min(score) AS least, max(label) AS most FROM read_parquet('${path}', file_row_number = true)`,
  );
  assert.deepEqual(
    { ...found, least: Number(found?.['least']) > 0 },
    { n: rows, sorted: true, batches: 1, least: true, most: 1 },
  );
});

test('the outcome names what it rests on', async () => {
  const outcome = await evaluateModel(world, await inputOf({ champion: { column: 'bad' } }));
  const [draft] = outcome.versions;
  assert.deepEqual(
    draft?.parents.map((one) => one.role),
    ['model', 'evaluationSet', 'champion'],
  );
  assert.equal(draft?.blobs.length, 1);
  assert.deepEqual(
    [outcome.verdict, outcome.facts['rows'], outcome.facts['leadMetric'], outcome.facts['lead']],
    ['pass', 400, 'auc', 1],
  );
});

test('an evaluation that was interrupted stops before it scores', async () => {
  const stop = new AbortController();
  stop.abort();
  await assert.rejects(evaluateModel({ ...world, signal: stop.signal }, await inputOf({})), {
    name: 'AbortError',
  });
});
