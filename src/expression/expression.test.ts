import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSluiceError } from '../base/errors.ts';
import type { ErrorCode } from '../base/errors.ts';
import { caseWhen, column, columns, columnsOf, literal } from './expression.ts';
import { toJs } from './to-js.ts';
import { toSql } from './to-sql.ts';

const c = columns({ delay: 'int64', miles: 'double', origin: 'string', at: 'timestamp', wall: 'local' });

/** Configuration may be JavaScript: what the types refuse must fail at run time too. */
function untyped(value: unknown): Record<string, (...args: readonly unknown[]) => unknown> {
  return value as Record<string, (...args: readonly unknown[]) => unknown>;
}

function refuses(act: () => unknown, code: ErrorCode, text: RegExp): void {
  assert.throws(act, (error) => isSluiceError(error, code) && text.test(error.message));
}

test('an expression is plain JSON', () => {
  assert.deepEqual(c.delay.plus(1).json, {
    op: 'plus',
    args: [
      { op: 'column', name: 'delay', type: 'int64' },
      { op: 'literal', type: 'int64', value: 1 },
    ],
  });
});

test('a misspelt column names the nearest one', () => {
  refuses(() => Reflect.get(c, 'orgin'), 'EXPRESSION_UNKNOWN_COLUMN', /orgin; did you mean origin\?/);
});

test('columns can be awaited and printed without being taken for a column', async () => {
  assert.equal(await Promise.resolve(c), c);
});

test('an unknown column type is refused', () => {
  refuses(() => column('a', 'float' as 'double'), 'EXPRESSION_TYPE', /float/);
});

test('an operator refuses types it has no rule for, and says which it has', () => {
  refuses(
    () => untyped(c.origin)['plus']?.(1),
    'EXPRESSION_TYPE',
    /plus cannot take \(string\); it takes \(int64, int64\)/,
  );
  refuses(() => untyped(c.delay)['eq']?.('a'), 'EXPRESSION_TYPE', /literal/);
  refuses(() => untyped(c.delay)['isIn']?.([]), 'EXPRESSION_TYPE', /isIn/);
});

test('a whole column takes no fraction in arithmetic, and takes one in a comparison and a division', () => {
  refuses(() => c.delay.plus(0.5), 'EXPRESSION_TYPE', /0\.5/);
  assert.equal(toJs(c.delay.gt(14.5))({ delay: 15 }), true);
  assert.equal(toJs(c.delay.dividedBy(2.5))({ delay: 5 }), 2);
});

test('whole numbers beside doubles are converted, and the JSON says so', () => {
  const sum = c.delay.plus(c.miles);
  assert.equal(sum.type, 'double');
  assert.match(JSON.stringify(sum.json), /toDouble/);
  assert.equal(toJs(c.miles.plus(5n))({ miles: 0.5 }), 5.5);
});

test('constant parameters are checked', () => {
  refuses(() => c.miles.bucketize([2, 1]), 'EXPRESSION_JSON', /rising/);
  refuses(() => c.origin.substring(-1), 'EXPRESSION_JSON', /start/);
  refuses(() => c.origin.hashBucket(0), 'EXPRESSION_JSON', /buckets/);
  refuses(() => c.origin.matches('(?=a)'), 'EXPRESSION_REGEX', /portable/);
});

test('ifElse and caseWhen take their type from the expressions among the values', () => {
  const late = c.delay.gte(15);
  assert.equal(late.ifElse(1, 0).type, 'double');
  assert.equal(late.ifElse(c.delay, 0).type, 'int64');
  assert.equal(late.ifElse('late', 'on time').type, 'string');
  const size = caseWhen(
    [
      [c.delay.lt(0), 'early'],
      [late, 'late'],
    ],
    literal('on time'),
  );
  assert.deepEqual(
    [-5, 20, 3, null].map((delay) => toJs(size)({ delay })),
    ['early', 'late', 'on time', 'on time'],
  );
});

test('casting to the type it has already changes nothing', () => {
  assert.equal(c.miles.toDouble(), c.miles);
});

test('hashBucket of a number hashes its text form', () => {
  assert.equal(toJs(c.delay.hashBucket(1000))({ delay: 5 }), toJs(literal('5').hashBucket(1000))({}));
});

test('literals take the type that their value names', () => {
  const given = [true, 1, 1n, 'a'] as const;
  assert.deepEqual(
    given.map((value) => literal(value as string).type),
    ['boolean', 'double', 'int64', 'string'],
  );
  assert.deepEqual(literal(new Date(1000)).json, { op: 'literal', type: 'timestamp', value: 1_000_000 });
  assert.deepEqual(literal(2n ** 60n).json, { op: 'literal', type: 'int64', value: '1152921504606846976' });
  refuses(() => literal(2n ** 63n), 'EXPRESSION_TYPE', /9223372036854775808/);
  refuses(() => literal(undefined as never), 'EXPRESSION_TYPE', /undefined/);
});

test('columnsOf names each column once, in the order of use', () => {
  assert.deepEqual(columnsOf(c.origin.eq('JFK').and(c.delay.gt(0)).or(c.origin.isNull())), [
    'origin',
    'delay',
  ]);
});

test('SQL quotes names, casts columns to the declared type, and takes another spelling of them', () => {
  assert.equal(toSql(c.delay.gte(15)), '("delay"::BIGINT >= 15::BIGINT)');
  assert.equal(toSql(column('a "b"', 'string').length()), 'length("a ""b"""::VARCHAR)');
  assert.equal(toSql(c.delay, { column: (name) => `f.${name}` }), 'f.delay::BIGINT');
});

test('a closure refuses values that are not of the declared type, naming the column', () => {
  refuses(
    () => toJs(c.delay)({ delay: '5' }),
    'EXPRESSION_VALUE',
    /delay is declared int64, but a row holds 5 \(string\)/,
  );
  refuses(() => toJs(c.delay)({ delay: 1.5 }), 'EXPRESSION_VALUE', /1\.5/);
  refuses(() => toJs(c.origin)({ origin: true }), 'EXPRESSION_VALUE', /boolean/);
});

test('a closure takes absent and undefined for NULL, also for names that every object has', () => {
  assert.equal(toJs(c.delay.isNull())({}), true);
  assert.equal(toJs(c.delay.isNull())({ delay: undefined }), true);
  assert.equal(toJs(column('constructor', 'string').isNull())({}), true);
});

test('a closure takes a Date for a timestamp and half of a surrogate pair for the replacement character', () => {
  assert.equal(toJs(c.at)({ at: new Date(5) }), 5000);
  assert.equal(toJs(c.origin)({ origin: 'a\ud83d' }), 'a\ufffd');
});

test('whole numbers are exact beyond 2^53 and checked at the ends of int64', () => {
  const next = toJs(c.delay.plus(1));
  assert.equal(next({ delay: 2 ** 53 - 1 }), 2n ** 53n);
  assert.equal(next({ delay: 2n ** 53n }), 2n ** 53n + 1n);
  assert.equal(toJs(c.delay.minus(1))({ delay: 2n ** 53n }), 2 ** 53 - 1);
  refuses(() => next({ delay: 2n ** 63n - 1n }), 'EXPRESSION_OVERFLOW', /9223372036854775808/);
});
