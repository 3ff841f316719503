import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { quoteIdentifier, quoteLiteral } from './sql-text.ts';

test('any text survives as a literal and as a name', async () => {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  for (const text of ['', "O'Hare", '"', '\\', 'a\nb', '$1', '--', '😀', "a\0'b\0"]) {
    const reader = await connection.runAndReadAll(`SELECT ${quoteLiteral(text)}`);
    assert.deepEqual(reader.getRows(), [[text]]);
    if (text === '' || text.includes('\0')) continue;
    const named = await connection.runAndReadAll(`SELECT 1 AS ${quoteIdentifier(text)}`);
    assert.deepEqual(named.columnNames(), [text]);
  }
  connection.closeSync();
});
