import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { md5Bucket, md5Words } from './md5.ts';

function oracle(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

test('the words are those of MD5 for texts of any length', () => {
  const check = (text: string) => {
    const bytes = Buffer.alloc(16);
    md5Words(text).forEach((word, i) => bytes.writeUInt32LE(word, i * 4));
    assert.equal(bytes.toString('hex'), oracle(text));
  };
  for (let length = 0; length < 200; length++) check('x'.repeat(length));
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), check), { seed: 5, numRuns: 300 });
});

test('a bucket is the first 15 hex digits as an integer, modulo the number of buckets', () => {
  const text = fc.string({ unit: 'grapheme' });
  const check = (value: string, buckets: number) => {
    const exact = BigInt(`0x${oracle(value).slice(0, 15)}`) % BigInt(buckets);
    assert.equal(md5Bucket(value, buckets), Number(exact));
  };
  fc.assert(fc.property(text, fc.integer({ min: 1, max: 2 ** 20 }), check), { seed: 6, numRuns: 500 });
});
