import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { lowerText, upperText } from './letter-case.ts';

/** The byte order mark, which the driver's decoder drops at the start of any text. */
const mark = 0xfeff;

test('lower and upper agree with the engine on every code point of Unicode', async () => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const reader = await connection.runAndReadAll(
    `SELECT i, lower(c), upper(c) FROM (
       SELECT i, chr(i::INTEGER) AS c
       FROM (SELECT unnest(range(1, 55296) || range(57344, 1114112)) AS i) WHERE i <> ${mark}
     ) WHERE lower(c) <> c OR upper(c) <> c`,
  );
  connection.closeSync();
  const changed = new Map(reader.getRows().map(([i, ...forms]) => [Number(i), forms]));
  assert.ok(changed.size > 2700);
  for (let i = 1; i < 0x110000; i++) {
    if (i === mark || (i >= 0xd800 && i <= 0xdfff)) continue;
    const letter = String.fromCodePoint(i);
    const [lower, upper] = changed.get(i) ?? [letter, letter];
    if (lowerText(letter) !== lower || upperText(letter) !== upper) assert.fail(`U+${i.toString(16)}`);
  }
});

test('case is mapped letter by letter, without context', () => {
  assert.equal(lowerText('ΟΔΟΣ'), 'οδοσ');
  assert.equal(upperText('Straße'), 'STRAẞE');
});
