import type { Digest } from '../base/digest.ts';
import { SluiceError } from '../base/errors.ts';
import { quoteIdentifier, quoteLiteral } from '../expression/sql-text.ts';
import type { Engine } from '../ports/engine.ts';
import type { Version } from '../records/version.ts';
import { compileFeatures } from '../stages/featurize/compile.ts';
import { refuseLostFeatures } from '../stages/featurize/feature-meanings.ts';
import { explainRow, type ExplainedRow } from '../stages/featurize/explain-row.ts';
import { lookupDigests } from '../stages/ingest/lookups.ts';
import { openRaw } from '../stages/ingest/raw-table.ts';
import type { CompiledLoop } from './compiled-loop.ts';
import type { Surroundings } from './step-plan.ts';

/** One scored row and everything it rests on, down to the raw row as it arrived. */
export interface TracedRow {
  readonly evaluation: Digest;
  readonly model: Digest;
  readonly trainingSet: Digest;
  readonly dataset: Digest;
  readonly batch: Version<'batch'>;
  readonly row: number;
  readonly score: number;
  readonly label: number;
  readonly explained: ExplainedRow;
  /** The row as the raw zone holds it, each value as text. */
  readonly raw: Readonly<Record<string, string | null>>;
}

/** Which row to trace. */
export interface TraceRequest {
  readonly loop: CompiledLoop;
  readonly surroundings: Surroundings;
  readonly evaluation: Version<'evaluation'>;
  /** Batch (raw digest) and row; the row with the highest score when absent. */
  readonly at?: { readonly batch: Digest; readonly row: number };
}

/**
 * Traces one evaluation row back: score and label, features recomputed with the facts of each window, dataset, batch and
 * the raw row itself.
 *
 * @throws PREDICT_FEATURES when the definition makes other features by now, PIPELINE_ROW_MISSING when the evaluation has no such row
 */
export async function traceRow({ loop, surroundings, evaluation, at }: TraceRequest): Promise<TracedRow> {
  const { ledger, blob } = surroundings;
  const engine = await surroundings.engine();
  const scored = await scoredRow(engine, await blob.path(evaluation.content.scores), at);
  const trainingSet = await ledger.versions.get(evaluation.content.trainingSet, 'trainingSet');
  const dataset = await ledger.versions.get(trainingSet.content.dataset, 'dataset');
  const { source, features, label, evaluate } = loop.spec;
  const compiled = compileFeatures({ source, features, label, slices: evaluate.slices });
  refuseLostFeatures(trainingSet.content, compiled.meanings);
  const signal = new AbortController().signal;
  const explained = await explainRow(
    { blob, engine, signal },
    { dataset, compiled, batch: scored.batch, row: scored.row, limit: 3 },
  );
  const batch = await batchOf(surroundings, { dataset: dataset.digest, raw: scored.batch });
  const lookups = await lookupDigests({ blob, projectDirectory: surroundings.projectDirectory }, source);
  const raw = await openRaw({ blob, engine }, { source, batch: batch.content, lookups });
  const names = source.columns.map((column) => column.name);
  const [rawRow] =
    await engine.rows(`SELECT ${names.map((name) => `CAST(${quoteIdentifier(name)} AS VARCHAR) AS ${quoteIdentifier(name)}`).join(', ')}
      FROM (${raw.select(names)}) WHERE _row = ${scored.row}`);
  return {
    ...scored,
    evaluation: evaluation.digest,
    model: evaluation.content.model,
    trainingSet: trainingSet.digest,
    dataset: dataset.digest,
    batch,
    explained,
    raw: Object.fromEntries(names.map((name) => [name, textOf(rawRow?.[name])])),
  };
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

async function scoredRow(
  engine: Engine,
  path: string,
  at: TraceRequest['at'],
): Promise<{ batch: Digest; row: number; score: number; label: number }> {
  const where = at === undefined ? '' : `WHERE _batch = ${quoteLiteral(at.batch)} AND _row = ${at.row}`;
  const [found] = await engine.rows(
    `SELECT _batch, _row, score, label FROM read_parquet(${quoteLiteral(path)}) ${where} ORDER BY score DESC, _batch, _row LIMIT 1`,
  );
  if (found === undefined)
    throw new SluiceError('PIPELINE_ROW_MISSING', { batch: at?.batch ?? 'any', row: at?.row ?? 0 });
  return {
    batch: String(found['_batch']),
    row: Number(found['_row']),
    score: Number(found['score']),
    label: Number(found['label']),
  };
}

/** The batch version is an ancestor of the dataset: its identity is the raw digest. */
async function batchOf(
  { ledger }: Surroundings,
  of: { dataset: Digest; raw: Digest },
): Promise<Version<'batch'>> {
  const edges = await ledger.versions.ancestors(of.dataset);
  const digests = new Set(edges.filter((edge) => edge.parentKind === 'batch').map((edge) => edge.parent));
  for (const digest of digests) {
    const batch = await ledger.versions.get(digest, 'batch');
    if (batch.content.raw === of.raw) return batch;
  }
  throw new SluiceError('PIPELINE_ROW_MISSING', { batch: of.raw, row: 0 });
}
