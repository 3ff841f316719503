import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { CategoryRanks, slotsOf } from './category-ranks.ts';

const marks = (slots: readonly number[], count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, slot) => (slots.includes(slot) ? 1 : 0));
const all = (count: number): Uint8Array => new Uint8Array(count).fill(1);

test('slots are the levels, then NULL, then the unseen', () => {
  assert.deepEqual(slotsOf(3), { null: 3, unseen: 4, count: 5 });
});

test('nested splits share one column', () => {
  const ranks = new CategoryRanks(8);
  ranks.place(marks([0, 1, 2, 3], 8), all(8));
  ranks.place(marks([0, 2], 8), marks([0, 1, 2, 3], 8));
  ranks.place(marks([5, 7], 8), marks([4, 5, 6, 7], 8));
  ranks.place(marks([7], 8), marks([5, 7], 8));
  assert.equal(ranks.columns, 1);
});

test('a split and its complement share one column', () => {
  const ranks = new CategoryRanks(4);
  ranks.place(marks([0, 1], 4), all(4));
  ranks.place(marks([2, 3], 4), all(4));
  assert.equal(ranks.columns, 1);
});

test('crossing splits take a column each', () => {
  const ranks = new CategoryRanks(4);
  ranks.place(marks([0, 1], 4), all(4));
  ranks.place(marks([0, 2], 4), all(4));
  assert.equal(ranks.columns, 2);
});

test('every slot that reaches a split goes the way it should, whatever is placed before or after', () => {
  const count = 12;
  const bits = fc.array(fc.integer({ min: 0, max: 1 }), { minLength: count, maxLength: count });
  fc.assert(
    fc.property(
      fc.array(fc.record({ left: bits, reaches: bits }), { minLength: 1, maxLength: 25 }),
      (splits) => {
        const ranks = new CategoryRanks(count);
        const placed = splits.map(({ left, reaches }) =>
          ranks.place(Uint8Array.from(left), Uint8Array.from(reaches)),
        );
        const table = ranks.table();
        for (const [place, { left, reaches }] of splits.entries()) {
          const split = placed[place];
          assert.ok(split);
          for (let slot = 0; slot < count; slot++) {
            if (reaches[slot] !== 1) continue;
            const isFirst: boolean = (table[slot * ranks.columns + split.column] ?? NaN) <= split.threshold();
            assert.equal(isFirst !== split.swapped, left[slot] === 1);
          }
        }
      },
    ),
    { seed: 11, numRuns: 300 },
  );
});
