import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { SluiceError } from '../../base/errors.ts';
import { quoteLiteral } from '../../expression/sql-text.ts';
import type { Engine } from '../../ports/engine.ts';

/** The eleven airports with the most departures; flights among them are a tenth of all, and keep their windows full. */
const busiest = ['ORD', 'DFW', 'ATL', 'LAX', 'PHX', 'STL', 'DTW', 'MSP', 'LAS', 'DEN', 'BOS'];

/** Which flights land and how. */
export interface LandingRequest {
  readonly engine: Engine;
  readonly projectDirectory: string;
  /** First and last local day, `2001-01-01`. */
  readonly from: string;
  readonly until: string;
  readonly busiestOnly: boolean;
  /** Deals the delays out to other flights, so that there is nothing to learn; the story must then end in refusals. */
  readonly permuteLabels: boolean;
  readonly progress: (share: number, note: string) => void;
}

/**
 * Writes `landing/<day>.parquet` for each local day, as an airline's nightly export would, and
 * `reference/airports.csv` with the time zone of each airport. Yields the number of files.
 *
 * @throws DEMO_NEEDS_PACKAGE when `vega-datasets` or the time-zone look-up is not installed
 */
export async function landFlights(request: LandingRequest): Promise<number> {
  const { engine, projectDirectory } = request;
  const data = datasetDirectory();
  await writeAirports(engine, { data, projectDirectory });
  await mkdir(path.join(projectDirectory, 'landing'), { recursive: true });
  await engine.run(
    `CREATE OR REPLACE TABLE _demo_flights AS ${flightsSql(request, path.join(data, 'flights-3m.parquet'))}`,
  );
  const days = await engine.rows(
    "SELECT DISTINCT strftime(date, '%Y-%m-%d') AS day FROM _demo_flights ORDER BY day",
  );
  for (const [i, { day }] of days.entries()) {
    const rows = `SELECT date, delay, distance, origin, destination FROM _demo_flights
      WHERE date >= DATE '${String(day)}' AND date < DATE '${String(day)}' + 1 ORDER BY _at`;
    await engine.writeParquet(rows, path.join(projectDirectory, 'landing', `${String(day)}.parquet`));
    request.progress((i + 1) / days.length, String(day));
  }
  await engine.run('DROP TABLE _demo_flights');
  return days.length;
}

function flightsSql(request: LandingRequest, file: string): string {
  const list = busiest.map(quoteLiteral).join(', ');
  const among = request.busiestOnly ? `AND origin IN (${list}) AND destination IN (${list})` : '';
  const chosen = `SELECT * EXCLUDE (file_row_number), file_row_number AS _at
    FROM read_parquet(${quoteLiteral(file)}, file_row_number = true)
    WHERE date >= DATE '${request.from}' AND date < DATE '${request.until}' + 1 ${among}`;
  if (!request.permuteLabels) return chosen;
  return `WITH chosen AS (${chosen}),
    ranked AS (SELECT *, row_number() OVER (ORDER BY _at) AS place FROM chosen),
    dealt AS (SELECT delay, row_number() OVER (ORDER BY md5(_at::VARCHAR), _at) AS place FROM chosen)
    SELECT date, dealt.delay, distance, origin, destination, _at FROM ranked JOIN dealt USING (place)`;
}

/** A day's file gone wrong at the sender: delays in seconds, and every third origin lost. */
export async function landCorruptDay(
  request: Pick<LandingRequest, 'engine' | 'projectDirectory' | 'busiestOnly'> & { readonly day: string },
): Promise<string> {
  const name = path.join('landing', `${request.day}.parquet`);
  const whole = {
    ...request,
    from: request.day,
    until: request.day,
    permuteLabels: false,
    progress: () => undefined,
  };
  const flights = flightsSql(whole, path.join(datasetDirectory(), 'flights-3m.parquet'));
  const corrupt = `SELECT date, delay * 60 AS delay, distance,
      CASE WHEN _at % 3 = 0 THEN NULL ELSE origin END AS origin, destination
    FROM (${flights}) ORDER BY _at`;
  await request.engine.writeParquet(corrupt, path.join(request.projectDirectory, name));
  return name;
}

async function writeAirports(
  engine: Engine,
  place: { readonly data: string; readonly projectDirectory: string },
): Promise<void> {
  const zoneOf = createRequire(import.meta.url)(findPackage('@photostructure/tz-lookup')) as (
    latitude: number,
    longitude: number,
  ) => string;
  const airports = await engine.rows(
    `SELECT iata, latitude, longitude FROM read_csv(${quoteLiteral(path.join(place.data, 'airports.csv'))}, header = true,
      columns = {iata: 'VARCHAR', name: 'VARCHAR', city: 'VARCHAR', state: 'VARCHAR', country: 'VARCHAR', latitude: 'DOUBLE', longitude: 'DOUBLE'})
      ORDER BY iata`,
  );
  const lines = airports.map(
    (one) => `${String(one['iata'])},${zoneOf(Number(one['latitude']), Number(one['longitude']))}`,
  );
  await mkdir(path.join(place.projectDirectory, 'reference'), { recursive: true });
  await writeFile(
    path.join(place.projectDirectory, 'reference', 'airports.csv'),
    `iata,zone\n${lines.join('\n')}\n`,
  );
}

function datasetDirectory(): string {
  return path.join(path.dirname(findPackage('vega-datasets')), '..', 'data');
}

/** Where packages are looked for: beside Sluice, then in the folder it was called in. */
const ownPlaces = (): readonly string[] => [import.meta.url, path.join(process.cwd(), 'demo.js')];

/**
 * Yields the entry file of a package that the demo needs and Sluice does not bring.
 *
 * @param places files or URLs from which to look, in order
 * @throws DEMO_NEEDS_PACKAGE
 */
export function findPackage(name: string, places: readonly string[] = ownPlaces()): string {
  let cause: unknown;
  for (const place of places) {
    try {
      return createRequire(place).resolve(name);
    } catch (error) {
      cause = error;
    }
  }
  throw new SluiceError('DEMO_NEEDS_PACKAGE', { package: name }, { cause });
}
