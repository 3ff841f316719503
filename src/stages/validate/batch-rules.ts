import type { RuleResult } from '../../records/validation.ts';
import type { BatchRule } from './compiled-contract.ts';

/** What rules over the batch judge. */
export interface BatchFacts {
  readonly rows: number;
  /** Newest event time of the rows that passed, UTC microseconds; null when none passed. */
  readonly newestUs: number | null;
  /** When the batch says it was made. */
  readonly declaredAtUs: number | null;
}

/** A batch rule's result, and in words what is wrong. */
export interface BatchFinding {
  readonly result: RuleResult;
  readonly reason: string | null;
  /** True when the rule cannot be judged: nothing is known of the arrival. */
  readonly isUnknown: boolean;
}

/** Judges one rule over the batch. A batch without good rows is never fresh. */
export function judgeBatch(rule: BatchRule, facts: BatchFacts): BatchFinding {
  const { id, kind, severity } = rule;
  const finding = (
    observed: number | null,
    reason: string | null,
    isUnknown: boolean = false,
  ): BatchFinding => ({
    result: { id, kind, severity, failures: reason !== null && !isUnknown ? 1 : 0, observed },
    reason,
    isUnknown,
  });
  if (rule.kind === 'rowCount') {
    const { min, max } = rule;
    const isBroken = (min !== null && facts.rows < min) || (max !== null && facts.rows > max);
    const allowed = `${min ?? 0} to ${max ?? 'any number'}`;
    return finding(facts.rows, isBroken ? `${id}: ${facts.rows} rows; allowed are ${allowed}` : null);
  }
  if (facts.newestUs === null) return finding(null, `${id}: no good row has an event time`);
  if (facts.declaredAtUs === null) {
    return finding(null, `${id}: cannot be judged, no time of arrival was declared`, true);
  }
  const ageSeconds = (facts.declaredAtUs - facts.newestUs) / 1e6;
  const isStale = ageSeconds > rule.maxAgeSeconds;
  const reason = `${id}: the newest row is ${ageSeconds} s old at arrival; allowed are ${rule.maxAgeSeconds} s`;
  return finding(ageSeconds, isStale ? reason : null);
}
