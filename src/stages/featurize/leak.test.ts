import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  datasetOf,
  flightColumns,
  flightFeatures,
  flightLabel,
  flightSource,
  flightsSql,
  openWorld,
  type World,
} from '../../../test/fixtures/featurize-world.ts';
import { seededRandom } from '../../base/random.ts';
import type { Dataset } from '../../records/dataset.ts';
import { compileFeatures } from './compile.ts';
import { featurizeRows } from './featurize-rows.ts';

/**
 * One copy of the flights around each moment, told apart by the column `moment`, which is part of every entity: so one
 * run answers for all moments.
 */
const columns = [...flightColumns, { name: 'moment', type: 'int64' as const, nullable: false }];
const features = flightFeatures((column) => [column, 'moment']);
const compiled = compileFeatures({
  source: { ...flightSource, columns },
  features,
  label: flightLabel,
  slices: [],
});
const busiest = ['ORD', 'ATL', 'DFW', 'LAX', 'PHX', 'STL'];
const among = `(${busiest.map((airport) => `'${airport}'`).join(', ')})`;

const startUs = Date.UTC(2001, 0, 3) * 1000;
const random = seededRandom(100);
const moments = Array.from({ length: 100 }, () => startUs + random.below(25 * 86_400) * 1e6);

async function featuresOf(
  world: World,
  copies: string,
  outcome: string,
): Promise<{ dataset: { content: Dataset }; path: string }> {
  const dataset = await datasetOf(world, columns, [
    `SELECT event, known, ${outcome} AS delay, distance, origin, destination, moment FROM ${copies}`,
  ]);
  const rows = { fromUs: Number.MIN_SAFE_INTEGER, untilUs: Number.MAX_SAFE_INTEGER };
  return { dataset, path: (await featurizeRows(world, { dataset, compiled, rows })).path };
}

test('changing every outcome known after any of 100 moments changes no feature of a flight until then', async () => {
  await using world = await openWorld();
  const { engine } = world;
  const around = `known > turn - INTERVAL 26 HOUR AND event < turn + INTERVAL 2 HOUR`;
  await engine.run(
    `CREATE TABLE copies AS SELECT f.*, moment, turn FROM (${flightsSql(`origin IN ${among} AND destination IN ${among}`)}) f` +
      ` JOIN (VALUES ${moments.map((us, i) => `(${i}, make_timestamp(${us}))`).join(', ')}) AS m(moment, turn)` +
      ` ON ${around} ORDER BY moment, event, origin, destination, delay, distance`,
  );
  const truth = await featuresOf(world, 'copies', 'delay');
  // Late becomes punctual and punctual becomes late, unless the outcome was known by the moment.
  const changed = await featuresOf(world, 'copies', 'CASE WHEN known > turn THEN 30 - delay ELSE delay END');
  const named = features.features.map(({ name }) => `"${name}"`).join(', ');
  const [result] = await engine.rows(
    `SELECT count(*) FILTER (isUntil) AS compared, count(*) FILTER (isUntil AND differs) AS leaks,` +
      ` count(*) FILTER (NOT isUntil AND differs) AS later, min(n) FILTER (isUntil) AS least FROM (` +
      `SELECT event <= turn AS isUntil, a.f IS DISTINCT FROM b.f AS differs, count(*) OVER (PARTITION BY moment, event <= turn) AS n` +
      ` FROM (SELECT _row, row(${named}) AS f FROM '${truth.path}') a JOIN (SELECT _row, row(${named}) AS f FROM '${changed.path}') b USING (_row)` +
      ` JOIN (SELECT row_number() OVER () - 1 AS _row, event, turn, moment FROM copies) USING (_row))`,
  );
  assert.ok(Number(result?.['compared']) >= 10_000, `only ${result?.['compared']} flights compared`);
  assert.ok(Number(result?.['least']) >= 10, 'every moment has flights before it');
  assert.equal(result?.['leaks'], 0);
  assert.ok(Number(result?.['later']) > 1000, 'the change reaches later flights, so it would have been seen');
});
