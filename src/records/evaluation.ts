import { z } from 'zod';
import type { Digest } from '../base/digest.ts';
import { digestSchema } from './json-value.ts';
import { verdictSchema, type Verdict } from './verdict.ts';

/** A measured metric. `value` null means undefined, with the reason; an interval that could not be formed is null with its reason. */
export interface MetricResult {
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly n: number;
  readonly reason: string | null;
}

/** Metrics of one group of rows. */
export interface SliceResult {
  readonly slice: string;
  readonly group: string;
  readonly rows: number;
  readonly metrics: Readonly<Record<string, MetricResult>>;
}

/** What one gate found. */
export interface GateResult {
  readonly gate: string;
  readonly verdict: Verdict;
  /** What was seen and what was allowed, in words. */
  readonly explanation: string;
  readonly observed: number | null;
  readonly bound: number | null;
}

/** One bin of the reliability diagram. */
export interface CalibrationBin {
  readonly rows: number;
  readonly meanScore: number;
  readonly observedRate: number;
  readonly lower: number;
  readonly upper: number;
}

/** A model judged on rows that neither it nor the champion was trained on. */
export interface Evaluation {
  readonly schemaVersion: 1;
  readonly model: Digest;
  readonly trainingSet: Digest;
  /** The champion it was compared with; null when there was none. */
  readonly champion: Digest | null;
  readonly rows: number;
  readonly blocks: number;
  readonly block: string;
  readonly alpha: number;
  readonly threshold: number;
  readonly metrics: Readonly<Record<string, MetricResult>>;
  /** The same metrics for a model that always answers the training rows' rate (or mean). */
  readonly baseline: Readonly<Record<string, MetricResult>>;
  readonly championMetrics: Readonly<Record<string, MetricResult>> | null;
  /** Mean paired difference (this model - champion) per block loss, with interval. */
  readonly paired: Readonly<Record<string, MetricResult>> | null;
  readonly calibration: readonly CalibrationBin[];
  readonly slices: readonly SliceResult[];
  readonly gates: readonly GateResult[];
  readonly verdict: Verdict;
  /** Scores per row (`_batch`, `_row`, `_event_us`, label, score), for lineage and later questions. */
  readonly scores: Digest;
  /** How many models were already scored on these evaluation rows, this one included. */
  readonly attempt: number;
}

const nullableNumber = z.number().nullable();

export const metricResultSchema: z.ZodType<MetricResult> = z.strictObject({
  value: nullableNumber,
  lower: nullableNumber,
  upper: nullableNumber,
  n: z.int().nonnegative(),
  reason: z.string().nullable(),
});

const metrics = z.record(z.string(), metricResultSchema);

export const evaluationSchema: z.ZodType<Evaluation> = z.strictObject({
  schemaVersion: z.literal(1),
  model: digestSchema,
  trainingSet: digestSchema,
  champion: digestSchema.nullable(),
  rows: z.int().nonnegative(),
  blocks: z.int().nonnegative(),
  block: z.string(),
  alpha: z.number(),
  threshold: z.number(),
  metrics,
  baseline: metrics,
  championMetrics: metrics.nullable(),
  paired: metrics.nullable(),
  calibration: z.array(
    z.strictObject({
      rows: z.int(),
      meanScore: z.number(),
      observedRate: z.number(),
      lower: z.number(),
      upper: z.number(),
    }),
  ),
  slices: z.array(z.strictObject({ slice: z.string(), group: z.string(), rows: z.int(), metrics })),
  gates: z.array(
    z.strictObject({
      gate: z.string(),
      verdict: verdictSchema,
      explanation: z.string(),
      observed: nullableNumber,
      bound: nullableNumber,
    }),
  ),
  verdict: verdictSchema,
  scores: digestSchema,
  attempt: z.int().positive(),
});
