import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import * as fc from 'fast-check';
import { isSluiceError } from '../../base/errors.ts';
import { quoteLiteral } from '../sql-text.ts';
import { compilePattern, refusePattern } from './pattern.ts';

const refused = {
  'a lookahead': '(?=a)',
  'a lookbehind': '(?<=a)b',
  'a named group': '(?<n>a)',
  'a flag': '(?i)a',
  'a back-reference': '(a)\\1',
  'a Unicode class': '\\p{L}',
  'a POSIX class': '[[:alpha:]]',
  'an anchor of another dialect': '\\Aa',
  'an exponential repetition': '(a+)+$',
  'an exponential alternative': '(?:a|a)*b',
  'a doubled quantifier': 'a**',
  'a quantified anchor': '^*',
  'a quantified word boundary': '\\b+',
  'a place that is no word boundary': 'a\\B',
  'a quantifier at the start': '+a',
  'a literal brace': 'a{',
  'a repetition above 1000': 'a{1001}',
  'a backward repetition': 'a{3,2}',
  'a class never closed': '[a',
  'an empty class': '[]',
  'an empty pattern': '',
  'an empty group': 'a(?:)',
  'an empty alternative': '(?:a|)',
  'a group never closed': '(a',
  'a group never opened': 'a)',
  'a bare closing bracket': 'a]',
  'a backward range': '[z-a]',
  'a range that ends in a class': '[a-\\d]',
  'a dash after a range': '[a-c-e]',
  'a negated shorthand in a class': '[\\S]',
  'a trailing backslash': 'a\\',
  'an octal escape': '\\07',
  'half of a surrogate pair': '\ud83d',
  'a very long pattern': 'a'.repeat(1001),
};

for (const [what, pattern] of Object.entries(refused)) {
  test(`${what} is refused with a reason`, () => {
    assert.equal(typeof refusePattern(pattern), 'string');
    assert.throws(
      () => compilePattern(pattern),
      (error) => isSluiceError(error, 'EXPRESSION_REGEX'),
    );
  });
}

const atoms = [
  'a',
  'b',
  'é',
  '😀',
  '.',
  '\\d',
  '\\D',
  '\\w',
  '\\W',
  '\\s',
  '\\S',
  '\\.',
  '[ab]',
  '[^a\\d]',
  '[\\s_-]',
  '\\x41',
  '[a-cé]',
  '\\n',
];
const piece = fc
  .tuple(fc.constantFrom(...atoms), fc.constantFrom('', '', '*', '+?', '?', '{2}', '{1,3}', '{0,}'))
  .map(([atom, repeat]) => atom + repeat);
const branch = fc.array(piece, { maxLength: 3 }).map((pieces) => pieces.join(''));
const group = fc
  .tuple(fc.array(branch, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '?', '{2}'))
  .map(([branches, repeat]) => `(?:${branches.join('|')})${repeat}`);
const patterns = fc
  .tuple(
    fc.constantFrom('', '^', '\\b'),
    fc.array(fc.oneof(piece, piece, group), { maxLength: 4 }),
    fc.constantFrom('', '$', '\\b'),
  )
  .map(([start, middle, end]) => start + middle.join('') + end);
const texts = fc
  .array(fc.constantFrom(...Array.from('ab é😀.A1_- \n\r\u000b\u00a0\u2028')), { maxLength: 6 })
  .map((chars) => chars.join(''));

test('generated patterns of the subset match the same texts as the engine', async () => {
  const tried = fc
    .sample(patterns, { seed: 3, numRuns: 400 })
    .filter((one) => refusePattern(one) === undefined);
  const samples = fc.sample(texts, { seed: 4, numRuns: 60 });
  assert.ok(tried.length > 250, `${tried.length} patterns were accepted`);
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect();
  const rows = samples.map((text, i) => `(${i}, ${quoteLiteral(text)})`).join(', ');
  const tests = tried.map((pattern) => `regexp_matches(s, ${quoteLiteral(pattern)})`).join(', ');
  const reader = await connection.runAndReadAll(
    `SELECT ${tests} FROM (VALUES ${rows}) AS t(i, s) ORDER BY i`,
  );
  connection.closeSync();
  const columns = reader.getColumns();
  tried.forEach((pattern, p) => {
    const regex = compilePattern(pattern);
    const actual = samples.map((text) => regex.test(text));
    assert.deepEqual(columns[p], actual, pattern);
  });
});
