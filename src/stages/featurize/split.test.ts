import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveSplit } from './split.ts';

const day = 86_400_000_000;
const open = { evaluationFromUs: null, evaluationUntilUs: null, evaluationDays: 7, validationDays: 3 };
const range = { oldestUs: 0, newestUs: 30 * day + 5, firstImmatureUs: null };

test('an open block ends with the last whole day and lasts the declared days', () => {
  assert.deepEqual(resolveSplit(open, range), {
    validationFromUs: 20 * day,
    evaluationFromUs: 23 * day,
    evaluationUntilUs: 30 * day,
  });
});

test('a day with a row that is not final yet does not belong to an open block', () => {
  const { evaluationUntilUs } = resolveSplit(open, { ...range, firstImmatureUs: 28 * day + 1 });
  assert.equal(evaluationUntilUs, 28 * day);
});

test('a given block stays as it is', () => {
  const given = { ...open, evaluationFromUs: 10 * day, evaluationUntilUs: 12 * day };
  assert.deepEqual(resolveSplit(given, range), {
    validationFromUs: 7 * day,
    evaluationFromUs: 10 * day,
    evaluationUntilUs: 12 * day,
  });
});

test('a bound within a day, and a block that ends before it begins, are refused', () => {
  const off = { ...open, evaluationFromUs: 10 * day + 1 };
  assert.throws(() => resolveSplit(off, range), { code: 'FEATURIZE_SPLIT', message: /no midnight UTC/ });
  const reversed = { ...open, evaluationFromUs: 12 * day, evaluationUntilUs: 12 * day };
  assert.throws(() => resolveSplit(reversed, range), { code: 'FEATURIZE_SPLIT', message: /would end at/ });
});
