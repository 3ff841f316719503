import assert from 'node:assert/strict';
import { test } from 'node:test';
import { categoricalBins, writeCategoricalBins } from './categorical-bins.ts';

test('levels are sorted by name whatever the dictionary order, and nulls have bin 0', () => {
  const codes = Int32Array.of(2, 0, -1, 1, 0);
  const { levels, binOfCode } = categoricalBins(codes, {
    dictionary: ['b', 'a', 'c', 'never'],
    maxLevels: 253,
  });
  assert.deepEqual(levels, ['a', 'b', 'c']);
  const bins = new Uint8Array(6);
  writeCategoricalBins(codes, binOfCode, { bins, at: 1 });
  assert.deepEqual([...bins], [0, 3, 2, 0, 1, 2]);
});

test('beyond the most frequent levels, ties by name, the rest share one bin', () => {
  const codes = Int32Array.of(0, 0, 1, 2, 3, 3, 3);
  const { levels, binOfCode } = categoricalBins(codes, { dictionary: ['x', 'w', 'v', 'u'], maxLevels: 3 });
  assert.deepEqual(levels, ['u', 'v', 'x']);
  assert.deepEqual([...binOfCode], [3, 4, 2, 1]);
});
