import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bar, sparkline } from './charts.ts';

test('a bar is as long as its share, to an eighth of a column', () => {
  assert.equal(bar(0, 4), '');
  assert.equal(bar(0.5, 4), '██');
  assert.equal(bar(1 / 32, 4), '▏');
  assert.equal(bar(7, 2), '██');
});

test('a sparkline runs from the least value to the greatest and never is wider than asked', () => {
  assert.equal(sparkline([1, 2, 3], 10), '▁▅█');
  assert.equal(sparkline([5, 5], 10), '▁▁');
  assert.equal(sparkline([], 10), '');
  const long = sparkline(
    Array.from({ length: 1000 }, (_, i) => i),
    40,
  );
  assert.equal(Array.from(long).length, 40);
});
