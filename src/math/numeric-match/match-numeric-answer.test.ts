import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isSluiceError } from '../../base/errors.ts';
import { compare, decimalOf, decimalText, multiply, negated, shifted, subtract } from './decimal.ts';
import { findQuantities } from './find-quantities.ts';
import { matchNumericAnswer, matchUnderPolicies } from './match-numeric-answer.ts';
import type { NumericAnswer } from './match-numeric-answer.ts';
import { numericPolicies } from './policies.ts';
import type { NumericVerdict } from './policies.ts';

interface Case extends NumericAnswer {
  readonly verdict: NumericVerdict;
  readonly pass: boolean;
  readonly origin: string;
}
const table = JSON.parse(
  readFileSync(new URL('numeric-match.cases.json', import.meta.url), 'utf8'),
) as unknown as { readonly cases: Case[] };

for (const { verdict, pass, origin, ...answer } of table.cases) {
  test(`"${answer.gold}" against "${answer.predicted.replaceAll('\n', ' ')}" is ${verdict} (${origin})`, () => {
    const match = matchNumericAnswer(answer);
    assert.deepEqual([match.verdict, match.pass], [verdict, pass], match.explanation);
    assert.notEqual(match.explanation, '');
  });
}

test('the case table has at least sixty cases, and every verdict appears in it', () => {
  assert.ok(table.cases.length >= 60);
  const verdicts = new Set(table.cases.map(({ verdict }) => verdict));
  assert.equal(verdicts.size, 14);
});

test('the explanation names the clause, the distance and the share of gold', () => {
  const { explanation, policy } = matchNumericAnswer({ gold: '-32%', predicted: '-32.82%' });
  assert.equal(
    explanation,
    "cut at gold's last place it is gold: -32.82% is -0.82% from gold -32% (2.56 % of gold)",
  );
  assert.equal(policy, 'finance@1');
});

test('a hedged prediction is flagged, not refused', () => {
  const match = matchNumericAnswer({ gold: '5%', predicted: 'approximately 5%' });
  assert.deepEqual([match.pass, match.approximate], [true, true]);
  assert.equal(matchNumericAnswer({ gold: '5%', predicted: '5%' }).approximate, false);
});

test('the three policies judge the reference case apart', () => {
  const { strict, finance, lenient } = matchUnderPolicies({ gold: '-32%', predicted: '-32.82%' });
  assert.deepEqual([strict.pass, finance.pass, lenient.pass], [false, true, true]);
  const variant = matchUnderPolicies({ gold: '12%', predicted: '12' });
  assert.deepEqual([variant.strict.pass, variant.finance.pass, variant.lenient.pass], [false, false, true]);
});

test('fake trailing zeros of a gold can be declared', () => {
  const policy = { ...numericPolicies.strict, id: 'whole dollars', maxDecimals: 0 };
  assert.equal(
    matchNumericAnswer({ gold: '$1577.00', predicted: '1577.4', policy }).verdict,
    'rounds_to_gold',
  );
  assert.equal(matchNumericAnswer({ gold: '$1577.10', predicted: '1577.4', policy }).pass, false);
});

test('an own policy with a tolerance that is no plain decimal is refused', () => {
  for (const wrong of [{ relative: '1e-3' }, { absolute: '-1' }, { ulps: 0.5 }, { maxDecimals: -1 }]) {
    const policy = { ...numericPolicies.finance, ...wrong };
    assert.throws(
      () => matchNumericAnswer({ gold: '1', predicted: '1', policy }),
      (error: unknown) => isSluiceError(error, 'MATH_RANGE'),
    );
  }
});

test('huge exponents and digit strings are no numbers, and take no time', () => {
  assert.equal(matchNumericAnswer({ gold: '1', predicted: '1e9999' }).verdict, 'no_number');
  assert.equal(matchNumericAnswer({ gold: '1', predicted: '9'.repeat(100_000) }).verdict, 'no_number');
});

test('long answers made to exhaust the reader are read in linear time', () => {
  const started = performance.now();
  for (const part of ['5 ', '5% ', '1,', '( ', '\\text{', 'answer: ', 'x 10 ^', '5(1.2bn ']) {
    matchNumericAnswer({ gold: '5%', predicted: part.repeat(20_000) });
  }
  // Quadratic reading took over 10 s; this takes about a second on a busy core.
  assert.ok(performance.now() - started < 8000);
});

const magnitude = fc.integer({ min: 1, max: 999_999 }).map((digits) => decimalOf((digits / 100).toFixed(2)));

