import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateNumericAnswers } from './numeric-answers.ts';

const pairs = [
  { gold: '-32%', predicted: 'the margin fell by -32.82%' },
  { gold: '1,577', predicted: '$1577.00 million, answer: 1577' },
  { gold: '12.5', predicted: '14' },
  { gold: '12.5', predicted: null },
  { gold: 'n/a', predicted: '3' },
];

test('answers are judged under every policy, and a gold answer without a number is in no denominator', () => {
  const result = evaluateNumericAnswers(pairs);
  assert.equal(result.invalidGold, 1);
  assert.equal(result.accuracy.finance.n, 4);
  assert.equal(result.accuracy.finance.value, 0.5);
  assert.ok((result.accuracy.strict.value ?? 1) < (result.accuracy.finance.value ?? 0));
  assert.deepEqual(
    result.misses.map((miss) => [miss.row, miss.verdict]),
    [
      [2, 'wrong'],
      [3, 'no_number'],
    ],
  );
});

test('without a usable gold answer the accuracy is undefined, not zero', () => {
  const { accuracy } = evaluateNumericAnswers([{ gold: '', predicted: '3' }]);
  assert.equal(accuracy.finance.value, null);
  assert.match(accuracy.finance.reason ?? '', /gold/);
});
