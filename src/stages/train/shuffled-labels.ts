import type { StepContext } from '../../ledger/step-context.ts';
import { quoteLiteral } from '../../expression/sql-text.ts';

/**
 * Writes a copy of a training part with the labels dealt out at random, the rest of each row untouched: the control
 * that shows whether gates refuse a model that cannot have learnt anything. Yields `target`.
 */
export async function shuffleLabels(
  context: StepContext,
  paths: { readonly source: string; readonly target: string },
  seed: number,
): Promise<string> {
  const rows = `SELECT *, file_row_number AS _at FROM read_parquet(${quoteLiteral(paths.source)}, file_row_number = true)`;
  await context.engine.writeParquet(
    `WITH recorded AS (${rows}),
      dealt AS (SELECT label, row_number() OVER (ORDER BY md5('${seed}:' || _at), _at) - 1 AS _at FROM recorded)
      SELECT recorded.* EXCLUDE (label, _at, file_row_number), dealt.label
      FROM recorded JOIN dealt USING (_at) ORDER BY recorded._at`,
    paths.target,
  );
  return paths.target;
}
