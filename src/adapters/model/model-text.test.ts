import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { nullText, toModelText } from './model-text.ts';

test('no two texts share a form, none is taken for NULL, and none has a U+0000', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', '\u0000', '\u0001', '\u0002', '\u0003'),
    maxLength: 6,
  });
  fc.assert(
    fc.property(text, text, (one, other) => {
      assert.equal(toModelText(one) === toModelText(other), one === other);
      assert.notEqual(toModelText(one), nullText);
      assert.ok(!toModelText(one).includes('\u0000'));
    }),
    { seed: 1, numRuns: 2000 },
  );
});
