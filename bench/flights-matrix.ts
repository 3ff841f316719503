import { createRequire } from 'node:module';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';

/** The columns of the matrix besides `late` (0 / 1) and `_event_us`, in the order of the benchmark. */
export const flightFeatures: readonly { name: string; kind: 'numeric' | 'categorical' }[] = [
  { name: 'distance', kind: 'numeric' },
  { name: 'minute', kind: 'numeric' },
  { name: 'weekday', kind: 'numeric' },
  { name: 'origin', kind: 'categorical' },
  { name: 'destination', kind: 'categorical' },
  ...['origin', 'destination'].flatMap((key) =>
    [1, 3, 24].flatMap((hours) => [
      { name: `${key}_count_${hours}h`, kind: 'numeric' as const },
      { name: `${key}_rate_${hours}h`, kind: 'numeric' as const },
    ]),
  ),
];

const windowHours = [1, 3, 24];

/**
 * Writes `train.parquet` (January and February), its two parts `fit` and `validation` (the last 14 days), and
 * `march.parquet` into a folder: real flights with 17 features, windows on known time. Naive local times stand in for
 * UTC, which is enough to compare trainers on one matrix.
 *
 * @returns false when the package `vega-datasets` is not installed
 */
export async function writeFlightsMatrix(folder: string): Promise<boolean> {
  const folders = createRequire(import.meta.url).resolve.paths('vega-datasets') ?? [];
  const source = folders
    .map((folder) => path.join(folder, 'vega-datasets/data/flights-3m.parquet'))
    .find((file) => fs.existsSync(file));
  if (source === undefined) return false;
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await prepare(connection, source);
    const columns = flightFeatures.map((feature) => feature.name).join(', ');
    const parts: [string, string][] = [
      ['train', "departed < TIMESTAMP '2001-03-01'"],
      ['fit', "departed < TIMESTAMP '2001-02-15'"],
      ['validation', "departed >= TIMESTAMP '2001-02-15' AND departed < TIMESTAMP '2001-03-01'"],
      ['march', "departed >= TIMESTAMP '2001-03-01'"],
    ];
    for (const [name, condition] of parts) {
      await connection.run(
        `COPY (SELECT ${columns}, late, epoch_us(departed) AS _event_us FROM matrix WHERE ${condition} ORDER BY departed, id)
         TO '${path.join(folder, `${name}.parquet`)}' (FORMAT parquet)`,
      );
    }
    return true;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function prepare(connection: DuckDBConnection, source: string): Promise<void> {
  await connection.run(`
    CREATE TABLE flight AS
    SELECT row_number() OVER () AS id, date AS departed, date + to_seconds(distance * 8 + 2400) AS known_at, origin, destination,
           distance::DOUBLE AS distance, (delay >= 15)::INTEGER AS late
    FROM read_parquet('${source}') WHERE date < TIMESTAMP '2001-04-01'`);
  for (const key of ['origin', 'destination']) {
    await connection.run(`
      CREATE TABLE running_${key} AS
      SELECT ${key} AS place, known_at, sum(count(*)) OVER w AS flights, sum(sum(late)) OVER w AS late
      FROM flight GROUP BY 1, 2 WINDOW w AS (PARTITION BY ${key} ORDER BY known_at)`);
    await connection.run(`CREATE TABLE window_${key} AS ${windowQuery(key)}`);
  }
  await connection.run(`
    CREATE VIEW matrix AS
    SELECT flight.id, departed, late, distance, (hour(departed) * 60 + minute(departed))::DOUBLE AS minute, dayofweek(departed)::DOUBLE AS weekday,
           origin, destination, o.* EXCLUDE (id), d.* EXCLUDE (id)
    FROM flight JOIN window_origin o USING (id) JOIN window_destination d USING (id)`);
}

function windowQuery(key: string): string {
  const columns = windowHours.map(
    (hours) => `
      (coalesce(now.flights, 0) - coalesce(h${hours}.flights, 0))::DOUBLE AS ${key}_count_${hours}h,
      (coalesce(now.late, 0) - coalesce(h${hours}.late, 0))::DOUBLE
        / nullif(coalesce(now.flights, 0) - coalesce(h${hours}.flights, 0), 0)::DOUBLE AS ${key}_rate_${hours}h`,
  );
  const joins = windowHours.map(
    (hours) => `ASOF LEFT JOIN running_${key} h${hours}
      ON h${hours}.place = flight.${key} AND h${hours}.known_at <= flight.departed - INTERVAL ${hours} HOUR`,
  );
  return `SELECT flight.id, ${columns.join(',')}
    FROM flight
    ASOF LEFT JOIN running_${key} now ON now.place = flight.${key} AND now.known_at <= flight.departed
    ${joins.join('\n')}`;
}
