import assert from 'node:assert/strict';
import { test } from 'node:test';
import { count, duration, figure, minute, share, size, time } from './format.ts';

test('counts have separators, figures four digits, shares a sign', () => {
  assert.deepEqual(
    [count(1_477_911), figure(0.123456), figure(null), share(0.2153)],
    ['1,477,911', '0.1235', '–', '21.5 %'],
  );
});

test('durations and sizes take the unit that fits', () => {
  assert.deepEqual([850, 12_340, 245_000].map(duration), ['850 ms', '12.3 s', '4 min 05 s']);
  assert.deepEqual([0, 999, 1000, 13_500_000, 2e15].map(size), [
    '0 B',
    '999 B',
    '1 kB',
    '13.5 MB',
    '2000 TB',
  ]);
});

test('instants are UTC; there is none for null', () => {
  const us = Date.UTC(2024, 1, 29, 23, 59, 58) * 1000;
  assert.deepEqual([time(us), minute(us), time(null)], ['2024-02-29 23:59:58Z', '2024-02-29 23:59Z', '']);
});
