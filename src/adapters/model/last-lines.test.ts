import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastLines } from './last-lines.ts';

test('only the last lines are kept, wherever the chunks are cut', () => {
  const kept = lastLines(3);
  for (const chunk of ['one\ntw', 'o\nthree\n\nfo', 'ur\nfi', 've']) kept.add(chunk);
  assert.deepEqual(kept.lines(), ['three', 'four', 'five']);
});

test('an endless line takes no endless memory', () => {
  const kept = lastLines(2);
  for (let i = 0; i < 1000; i++) kept.add('x'.repeat(10_000));
  assert.ok((kept.lines()[0] ?? '').length <= 20_000);
});

test('colours, control characters and stack frames are left out of the tail, and its beginning is cut', () => {
  const kept = lastLines(20);
  kept.add('first\n\u001b[31mTypeError: wide\u001b[0m\u0007\n    at f (x.js:1:2)\n');
  assert.equal(kept.tail(100), 'first\nTypeError: wide');
  assert.equal(kept.tail(5), '…wide');
  assert.equal(lastLines(3).tail(10), '(it wrote nothing)');
});
