import { nonInferiority } from '../../math/decision/non-inferiority.ts';
import type { Estimate } from '../../math/outcome.ts';
import type { EvaluateSpec, GateSpec } from '../../records/evaluate-spec.ts';
import type { GateResult, MetricResult } from '../../records/evaluation.ts';
import type { Verdict } from '../../records/verdict.ts';

/** What the gates judge. */
export interface GateEvidence {
  readonly metrics: Readonly<Record<string, MetricResult>>;
  /** Differences (this model - champion) by loss; null when there is no champion. */
  readonly paired: Readonly<Record<string, MetricResult>> | null;
  /** Score per must-pass item, by its name. */
  readonly itemScores: Readonly<Record<string, number>>;
  /** Blocks behind the intervals. */
  readonly blocks: number;
}

/** Yields what each declared gate found, in order. */
export function judgeGates(spec: EvaluateSpec, evidence: GateEvidence): readonly GateResult[] {
  return spec.gates.map((gate) => judge(gate, evidence));
}

function judge(gate: GateSpec, evidence: GateEvidence): GateResult {
  switch (gate.kind) {
    case 'absolute':
      return judgeAbsolute(gate, evidence.metrics[gate.metric]);
    case 'nonInferior':
      return judgePaired(gate, evidence);
    case 'mustPass':
      return judgeItem(gate, evidence.itemScores[gate.name]);
  }
}

type Gate<Kind extends GateSpec['kind']> = Extract<GateSpec, { kind: Kind }>;

/**
 * Judges a metric against a bound, by the interval: pass when the whole interval satisfies it, fail when none of it does,
 * else inconclusive. An undefined metric, or one without an interval, never passes.
 */
function judgeAbsolute(gate: Gate<'absolute'>, metric: MetricResult | undefined): GateResult {
  const name = `absolute ${gate.metric}`;
  const wanted = boundsText(gate);
  if (metric === undefined || metric.value === null) {
    const reason = metric?.reason ?? 'this task has no such metric';
    return result(
      { name, verdict: 'inconclusive', observed: null, bound: null },
      `${gate.metric} is undefined (${reason}); wanted ${wanted}.`,
    );
  }
  const { value, lower, upper } = metric;
  const bound = gate.atLeast ?? gate.atMost;
  if (lower === null || upper === null) {
    return result(
      { name, verdict: 'inconclusive', observed: value, bound },
      `${gate.metric} ${shown(value)} has no interval (${metric.reason ?? 'too few blocks'}); wanted ${wanted}.`,
    );
  }
  const isInside = (at: number): boolean =>
    at >= (gate.atLeast ?? -Infinity) && at <= (gate.atMost ?? Infinity);
  const misses = upper < (gate.atLeast ?? -Infinity) || lower > (gate.atMost ?? Infinity);
  const verdict = isInside(lower) && isInside(upper) ? 'pass' : misses ? 'fail' : 'inconclusive';
  const seen = `${gate.metric} ${shown(value)} [${shown(lower)}, ${shown(upper)}]`;
  return result({ name, verdict, observed: value, bound }, `${seen} ${words[verdict]} ${wanted}.`);
}

const words: Readonly<Record<Verdict, string>> = {
  pass: 'satisfies',
  fail: 'misses',
  inconclusive: 'neither surely satisfies nor surely misses',
};

function judgePaired(gate: Gate<'nonInferior'>, { paired, blocks }: GateEvidence): GateResult {
  const name = `nonInferior ${gate.metric}`;
  const found = paired?.[gate.metric];
  if (found === undefined) {
    const text =
      paired === null ? `No champion to compare ${gate.metric} with.` : `This task has no ${gate.metric}.`;
    return result(
      { name, verdict: paired === null ? 'pass' : 'inconclusive', observed: null, bound: gate.margin },
      text,
    );
  }
  const { verdict, explanation } = nonInferiority({
    difference: estimateOf(found),
    blocks,
    margin: gate.margin,
  });
  const judged = { pass: 'surely within', fail: 'surely beyond', inconclusive: 'not surely within' }[verdict];
  const text = `${gate.metric} against the champion, ${judged} the margin: ${explanation}.`;
  return result({ name, verdict, observed: found.value, bound: gate.margin }, text);
}

function estimateOf({ value, lower, upper, n, reason }: MetricResult): Estimate {
  if (value === null) return { undefined: reason ?? 'undefined', n };
  if (lower === null || upper === null)
    return { value, intervalUndefined: reason ?? 'no interval', n, undefinedReplicates: 0 };
  return { value, lower, upper, n, undefinedReplicates: 0 };
}

function judgeItem(gate: Gate<'mustPass'>, score: number | undefined): GateResult {
  const name = `mustPass ${gate.name}`;
  const bound = gate.atLeast ?? gate.atMost;
  if (score === undefined || Number.isNaN(score)) {
    return result({ name, verdict: 'fail', observed: null, bound }, `"${gate.name}" got no score.`);
  }
  const passes = score >= (gate.atLeast ?? -Infinity) && score <= (gate.atMost ?? Infinity);
  const text = `"${gate.name}" scores ${shown(score)}; wanted ${boundsText(gate)}.`;
  return result({ name, verdict: passes ? 'pass' : 'fail', observed: score, bound }, text);
}

function result(
  base: { name: string; verdict: Verdict; observed: number | null; bound: number | null },
  explanation: string,
): GateResult {
  return { gate: base.name, verdict: base.verdict, explanation, observed: base.observed, bound: base.bound };
}

function boundsText(gate: { readonly atLeast: number | null; readonly atMost: number | null }): string {
  const parts = [
    gate.atLeast === null ? '' : `>= ${gate.atLeast}`,
    gate.atMost === null ? '' : `<= ${gate.atMost}`,
  ];
  return parts.filter((part) => part !== '').join(' and ') || 'anything';
}

const shown = (value: number): string => String(Number(value.toPrecision(4)));
