import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { canonicalJson } from './canonical-json.ts';
import { isSluiceError } from './errors.ts';

/** Rebuilds every object with its keys in another order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reordered(item)]),
  );
}

test('the text reads back as the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test('the order in which keys were written does not show', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.equal(canonicalJson(reordered(value)), canonicalJson(value));
    }),
  );
});

test('different values have different texts', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const areEqual = JSON.stringify(reordered(a)) === JSON.stringify(reordered(b));
      if (areEqual) assert.equal(canonicalJson(a), canonicalJson(b));
      if (canonicalJson(a) === canonicalJson(b))
        assert.deepEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
    }),
  );
});

test('keys are sorted by code units and undefined members are left out', () => {
  assert.equal(canonicalJson({ b: 1, a: undefined, é: 2, B: 3 }), '{"B":3,"b":1,"é":2}');
  assert.equal(canonicalJson([-0, 1e21, 0.1, 'a\nb']), '[0,1e+21,0.1,"a\\nb"]');
  assert.equal(canonicalJson(Object.assign(Object.create(null), { a: 1 })), '{"a":1}');
});

test('what is not data is refused with its place', () => {
  const loses: readonly [unknown, RegExp][] = [
    [{ a: [1, Number.NaN] }, /\$\.a\[1\].*NaN.*number/],
    [{ a: 1n }, /\$\.a.*bigint/],
    [() => 1, /function/],
    [[undefined], /\$\[0\].*undefined/],
    // oxlint-disable-next-line no-sparse-arrays -- the hole is the point
    [[1, , 2], /\$\[1\].*undefined/],
    [{ when: new Date(0) }, /\$\.when.*1970/],
    [{ map: new Map([[1, 2]]) }, /\$\.map.*Map/],
    [{ bytes: Uint8Array.of(1) }, /\$\.bytes.*Uint8Array/],
  ];
  for (const [value, message] of loses) {
    assert.throws(
      () => canonicalJson(value),
      (error) => isSluiceError(error, 'BASE_NOT_JSON') && message.test(error.message),
    );
  }
});
