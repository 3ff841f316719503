import type { Digest } from '../base/digest.ts';

/** A change of an alias; the alias's present value is that of its newest event. */
export interface AliasEvent {
  readonly sequence: number;
  /** The loop's name. */
  readonly name: string;
  readonly alias: 'candidate' | 'champion';
  readonly model: Digest;
  readonly previous: Digest | null;
  /** The decision (or audited override) it rests on. */
  readonly evidence: Digest;
  readonly reason: string;
  readonly actor: string;
  readonly atUs: number;
}
