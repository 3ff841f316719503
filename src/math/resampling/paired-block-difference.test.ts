import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSluiceError } from '../../base/errors.ts';
import { seededRandom } from '../../base/random.ts';
import { nonInferiority } from '../decision/non-inferiority.ts';
import type { Estimate } from '../outcome.ts';
import { areaUnderRoc } from '../metrics/area-under-roc.ts';
import { pairedAreaUnderRocDifference } from './paired-area-under-roc-difference.ts';
import { blockSumsDifference, pairedBlockDifference } from './paired-block-difference.ts';

test('sums and counts by block carry the difference of every row once', () => {
  const { difference, perBlock, blocks } = pairedBlockDifference({
    lossA: Float64Array.of(1, 2, 3, 4),
    lossB: Float64Array.of(0, 0, 1, 1),
    blocks: Int32Array.of(9, 9, 9, 4),
  });
  assert.equal(blocks, 2);
  assert.deepEqual([...perBlock.sums], [3, 5]);
  assert.deepEqual([...perBlock.counts], [1, 3]);
  assert.ok('value' in difference && difference.value === 2 && 'intervalUndefined' in difference);
});

test('a single block, or none, has no interval', () => {
  const one = blockSumsDifference({ sums: Float64Array.of(4), counts: Float64Array.of(2) });
  assert.ok('intervalUndefined' in one.difference && one.standardError === undefined);
  const none = blockSumsDifference({ sums: Float64Array.of(0), counts: Float64Array.of(0) });
  assert.deepEqual(none.difference, { undefined: 'no rows', n: 0 });
});

test('blocks without rows are left out of the degrees of freedom', () => {
  const counts = Float64Array.from({ length: 12 }, (_, block) => (block < 8 ? 5 : 0));
  const sums = counts.map((count, block) => count * block);
  assert.equal(blockSumsDifference({ sums, counts }).blocks, 8);
});

test('vectors that do not belong together are refused', () => {
  const two = Float64Array.of(1, 2);
  const blocks = Int32Array.of(0, 1);
  const refused = (code: 'MATH_SHAPE' | 'MATH_NOT_FINITE' | 'MATH_RANGE', action: () => unknown): void =>
    assert.throws(action, (error: unknown) => isSluiceError(error, code));
  refused('MATH_SHAPE', () => pairedBlockDifference({ lossA: two, lossB: Float64Array.of(1), blocks }));
  refused('MATH_NOT_FINITE', () =>
    pairedBlockDifference({ lossA: two, lossB: Float64Array.of(1, Number.NaN), blocks }),
  );
  refused('MATH_RANGE', () => blockSumsDifference({ sums: two, counts: Float64Array.of(1, -1) }));
});

/** Paired differences with a day effect and blocks of uneven size around a true mean of 0. */
function anExperiment(seed: number, blocks: number): { sums: Float64Array; counts: Float64Array } {
  const random = seededRandom(seed);
  const counts = Float64Array.from({ length: blocks }, () => 20 + random.below(20));
  const sums = counts.map((count) => {
    const dayEffect = random.next() + random.next() + random.next() - 1.5;
    let sum = 0;
    for (let row = 0; row < count; row++) sum += dayEffect + random.next() - 0.5;
    return sum;
  });
  return { sums, counts };
}

for (const blocks of [7, 20]) {
  test(`the t interval over ${blocks} blocks covers the truth at its nominal rate`, () => {
    const samples = 2000;
    let covered = 0;
    for (let seed = 1; seed <= samples; seed++) {
      const { difference } = blockSumsDifference(anExperiment(seed, blocks), { replicates: 1 });
      if ('lower' in difference && difference.lower <= 0 && difference.upper >= 0) covered++;
    }
    // Binomial error at 95 % of 2000 samples: 0.5 points; uneven blocks cost up to one point more.
    assert.ok(covered / samples > 0.93 && covered / samples < 0.97, `${covered} of ${samples}`);
  });
}

test('the bootstrap variant and the t interval agree within a fifth of their width on 60 blocks', () => {
  const { difference, bootstrap } = blockSumsDifference(anExperiment(3, 60), { replicates: 2000, seed: 5 });
  assert.ok('lower' in difference && 'lower' in bootstrap);
  const width = difference.upper - difference.lower;
  assert.ok(Math.abs(difference.lower - bootstrap.lower) < width / 5);
  assert.ok(Math.abs(difference.upper - bootstrap.upper) < width / 5);
});

test('a paired ROC difference is that of the two areas, and narrower than either area', () => {
  const random = seededRandom(2);
  const n = 2000;
  const scoresA = Float64Array.from({ length: n }, () => random.next());
  const labels = Uint8Array.from(scoresA, (score) => (random.next() < score ? 1 : 0));
  const scoresB = scoresA.map((score) => score + 0.2 * random.next());
  const blocks = Int32Array.from(labels, (_, row) => row % 20);
  const estimate = pairedAreaUnderRocDifference({
    labels,
    scoresA,
    scoresB,
    blocks,
    seed: 1,
    replicates: 300,
  });
  const [a, b] = [areaUnderRoc(labels, scoresA), areaUnderRoc(labels, scoresB)];
  assert.ok('lower' in estimate && 'value' in a && 'value' in b);
  assert.ok(Math.abs(estimate.value - (a.value - b.value)) < 1e-12);
  assert.ok(estimate.lower <= estimate.value && estimate.value <= estimate.upper);
  assert.ok(estimate.upper - estimate.lower < 0.02);
  const oneClass = pairedAreaUnderRocDifference({
    labels: new Uint8Array(n),
    scoresA,
    scoresB,
    blocks,
    seed: 1,
  });
  assert.deepEqual(oneClass, { undefined: 'labels of one class', n });
});

const interval = (lower: number, upper: number): Estimate => ({
  value: (lower + upper) / 2,
  lower,
  upper,
  n: 90,
  undefinedReplicates: 0,
});

test('harm below, above and around the margin pass, fail and stay open', () => {
  const verdict = (difference: Estimate): string =>
    nonInferiority({ difference, blocks: 30, margin: 0.1 }).verdict;
  assert.equal(verdict(interval(-0.2, 0.05)), 'pass');
  assert.equal(verdict(interval(0.11, 0.3)), 'fail');
  assert.equal(verdict(interval(0.01, 0.1)), 'inconclusive');
});

test('a decrease is harm for areas and skills', () => {
  const options = { blocks: 30, margin: 0.01, harmful: 'decrease' } as const;
  assert.equal(nonInferiority({ ...options, difference: interval(0.02, 0.03) }).verdict, 'pass');
  const worse = nonInferiority({ ...options, difference: interval(-0.03, -0.02) });
  assert.equal(worse.verdict, 'fail');
  assert.deepEqual(worse.harm, { lower: 0.02, upper: 0.03 });
});

test('no data never passes', () => {
  const few = nonInferiority({ difference: interval(-2, -1), blocks: 6, margin: 0 });
  assert.deepEqual([few.verdict, few.reason], ['inconclusive', 'insufficient']);
  const none = nonInferiority({ difference: { undefined: 'no rows', n: 0 }, blocks: 0, margin: 0 });
  assert.deepEqual([none.verdict, none.reason], ['inconclusive', 'undefined']);
  assert.throws(
    () => nonInferiority({ difference: interval(0, 1), blocks: 9, margin: Number.NaN }),
    (error: unknown) => isSluiceError(error, 'MATH_RANGE'),
  );
});
