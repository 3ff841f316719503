import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  datasetOf,
  flightColumns,
  flightFeatures,
  flightLabel,
  flightSource,
  flightsSql,
  jsonOf,
  openWorld,
  type World,
} from '../../../test/fixtures/featurize-world.ts';
import { column } from '../../expression/expression.ts';
import type { TrainingSet } from '../../records/training-set.ts';
import type { SplitSpec } from '../../records/train-spec.ts';
import { compileFeatures } from './compile.ts';
import { buildTrainingSet } from './training-set.ts';

const slices = [
  { name: 'origin', expression: jsonOf(column('origin', 'string')), minRows: 10 },
  { name: 'hour', expression: jsonOf(column('event', 'timestamp').hour()), minRows: 10 },
];
const compiled = compileFeatures({
  source: flightSource,
  features: flightFeatures(),
  label: flightLabel,
  slices,
});
const split: SplitSpec = {
  evaluationFromUs: null,
  evaluationUntilUs: null,
  evaluationDays: 2,
  validationDays: 1,
};
const days = (from: string, until: string): string =>
  flightsSql(`date >= '2001-01-${from}' AND date < '2001-01-${until}'`);

async function build(world: World, queries: readonly string[], spec = split): Promise<TrainingSet> {
  const dataset = await datasetOf(world, flightColumns, queries);
  const outcome = await buildTrainingSet(world, { dataset, compiled, split: spec });
  const [version] = outcome.versions;
  assert.ok(version?.kind === 'trainingSet');
  return version.content as TrainingSet;
}

async function query(world: World, set: TrainingSet, sql: (path: string) => string) {
  const files = await Promise.all(
    [set.train, set.validation, set.evaluation].map(({ table }) => world.blob.path(table.digest)),
  );
  return Promise.all(files.map((file) => world.engine.rows(sql(`read_parquet('${file}')`))));
}

test('one, two and four threads give the same bytes', async () => {
  const digests = [];
  for (const threads of [1, 2, 4]) {
    await using world = await openWorld({ threads });
    const set = await build(world, [days('10', '12'), days('12', '15')]);
    digests.push([set.train, set.validation, set.evaluation].map(({ table }) => table.digest));
  }
  assert.deepEqual(digests[1], digests[0]);
  assert.deepEqual(digests[2], digests[0]);
});

test('the parts follow one another in time, hold every row once, and carry labels, features and slices', async () => {
  await using world = await openWorld();
  const set = await build(world, [days('10', '12'), days('12', '15')]);
  const { train, validation, evaluation } = set;
  assert.equal(set.cutUs, Date.UTC(2001, 0, 12) * 1000);
  assert.ok(
    train.untilUs! < Date.UTC(2001, 0, 11) * 1000 && validation.fromUs! >= Date.UTC(2001, 0, 11) * 1000,
  );
  assert.ok(evaluation.fromUs! >= set.cutUs && evaluation.untilUs! < Date.UTC(2001, 0, 14) * 1000);
  const kept = train.table.rows + validation.table.rows + evaluation.table.rows;
  const left = Object.values(set.leftOut).reduce((sum, n) => sum + n, 0);
  const [all] = await world.engine.rows(`SELECT count(*) AS n FROM (${days('10', '15')})`);
  assert.equal(kept + left, all?.['n']);
  const shapes = await query(
    world,
    set,
    (file) =>
      `SELECT count(*) AS n, count(*) FILTER (label NOT IN (0, 1) OR label IS NULL) AS unlabelled,` +
      ` max(_known_us) AS known, count(*) FILTER (origin_count_24h IS NULL) AS uncounted,` +
      ` (SELECT list(column_name) FROM (DESCRIBE SELECT * FROM ${file}))::VARCHAR AS names FROM ${file}`,
  );
  for (const [row] of shapes) assert.deepEqual([row?.['unlabelled'], row?.['uncounted']], [0, 0]);
  assert.ok(
    Number(shapes[0]?.[0]?.['known']) <= Date.UTC(2001, 0, 11) * 1000,
    'train was known before validation',
  );
  assert.ok(Number(shapes[1]?.[0]?.['known']) <= set.cutUs, 'validation was known before evaluation');
  assert.match(
    String(shapes[2]?.[0]?.['names']),
    /^\[_batch, _row, _event_us, _known_us, distance.*label, _slice_origin, _slice_hour\]$/,
  );
  assert.doesNotMatch(String(shapes[0]?.[0]?.['names']), /_slice_/);
});

test('rows are sorted by event time, batch and row', async () => {
  await using world = await openWorld();
  const set = await build(world, [days('10', '12'), days('11', '15')]);
  const found = await query(
    world,
    set,
    (file) =>
      `SELECT count(*) AS n FROM (SELECT row(_event_us, _batch, _row) AS me, lag(row(_event_us, _batch, _row)) OVER () AS previous FROM ${file}) WHERE me <= previous`,
  );
  assert.deepEqual(
    found.map(([row]) => row?.['n']),
    [0, 0, 0],
  );
});

