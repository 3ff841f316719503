import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { openLocalBlob } from '../../src/adapters/blob/local.ts';
import { openDuckdb } from '../../src/adapters/engine/duckdb.ts';
import { columns as columnsOf } from '../../src/expression/expression.ts';
import type { StepOutcome } from '../../src/ledger/step-context.ts';
import type { Blob } from '../../src/ports/blob.ts';
import type { Cell, Engine } from '../../src/ports/engine.ts';
import type { Batch } from '../../src/records/batch.ts';
import type { ContractSpec } from '../../src/records/contract-spec.ts';
import type { SourceSpec } from '../../src/records/source-spec.ts';
import type { Validation } from '../../src/records/validation.ts';
import { ingestFile } from '../../src/stages/ingest/ingest-file.ts';
import { lookupDigests } from '../../src/stages/ingest/lookups.ts';
import { openRaw } from '../../src/stages/ingest/raw-table.ts';
import { compileContract } from '../../src/stages/validate/compile-contract.ts';
import { readQuarantine } from '../../src/stages/validate/quarantine.ts';
import { validateBatch } from '../../src/stages/validate/validate-batch.ts';

let directory = '';
let blob: Blob;
let engine: Engine;

before(async () => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'sluice-'));
  blob = await openLocalBlob({ directory: path.join(directory, 'blobs') });
  engine = await openDuckdb({
    memoryMb: 1024,
    threads: 2,
    temporaryDirectory: path.join(directory, 'spill'),
  });
});

after(async () => {
  await engine.close();
  rmSync(directory, { recursive: true, force: true });
});

