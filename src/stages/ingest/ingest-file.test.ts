import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { openMemoryBlob } from '../../adapters/blob/memory.ts';
import { openDuckdb } from '../../adapters/engine/duckdb.ts';
import { isSluiceError, type ErrorCode } from '../../base/errors.ts';
import type { Blob } from '../../ports/blob.ts';
import type { Cell, Engine } from '../../ports/engine.ts';
import type { Batch } from '../../records/batch.ts';
import type { SourceSpec } from '../../records/source-spec.ts';
import { listDeliveries, namedFile } from './deliveries.ts';
import { ingestFile, ingestRows, type Arrival } from './ingest-file.ts';
import { lookupDigests } from './lookups.ts';
import { openRaw } from './raw-table.ts';

let directory = '';
let blob: Blob;
let engine: Engine;

before(async () => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'sluice-'));
  blob = await openMemoryBlob({ directory: path.join(directory, 'blobs') });
  engine = await openDuckdb({
    memoryMb: 2000,
    threads: 2,
    temporaryDirectory: path.join(directory, 'spill'),
  });
});

after(async () => {
  await engine.close();
  rmSync(directory, { recursive: true, force: true });
});

function aSource(overrides: Partial<SourceSpec> = {}): SourceSpec {
  return {
    name: 'orders',
    files: ['landing/*.csv'],
    format: 'csv',
    csv: { delimiter: ',', quote: '"', header: true, nullText: '' },
    columns: [
      { name: 'id', type: 'int64', nullable: false },
      { name: 'price', type: 'double', nullable: true },
      { name: 'city', type: 'string', nullable: true },
      { name: 'at', type: 'timestamp', nullable: true },
    ],
    lookups: [],
    joins: [],
    derived: [],
    eventTime: 'at',
    knownTime: null,
    outcomeColumns: [],
    ...overrides,
  };
}

const context = (): { blob: Blob; engine: Engine; projectDirectory: string } => ({
  blob,
  engine,
  projectDirectory: directory,
});

