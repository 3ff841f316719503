import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { numericEdges, writeNumericBins } from './numeric-bins.ts';

const options = { maxBins: 254, seed: 1 };

function binsOf(values: Float64Array, edges: Float64Array): number[] {
  const bins = new Uint8Array(values.length);
  writeNumericBins(values, edges, { bins, at: 0 });
  return [...bins];
}

test('few distinct values get a bin each, split midway', () => {
  const values = Float64Array.of(5, 1, 1, Number.NaN, 2);
  const edges = numericEdges(values, options);
  assert.deepEqual([...edges], [1.5, 3.5]);
  assert.deepEqual(binsOf(values, edges), [3, 1, 1, 0, 2]);
});

test('columns without two values have no edge', () => {
  assert.equal(numericEdges(new Float64Array(0), options).length, 0);
  assert.equal(numericEdges(Float64Array.of(Number.NaN, Number.NaN), options).length, 0);
  assert.equal(numericEdges(Float64Array.of(0, -0, 0), options).length, 0);
});

test('edges rise, are finite, and put every value on the side that scoring puts it', () => {
  const number = fc.double({ noDefaultInfinity: true });
  fc.assert(
    fc.property(fc.array(number, { maxLength: 600 }), fc.integer({ min: 2, max: 254 }), (list, maxBins) => {
      const values = Float64Array.from(list);
      const edges = numericEdges(values, { maxBins, seed: 3 });
      assert.ok(edges.length < maxBins);
      assert.ok(edges.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > (edges[i - 1] ?? 0))));
      binsOf(values, edges).forEach((bin, row) => {
        const value = values[row] ?? 0;
        if (Number.isNaN(value)) assert.equal(bin, 0);
        else edges.forEach((edge, i) => assert.equal(value <= edge, bin <= i + 1));
      });
    }),
  );
});

test('bins of many values hold about equal counts and a heavy value stands alone', () => {
  const values = Float64Array.from({ length: 30_000 }, (_, row) => (row % 3 === 0 ? 777 : row));
  const edges = numericEdges(values, { maxBins: 100, seed: 1 });
  const counts = new Map<number, number>();
  for (const bin of binsOf(values, edges)) counts.set(bin, (counts.get(bin) ?? 0) + 1);
  const sorted = [...counts.values()].sort((a, b) => b - a);
  assert.equal(sorted[0], 10_000);
  assert.ok(sorted.length >= 95 && (sorted[1] ?? 0) < 300);
});

test('the sample of a long column depends on the seed alone', () => {
  const values = Float64Array.from({ length: 500_000 }, (_, row) => (row * 7919) % 1_000_003);
  assert.deepEqual(numericEdges(values, options), numericEdges(values, options));
  assert.notDeepEqual(numericEdges(values, options), numericEdges(values, { ...options, seed: 2 }));
});
