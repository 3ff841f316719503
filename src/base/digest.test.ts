import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { digestBytes, digestFields, digestJson, shortDigest } from './digest.ts';

test('the digest of bytes and of text is the sha256 that everybody computes', () => {
  const ofAbc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  assert.equal(digestBytes('abc'), ofAbc);
  assert.equal(digestBytes(new TextEncoder().encode('abc')), ofAbc);
  assert.equal(shortDigest(ofAbc), 'ba7816bf8f01');
});

test('the digest of JSON follows its canonical text', () => {
  assert.equal(digestJson({ b: 1, a: 2 }), digestBytes('{"a":2,"b":1}'));
});

test('fields cannot run together, whatever they hold', () => {
  assert.notEqual(digestFields(['ab', 'c']), digestFields(['a', 'bc']));
  assert.notEqual(digestFields(['1:a']), digestFields(['', 'a']));
  assert.equal(digestFields(['é']), digestBytes('2:é'));
  fc.assert(
    fc.property(fc.array(fc.string()), fc.array(fc.string()), (a, b) => {
      assert.equal(digestFields(a) === digestFields(b), JSON.stringify(a) === JSON.stringify(b));
    }),
  );
});
