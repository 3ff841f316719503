import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { test } from 'node:test';
import {
  datasetOf,
  flightColumns,
  flightFeatures,
  flightLabel,
  flightSource,
  flightsSql,
  openWorld,
} from '../../../test/fixtures/featurize-world.ts';
import { compileFeatures } from './compile.ts';
import { explainRow } from './explain-row.ts';
import { featurizeRows } from './featurize-rows.ts';

const compiled = compileFeatures({
  source: flightSource,
  features: flightFeatures(),
  label: flightLabel,
  slices: [],
});
const day = flightsSql(`date >= '2001-01-10' AND date < '2001-01-12'`);
const every = { fromUs: Number.MIN_SAFE_INTEGER, untilUs: Number.MAX_SAFE_INTEGER };

test('a row is explained by its features and the facts of each window', async () => {
  await using world = await openWorld();
  const dataset = await datasetOf(world, flightColumns, [day]);
  const { path } = await featurizeRows(world, { dataset, compiled, rows: every });
  const [batch] = dataset.content.batches;
  const [row] = await world.engine.rows(
    `SELECT * FROM '${path}' WHERE origin_count_1h > 25 ORDER BY _event_us DESC LIMIT 1`,
  );
  assert.ok(row && batch);
  const explained = await explainRow(world, {
    dataset,
    compiled,
    batch: batch.raw,
    row: Number(row['_row']),
  });
  for (const { name } of compiled.features) assert.equal(explained.features[name], row[name], name);
  assert.equal(explained.windows.length, 6);
  const [first] = explained.windows;
  assert.ok(first);
  assert.deepEqual([first.view, first.window, first.count], ['origin', '1h', row['origin_count_1h']]);
  assert.equal(first.facts.length, 20);
  const eventUs = Number(row['_event_us']);
  assert.equal(explained.eventUs, eventUs);
  assert.ok(first.facts.every(({ knownUs }) => knownUs <= eventUs && knownUs > eventUs - 3_600_000_000));
});

test('a row that is not there is missing', async () => {
  await using world = await openWorld({ threads: 1 });
  const dataset = await datasetOf(world, flightColumns, [day]);
  const raw = dataset.content.batches[0]?.raw ?? '';
  const code = 'FEATURIZE_NO_SUCH_ROW';
  await assert.rejects(explainRow(world, { dataset, compiled, batch: raw, row: 1e9 }), { code });
  await assert.rejects(explainRow(world, { dataset, compiled, batch: 'none', row: 0 }), { code });
});

test('rows of a file without outcomes get the features they would have had in the dataset', async () => {
  await using world = await openWorld();
  const dataset = await datasetOf(world, flightColumns, [day]);
  const whole = await featurizeRows(world, { dataset, compiled, rows: every });
  const file = await world.blob.scratchPath('.parquet');
  const table = await world.blob.path(dataset.content.batches[0]?.processed.digest ?? '');
  await world.engine.writeParquet(
    `SELECT _batch, _row, event, distance, origin, destination FROM read_parquet('${table}') WHERE _row % 500 = 0 ORDER BY _row`,
    file,
  );
  const asked = await featurizeRows(world, { dataset, compiled, rows: { paths: [file] } });
  const names = compiled.features.map(({ name }) => `"${name}"`).join(', ');
  const [found] = await world.engine.rows(
    `SELECT count(*) AS n FROM (SELECT _row, ${names} FROM '${asked.path}' EXCEPT SELECT _row, ${names} FROM '${whole.path}')`,
  );
  assert.equal(found?.['n'], 0);
  assert.ok(asked.rows > 50);
  await world.engine.writeParquet(`SELECT * EXCLUDE (distance) FROM '${file}' ORDER BY _row`, file + '2');
  await assert.rejects(featurizeRows(world, { dataset, compiled, rows: { paths: [`${file}2`] } }), {
    code: 'FEATURIZE_UNKNOWN_COLUMN',
    message: /rows to score: no column is named distance/,
  });
  await rm(file);
});

test('a time range of the dataset gets the features that the whole gives', async () => {
  await using world = await openWorld();
  const dataset = await datasetOf(world, flightColumns, [day]);
  const fromUs = Date.UTC(2001, 0, 11, 6) * 1000;
  const range = { fromUs, untilUs: fromUs + 3_600_000_000 };
  const [whole, part] = [
    await featurizeRows(world, { dataset, compiled, rows: every }),
    await featurizeRows(world, { dataset, compiled, rows: range }),
  ];
  const [found] = await world.engine.rows(
    `SELECT count(*) AS n FROM (FROM '${part.path}' EXCEPT FROM '${whole.path}')`,
  );
  assert.equal(found?.['n'], 0);
  assert.ok(part.rows > 100 && part.rows < whole.rows);
});
