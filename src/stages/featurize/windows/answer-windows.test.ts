import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
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
} from '../../../../test/fixtures/featurize-world.ts';
import { lookBack, type Fact } from '../../../../test/fixtures/window-oracle.ts';
import { seededRandom } from '../../../base/random.ts';
import { column } from '../../../expression/expression.ts';
import type { Column, ColumnTable } from '../../../ports/engine.ts';
import type { ColumnSpec, ColumnSpecType } from '../../../records/column-spec.ts';
import type { FeaturesSpec } from '../../../records/features-spec.ts';
import { compileFeatures } from '../compile.ts';
import { featurizeRows } from '../featurize-rows.ts';
import { viewFeatureNames } from '../view-features.ts';

type Cells = readonly (number | string | null)[];

function cells(table: ColumnTable, name: string): Cells {
  const found: Column | undefined = table.columns.get(name);
  if (found === undefined) return assert.fail(`no column ${name}`);
  if (found.type === 'string')
    return Array.from(found.codes, (code) => (code < 0 ? null : (found.dictionary[code] ?? null)));
  return Array.from(found.values, (value, i) =>
    (found.valid === undefined ? Number.isNaN(value) : found.valid[i] === 0) ? null : value,
  );
}

const every = { fromUs: Number.MIN_SAFE_INTEGER, untilUs: Number.MAX_SAFE_INTEGER };

async function featureTable(
  world: World,
  request: Parameters<typeof featurizeRows>[1],
): Promise<ColumnTable> {
  const { path } = await featurizeRows(world, request);
  return world.engine.columns(`SELECT * FROM '${path}' ORDER BY _event_us, _batch, _row`);
}

test('twelve windows of real flights agree with a look at every fact, on 2,000 rows', async () => {
  await using world = await openWorld();
  const days = (from: number, until: number): string =>
    `date >= '2001-01-${from}' AND date < '2001-01-${until}'`;
  const dataset = await datasetOf(world, flightColumns, [flightsSql(days(10, 12)), flightsSql(days(12, 14))]);
  const compiled = compileFeatures({
    source: flightSource,
    features: flightFeatures(),
    label: flightLabel,
    slices: [],
  });
  const table = await featureTable(world, { dataset, compiled, rows: every });
  const files = await Promise.all(
    dataset.content.batches.map(({ processed }) => world.blob.path(processed.digest)),
  );
  const raw = await world.engine.columns(
    `SELECT epoch_us(known) AS known, delay, origin, destination FROM read_parquet([${files.map((file) => `'${file}'`).join(', ')}])`,
  );
  const [known, delay] = [cells(raw, 'known'), cells(raw, 'delay')];
  const at = cells(table, '_event_us') as readonly number[];
  const random = seededRandom(2001);
  const sample = Array.from({ length: 2000 }, () => random.below(table.rows));
  let borders = 0;
  for (const view of ['origin', 'destination']) {
    const factsOf = Map.groupBy(
      cells(raw, view).map((entity, i): Fact => {
        const late = delay[i] === null ? null : Number(Number(delay[i]) >= 15);
        return { entity: entity as string, knownUs: known[i] as number, value: late };
      }),
      (fact) => fact.entity,
    );
    const entity = cells(table, view) as readonly string[];
    for (const [name, hours] of [
      ['1h', 1],
      ['3h', 3],
      ['24h', 24],
    ] as const) {
      const [counts, means] = [cells(table, `${view}_count_${name}`), cells(table, `${view}_late_${name}`)];
      for (const i of sample) {
        const [facts, t] = [factsOf.get(entity[i]!) ?? [], at[i]!];
        const truth = lookBack(facts, { entity: entity[i]!, atUs: t }, hours * 3_600e6);
        assert.deepEqual([counts[i], means[i]], [truth.count, truth.mean], `${view} ${name} row ${i}`);
        borders += facts.filter(({ knownUs }) => knownUs === t || knownUs === t - hours * 3_600e6).length;
      }
    }
  }
  assert.ok(borders > 20, `only ${borders} facts lay exactly on a border`);
});

const smallColumns: readonly ColumnSpec[] = (
  [
    ['event', 'timestamp'],
    ['known', 'timestamp'],
    ['region', 'string'],
    ['shop', 'int64'],
    ['flag', 'boolean'],
    ['items', 'int64'],
    ['price', 'double'],
  ] as const
).map(([name, type]: readonly [string, ColumnSpecType]) => ({ name, type, nullable: true }));

