// Takes three months of real flights through ingest and validate, once as one file a day and once as a single file,
// against a bare DuckDB COPY of the same files in the same run. Sluice's side flushes every blob to the disk, joins a
// lookup, derives three columns, judges every row, looks for duplicates, profiles eight columns and writes quarantine
// tables; the copy does none of it. Run with: node bench/ingest-validate.ts [rounds]
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { openLocalBlob } from '../src/adapters/blob/local.ts';
import { openDuckdb } from '../src/adapters/engine/duckdb.ts';
import { columns as columnsOf } from '../src/expression/expression.ts';
import type { Batch } from '../src/records/batch.ts';
import type { ContractSpec } from '../src/records/contract-spec.ts';
import type { SourceSpec } from '../src/records/source-spec.ts';
import { ingestFile } from '../src/stages/ingest/ingest-file.ts';
import { lookupDigests } from '../src/stages/ingest/lookups.ts';
import { openRaw } from '../src/stages/ingest/raw-table.ts';
import { compileContract } from '../src/stages/validate/compile-contract.ts';
import { validateBatch } from '../src/stages/validate/validate-batch.ts';

const rounds = Number(process.argv[2] ?? 5);
const data = path.resolve(createRequire(import.meta.url).resolve('vega-datasets'), '../../data');
const folder = await mkdtemp(path.join(tmpdir(), 'sluice-'));
const landing = path.join(folder, 'landing');

const flight = columnsOf({ date: 'local', delay: 'int64', distance: 'int64', 'airport.longitude': 'double' });
const departed = columnsOf({ departed: 'timestamp' }).departed;
const offset = flight['airport.longitude'].dividedBy(15).round().toInt64().times(3600);
const source: SourceSpec = {
  name: 'flights',
  files: ['landing/*.parquet'],
  format: 'parquet',
  csv: { delimiter: ',', quote: '"', header: true, nullText: '' },
  columns: [
    { name: 'date', type: 'local', nullable: false },
    { name: 'delay', type: 'int64', nullable: false },
    { name: 'distance', type: 'int64', nullable: false },
    { name: 'origin', type: 'string', nullable: false },
    { name: 'destination', type: 'string', nullable: false },
  ],
  lookups: [
    {
      name: 'airport',
      file: 'airports.csv',
      key: 'iata',
      columns: [
        { name: 'iata', type: 'string', nullable: false },
        { name: 'longitude', type: 'double', nullable: true },
      ],
    },
  ],
  joins: [{ as: 'airport', lookup: 'airport', on: 'origin' }],
  derived: [
    {
      name: 'departed',
      type: 'timestamp',
      expression: flight.date.inZone('UTC').minusSeconds(offset).json as never,
    },
    {
      name: 'arrived',
      type: 'timestamp',
      expression: departed.plusSeconds(flight.distance.times(8).plus(2400)).json as never,
    },
    { name: 'late', type: 'boolean', expression: flight.delay.gte(15).json as never },
  ],
  eventTime: 'departed',
  knownTime: 'arrived',
  outcomeColumns: ['delay'],
};
const contract: ContractSpec = {
  rowSchema: {},
  rules: [
    { id: 'range:delay', severity: 'error', kind: 'range', column: 'delay', min: -120, max: 1440 },
    { id: 'unique:row', severity: 'error', kind: 'unique', columns: [], within: 'batch' },
  ],
  breaker: { maxQuarantinedShare: 0.02 },
};

