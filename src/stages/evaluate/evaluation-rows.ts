import { SluiceError } from '../../base/errors.ts';
import type { StepContext } from '../../ledger/step-context.ts';
import { quoteIdentifier, quoteLiteral } from '../../expression/sql-text.ts';
import type { Column, ColumnTable } from '../../ports/engine.ts';
import type { EvaluateSpec } from '../../records/evaluate-spec.ts';
import type { TrainingSet } from '../../records/training-set.ts';

/** The evaluation block as columns. */
export interface EvaluationRows {
  /** Every column of the table; models pick their features by name. */
  readonly table: ColumnTable;
  readonly labels: Float64Array;
  /** Resampling block of each row, from 0. */
  readonly blocks: Int32Array;
  readonly blockCount: number;
  readonly path: string;
}

const blockUs: Readonly<Record<EvaluateSpec['block'], number>> = {
  hour: 3_600_000_000,
  day: 86_400_000_000,
  week: 604_800_000_000,
};

/** 1970-01-05, a Monday: weeks start there. */
const weekOriginUs = 4 * 86_400_000_000;

/**
 * Reads the evaluation part of a training set.
 *
 * @throws EVALUATE_NO_ROWS when the block is empty, EVALUATE_COLUMN when the training set was built without one that the spec needs
 */
export async function readEvaluationRows(
  context: StepContext,
  trainingSet: TrainingSet,
  spec: EvaluateSpec,
): Promise<EvaluationRows> {
  const { table } = trainingSet.evaluation;
  if (table.rows === 0)
    throw new SluiceError('EVALUATE_NO_ROWS', {
      reason: 'the evaluation block of the training set is empty',
    });
  const path = await context.blob.path(table.digest);
  const names = [
    'label',
    '_event_us',
    ...trainingSet.features.map((feature) => feature.name),
    ...spec.slices.map((slice) => `_slice_${slice.name}`),
  ];
  const source = `read_parquet(${quoteLiteral(path)})`;
  const known = (await context.engine.describe(`SELECT * FROM ${source}`)).map((column) => column.name);
  const missing = names.find((name) => !known.includes(name));
  if (missing !== undefined) throw noSuchColumn(missing, known);
  const read = await context.engine.columns(`SELECT ${names.map(quoteIdentifier).join(', ')} FROM ${source}`);
  const events = numbersOf(read, '_event_us');
  const origin = spec.block === 'week' ? weekOriginUs : 0;
  const codes = events.map((us) => Math.floor((us - origin) / blockUs[spec.block]));
  const first = codes.reduce((least, code) => Math.min(least, code), Infinity);
  const blocks = Int32Array.from(codes, (code) => code - first);
  return { table: read, labels: numbersOf(read, 'label'), blocks, blockCount: new Set(blocks).size, path };
}

/** Yields a numeric column's values. */
export function numbersOf(table: ColumnTable, name: string): Float64Array {
  const column = columnOf(table, name);
  if (column.type !== 'string') return column.values;
  throw new SluiceError('EVALUATE_COLUMN', { column: name, found: 'text', wanted: 'numbers' });
}

/** Yields a column. @throws EVALUATE_COLUMN when the table lacks it */
export function columnOf(table: ColumnTable, name: string): Column {
  const column = table.columns.get(name);
  if (column !== undefined) return column;
  throw noSuchColumn(name, [...table.columns.keys()]);
}

function noSuchColumn(column: string, known: readonly string[]): SluiceError {
  return new SluiceError('EVALUATE_COLUMN', {
    column,
    found: 'no such column',
    wanted: `one of ${known.join(', ')}`,
  });
}
