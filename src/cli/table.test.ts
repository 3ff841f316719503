import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainTerminal } from '../../test/fixtures/plain-terminal.ts';
import { pairs, table, wrap } from './table.ts';
import { shownWidth } from './terminal.ts';

const head = ['run', 'when', 'state', 'time', 'steps', 'verdict'];
const rows = [
  ['run_660dd28d07867f6f7187fac', '2026-11-22 13:07Z', 'done', '2.1 s', '23, 20 reused', 'pass'],
  [
    'run_660dd27fed9655746a713ee',
    '2026-11-22 13:07Z',
    'interrupted',
    '4 min 05 s',
    '187, 1 abandoned',
    'fail',
  ],
];

test('a table and pairs fit every terminal between 40 and 200 columns', () => {
  for (let width = 40; width <= 200; width++) {
    const terminal = plainTerminal(width);
    const shown = `${table(terminal, rows, { head, right: [3] })}\n${pairs(terminal, [['a long name', 'x '.repeat(99)]])}`;
    const widest = Math.max(...shown.split('\n').map(shownWidth));
    assert.ok(widest <= width, `${widest} columns on a terminal of ${width}`);
  }
});

test('a table too wide for its terminal becomes a list of whole values', () => {
  const shown = table(plainTerminal(40), rows, { head });
  assert.match(shown, /^run run_660dd28d07867f6f7187fac$/m);
  assert.match(shown, /^steps 187, 1 abandoned$/m);
});

test('a table sets numbers right and leaves out trailing space', () => {
  const shown = table(
    plainTerminal(80),
    [
      ['a', '1'],
      ['b', '1,000'],
    ],
    { head: ['x', 'rows'], right: [1] },
  );
  assert.deepEqual(shown.split('\n'), ['x   rows', 'a      1', 'b  1,000']);
});

test('text breaks between words, and inside a word that is longer than a line', () => {
  assert.deepEqual(wrap('one two three', 12), ['one two', 'three']);
  assert.deepEqual(wrap('a'.repeat(30), 12), ['a'.repeat(12), 'a'.repeat(12), 'a'.repeat(6)]);
});
