import { SluiceError } from '../../base/errors.ts';
import { requireWhole } from '../check-values.ts';
import { decimalText, negated, shifted, subtract } from './decimal.ts';
import type { Decimal } from './decimal.ts';
import type { Quantity } from './find-quantities.ts';
import { numericPolicies } from './policies.ts';
import type { NumericPolicy, NumericPolicyName, NumericVerdict } from './policies.ts';
import type { NumberLocale } from './printed-number.ts';
import { selectAnswer } from './select-answer.ts';
import { relativeDistance, toleranceVerdict } from './tolerance.ts';
import { scalePowers, unitName, unitRelation } from './units.ts';

/** A gold answer, a prediction, and how to read and judge them. */
export interface NumericAnswer {
  /** Gold answer: exactly one number, as printed. */
  readonly gold: string;
  /** Predicted answer: free text; mark the answer ("answer: 5%") when other numbers stand beside it. */
  readonly predicted: string;
  /** The question: only what it says of percent and scale ("in millions") is used. */
  readonly question?: string;
  /** A shipped policy by name or an own one; default "finance". */
  readonly policy?: NumericPolicyName | NumericPolicy;
  /** How decimals are written; default "point". */
  readonly locale?: NumberLocale;
}

/** The verdict on one prediction. */
export interface NumericMatch {
  readonly verdict: NumericVerdict;
  /** Whether the policy lets this verdict pass. */
  readonly pass: boolean;
  /** Which clause decided, with the numbers it saw. */
  readonly explanation: string;
  /** Id of the policy. */
  readonly policy: string;
  /** The prediction was hedged ("about", "over"). */
  readonly approximate: boolean;
}

/**
 * Judges whether a predicted answer gives the number of the gold answer, and says by which clause.
 *
 * Both are read to exact decimals with unit, scale and printed precision; no binary float takes part. Units that only
 * one side states do not conflict, except percent. A question that says "in millions" gives bare numbers that scale.
 * The tolerance clauses are those of `toleranceVerdict`; years match only exactly; a gold that is no single number is
 * `gold_invalid` and belongs in no denominator.
 *
 * @param answer gold, prediction, question, policy, locale
 * @returns verdict, pass, explanation
 * @throws MATH_RANGE for an own policy whose tolerances are no plain decimals
 * @example
 * matchNumericAnswer({ gold: '-32%', predicted: '-32.82%' }).verdict; // 'truncates_to_gold'
 * @see The case table beside this file, with the origin of each case.
 */
export function matchNumericAnswer(answer: NumericAnswer): NumericMatch {
  const { gold, predicted, question = '', policy: chosen = 'finance', locale = 'point' } = answer;
  const policy = typeof chosen === 'string' ? numericPolicies[chosen] : checkedPolicy(chosen);
  const goldRead = readGold(gold, locale);
  if ('none' in goldRead) return judged('gold_invalid', policy, `gold "${shown(gold)}": ${goldRead.why}`);
  const wantsYear = goldRead.answer.unit.kind === 'year';
  const predictedRead = selectAnswer(predicted, { locale, wantsYear });
  if ('none' in predictedRead) return judged(predictedRead.none, policy, `prediction: ${predictedRead.why}`);
  const pair: Pair = {
    gold: goldRead.answer,
    predicted: predictedRead.answer,
    saysPercent: /%|\bper ?cent/i.test(question),
    scale: declaredScale(question),
    policy,
  };
  const { verdict, explanation } = compareAnswers(pair);
  return { ...judged(verdict, policy, explanation), approximate: predictedRead.answer.approximate };
}

/**
 * Judges one prediction under the strict, the finance and the lenient policy; the gap between them is a signal of
 * quality of its own.
 *
 * @param answer gold, prediction, question, locale
 * @returns one match per policy
 * @example
 * matchUnderPolicies({ gold: '-32%', predicted: '-32.82%' }).strict.pass; // false
 */
export function matchUnderPolicies(
  answer: Omit<NumericAnswer, 'policy'>,
): Readonly<Record<NumericPolicyName, NumericMatch>> {
  return {
    strict: matchNumericAnswer({ ...answer, policy: 'strict' }),
    finance: matchNumericAnswer({ ...answer, policy: 'finance' }),
    lenient: matchNumericAnswer({ ...answer, policy: 'lenient' }),
  };
}

function checkedPolicy(policy: NumericPolicy): NumericPolicy {
  for (const name of ['relative', 'absolute'] as const) {
    if (!/^\d{1,20}(?:\.\d{1,20})?$/.test(policy[name])) {
      throw new SluiceError('MATH_RANGE', {
        name,
        value: policy[name],
        allowed: 'a plain decimal such as "0.005"',
      });
    }
  }
  requireWhole('ulps', policy.ulps, 1);
  if (policy.maxDecimals !== undefined) requireWhole('maxDecimals', policy.maxDecimals, 0);
  return policy;
}

function readGold(gold: string, locale: NumberLocale): ReturnType<typeof selectAnswer> {
  return selectAnswer(gold, { locale, wantsYear: false });
}

interface Pair {
  readonly gold: Quantity;
  readonly predicted: Quantity;
  readonly saysPercent: boolean;
  /** Power of ten that the question declares for bare numbers; 0 without. */
  readonly scale: number;
  readonly policy: NumericPolicy;
}

interface Reasoned {
  readonly verdict: NumericVerdict;
  readonly explanation: string;
}

