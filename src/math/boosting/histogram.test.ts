import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../base/random.ts';
import {
  featureDoubles,
  fillHistogram,
  massHessian,
  massRows,
  massScale,
  packBins,
  subtractHistogram,
} from './histogram.ts';

const rows = 1000;
const random = seededRandom(9);
const bins = Uint8Array.from({ length: rows * 7 }, () => random.below(256));
const pairs = Float64Array.from({ length: rows * 2 }, () => random.below(1000));
const order = Int32Array.from({ length: rows }, (_, i) => i);

/** The histogram of the features first to last by the plainest loop. */
function plain(first: number, features: number, from: number, to: number): Float64Array {
  const sums = new Float64Array(features * featureDoubles);
  for (let feature = 0; feature < features; feature++) {
    for (let i = from; i < to; i++) {
      const at = feature * featureDoubles + 2 * (bins[(first + feature) * rows + i] ?? 0);
      sums[at] = (sums[at] ?? 0) + (pairs[2 * (i - from)] ?? 0);
      sums[at + 1] = (sums[at + 1] ?? 0) + (pairs[2 * (i - from) + 1] ?? 0);
    }
  }
  return sums;
}

test('every width of packed words gives the sums of a plain loop', () => {
  for (let features = 1; features <= 6; features++) {
    const packed = packBins(bins, { first: 1, features, rows, pitch: rows });
    const histogram = new Float64Array(features * featureDoubles).fill(5);
    const part = { order, start: 100, end: 900, pairs };
    fillHistogram(histogram, packed, { rows: part, wanted: new Uint8Array(features).fill(1) });
    assert.deepEqual(histogram, plain(1, features, 100, 900));
  }
});

test('a parent less one child is the other child', () => {
  const packed = packBins(bins, { first: 0, features: 2, rows, pitch: rows });
  const wanted = new Uint8Array(2).fill(1);
  const [parent, child] = [new Float64Array(2 * featureDoubles), new Float64Array(2 * featureDoubles)];
  fillHistogram(parent, packed, { rows: { order, start: 0, end: rows, pairs }, wanted });
  fillHistogram(child, packed, { rows: { order, start: 0, end: 400, pairs }, wanted });
  subtractHistogram(parent, child);
  const other = new Float64Array(2 * featureDoubles);
  fillHistogram(other, packed, {
    rows: { order, start: 400, end: rows, pairs: pairs.subarray(800) },
    wanted,
  });
  assert.deepEqual(parent, other);
});

test('words none of whose features is wanted are passed over', () => {
  const packed = packBins(bins, { first: 0, features: 5, rows, pitch: rows });
  const histogram = new Float64Array(5 * featureDoubles);
  const part = { order, start: 0, end: rows, pairs };
  fillHistogram(histogram, packed, { rows: part, wanted: Uint8Array.of(0, 0, 0, 0, 1) });
  assert.ok(histogram.subarray(0, 4 * featureDoubles).every((sum) => sum === 0));
  assert.ok(histogram.subarray(4 * featureDoubles).some((sum) => sum > 0));
});

test('masses keep counts exactly and hessians to a part in four thousand for a million rows', () => {
  const scale = massScale(1_000_000, 0.25);
  let mass = 0;
  for (let row = 0; row < 1_000_000; row++) mass += scale.unit + Math.floor(0.25 * scale.steps);
  assert.equal(massRows(mass, scale), 1_000_000);
  assert.ok(Math.abs(massHessian(mass, scale) / 250_000 - 1) < 2.5e-4);
  assert.ok(mass < 2 ** 53);
});
