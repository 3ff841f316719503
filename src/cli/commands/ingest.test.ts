import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowsOf } from './ingest.ts';

test('standard input holds one object per line, empty lines aside', () => {
  assert.deepEqual(rowsOf('{"a":1}\n\n{"a":null}\n'), [{ a: 1 }, { a: null }]);
});

test('standard input that is no NDJSON is refused with its line', () => {
  assert.throws(() => rowsOf('{"a":1}\n{"a"'), { code: 'CLI_STDIN', message: /line 2:/ });
  assert.throws(() => rowsOf('[1]'), { code: 'CLI_STDIN' });
  assert.throws(() => rowsOf('\n'), { code: 'CLI_STDIN' });
});