function write(name: string, text: string | Uint8Array): string {
  const file = path.join(directory, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

let serial = 0;

async function take(
  text: string | Uint8Array,
  source: SourceSpec = aSource(),
  options: Partial<Arrival> = {},
): Promise<Batch> {
  const name = `in/file-${serial++}.${source.format}`;
  write(name, text);
  const outcome = await ingestFile(context(), { source, path: name, name, declaredAtUs: null, ...options });
  const [version] = outcome.versions;
  assert.equal(version?.kind, 'batch');
  return version.content as Batch;
}

async function rowsOf(
  batch: Batch,
  source: SourceSpec = aSource(),
  extra: readonly string[] = [],
): Promise<readonly Readonly<Record<string, Cell>>[]> {
  const lookups = await lookupDigests(context(), source);
  const raw = await openRaw(context(), { source, batch, lookups });
  const names = [...source.columns.map(({ name }) => name), ...extra];
  return engine.rows(`${raw.select(names)} ORDER BY _row`);
}

async function refused(
  text: string | Uint8Array,
  code: ErrorCode,
  options: { readonly source?: SourceSpec; readonly says: RegExp; readonly isClosed?: boolean },
): Promise<void> {
  const before = await blobCount();
  await assert.rejects(
    take(text, options.source ?? aSource(), { isClosed: options.isClosed ?? false }),
    (error) => {
      assert.ok(isSluiceError(error, code), String(error));
      assert.match(error.message, options.says);
      assert.match(error.message, /in\/file-\d+\./);
      assert.equal(error.exitCode, 2);
      assert.ok(error.message.length < 1500);
      return true;
    },
  );
  assert.equal(await blobCount(), before, 'nothing is stored');
  const left = readdirSync(path.join(directory, 'blobs')).filter((name) => name.startsWith('scratch-'));
  assert.deepEqual(left, [], 'no scratch file is left');
}

async function blobCount(): Promise<number> {
  let count = 0;
  for await (const _ of blob.list()) count++;
  return count;
}

const jan = Date.UTC(2001, 0, 1) * 1000;
const plain = 'id,price,city,at\n1,2.5,Oslo,2001-01-01\n2,,"a, ""b""",2001-01-01T00:00:01Z\n';
const plainRows = [
  { _row: 0, id: 1, price: 2.5, city: 'Oslo', at: jan, _raw: null },
  { _row: 1, id: 2, price: null, city: 'a, "b"', at: jan + 1e6, _raw: null },
];

test('a CSV with byte order mark and CRLF, and one with neither, give the same rows', async () => {
  assert.deepEqual(await rowsOf(await take(plain)), plainRows);
  const windows = Buffer.from(`\uFEFF${plain.replaceAll('\n', '\r\n')}`);
  assert.deepEqual(await rowsOf(await take(windows)), plainRows);
});

test('a CSV that is only a header has no rows, with and without a line end', async () => {
  assert.deepEqual(await rowsOf(await take('id,price,city,at\n')), []);
  assert.deepEqual(await rowsOf(await take('id,price,city,at')), []);
});

test('columns are found by name, whatever their order, and others are left in the raw zone', async () => {
  const [row] = await rowsOf(await take('note,at,city,price,id\nx,2001-01-01,Oslo,2.5,1\n'));
  assert.deepEqual(row, plainRows[0]);
});

test('a CSV without header is read by the declared order', async () => {
  const source = aSource({ csv: { delimiter: ';', quote: '', header: false, nullText: 'NA' } });
  const rows = await rowsOf(await take('\uFEFF1;2.5;Oslo;2001-01-01\n2;NA;"x;NA\n', source), source);
  assert.deepEqual(rows[0], plainRows[0]);
  assert.deepEqual(rows[1], { _row: 1, id: 2, price: null, city: '"x', at: null, _raw: null });
});

test('text that is not of the declared type is kept as text beside a NULL', async () => {
  const texts = ['1.7', '1e3', '0x1F', '1_000', 'x', '9223372036854775808'];
  const rows = await rowsOf(
    await take(`id,price,city,at\n${texts.map((text) => `${text},1,,`).join('\n')}\n`),
  );
  assert.deepEqual(
    rows.map(({ id, _raw }) => [id, _raw]),
    texts.map((text) => [null, `{"id":"${text}"}`]),
  );
  const good = await rowsOf(await take('id,price,city,at\n+5,-.5e3,,\n-007,7.,,\n'));
  assert.deepEqual(
    good.map(({ id, price }) => [id, price]),
    [
      [5, -500],
      [-7, 7],
    ],
  );
  const doubles = ['nan', 'inf', '-Infinity', '1_0.5', '1e999', 'a', '1,5'];
  const bad = await rowsOf(
    await take(`id,price,city,at\n${doubles.map((text) => `1,"${text}",,`).join('\n')}\n`),
  );
  assert.deepEqual(
    bad.map(({ price, _raw }) => [price, _raw]),
    doubles.map((text) => [null, `{"price":"${text}"}`]),
  );
});

test('times are ISO 8601: a zone is obeyed, none means UTC for a timestamp, and a wall clock must have none', async () => {
  const source = aSource({
    columns: [
      { name: 'at', type: 'timestamp', nullable: true },
      { name: 'clock', type: 'local', nullable: true },
    ],
  });
  const texts = [
    '2001-01-01T02:00:00+02:00',
    '2001-01-01 00:00',
    '2001-01-01T00:00:00.000000Z',
    '2001-01-01',
  ];
  const rows = await rowsOf(
    await take(`at,clock\n${texts.map((text) => `${text},${text}`).join('\n')}\n`, source),
    source,
  );
  assert.deepEqual(
    rows.map(({ at }) => at),
    [jan, jan, jan, jan],
  );
  assert.deepEqual(
    rows.map(({ clock }) => clock),
    [null, jan, null, jan],
  );
  const bad = [
    '2001-1-1',
    '01/02/2001',
    '2001-02-30',
    '2001-01-01T24:00:00Z',
    'infinity',
    'epoch',
    '978307200',
  ];
  const failed = await rowsOf(
    await take(`at,clock\n${bad.map((text) => `${text},`).join('\n')}\n`, source),
    source,
  );
  assert.deepEqual(
    failed.map(({ at, _raw }) => [at, _raw]),
    bad.map((text) => [null, `{"at":"${text}"}`]),
  );
});

test('booleans are true and false in any case', async () => {
  const source = aSource({ columns: [{ name: 'ok', type: 'boolean', nullable: true }] });
  const rows = await rowsOf(await take('ok\ntrue\nFALSE\nyes\n1\n', source), source);
  assert.deepEqual(
    rows.map(({ ok }) => ok),
    [true, false, null, null],
  );
});

const ndjson = aSource({ format: 'ndjson' });

test('NDJSON values are read by their JSON type', async () => {
  const lines = [
    '{"id":1,"price":2.5,"city":"Oslo","at":"2001-01-01"}',
    '{"id":5.0,"price":2,"city":null,"extra":[1]}',
    '',
    '{"id":"1","price":"2","city":3,"at":978307200}',
    '{"id":1.5,"price":{"a":1},"city":["x"],"at":"soon"}',
    '{"id":12345678901234567890,"price":1e400,"city":"\\u00e9\\"\\n"}',
  ];
  const rows = await rowsOf(await take(`${lines.join('\r\n')}\n`, ndjson), ndjson);
  assert.deepEqual(rows.slice(0, 2), [
    plainRows[0],
    { _row: 1, id: 5, price: 2, city: null, at: null, _raw: null },
  ]);
  assert.deepEqual(
    rows.map(({ _row }) => _row),
    [0, 1, 2, 3, 4],
  );
  const failed = rows.slice(2).map(({ _raw }) => Object.keys(JSON.parse(String(_raw)) as object));
  assert.deepEqual(failed, [
    ['id', 'price', 'city', 'at'],
    ['id', 'price', 'city', 'at'],
    ['id', 'price'],
  ]);
  assert.equal(rows[4]?.['city'], 'é"\n');
});

test('appended rows become canonical lines, so that the same rows are the same batch', async () => {
  const rows = [
    { id: 1, price: 2.5, city: 'Oslo', at: new Date(jan / 1000), gone: undefined },
    { at: null, id: 2n },
  ];
  const swapped = [
    { at: new Date(jan / 1000), city: 'Oslo', price: 2.5, id: 1 },
    { id: 2, at: null },
  ];
  const source = aSource();
  const ingest = async (some: readonly Readonly<Record<string, unknown>>[]): Promise<Batch> => {
    const outcome = await ingestRows(context(), { source, rows: some, name: 'api', declaredAtUs: 7 });
    return outcome.versions[0]?.content as Batch;
  };
  const batch = await ingest(rows);
  assert.deepEqual(await ingest(swapped), batch);
  assert.equal(batch.format, 'ndjson');
  assert.deepEqual((await rowsOf(batch))[0], plainRows[0]);
  await assert.rejects(ingest([{ id: 1 }, { id: Number.NaN }]), (error) => {
    assert.ok(isSluiceError(error, 'INGEST_ROW_VALUE'));
    return /Row 2/.test(error.message) && /NaN/.test(error.message);
  });
});

test('rows keep the order of the file on several threads', async () => {
  const source = aSource({
    columns: [
      { name: 'id', type: 'int64', nullable: false },
      { name: 'text', type: 'string', nullable: false },
    ],
  });
  const count = 400_000;
  const csv = Array.from({ length: count }, (_, i) => `${i},"some text ${i}"`).join('\n');
  const json = Array.from({ length: count }, (_, i) => `{"id":${i},"text":"some text ${i}"}`).join('\n');
  for (const [text, format] of [
    [`id,text\n${csv}`, 'csv'],
    [json, 'ndjson'],
  ] as const) {
    const typed = { ...source, format };
    const batch = await take(text, typed);
    const raw = await openRaw(context(), { source: typed, batch, lookups: {} });
    const [answer] = await engine.rows(
      `SELECT count(*) AS rows, count_if(id <> _row) AS moved FROM (${raw.select(['id'])})`,
    );
    assert.deepEqual({ ...answer }, { rows: count, moved: 0 });
  }
});

const flights = aSource({
  format: 'parquet',
  columns: [
    { name: 'small', type: 'int64', nullable: true },
    { name: 'real', type: 'double', nullable: true },
    { name: 'text', type: 'string', nullable: true },
    { name: 'at', type: 'timestamp', nullable: true },
    { name: 'clock', type: 'local', nullable: true },
  ],
});

async function parquet(select: string): Promise<Uint8Array> {
  const file = path.join(directory, `made-${serial++}.parquet`);
  await engine.run(`COPY (${select}) TO '${file}' (FORMAT parquet)`);
  return readFileSync(file);
}

test('Parquet columns of another width are converted; what does not fit is kept as text', async () => {
  const select = `SELECT 7::TINYINT AS small, 2.5::FLOAT AS "real", 'x' AS "text",
    TIMESTAMPTZ '2001-01-01 02:00:00+02' AS at, TIMESTAMP_MS '2001-01-01' AS clock, 'more' AS extra
    UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL`;
  const rows = await rowsOf(await take(await parquet(select), flights), flights);
  assert.deepEqual(rows, [
    { _row: 0, small: 7, real: 2.5, text: 'x', at: jan, clock: jan, _raw: null },
    { _row: 1, small: null, real: null, text: null, at: null, clock: null, _raw: null },
  ]);
  const wide = `SELECT unnest([18446744073709551615, 5])::UBIGINT AS small, unnest([9007199254740993, 5])::BIGINT AS "real",
    'x' AS "text", DATE '2001-01-01' AS at, TIMESTAMP_NS '2001-01-01' AS clock`;
  const failed = await rowsOf(await take(await parquet(wide), flights), flights);
  assert.deepEqual(
    failed.map(({ small, real, _raw }) => [small, real, _raw]),
    [
      [null, null, '{"small":"18446744073709551615","real":"9007199254740993"}'],
      [5, 5, null],
    ],
  );
});

test('Parquet columns of a type that cannot stand for the declared one are refused', async () => {
  const base = {
    small: '1',
    real: '1.5::DOUBLE',
    text: "'x'",
    at: "TIMESTAMP '2001-01-01'",
    clock: "TIMESTAMP '2001-01-01'",
  };
  const cases = [
    ['small', '1.5::DOUBLE', /small.*DOUBLE.*int64/],
    ['real', "'1.5'", /real.*VARCHAR.*double/],
    ['text', '1', /text.*INTEGER.*string/],
    ['at', '1', /at.*INTEGER.*timestamp/],
    ['clock', "TIMESTAMPTZ '2001-01-01 00:00:00Z'", /clock.*TIMESTAMP WITH TIME ZONE.*local/],
    ['text', '[1, 2]', /text.*INTEGER\[\].*string/],
  ] as const;
  for (const [column, sql, says] of cases) {
    const select = Object.entries({ ...base, [column]: sql }).map(([name, value]) => `${value} AS "${name}"`);
    await refused(await parquet(`SELECT ${select.join(', ')}`), 'INGEST_COLUMN_TYPE', {
      source: flights,
      says,
    });
  }
});

test('a truncated Parquet file, and one that never was any, are refused', async () => {
  const bytes = await parquet(
    "SELECT range AS small, 1.5::DOUBLE AS \"real\", 'x' AS \"text\", TIMESTAMP '2001-01-01' AS at, TIMESTAMP '2001-01-01' AS clock FROM range(1000)",
  );
  await refused(bytes.subarray(0, bytes.length - 20), 'INGEST_UNREADABLE', {
    source: flights,
    says: /parquet: .*magic bytes/i,
  });
  await refused(bytes.subarray(0, 40), 'INGEST_UNREADABLE', { source: flights, says: /parquet/ });
  await refused('hello', 'INGEST_UNREADABLE', { source: flights, says: /too small/ });
  await refused('', 'INGEST_UNREADABLE', { source: flights, says: /parquet/ });
});

test('a missing column is refused with the nearest name', async () => {
  await refused('id,prize,city,at\n', 'INGEST_COLUMN_MISSING', { says: /no column price\. Nearest: prize/ });
  await refused('', 'INGEST_COLUMN_MISSING', { says: /no column id/ });
  await refused(await parquet('SELECT 1 AS smal'), 'INGEST_COLUMN_MISSING', {
    source: flights,
    says: /Nearest: smal/,
  });
});

test('two columns of one name, and undeclared columns of a closed schema, are refused', async () => {
  await refused('id,id,price,city,at\n', 'INGEST_COLUMN_TWICE', { says: /two columns named id/ });
  await refused('id,price,city,at,x\n', 'INGEST_COLUMN_UNKNOWN', {
    says: /does not know: x\./,
    isClosed: true,
  });
  await refused('{"id":1}\n{"y":1}\n', 'INGEST_COLUMN_UNKNOWN', {
    source: ndjson,
    says: /does not know: y\./,
    isClosed: true,
  });
});

test('a wrong delimiter is named with the likely one', async () => {
  await refused(plain.replaceAll(',', ';'), 'INGEST_DELIMITER', {
    says: /not delimited by "," as declared, but by ";"/,
  });
  await refused(plain.replaceAll(',', '\t'), 'INGEST_DELIMITER', { says: /but by "\\t"/ });
});

test('ragged rows are refused by row and line', async () => {
  await refused('id,price,city,at\n1,2,"x\ny",\n2,3\n', 'INGEST_RAGGED', {
    says: /row 2 \(line 4\): 2 fields where 4 were expected: 2,3/,
  });
  await refused('id,price,city,at\n1,2,x,2001-01-01,9\n', 'INGEST_RAGGED', {
    says: /row 1 \(line 2\): 5 fields/,
  });
  const deep = Array.from({ length: 300_000 }, (_, i) => `${i},2,x,2001-01-01`);
  deep[250_000] = 'short';
  await refused(`id,price,city,at\n${deep.join('\n')}\n`, 'INGEST_RAGGED', {
    says: /row 250001 \(line 250002\)/,
  });
});

test('a truncated CSV is refused where it breaks off', async () => {
  await refused(plain.slice(0, -30), 'INGEST_LINE', {
    says: /line 3: a quote is opened and not closed: 2,,"a/,
  });
  await refused('id,price,city,at\n1,2', 'INGEST_RAGGED', { says: /row 1/ });
});

test('a CSV that is not UTF-8 or mixes line ends is refused by line', async () => {
  const latin = Buffer.from('id,price,city,at\n1,2,\xe9,\n', 'latin1');
  await refused(latin, 'INGEST_LINE', { says: /line 2: it is not UTF-8/ });
  const mixed = 'id,price,city,at\n1,2,x,\r\n1,2,y,2001-01-01\n\r\n1,2,z,';
  await refused(mixed, 'INGEST_LINE', { says: /line 2: it ends with CRLF, earlier lines with LF/ });
});

test('a line of 100 MB is refused within seconds and with a short message', async () => {
  const long = Buffer.alloc(100_000_000, 'x');
  const started = performance.now();
  const head = Buffer.from('id,price,city,at\n1,2,x,2001-01-01\n2,3,');
  await refused(Buffer.concat([head, long]), 'INGEST_LINE', {
    says: /line 3: it is longer than 2097152 bytes: 2,3,xxx/,
  });
  await refused(Buffer.concat([Buffer.from('id,'), long]), 'INGEST_LINE', {
    says: /line 1: the header is longer/,
  });
  const tail = Buffer.from(',2001-01-01\n3,4,y,2001-01-01\n');
  await refused(Buffer.concat([head, long, tail]), 'INGEST_LINE', { says: /line 3: it is longer/ });
  const lines = Buffer.from('4,5,6,2001-01-01\n'.repeat(3_000_000));
  await refused(Buffer.concat([head, Buffer.from('"'), lines]), 'INGEST_LINE', {
    says: /line 3: a quote is opened/,
  });
  const object = Buffer.concat([Buffer.from('{"id":1}\n{"city":"'), long]);
  await refused(object, 'INGEST_LINE', { source: ndjson, says: /line 2: it is longer than 16777216 bytes/ });
  assert.ok(performance.now() - started < 10_000, `took ${performance.now() - started} ms`);
});

test('a broken NDJSON line is refused by its number', async () => {
  await refused('{"id":1}\n{"id":\n{"id":3}\n', 'INGEST_LINE', { source: ndjson, says: /line 2: .*JSON/ });
  await refused('{"id":1}\n[2]\n', 'INGEST_LINE', {
    source: ndjson,
    says: /line 2: it is no JSON object: \[2\]/,
  });
  await refused('{"id":1}{"id":2}\n', 'INGEST_LINE', { source: ndjson, says: /line 1/ });
  await refused('{"id":1,"id":2}\n', 'INGEST_UNREADABLE', { source: ndjson, says: /duplicate key/ });
});

test('quotes and blank lines are read alike by the scan and the engine', async () => {
  const texts = [
    '1,ab"c,x',
    '1, "b,b",x',
    '1,b"b","x"',
    '1,"a""b",x',
    '"1","b\nc",x',
    '1,b\\"b,x',
    '',
    '1,,""',
    ' ,,',
  ];
  const source = aSource({
    columns: ['a', 'b', 'c'].map((name) => ({ name, type: 'string', nullable: true })),
  });
  const rows = await rowsOf(await take(`a,b,c\n${texts.join('\n')}\n\n`, source), source);
  assert.deepEqual(
    rows.map(({ b }) => b),
    ['ab"c', 'b,b', 'b"b"', 'a"b', 'b\nc', 'b\\"b', null, null],
  );
  const one = aSource({ columns: [{ name: 'a', type: 'string', nullable: true }] });
  assert.deepEqual(
    (await rowsOf(await take('a\nx\n\ny\n\n', one), one)).map(({ a }) => a),
    ['x', null, 'y', null],
  );
  await refused('a,b,c\n1,"ab"c,3\n', 'INGEST_UNREADABLE', { source, says: /unterminated quote/ });
});

test('ten thousand columns are read', async () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `column_${i}`);
  const source = aSource({ columns: names.map((name) => ({ name, type: 'int64', nullable: false })) });
  const row = (seed: number): string => names.map((_, i) => i * seed).join(',');
  const batch = await take(`${names.join(',')}\n${row(1)}\n${row(2)}\n`, source);
  const raw = await openRaw(context(), { source, batch, lookups: {} });
  const rows = await engine.rows(`${raw.select(['column_9999', 'column_3'])} ORDER BY _row`);
  assert.deepEqual(
    rows.map((one) => one['column_9999']),
    [9999, 19_998],
  );
});

