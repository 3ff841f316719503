import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSluiceError } from '../../base/errors.ts';
import type { Batch } from '../../records/batch.ts';
import { ingestRows } from './ingest-file.ts';
import { openRaw } from './raw-table.ts';
import { aSource, flights, ingestWorld, jan, plain, plainRows } from '../../../test/fixtures/ingest-world.ts';

const world = ingestWorld();
const { context, parquet, rowsOf, take } = world;

const ndjson = aSource({ format: 'ndjson' });

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
    const [answer] = await world.engine.rows(
      `SELECT count(*) AS rows, count_if(id <> _row) AS moved FROM (${raw.select(['id'])})`,
    );
    assert.deepEqual({ ...answer }, { rows: count, moved: 0 });
  }
});

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
