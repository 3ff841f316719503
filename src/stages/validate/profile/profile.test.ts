import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { validateWorld } from '../../../../test/fixtures/validate-world.ts';

const world = validateWorld();
const { judge, reasonsOf } = world;

test('numbers that JSON does not know break the type rule', async () => {
  const { validation } = await judge([{ price: Number.NaN }, { price: Infinity }, { price: 5 }]);
  assert.deepEqual(await reasonsOf(validation), [
    [0, ['type:price']],
    [1, ['type:price']],
  ]);
  const price = validation.profile.find(({ name }) => name === 'price');
  assert.deepEqual([price?.min, price?.max, price?.mean, price?.stddev], [5, 5, 5, null]);
});

test('the profile tells nulls, distinct values, range, mean, spread and lengths', async () => {
  const lines = [
    { id: 1, city: 'aé' },
    { id: 2, city: null },
    { id: 6, city: 'abc', at: '2001-01-03' },
  ];
  const { validation } = await judge(lines);
  const [id, , city, at] = validation.profile;
  assert.deepEqual([id?.nulls, id?.distinctApprox, id?.min, id?.max, id?.mean], [0, 3, 1, 6, 3]);
  assert.ok(Math.abs((id?.stddev ?? 0) - Math.sqrt(7)) < 1e-9);
  assert.deepEqual(
    [city?.nulls, city?.minLength, city?.maxLength, city?.min, city?.mean],
    [1, 2, 3, null, null],
  );
  assert.deepEqual([at?.min, at?.max], [Date.UTC(2001, 0, 1) * 1000, Date.UTC(2001, 0, 3) * 1000]);
});

test('mean and spread equal the two-pass formula within 1e-9 of the range', async () => {
  const number = fc.integer({ min: -1e12, max: 1e12 }).map((value) => value / 997);
  const numbers = fc.array(number, { minLength: 2, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(numbers, async (values) => {
      const { validation } = await judge(values.map((price) => ({ price })));
      const price = validation.profile.find(({ name }) => name === 'price');
      const mean = values.reduce((sum, value) => sum + value / values.length, 0);
      const spread = Math.sqrt(
        values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1),
      );
      const range = Math.max(...values) - Math.min(...values);
      assert.ok(Math.abs((price?.mean ?? NaN) - mean) <= 1e-9 * (range + Math.abs(mean)));
      assert.ok(Math.abs((price?.stddev ?? NaN) - spread) <= 1e-8 * (range + Math.abs(mean) * 1e-8));
    }),
    { numRuns: 40, seed: 11 },
  );
});