test('files are listed once, by name, and an empty glob says what there is', async () => {
  write('landing/b.csv', '');
  write('landing/a.csv', '');
  write('landing/deep/c.csv', '');
  const list = async (...files: readonly string[]): Promise<readonly string[]> => {
    const found = await listDeliveries({ source: aSource({ files }), projectDirectory: directory });
    return found.map(({ name }) => name);
  };
  assert.deepEqual(await list('landing/*.csv', 'landing/a.csv'), ['landing/a.csv', 'landing/b.csv']);
  assert.deepEqual(await list('landing/**/*.csv'), ['landing/a.csv', 'landing/b.csv', 'landing/deep/c.csv']);
  await assert.rejects(list('landing/*.parquet'), {
    code: 'INGEST_NO_FILES',
    message: /landing\/\*\.parquet .*landing holds .*a\.csv/s,
  });
  await assert.rejects(list('lending/*.csv'), { code: 'INGEST_NO_FILES', message: /holds .*landing/ });
  await assert.rejects(list('landing/d.csv'), { code: 'INGEST_FILE_MISSING', message: /holds a\.csv/ });
  await assert.rejects(list('landing'), { code: 'INGEST_NOT_A_FILE', message: /is a directory/ });
  const file = await namedFile('landing/a.csv', directory);
  assert.equal(file.sizeBytes, 0);
  assert.ok(Number.isSafeInteger(file.mtimeUs));
});

