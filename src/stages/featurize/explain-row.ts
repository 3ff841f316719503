import type { Digest } from '../../base/digest.ts';
import { SluiceError } from '../../base/errors.ts';
import { quoteLiteral } from '../../expression/sql-text.ts';
import type { StepContext } from '../../ledger/step-context.ts';
import type { Cell } from '../../ports/engine.ts';
import type { Dataset } from '../../records/dataset.ts';
import type { CompiledFeatures, CompiledView } from './compiled-features.ts';
import { featurizeTables, withFeatures } from './featurize-rows.ts';
import { dropRows } from './rows-table.ts';

/** Which row to explain. */
export interface ExplainRequest {
  readonly dataset: { readonly content: Dataset };
  readonly compiled: CompiledFeatures;
  readonly batch: Digest;
  readonly row: number;
  /** Greatest number of facts named per window; 20 unless told. */
  readonly limit?: number;
}

/** A fact that fell into a window. */
export interface WindowFact {
  readonly batch: Digest;
  readonly row: number;
  readonly knownUs: number;
}

/** The facts of one window (t - w, t]. */
export interface ExplainedWindow {
  readonly view: string;
  readonly window: string;
  /** All facts of the window. */
  readonly count: number;
  /** The latest of them, the latest first. */
  readonly facts: readonly WindowFact[];
}

/** What a row's features rest on. */
export interface ExplainedRow {
  readonly eventUs: number | null;
  readonly knownUs: number | null;
  readonly features: Readonly<Record<string, Cell>>;
  readonly windows: readonly ExplainedWindow[];
}

/**
 * Computes the features of one row of a dataset again and names the facts that fell into each of its windows: the last
 * step of lineage, from an evaluation row back to raw rows.
 *
 * @throws FEATURIZE_NO_SUCH_ROW
 */
export async function explainRow(
  ctx: Pick<StepContext, 'blob' | 'engine' | 'signal'>,
  request: ExplainRequest,
): Promise<ExplainedRow> {
  const { engine } = ctx;
  const { compiled, batch, row } = request;
  const where = `_batch = ${quoteLiteral(batch)} AND _row = ${row}`;
  const raw = request.dataset.content.batches.filter((one) => one.raw === batch && one.processed.rows > 0);
  if (raw.length === 0) throw new SluiceError('FEATURIZE_NO_SUCH_ROW', { batch, row });
  try {
    const own = { fromUs: Number.MIN_SAFE_INTEGER, untilUs: Number.MAX_SAFE_INTEGER };
    const found = await withFeatures(ctx, { ...request, rows: own, where }, (query) => engine.rows(query));
    if (found[0] === undefined) throw new SluiceError('FEATURIZE_NO_SUCH_ROW', { batch, row });
    const windows: ExplainedWindow[] = [];
    for (const view of compiled.views)
      for (const window of view.windows)
        windows.push(await explainWindow(ctx, { view, window, limit: request.limit ?? 20 }));
    return { ...splitRow(found[0], compiled), windows };
  } finally {
    await dropRows(engine, featurizeTables.facts);
    await dropRows(engine, featurizeTables.probes);
  }
}

function splitRow(
  found: Readonly<Record<string, Cell>>,
  { features }: CompiledFeatures,
): Omit<ExplainedRow, 'windows'> {
  const us = (cell: Cell | undefined): number | null => (typeof cell === 'number' ? cell : null);
  return {
    eventUs: us(found['_event_us']),
    knownUs: us(found['_known_us']),
    features: Object.fromEntries(features.map(({ name }) => [name, found[name] ?? null])),
  };
}

async function explainWindow(
  { engine }: Pick<StepContext, 'engine'>,
  of: {
    readonly view: CompiledView;
    readonly window: { readonly name: string; readonly us: number };
    readonly limit: number;
  },
): Promise<ExplainedWindow> {
  const { facts, probes } = featurizeTables;
  const entity = of.view.entity.map((column) => `f.c_${column} = p.c_${column}`).join(' AND ');
  const found = await engine.rows(
    `SELECT CAST(f._batch AS VARCHAR) AS batch, f._row AS row, f._known_us AS known, count(*) OVER () AS n` +
      ` FROM ${facts} f JOIN ${probes} p ON ${entity} AND f._known_us <= p._event_us` +
      ` AND f._known_us > p._event_us - ${of.window.us} ORDER BY f._known_us DESC, batch, row LIMIT ${of.limit}`,
  );
  return {
    view: of.view.name,
    window: of.window.name,
    count: Number(found[0]?.['n'] ?? 0),
    facts: found.map(({ batch, row, known }) => ({
      batch: String(batch),
      row: Number(row),
      knownUs: Number(known),
    })),
  };
}