const handful = (rows: readonly string[]): string =>
  `SELECT make_timestamp(event::BIGINT) AS event, make_timestamp(known::BIGINT) AS known, delay::BIGINT AS delay,` +
  ` 100::BIGINT AS distance, 'A' AS origin, 'B' AS destination FROM (VALUES ${rows.join(', ')}) AS t(event, known, delay)`;
const hour = 3_600_000_000;
const dayUs = 24 * hour;
const explicit: SplitSpec = { ...split, evaluationFromUs: 4 * dayUs, evaluationUntilUs: 5 * dayUs };

test('rows left out are counted by reason', async () => {
  await using world = await openWorld({ threads: 1 });
  const set = await build(
    world,
    [
      handful([
        `(${hour}, ${2 * hour}, 20)`,
        `(${2 * hour}, ${3 * dayUs}, 20)`,
        `(${2 * hour}, ${3 * dayUs + 1}, 20)`,
        `(${2 * hour}, ${2 * hour}, NULL)`,
        `(${3 * dayUs}, ${4 * dayUs}, 1)`,
        `(${3 * dayUs}, ${4 * dayUs + 1}, 1)`,
        `(${3 * dayUs}, NULL, 1)`,
        `(${4 * dayUs}, ${9 * dayUs}, 15)`,
        `(${5 * dayUs}, ${5 * dayUs}, 15)`,
        `(NULL, ${5 * dayUs}, 15)`,
      ]),
    ],
    explicit,
  );
  assert.deepEqual(set.leftOut, { unlabelled: 1, notYetKnown: 3, outsideSplit: 1, noEventTime: 1 });
  assert.deepEqual([set.train.table.rows, set.validation.table.rows, set.evaluation.table.rows], [2, 1, 1]);
  const labels = await query(world, set, (file) => `SELECT label FROM ${file} ORDER BY _event_us`);
  assert.deepEqual(
    labels.map((rows) => rows.map((row) => row['label'])),
    [[1, 1], [0], [1]],
  );
});

test('an empty part says which dates were wanted and which were seen', async () => {
  await using world = await openWorld({ threads: 1 });
  const early = [handful([`(${hour}, ${hour}, 1)`])];
  await assert.rejects(build(world, early, explicit), {
    code: 'FEATURIZE_NO_ROWS',
    message: /evaluation: wanted 1970-01-05T00:00 to 1970-01-06T00:00, the data has 1970-01-01T01:00 to/,
  });
  await assert.rejects(build(world, [], explicit), { code: 'FEATURIZE_NO_ROWS', message: /no rows/ });
});

test('a training set without validation days has an empty validation part', async () => {
  await using world = await openWorld({ threads: 1 });
  const rows = [handful([`(${hour}, ${hour}, 1)`, `(${4 * dayUs}, ${4 * dayUs}, 1)`])];
  const set = await build(world, rows, { ...explicit, validationDays: 0 });
  assert.deepEqual(set.validation, {
    table: { ...set.validation.table, rows: 0 },
    fromUs: null,
    untilUs: null,
  });
});

test('doubles too large for an exact sum are refused by name', async () => {
  await using world = await openWorld({ threads: 1 });
  const far = column('distance', 'int64').toDouble().times(1e18);
  const view = {
    name: 'v',
    entity: ['origin'],
    windows: [{ name: '1h', seconds: 3600 }],
    aggregates: [{ name: 'far', function: 'sum' as const, input: jsonOf(far) }],
  };
  const features = { ...flightFeatures(), views: [view, ...flightFeatures().views] };
  const large = compileFeatures({ source: flightSource, features, label: flightLabel, slices: [] });
  const dataset = await datasetOf(world, flightColumns, [handful([`(${hour}, ${hour}, 1)`])]);
  await assert.rejects(buildTrainingSet(world, { dataset, compiled: large, split: explicit }), {
    code: 'FEATURIZE_SUM_RANGE',
    message: /v\.far cannot add up 1 values/,
  });
});

test('calendar features are those of the event time in UTC', async () => {
  await using world = await openWorld();
  const set = await build(world, [days('10', '15')]);
  const found = await query(
    world,
    set,
    (file) => `SELECT _event_us, minute, weekday FROM ${file} ORDER BY _event_us, _row LIMIT 500`,
  );
  for (const { _event_us: us, minute, weekday } of found.flat()) {
    const at = new Date(Number(us) / 1000);
    assert.equal(minute, at.getUTCHours() * 60 + at.getUTCMinutes());
    assert.equal(weekday, at.getUTCDay() === 0 ? 7 : at.getUTCDay());
  }
});