const airports = {
  name: 'airport',
  file: 'ref/airports.csv',
  key: 'code',
  columns: [
    { name: 'code', type: 'string', nullable: false },
    { name: 'height', type: 'double', nullable: true },
  ],
} as const;
const lookedUp = aSource({ lookups: [airports], joins: [{ as: 'from', lookup: 'airport', on: 'city' }] });

test('a lookup is joined by its key; what it does not know is NULL', async () => {
  write('ref/airports.csv', 'code,height,zone\nOslo,23.5,x\nBergen,,y\n');
  const rows = await rowsOf(await take(plain, lookedUp), lookedUp, ['from.height', 'from.code']);
  assert.deepEqual(
    rows.map((row) => [row['from.code'], row['from.height']]),
    [
      ['Oslo', 23.5],
      [null, null],
    ],
  );
});

test('a lookup with a key twice, an unreadable value or another ending is refused', async () => {
  const batch = await take(plain, lookedUp);
  const withLookup = async (text: string, code: ErrorCode, says: RegExp): Promise<void> => {
    write('ref/airports.csv', text);
    await assert.rejects(rowsOf(batch, lookedUp, ['from.height']), { code, message: says });
  };
  await withLookup('code,height\nOslo,1\nOslo,2\n', 'INGEST_LOOKUP_DUPLICATE', /2 rows with code = Oslo/);
  await withLookup(
    'code,height\nOslo,1\nBergen,high\n',
    'INGEST_LOOKUP_VALUE',
    /row 2: the height "high" is no double/,
  );
  await withLookup('code\nOslo\n', 'INGEST_COLUMN_MISSING', /no column height/);
  const other = { ...lookedUp, lookups: [{ ...airports, file: 'ref/airports.json' }] };
  write('ref/airports.json', '[]');
  await assert.rejects(rowsOf(batch, other), { code: 'INGEST_LOOKUP_FORMAT' });
  await assert.rejects(openRaw(context(), { source: lookedUp, batch, lookups: {} }), {
    code: 'INGEST_LOOKUP_UNKNOWN',
  });
});