test('the unit a prediction is written in does not change its verdict (1.2bn is 1,200m)', () => {
  fc.assert(
    fc.property(magnitude, magnitude, (gold, predicted) => {
      const verdicts = [
        `${decimalText(predicted)}bn`,
        `${decimalText(shifted(predicted, 3))} million`,
        `$${decimalText(shifted(predicted, 6))}k`,
        decimalText(shifted(predicted, 9)),
      ].map((text) => matchNumericAnswer({ gold: `${decimalText(gold)}bn`, predicted: text }).verdict);
      assert.equal(new Set(verdicts).size, 1, verdicts.join());
    }),
  );
});

test('turning both signs does not change the verdict', () => {
  fc.assert(
    fc.property(magnitude, magnitude, (gold, predicted) => {
      const [there, back] = [[gold, predicted] as const, [negated(gold), negated(predicted)] as const].map(
        (pair) =>
          matchNumericAnswer({ gold: `${decimalText(pair[0])}%`, predicted: `${decimalText(pair[1])}%` })
            .verdict,
      );
      assert.equal(there, back);
    }),
  );
});

test('what lies nearer to gold on the same side passes whenever what lies farther passes', () => {
  const steps = fc.integer({ min: -300, max: 300 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9999 }), steps, steps, (gold, one, other) => {
      const [near, far] = Math.abs(one) < Math.abs(other) ? [one, other] : [other, one];
      if (near * far < 0) return;
      const passes = (step: number): boolean =>
        matchNumericAnswer({ gold: `${gold}%`, predicted: `${decimalText(decimalAt(gold, step))}%` }).pass;
      assert.ok(!passes(far) || passes(near), `${gold}: ${near} fails where ${far} passes`);
    }),
    { numRuns: 500 },
  );
});

/** gold + step hundredths. */
function decimalAt(gold: number, step: number): ReturnType<typeof decimalOf> {
  return { coefficient: BigInt(gold) * 100n + BigInt(step), exponent: -2 };
}

test('what passes strict passes finance, and what passes finance passes lenient', () => {
  const texts = fc.constantFrom(
    '5%',
    '5.4%',
    '5.04',
    '0.05',
    '(5)',
    '$5m',
    '5,000,000',
    '12.34',
    '12.35',
    '-12.3',
    '0',
    '2019',
    'none',
  );
  fc.assert(
    fc.property(
      texts,
      texts,
      fc.constantFrom('', 'in millions', 'what percent'),
      (gold, predicted, question) => {
        const { strict, finance, lenient } = matchUnderPolicies({ gold, predicted, question });
        assert.ok(!strict.pass || finance.pass);
        assert.ok(!finance.pass || lenient.pass);
      },
    ),
  );
});

test('a gold matches itself exactly however it is written', () => {
  fc.assert(
    fc.property(magnitude, fc.constantFrom('', '%', ' bps', 'bn', ' million', 'x', ' days'), (gold, unit) => {
      const text = `${decimalText(gold)}${unit}`;
      assert.equal(matchNumericAnswer({ gold: text, predicted: text }).verdict, 'exact');
    }),
  );
});

test('decimal arithmetic is exact where binary floats are not', () => {
  const [a, b] = [decimalOf('0.1'), decimalOf('0.2')];
  assert.equal(compare(subtract(a, negated(b)), decimalOf('0.3')), 0);
  assert.equal(decimalText(multiply(a, b)), '0.02');
  assert.equal(decimalText(shifted(decimalOf('12.5'), 3)), '12500');
  assert.equal(decimalText(negated(decimalOf('.05'))), '-0.05');
});

test('ordinals, ratios, times and digits inside names are no numbers', () => {
  for (const text of [
    'the 3rd',
    '3:1',
    '10:30',
    'Q3',
    'COVID-19',
    '10-K',
    '12/31/2019',
    '2019-12-31',
    '#7',
    '5-year',
  ]) {
    assert.deepEqual(
      findQuantities(text).found.map((quantity) => quantity.text),
      [],
      text,
    );
  }
});

test('a quantity keeps what was printed: place, digits, unit and scale', () => {
  const [quantity] = findQuantities('about -$1.20bn in cash').found;
  assert.ok(quantity !== undefined);
  assert.equal(decimalText(quantity.value), '-1200000000');
  assert.deepEqual(
    [
      quantity.place,
      quantity.significantDigits,
      quantity.unit,
      quantity.scale,
      quantity.approximate,
      quantity.text,
    ],
    [7, 3, { kind: 'currency', of: 'dollar' }, 9, true, '-$1.20bn'],
  );
});
