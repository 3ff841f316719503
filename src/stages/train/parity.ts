import type { StepContext } from '../../ledger/step-context.ts';
import { quoteIdentifier, quoteLiteral } from '../../expression/sql-text.ts';
import type { LoadedModel } from '../../ports/model.ts';

/** How far two scorers of the same rows are apart. */
export interface Parity {
  readonly rows: number;
  readonly maxDifference: number;
  /** The row (from 0) of the largest difference; -1 when there are no rows. */
  readonly row: number;
}

/**
 * Scores every row of a Parquet file with the loaded model, and compares with the trainer's own scores when it has a
 * scorer; yields null when it has none (the model has then still scored every row with finite numbers).
 */
export async function measureParity(request: {
  readonly context: StepContext;
  readonly model: LoadedModel;
  readonly path: string;
  readonly score: ((path: string) => Promise<Float64Array>) | null;
}): Promise<Parity | null> {
  const { context, model, path, score } = request;
  const columns = model.signature.features.map((feature) => quoteIdentifier(feature.name)).join(', ');
  const rows = await context.engine.columns(`SELECT ${columns} FROM read_parquet(${quoteLiteral(path)})`);
  const [exported, own] = await Promise.all([model.predict(rows), score === null ? null : score(path)]);
  return own === null ? null : compare(exported, own);
}

function compare(exported: Float64Array, own: Float64Array): Parity {
  let maxDifference = 0;
  let row = -1;
  for (let i = 0; i < Math.max(own.length, exported.length); i++) {
    const apart = Math.abs((own[i] ?? Number.NaN) - (exported[i] ?? Number.NaN));
    // A scorer that gives no number agrees with nothing.
    const difference = Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
    if (difference > maxDifference) {
      maxDifference = difference;
      row = i;
    }
  }
  return { rows: own.length, maxDifference, row };
}
