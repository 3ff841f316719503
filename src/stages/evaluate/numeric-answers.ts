import { matchUnderPolicies } from '../../math/numeric-match/match-numeric-answer.ts';
import {
  numericPolicies,
  type NumericPolicyName,
  type NumericVerdict,
} from '../../math/numeric-match/policies.ts';
import { wilsonInterval } from '../../math/distributions/wilson-interval.ts';
import type { MetricResult } from '../../records/evaluation.ts';

/** A gold answer and a prediction, as texts. */
export interface AnswerPair {
  readonly gold: string | null;
  readonly predicted: string | null;
  readonly question?: string | null;
}

/** Accuracy of numeric answers under every policy; the gap between them is a quality signal of its own. */
export interface NumericAnswers {
  readonly accuracy: Readonly<Record<NumericPolicyName, MetricResult>>;
  /** How often each verdict of the `finance` policy was given. */
  readonly verdicts: Readonly<Partial<Record<NumericVerdict, number>>>;
  /** Pairs without a usable gold answer: they are in no denominator. */
  readonly invalidGold: number;
  /** The first answers that the `finance` policy does not let pass, each with the clause that decided. */
  readonly misses: readonly {
    readonly row: number;
    readonly gold: string;
    readonly predicted: string;
    readonly verdict: NumericVerdict;
    readonly explanation: string;
  }[];
}

const shownMisses = 20;

/**
 * Judges numeric answers with tolerance tied to the precision that the gold answer prints. A prediction that is missing
 * or holds no number is wrong; a gold answer that holds none is reported apart.
 *
 * @param pairs gold and predicted texts, in row order
 * @returns accuracy in [0, 1] per policy with a 95 % Wilson interval, verdict counts, first misses
 * @example
 * evaluateNumericAnswers([{ gold: '-32%', predicted: '-32.82%' }]).accuracy.finance.value; // 1
 */
export function evaluateNumericAnswers(pairs: readonly AnswerPair[]): NumericAnswers {
  const names = Object.keys(numericPolicies) as NumericPolicyName[];
  const passes = new Map(names.map((name) => [name, 0]));
  const verdicts: Partial<Record<NumericVerdict, number>> = {};
  const misses: NumericAnswers['misses'][number][] = [];
  let invalidGold = 0;
  for (const [row, pair] of pairs.entries()) {
    const { gold, predicted } = { gold: pair.gold ?? '', predicted: pair.predicted ?? '' };
    const matched = matchUnderPolicies({ gold, predicted, question: pair.question ?? '' });
    const { verdict, pass, explanation } = matched.finance;
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    if (verdict === 'gold_invalid') {
      invalidGold++;
      continue;
    }
    for (const name of names) passes.set(name, (passes.get(name) ?? 0) + Number(matched[name].pass));
    if (!pass && misses.length < shownMisses) misses.push({ row, gold, predicted, verdict, explanation });
  }
  const judged = pairs.length - invalidGold;
  const accuracy = Object.fromEntries(names.map((name) => [name, rateOf(passes.get(name) ?? 0, judged)]));
  return { accuracy: accuracy as NumericAnswers['accuracy'], verdicts, invalidGold, misses };
}

function rateOf(passed: number, n: number): MetricResult {
  if (n === 0)
    return { value: null, lower: null, upper: null, n, reason: 'no pair has a usable gold answer' };
  const interval = wilsonInterval(passed, n);
  if ('undefined' in interval)
    return { value: passed / n, lower: null, upper: null, n, reason: interval.undefined };
  return { value: passed / n, lower: interval.lower, upper: interval.upper, n, reason: null };
}
