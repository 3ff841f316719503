import type { Digest } from '../../base/digest.ts';
import type { StepContext } from '../../ledger/step-context.ts';
import { quoteLiteral } from '../../expression/sql-text.ts';

/** Stores the scores of the evaluation rows beside their identity, in row order. */
export async function storeScores(context: StepContext, path: string, scores: Float64Array): Promise<Digest> {
  const at = Float64Array.from(scores, (_, row) => row);
  const columns = new Map([
    ['at', { type: 'int64', values: at } as const],
    ['score', { type: 'double', values: scores } as const],
  ]);
  await context.engine.register('_scores', { rows: scores.length, columns });
  try {
    const target = await context.blob.scratchPath('.parquet');
    await context.engine.writeParquet(
      `SELECT _batch, _row, _event_us, label, score
        FROM read_parquet(${quoteLiteral(path)}, file_row_number = true) AS rows
        JOIN _scores ON _scores.at = rows.file_row_number ORDER BY rows.file_row_number`,
      target,
    );
    return (await context.blob.putFile(target, { move: true })).digest;
  } finally {
    await context.engine.run('DROP TABLE _scores');
  }
}