function compareAnswers(pair: Pair): Reasoned {
  const relation = unitRelation(pair.gold.unit, pair.predicted.unit);
  if (relation === 'conflict') {
    const units = `gold is ${unitName(pair.gold.unit)}, prediction is ${unitName(pair.predicted.unit)}`;
    return { verdict: 'unit_mismatch', explanation: units };
  }
  if (relation === 'percent_unstated') return comparePercent(pair);
  const gold = withDeclaredScale(pair.gold, pair);
  const predicted = withDeclaredScale(pair.predicted, pair);
  const clause = toleranceVerdict(gold, predicted.value, pair.policy);
  if (clause !== undefined) return { verdict: clause, explanation: explained(clause, gold, predicted.value) };
  if (toleranceVerdict(gold, negated(predicted.value), pair.policy) !== undefined) {
    return { verdict: 'sign_mismatch', explanation: `${seen(pair)} agree but for the sign` };
  }
  const matches = (reading: { gold: Quantity; predicted: Quantity }): boolean =>
    toleranceVerdict(reading.gold, reading.predicted.value, pair.policy) !== undefined;
  if (scaleReadings(pair).some(matches)) {
    return { verdict: 'scale_variant', explanation: `${seen(pair)} agree but for the scale` };
  }
  return { verdict: 'wrong', explanation: explained('wrong', gold, predicted.value) };
}

/** Percent on one side only: 0.12 and 12 are both known ways of writing 12 %, but neither is silently the same. */
function comparePercent(pair: Pair): Reasoned {
  const { gold, predicted, policy } = pair;
  const goldIsPercent = gold.unit.kind === 'percent';
  if (!goldIsPercent && !pair.saysPercent) {
    return { verdict: 'unit_mismatch', explanation: `${seen(pair)}: only the prediction says percent` };
  }
  const readings = [predicted.value, shifted(predicted.value, goldIsPercent ? -2 : 2)];
  const matches = (reading: Decimal): boolean => toleranceVerdict(gold, reading, policy) !== undefined;
  if (readings.some(matches)) {
    return { verdict: 'percent_fraction_variant', explanation: `${seen(pair)} agree when read as percent` };
  }
  if (readings.map(negated).some(matches)) {
    return { verdict: 'sign_mismatch', explanation: `${seen(pair)} agree as percent but for the sign` };
  }
  return { verdict: 'wrong', explanation: explained('wrong', gold, predicted.value) };
}

/** A bare number, amount or count takes the scale that the question declares. */
function withDeclaredScale(quantity: Quantity, { scale }: Pair): Quantity {
  const scalable =
    quantity.unit.kind === 'none' || quantity.unit.kind === 'currency' || quantity.unit.kind === 'count';
  if (scale === 0 || quantity.scale !== undefined || !scalable) return quantity;
  return { ...quantity, value: shifted(quantity.value, scale), place: quantity.place + scale, scale };
}

/**
 * Other readings of the scale, each backed by a scale that the prediction or the question states: the prediction's
 * scale left out against a bare gold; either side written out in full although the question asks for millions.
 */
function scaleReadings(pair: Pair): { gold: Quantity; predicted: Quantity }[] {
  const { gold, predicted, scale } = pair;
  const readings: { gold: Quantity; predicted: Quantity }[] = [];
  if (gold.scale === undefined && predicted.scale !== undefined) {
    readings.push({ gold, predicted: unscaled(predicted) });
  }
  if (scale !== 0) {
    if (predicted.scale === undefined) readings.push({ gold: withDeclaredScale(gold, pair), predicted });
    if (gold.scale === undefined) readings.push({ gold, predicted: withDeclaredScale(predicted, pair) });
  }
  return readings;
}

function unscaled(quantity: Quantity): Quantity {
  const scale = quantity.scale ?? 0;
  const { scale: _, ...rest } = quantity;
  return { ...rest, value: shifted(quantity.value, -scale), place: quantity.place - scale };
}

const scaleWords = Object.keys(scalePowers)
  .filter((word) => word.length > 2)
  .join('|');
const declared = new RegExp(
  `(?:\\bin|\\(|\\bUSD|[$€£¥₹])\\s*(?:of\\s+)?(?:US|USD|EUR|GBP|INR|JPY|[$€£¥₹])?\\$?\\s*(${scaleWords}|mm|mn|bn|tn)\\b`,
  'i',
);

function declaredScale(question: string): number {
  const word = declared.exec(question)?.[1];
  return word === undefined ? 0 : (scalePowers[word.toLowerCase()] ?? 0);
}

function seen({ gold, predicted }: Pair): string {
  return `gold "${shown(gold.text)}" and prediction "${shown(predicted.text)}"`;
}

function explained(verdict: NumericVerdict, gold: Quantity, predicted: Decimal): string {
  const percent = gold.unit.kind === 'percent';
  const text = (value: Decimal): string =>
    percent ? `${decimalText(shifted(value, 2))}%` : decimalText(value);
  const relative = relativeDistance(gold.value, predicted);
  const off = relative === undefined ? '' : ` (${Number((100 * relative).toPrecision(3))} % of gold)`;
  const distance = `${text(predicted)} is ${text(subtract(predicted, gold.value))} from gold ${text(gold.value)}${off}`;
  return `${phrases[verdict] ?? verdict}: ${distance}`;
}

const phrases: Partial<Record<NumericVerdict, string>> = {
  exact: 'same value',
  rounds_to_gold: "rounds to gold at gold's last place",
  truncates_to_gold: "cut at gold's last place it is gold",
  within_ulp: "within one unit of gold's last place",
  within_rel: 'within the relative tolerance',
  within_abs: 'within the absolute floor',
  wrong: 'no clause holds',
};

function judged(verdict: NumericVerdict, policy: NumericPolicy, explanation: string): NumericMatch {
  return {
    verdict,
    pass: policy.passes.includes(verdict),
    explanation,
    policy: policy.id,
    approximate: false,
  };
}

function shown(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
