import assert from 'node:assert/strict';
import { test } from 'node:test';
import { combineVerdicts, verdictSchema } from './verdict.ts';

test('any fail fails, else any doubt is doubt', () => {
  assert.equal(combineVerdicts(['pass', 'inconclusive', 'fail']), 'fail');
  assert.equal(combineVerdicts(['pass', 'inconclusive']), 'inconclusive');
  assert.equal(combineVerdicts(['pass', 'pass']), 'pass');
});

test('there are three verdicts', () => {
  for (const verdict of ['pass', 'fail', 'inconclusive']) assert.ok(verdictSchema.safeParse(verdict).success);
  assert.equal(verdictSchema.safeParse('maybe').success, false);
});
