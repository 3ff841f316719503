import { z } from 'zod';
import type { Json } from '../base/canonical-json.ts';
import { jsonObjectSchema, jsonSchema } from './json-value.ts';

/** `error` sends the row to quarantine (or fails the batch, for rules over the batch); `warn` only counts. */
export type Severity = 'error' | 'warn';

interface RuleBase {
  /** Unique within the contract; the reason that quarantine shows. */
  readonly id: string;
  readonly severity: Severity;
}

/** One rule. Row rules (`notNull` … `check`) judge rows, batch rules (`rowCount`, `freshness`) judge the batch. */
export type RuleSpec = RuleBase &
  (
    | { readonly kind: 'notNull'; readonly column: string }
    | {
        readonly kind: 'range';
        readonly column: string;
        readonly min: number | null;
        readonly max: number | null;
      }
    | {
        readonly kind: 'set';
        readonly column: string;
        readonly values: readonly (string | number | boolean)[];
      }
    | { readonly kind: 'regex'; readonly column: string; readonly pattern: string }
    /**
     * Keeps the first row (in row order) of each key that breaks no other rule, sends the others to quarantine. Empty
     * `columns` = the whole arrived row, in which NULL equals NULL; rows with a NULL in named columns pass.
     */
    | { readonly kind: 'unique'; readonly columns: readonly string[]; readonly within: 'batch' | 'dataset' }
    /** Boolean expression over arrived and derived columns; NULL counts as passed. */
    | { readonly kind: 'expression'; readonly expression: Json }
    /** A function of the user's schema (a zod refinement), run row by row on the rows that passed everything else. */
    | { readonly kind: 'check'; readonly name: string }
    | { readonly kind: 'rowCount'; readonly min: number | null; readonly max: number | null }
    /** The newest event time must be at most `maxAgeSeconds` older than the batch's declared arrival. */
    | { readonly kind: 'freshness'; readonly maxAgeSeconds: number }
  );

/** Stops a batch that is too bad to trust its remaining rows. */
export interface BreakerSpec {
  /** Share of rows in quarantine, in [0, 1], above which the whole batch fails. */
  readonly maxQuarantinedShare: number;
}

/** What a batch must be before anything downstream sees it. */
export interface ContractSpec {
  /** JSON Schema (draft 2020-12) of one arrived row, as the user's schema library gives it. */
  readonly rowSchema: Readonly<Record<string, Json>>;
  readonly rules: readonly RuleSpec[];
  readonly breaker: BreakerSpec;
}

const base = { id: z.string().min(1), severity: z.enum(['error', 'warn']) };
const bound = z.number().nullable();

export const ruleSpecSchema: z.ZodType<RuleSpec> = z.discriminatedUnion('kind', [
  z.strictObject({ ...base, kind: z.literal('notNull'), column: z.string() }),
  z.strictObject({ ...base, kind: z.literal('range'), column: z.string(), min: bound, max: bound }),
  z.strictObject({
    ...base,
    kind: z.literal('set'),
    column: z.string(),
    values: z.array(z.union([z.string(), z.number(), z.boolean()])).min(1),
  }),
  z.strictObject({ ...base, kind: z.literal('regex'), column: z.string(), pattern: z.string() }),
  z.strictObject({
    ...base,
    kind: z.literal('unique'),
    columns: z.array(z.string()),
    within: z.enum(['batch', 'dataset']),
  }),
  z.strictObject({ ...base, kind: z.literal('expression'), expression: jsonSchema }),
  z.strictObject({ ...base, kind: z.literal('check'), name: z.string() }),
  z.strictObject({ ...base, kind: z.literal('rowCount'), min: bound, max: bound }),
  z.strictObject({ ...base, kind: z.literal('freshness'), maxAgeSeconds: z.number().positive() }),
]);

export const contractSpecSchema: z.ZodType<ContractSpec> = z.strictObject({
  rowSchema: jsonObjectSchema,
  rules: z.array(ruleSpecSchema),
  breaker: z.strictObject({ maxQuarantinedShare: z.number().min(0).max(1) }),
});
