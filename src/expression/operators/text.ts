/** Text: lengths and positions count code points, case follows the simple (one to one) Unicode mappings. */
import { quoteLiteral } from '../sql-text.ts';
import type { OperatorParams, Value } from '../json.ts';
import { lowerText, upperText } from './letter-case.ts';
import { md5Bucket } from './md5.ts';
import { call, infix, operator, strict1, strict2, strictWith } from './operator.ts';
import type { Operator, SqlTemplate } from './operator.ts';
import { compilePattern, refusePattern } from './pattern.ts';

const space = ' \t\n\r\v\f';

function trimText(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && space.includes(text[from]!)) from++;
  while (to > from && space.includes(text[to - 1]!)) to--;
  return text.slice(from, to);
}

function codePointLength(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) count--;
  return count;
}

function substringOf({ start = 0, length }: OperatorParams): (text: string) => string {
  const end = length === undefined ? undefined : start + length;
  return (text) => {
    if (codePointLength(text) === text.length) return text.slice(start, end);
    return Array.from(text).slice(start, end).join('');
  };
}

function refuseSubstring({ start, length }: OperatorParams): string | undefined {
  const whole = (value: number | undefined) =>
    Number.isInteger(value) && value! >= 0 && value! <= 2 ** 31 - 2;
  if (!whole(start)) return 'start must be a whole number from 0, the index of a code point';
  return length === undefined || whole(length) ? undefined : 'length must be a whole number from 0';
}

function substringSql([text]: readonly string[], { start = 0, length }: OperatorParams): string {
  return `substring(${text}, ${start + 1}${length === undefined ? '' : `, ${length}`})`;
}

const maxBuckets = 2 ** 20;

function refuseBuckets({ buckets }: OperatorParams): string | undefined {
  const fine = Number.isInteger(buckets) && buckets! >= 1 && buckets! <= maxBuckets;
  return fine ? undefined : `buckets must be a whole number from 1 to ${maxBuckets}`;
}

function textTest(name: string, sql: string, kernel: (text: string, part: string) => boolean): Operator {
  return operator(name, [
    { takes: ['string', 'string'], gives: 'boolean', sql: call(sql), compile: strict2(kernel) },
  ]);
}

function textMap(name: string, sql: SqlTemplate, kernel: (text: string) => Value): Operator {
  return operator(name, [{ takes: ['string'], gives: 'string', sql, compile: strict1(kernel) }]);
}

/** Operators on strings. */
export const text: readonly Operator[] = [
  operator('length', [
    { takes: ['string'], gives: 'int64', sql: call('length'), compile: strict1(codePointLength) },
  ]),
  textMap('lower', call('lower'), lowerText),
  textMap('upper', call('upper'), upperText),
  textMap('trim', ([x]) => `trim(${x}, ${quoteLiteral(space)})`, trimText),
  operator('concat', [
    {
      takes: ['string', 'string'],
      gives: 'string',
      sql: infix('||'),
      compile: strict2((a: string, b: string) => a + b),
    },
  ]),
  textTest('startsWith', 'starts_with', (text, part) => text.startsWith(part)),
  textTest('endsWith', 'ends_with', (text, part) => text.endsWith(part)),
  textTest('contains', 'contains', (text, part) => text.includes(part)),
  operator(
    'matches',
    [
      {
        takes: ['string'],
        gives: 'boolean',
        sql: ([x], { pattern = '' }) => `regexp_matches(${x}, ${quoteLiteral(pattern)})`,
        compile: strictWith(({ pattern = '' }) => {
          const compiled = compilePattern(pattern);
          return (text: string) => compiled.test(text);
        }),
      },
    ],
    { refuse: ({ pattern }) => refusePattern(pattern) },
  ),
  operator(
    'substring',
    [{ takes: ['string'], gives: 'string', sql: substringSql, compile: strictWith(substringOf) }],
    { refuse: refuseSubstring },
  ),
  operator(
    'hashBucket',
    [
      {
        takes: ['string'],
        gives: 'int64',
        sql: ([x], { buckets }) => `(('0x' || substring(md5(${x}), 1, 15))::BIGINT % ${buckets})`,
        compile: strictWith(
          ({ buckets = 1 }) =>
            (text: string) =>
              md5Bucket(text, buckets),
        ),
      },
    ],
    { refuse: refuseBuckets },
  ),
];
