import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSluiceError } from '../base/errors.ts';
import type { ErrorCode } from '../base/errors.ts';
import { columns } from './expression.ts';
import type { ExpressionType } from './json.ts';
import { parseExpression } from './parse.ts';

const schema: Record<string, ExpressionType> = { delay: 'int64', origin: 'string' };
const delay = { op: 'column', name: 'delay', type: 'int64' };

function refuses(json: unknown, code: ErrorCode, text: RegExp): void {
  assert.throws(
    () => parseExpression(json, schema),
    (error) => isSluiceError(error, code) && text.test(error.message),
  );
}

test('what the builder writes is read back as the same expression', () => {
  const c = columns(schema as { delay: 'int64'; origin: 'string' });
  const all = [
    c.delay.dividedBy(60).plus(0.1).bucketize([1, 2]),
    c.origin
      .substring(1, 2)
      .matches('^a')
      .and(c.origin.isIn(['a', 'b'])),
    c.delay.eq(2n ** 60n).ifElse(Number.NaN, Infinity),
  ];
  for (const { json } of all) {
    assert.deepEqual(parseExpression(JSON.parse(JSON.stringify(json)), schema).json, json);
  }
});

test('malformed JSON is refused with the path of the fault', () => {
  refuses(5, 'EXPRESSION_JSON', /at \$ is not valid: an object was expected, not 5/);
  refuses([], 'EXPRESSION_JSON', /\$/);
  refuses({ args: [] }, 'EXPRESSION_JSON', /op must be a string/);
  refuses({ op: 'not', args: [{ op: 'isnull', args: [] }] }, 'EXPRESSION_JSON', /\$\.args\[0\]\.op .*isnull/);
  refuses({ op: 'not' }, 'EXPRESSION_JSON', /args must be a list/);
  refuses({ op: 'not', args: [], extra: 1 }, 'EXPRESSION_JSON', /extra is not allowed/);
  refuses({ op: 'literal', type: 'float', value: 1 }, 'EXPRESSION_JSON', /type must be one of/);
  refuses({ op: 'column', name: 1, type: 'int64' }, 'EXPRESSION_JSON', /name must be a string/);
});

test('a literal must have the one form of its type', () => {
  for (const [type, value] of [
    ['int64', '5'],
    ['int64', 1.5],
    ['int64', '9223372036854775808'],
    ['double', '1'],
    ['double', 'nan'],
    ['boolean', 'true'],
    ['string', 5],
    ['timestamp', '2001-01-01'],
    ['double', undefined],
  ]) {
    refuses({ op: 'literal', type, value }, 'EXPRESSION_JSON', /is no/);
  }
});

test('parameters that an operator cannot use are refused', () => {
  const origin = { op: 'column', name: 'origin', type: 'string' };
  refuses({ op: 'bucketize', args: [delay], edges: 'x' }, 'EXPRESSION_JSON', /edges/);
  refuses({ op: 'hashBucket', args: [origin], buckets: '5); DROP TABLE x' }, 'EXPRESSION_JSON', /buckets/);
  refuses({ op: 'matches', args: [origin] }, 'EXPRESSION_JSON', /pattern/);
  refuses({ op: 'matches', args: [origin], pattern: '(a)\\1' }, 'EXPRESSION_REGEX', /back-reference/);
});

test('columns and types are checked against the schema', () => {
  refuses({ ...delay, name: 'delai' }, 'EXPRESSION_UNKNOWN_COLUMN', /did you mean delay/);
  refuses({ ...delay, type: 'double' }, 'EXPRESSION_TYPE', /column delay \(at \$\)/);
  refuses({ op: 'length', args: [delay] }, 'EXPRESSION_TYPE', /length \(at \$\) cannot take \(int64\)/);
});

test('documents that are too deep or too large are refused', () => {
  let deep: unknown = { op: 'isNull', args: [delay] };
  for (let i = 0; i < 300; i++) deep = { op: 'not', args: [deep] };
  refuses(deep, 'EXPRESSION_JSON', /deeper than 200/);
  const wide = { op: 'coalesce', args: Array.from({ length: 10_001 }, () => delay) };
  refuses(wide, 'EXPRESSION_JSON', /more than 10000 nodes/);
});