const inputs = {
  flag: column('flag', 'boolean'),
  items: column('items', 'int64'),
  price: column('price', 'double'),
};

const smallViews: FeaturesSpec['views'] = Object.entries(inputs).map(([input, expression]) => ({
  name: input,
  entity: ['region', 'shop'],
  windows: [
    { name: '1s', seconds: 1 },
    { name: '3s', seconds: 3 },
    { name: '40s', seconds: 40 },
  ],
  aggregates: [
    { name: 'count', function: 'count', input: null },
    ...(['sum', 'mean', 'min', 'max'] as const).map((how) => ({
      name: how,
      function: how,
      input: jsonOf(expression),
    })),
  ],
}));

const smallFeatures: FeaturesSpec = {
  views: smallViews,
  features: [
    ...smallViews.flatMap(viewFeatureNames).map((name) => ({ name, expression: column(name, 'double') })),
    { name: 'shop', expression: column('shop', 'int64') },
  ].map(({ name, expression }) => ({ name, kind: 'numeric' as const, expression: jsonOf(expression) })),
};

const seconds = fc.integer({ min: 0, max: 12 });
const smallRow = fc.record({
  event: seconds,
  known: fc.option(seconds, { freq: 5 }),
  region: fc.option(fc.constantFrom('a', 'b'), { freq: 8 }),
  shop: fc.option(fc.constantFrom(1, 2), { freq: 8 }),
  flag: fc.option(fc.boolean(), { freq: 4 }),
  items: fc.option(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), { freq: 4 }),
  price: fc.option(
    fc.oneof(
      fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 0.1, -0.3, 2 ** 54, 2 ** -41, 1e-300),
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    ),
    { freq: 4 },
  ),
});

const literal = (value: number | boolean | string | null): string =>
  value === null ? 'NULL' : Object.is(value, -0) ? `'-0'` : `'${value}'`;

test('every aggregate agrees with a look at every fact on small tables with ties, NULLs, NaN and borders', async () => {
  await using world = await openWorld({ threads: 1 });
  const source = {
    ...flightSource,
    columns: smallColumns,
    outcomeColumns: ['flag', 'items', 'price'],
  };
  const label = { ...flightLabel, expression: jsonOf(inputs.flag) };
  const compiled = compileFeatures({ source, features: smallFeatures, label, slices: [] });
  const property = fc.asyncProperty(fc.array(smallRow, { minLength: 1, maxLength: 40 }), async (rows) => {
    const values = rows.map(
      (row) =>
        `(make_timestamp(${row.event}000000), make_timestamp(${row.known === null ? 'NULL' : `${row.known}000000`}),` +
        ` ${literal(row.region)}::VARCHAR, ${literal(row.shop)}::BIGINT, ${literal(row.flag)}::BOOLEAN,` +
        ` ${literal(row.items)}::BIGINT, ${literal(row.price)}::DOUBLE)`,
    );
    const names = smallColumns.map(({ name }) => name).join(', ');
    const dataset = await datasetOf(world, smallColumns, [
      `SELECT * FROM (VALUES ${values.join(', ')}) AS t(${names})`,
    ]);
    const table = await featureTable(world, { dataset, compiled, rows: every });
    const order = cells(table, '_row') as readonly number[];
    const nameOf = (row: (typeof rows)[number]): string | null =>
      row.region === null || row.shop === null ? null : `${row.region} ${row.shop}`;
    for (const input of ['flag', 'items', 'price'] as const) {
      const facts = rows.map((row): Fact => {
        const value = row[input];
        const knownUs = row.known === null ? null : row.known * 1e6;
        return { entity: nameOf(row), knownUs, value: value === null ? null : Number(value) };
      });
      for (const [window, length] of [
        ['1s', 1],
        ['3s', 3],
        ['40s', 40],
      ] as const) {
        const got = (['count', 'sum', 'mean', 'min', 'max'] as const).map((how) => ({
          how,
          values: cells(table, `${input}_${how}_${window}`),
        }));
        order.forEach((row, i) => {
          const asked = { entity: nameOf(rows[row]!), atUs: rows[row]!.event * 1e6 };
          const truth = lookBack(facts, asked, length * 1e6);
          for (const { how, values } of got)
            assert.ok(
              Object.is(values[i], truth[how]),
              `${input} ${how} ${window}: ${values[i]} for ${truth[how]}`,
            );
        });
      }
    }
  });
  await fc.assert(property, { numRuns: 12, seed: 7 });
});