/** Writes the daily files and the lookup, with the names the source expects. */
async function land(): Promise<readonly string[]> {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect();
  const flights = path.join(data, 'flights-3m.parquet');
  await connection.run(
    `COPY (SELECT *, strftime(date, '%Y-%m-%d') AS day FROM read_parquet('${flights}') WHERE date < '2001-04-01')
     TO '${landing}' (FORMAT parquet, PARTITION_BY (day), COMPRESSION zstd)`,
  );
  await connection.run(
    `COPY (SELECT * FROM read_csv('${data}/airports.csv')) TO '${folder}/airports.csv' (FORMAT csv)`,
  );
  await connection.run(
    `COPY (SELECT * FROM read_parquet('${flights}') WHERE date < '2001-04-01') TO '${landing}/whole.parquet' (FORMAT parquet, COMPRESSION zstd)`,
  );
  const names = await readdir(landing, { recursive: true });
  return names.filter((name) => name.startsWith('day=') && name.endsWith('.parquet')).sort();
}

async function bareCopy(files: readonly string[]): Promise<void> {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect();
  for (const [i, file] of files.entries()) {
    await connection.run(
      `COPY (SELECT * FROM read_parquet('${path.join(landing, file)}')) TO '${folder}/copy-${i}.parquet' (FORMAT parquet, COMPRESSION zstd)`,
    );
  }
}

interface Taken {
  readonly rows: number;
  readonly quarantined: number;
  readonly ingestMs: number;
  readonly validateMs: number;
}

async function sluice(files: readonly string[]): Promise<Taken> {
  const store = await mkdtemp(path.join(folder, 'store-'));
  const blob = await openLocalBlob({ directory: store });
  const engine = await openDuckdb({
    memoryMb: 1024,
    threads: 2,
    temporaryDirectory: path.join(store, 'spill'),
  });
  const ctx = { blob, engine, projectDirectory: folder };
  const compiled = compileContract({ source, contract });
  const lookups = await lookupDigests(ctx, source);
  const taken = { rows: 0, quarantined: 0, ingestMs: 0, validateMs: 0 };
  for (const file of files) {
    const startMs = performance.now();
    const name = `landing/${file}`;
    const ingested = await ingestFile(ctx, { source, path: name, name, declaredAtUs: null });
    const batch = ingested.versions[0]?.content as Batch;
    const betweenMs = performance.now();
    const raw = await openRaw(ctx, { source, batch, lookups });
    const { facts } = await validateBatch(ctx, { contract: compiled, batch, raw });
    taken.rows += Number(facts['rows']);
    taken.quarantined += Number(facts['quarantined']);
    taken.ingestMs += betweenMs - startMs;
    taken.validateMs += performance.now() - betweenMs;
  }
  await engine.close();
  await rm(store, { recursive: true });
  return taken;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const cpuMs = (since?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
};

/** Interleaves copy and Sluice, so that what else the machine does strikes both. */
async function compare(files: readonly string[]): Promise<Record<string, number>> {
  const rows: Record<string, number>[] = [];
  for (let round = 0; round < rounds; round++) {
    let startMs = performance.now();
    let cpu = process.cpuUsage();
    await bareCopy(files);
    const copy = { ms: performance.now() - startMs, cpu: cpuMs(cpu) };
    startMs = performance.now();
    cpu = process.cpuUsage();
    const taken = await sluice(files);
    const own = { ms: performance.now() - startMs, cpu: cpuMs(cpu) };
    rows.push({
      files: files.length,
      rows: taken.rows,
      quarantined: taken.quarantined,
      copyMs: copy.ms,
      copyCpuMs: copy.cpu,
      ingestMs: taken.ingestMs,
      validateMs: taken.validateMs,
      cpuMs: own.cpu,
      msPerFile: (taken.ingestMs + taken.validateMs) / files.length,
      ratio: own.ms / copy.ms,
      cpuRatio: own.cpu / copy.cpu,
    });
  }
  const keys = Object.keys(rows[0] ?? {});
  return Object.fromEntries(
    keys.map((key) => [key, Number(median(rows.map((row) => row[key] ?? Number.NaN)).toPrecision(7))]),
  );
}

const daily = await compare(await land());
const whole = await compare(['whole.parquet']);
console.log(JSON.stringify({ cores: cpus().length, rounds, daily, whole }, null, 2));
await rm(folder, { recursive: true });
