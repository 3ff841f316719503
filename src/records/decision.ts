import { z } from 'zod';
import type { Digest } from '../base/digest.ts';
import { digestSchema } from './json-value.ts';

/**
 * What `register` decided about a model: an alias moved, or a refusal with reasons. `evidence` names the evaluation it
 * rests on; there is no decision without evidence.
 */
export interface Decision {
  readonly schemaVersion: 1;
  /** The loop's name. */
  readonly name: string;
  readonly model: Digest;
  readonly evidence: Digest;
  readonly outcome: 'champion' | 'candidate' | 'refused';
  /** `bootstrap`: the first model, by absolute gates. `gate`: beat or matched the champion. */
  readonly rule: 'bootstrap' | 'gate';
  readonly reasons: readonly string[];
}

export const decisionSchema: z.ZodType<Decision> = z.strictObject({
  schemaVersion: z.literal(1),
  name: z.string(),
  model: digestSchema,
  evidence: digestSchema,
  outcome: z.enum(['champion', 'candidate', 'refused']),
  rule: z.enum(['bootstrap', 'gate']),
  reasons: z.array(z.string()),
});
