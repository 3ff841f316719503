import type { Digest } from '../../base/digest.ts';
import type { Decision } from '../../records/decision.ts';
import type { Evaluation } from '../../records/evaluation.ts';
import type { VersionDraft } from '../../records/version.ts';

/** What a decision rests on. */
export interface DecideInput {
  /** The loop's name. */
  readonly name: string;
  readonly evaluation: { readonly digest: Digest; readonly content: Evaluation };
}

/**
 * Yields the decision about an evaluated model. A model that passed every gate, one of them against the champion, becomes
 * `candidate`; when there was no champion, it becomes the first `champion` (bootstrap), provided at least one absolute gate judged it.
 * Anything else is a refusal with every reason: a record, not an error.
 */
export function decide({ name, evaluation }: DecideInput): VersionDraft<'decision'> {
  const { content } = evaluation;
  const rule = content.champion === null ? 'bootstrap' : 'gate';
  const reasons = refusalReasons(content, rule);
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
  ];
  return { kind: 'decision', content: decision, parents, blobs: [] };
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
