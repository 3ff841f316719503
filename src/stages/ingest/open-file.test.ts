import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aSource, flights, ingestWorld, plain } from '../../../test/fixtures/ingest-world.ts';

const world = ingestWorld();
const { parquet, refused, rowsOf, take } = world;

const ndjson = aSource({ format: 'ndjson' });

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