function write(name: string, text: string): string {
  const file = path.join(directory, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

interface Passed {
  readonly batch: Batch;
  readonly validation: Validation;
  readonly facts: StepOutcome['facts'];
}

/** Takes a file through both stages, as the pipeline does. */
async function pass(file: string, source: SourceSpec, contract: ContractSpec): Promise<Passed> {
  const ctx = { blob, engine, projectDirectory: directory };
  const ingested = await ingestFile(ctx, {
    source,
    path: file,
    name: path.basename(file),
    declaredAtUs: null,
  });
  const batch = ingested.versions[0]?.content as Batch;
  const raw = await openRaw(ctx, { source, batch, lookups: await lookupDigests(ctx, source) });
  const outcome = await validateBatch(ctx, { contract: compileContract({ source, contract }), batch, raw });
  return { batch, validation: outcome.versions[0]?.content as Validation, facts: outcome.facts };
}

async function processed({ validation }: Passed): Promise<readonly Readonly<Record<string, Cell>>[]> {
  assert.ok(validation.processed);
  return engine.rows(
    `SELECT * FROM read_parquet('${await blob.path(validation.processed.digest)}') ORDER BY _row`,
  );
}

function aSource(overrides: Partial<SourceSpec>): SourceSpec {
  return {
    name: 'flights',
    files: [],
    format: 'csv',
    csv: { delimiter: ',', quote: '"', header: true, nullText: '' },
    columns: [],
    lookups: [],
    joins: [],
    derived: [],
    eventTime: 'departed',
    knownTime: null,
    outcomeColumns: [],
    ...overrides,
  };
}

const lenient: ContractSpec = { rowSchema: {}, rules: [], breaker: { maxQuarantinedShare: 1 } };

const flightColumns: SourceSpec['columns'] = [
  { name: 'date', type: 'local', nullable: false },
  { name: 'delay', type: 'int64', nullable: false },
  { name: 'origin', type: 'string', nullable: false },
];
const zone = columnsOf({ 'airport.zone': 'string' })['airport.zone'];
const date = columnsOf({ date: 'local' }).date;
const zoned = aSource({
  columns: flightColumns,
  lookups: [
    {
      name: 'airport',
      file: 'reference/airports.csv',
      key: 'iata',
      columns: [
        { name: 'iata', type: 'string', nullable: false },
        { name: 'zone', type: 'string', nullable: true },
      ],
    },
  ],
  joins: [{ as: 'airport', lookup: 'airport', on: 'origin' }],
  derived: [{ name: 'departed', type: 'timestamp', expression: date.inZone(zone).json as never }],
});

test('a CSV comes through with a time zone per airport, and a row without one is kept back with its reason', async () => {
  write('reference/airports.csv', 'iata,zone,name\nJFK,America/New_York,x\nXXX,,y\nBAD,Mars/Olympus,z\n');
  const file = write(
    'one.csv',
    'date,delay,origin\n2001-01-01 12:00,5,JFK\n2001-07-01 12:00,x,JFK\n2001-01-01,1,XXX\n2001-01-01,1,ZZZ\n',
  );
  const passed = await pass(file, zoned, lenient);
  const [good, ...others] = await processed(passed);
  assert.equal(others.length, 0);
  assert.deepEqual(
    [good?.['departed'], good?.['_batch']],
    [Date.UTC(2001, 0, 1, 17) * 1000, passed.batch.raw],
  );
  const rows = await readQuarantine({ blob, engine }, passed.validation, { limit: 9 });
  assert.deepEqual(
    rows.map(({ row, reasons, unreadable }) => [row, reasons, unreadable]),
    [
      [1, ['type:delay'], { delay: 'x' }],
      [2, ['notNull:departed'], {}],
      [3, ['notNull:departed'], {}],
    ],
  );
  const mars = write('two.csv', 'date,delay,origin\n2001-01-01,1,JFK\n2001-01-01,1,BAD\n');
  const message = /two\.csv: .* Unknown TimeZone 'Mars\/Olympus'/;
  await assert.rejects(pass(mars, zoned, lenient), { code: 'VALIDATE_NOT_COMPUTABLE', message });
});

test('an empty CSV with a header is a batch of no rows', async () => {
  const passed = await pass(write('empty.csv', 'date,delay,origin\n'), zoned, lenient);
  assert.deepEqual(
    [passed.validation.verdict, passed.validation.rows, passed.validation.processed?.rows],
    ['pass', 0, 0],
  );
});

test('ten thousand columns come through, good rows and bad', async () => {
  const names = Array.from({ length: 9_999 }, (_, i) => `column_${i}`);
  const at = columnsOf({ at: 'timestamp' }).at;
  const sum = columnsOf({ column_1: 'int64', column_9998: 'int64' });
  const source = aSource({
    columns: [
      { name: 'at', type: 'timestamp', nullable: false },
      ...names.map((name) => ({ name, type: 'int64', nullable: false }) as const),
    ],
    derived: [
      { name: 'departed', type: 'timestamp', expression: at.plusSeconds(60).json as never },
      { name: 'sum', type: 'int64', expression: sum.column_1.plus(sum.column_9998).json as never },
    ],
  });
  const line = (seed: number): string[] => names.map((_, i) => String(i * seed));
  const broken = line(2);
  broken[7_000] = 'seven';
  const lines = [line(1), broken, line(3)].map((cells) => `2001-01-01,${cells.join(',')}`);
  const passed = await pass(write('wide.csv', `at,${names.join(',')}\n${lines.join('\n')}\n`), source, {
    ...lenient,
    rules: [{ id: 'range', severity: 'error', kind: 'range', column: 'column_5', min: 0, max: 14 }],
  });
  assert.equal(passed.validation.profile.length, 10_002);
  assert.deepEqual(passed.facts['failures'], { 'type:column_7000': 1, range: 1 });
  const table = `read_parquet('${await blob.path(passed.validation.processed?.digest ?? '')}')`;
  assert.deepEqual(
    { ...(await engine.rows(`SELECT column_9998, sum, departed, _row FROM ${table}`))[0] },
    {
      column_9998: 9998,
      sum: 9999,
      departed: Date.UTC(2001, 0, 1, 0, 1) * 1000,
      _row: 0,
    },
  );
  const quarantine = await blob.path(passed.validation.quarantine?.digest ?? '');
  const bad = await engine.rows(
    `SELECT _row, array_to_string(_reasons, ' ') AS reasons, _raw, column_7000, sum FROM read_parquet('${quarantine}') ORDER BY _row`,
  );
  assert.deepEqual(
    bad.map((one) => ({ ...one })),
    [
      {
        _row: 1,
        reasons: 'type:column_7000',
        _raw: '{"column_7000":"seven"}',
        column_7000: null,
        sum: 19_998,
      },
      { _row: 2, reasons: 'range', _raw: null, column_7000: 21_000, sum: 29_997 },
    ],
  );
});

test('of the three million real flights 191 repeat another and 11 have an impossible delay', async () => {
  const built = createRequire(import.meta.url).resolve('vega-datasets');
  const flights = path.resolve(built, '../../data/flights-3m.parquet');
  const delayed = columnsOf({ date: 'local' }).date.inZone('UTC');
  const source = aSource({
    format: 'parquet',
    columns: [
      ...flightColumns,
      { name: 'distance', type: 'int64', nullable: false },
      { name: 'destination', type: 'string', nullable: false },
    ],
    derived: [{ name: 'departed', type: 'timestamp', expression: delayed.json as never }],
  });
  const passed = await pass(flights, source, {
    rowSchema: {},
    rules: [
      { id: 'range:delay', severity: 'error', kind: 'range', column: 'delay', min: -120, max: 1440 },
      { id: 'unique:row', severity: 'error', kind: 'unique', columns: [], within: 'batch' },
    ],
    breaker: { maxQuarantinedShare: 0.01 },
  });
  const { validation } = passed;
  assert.deepEqual(passed.facts['failures'], { 'range:delay': 11, 'unique:row': 191 });
  assert.deepEqual(
    [validation.verdict, validation.rows, validation.quarantinedRows],
    ['pass', 3_000_000, 202],
  );
  assert.equal(validation.processed?.rows, 3_000_000 - 202);
  const rows = await readQuarantine({ blob, engine }, validation, { reason: 'range:delay', limit: 20 });
  const delays = rows.map(({ values }) => Number(values['delay']));
  assert.deepEqual(
    [delays.filter((delay) => delay < -120).length, delays.filter((delay) => delay > 1440).length],
    [3, 8],
  );
  assert.equal(Math.min(...delays), -1116);
});