test('a file that may not be read is refused, and a full or read-only store is unavailable', async () => {
  const file = write('in/secret.csv', plain);
  chmodSync(file, 0o000);
  chmodSync(directory, 0o755);
  const arrival = { source: aSource(), path: file, name: 'secret.csv', declaredAtUs: null };
  const isRoot = process.geteuid?.() === 0;
  // Root reads everything: be somebody else for a moment, with a scratch folder of their own.
  const scratch = path.join(mkdtempSync(path.join(os.tmpdir(), 'sluice-')), 'x.csv');
  chmodSync(path.dirname(scratch), 0o777);
  const other = { ...context(), blob: withScratch(scratch) };
  if (isRoot) process.seteuid?.(65_534);
  try {
    await assert.rejects(ingestFile(other, arrival), { code: 'INGEST_FORBIDDEN', exitCode: 2 });
  } finally {
    if (isRoot) process.seteuid?.(0);
    rmSync(path.dirname(scratch), { recursive: true, force: true });
  }
  chmodSync(file, 0o644);
  const gone = { ...context(), blob: withScratch(path.join(directory, 'no such folder', 'x.csv')) };
  await assert.rejects(ingestFile(gone, arrival), { code: 'BLOB_UNAVAILABLE', exitCode: 5 });
});

function withScratch(scratch: string): Blob {
  return new Proxy(blob, {
    get: (target, key): unknown =>
      key === 'scratchPath' ? () => Promise.resolve(scratch) : Reflect.get(target, key),
  });
}
