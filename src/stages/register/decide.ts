import { shortDigest, type Digest } from '../../base/digest.ts';
import type { Decision } from '../../records/decision.ts';
import type { Evaluation } from '../../records/evaluation.ts';
import type { VersionDraft } from '../../records/version.ts';

interface Evaluated {
  readonly digest: Digest;
  readonly content: Evaluation;
}

/** What a decision rests on. */
export interface DecideInput {
  /** The loop's name. */
  readonly name: string;
  readonly evaluation: Evaluated;
  /** The evaluation, on the same rows, of the candidate that this model would replace; null when there is none. */
  readonly rival: Evaluated | null;
}

/**
 * Yields the decision about an evaluated model. A model that passed every gate, one of them against the champion, becomes
 * `candidate`; when there was no champion, it becomes the first `champion` (bootstrap), provided at least one absolute gate judged it.
 * A candidate is never replaced by one that does worse on the same rows. Anything else is a refusal with every reason: a
 * record, not an error.
 */
export function decide({ name, evaluation, rival }: DecideInput): VersionDraft<'decision'> {
  const { content } = evaluation;
  const rule = content.champion === null ? 'bootstrap' : 'gate';
  const reasons = [...refusalReasons(content, rule), ...rivalReasons(content, rival)];
  const accepted = rule === 'bootstrap' ? 'champion' : 'candidate';
  const decision: Decision = {
    schemaVersion: 1,
    name,
    model: content.model,
    evidence: evaluation.digest,
    outcome: reasons.length === 0 ? accepted : 'refused',
    rule,
    reasons: reasons.length === 0 ? content.gates.map((gate) => gate.explanation) : reasons,
  };
  const parents = [
    { digest: content.model, role: 'model' },
    { digest: evaluation.digest, role: 'evidence' },
    ...(rival === null ? [] : [{ digest: rival.digest, role: 'rival' }]),
  ];
  return { kind: 'decision', content: decision, parents, blobs: [] };
}

/** Metrics that two candidates are compared by: the first that both have; less is better. */
const rivalMetrics = ['logLoss', 'rootMeanSquaredError'];

function rivalReasons(evaluation: Evaluation, rival: Evaluated | null): readonly string[] {
  for (const metric of rivalMetrics) {
    const own = evaluation.metrics[metric]?.value ?? null;
    const other = rival?.content.metrics[metric]?.value ?? null;
    if (own === null || other === null || rival === null) continue;
    if (own <= other) return [];
    const figures = `${metric} ${Number(other.toPrecision(4))} against ${Number(own.toPrecision(4))}`;
    return [`The candidate ${shortDigest(rival.content.model)} does better on the same rows: ${figures}.`];
  }
  return [];
}

function refusalReasons(evaluation: Evaluation, rule: Decision['rule']): readonly string[] {
  const doubts = evaluation.gates.filter((gate) => gate.verdict !== 'pass').map((gate) => gate.explanation);
  const { kind, reason } = needed[rule];
  return evaluation.gates.some((gate) => gate.gate.startsWith(kind)) ? doubts : [...doubts, reason];
}

/** What must have judged a model under each rule: without it nothing was shown. */
const needed = {
  bootstrap: {
    kind: 'absolute',
    reason: 'The first model needs at least one absolute gate, and the loop declares none.',
  },
  gate: {
    kind: 'nonInferior',
    reason: 'A model beside a champion needs at least one nonInferior gate, and the loop declares none.',
  },
} as const;
