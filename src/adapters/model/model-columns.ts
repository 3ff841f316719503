import { SluiceError } from '../../base/errors.ts';
import type { Column, ColumnTable } from '../../ports/engine.ts';
import type { Signature } from '../../ports/model.ts';
import type { FeatureColumn } from '../../ports/trainer.ts';
import type { FeedPlan } from './feed-plan.ts';
import type { ChunkColumn, ScoreRequest } from './model-messages.ts';

/** Rows per message: enough to hide the hop between processes, few enough for a time-out to mean something. */
export const chunkRows = 16_384;

/** A table whose columns fit a model, to be sent in chunks. */
export interface ModelColumns {
  /** Yields chunk `place` of the table that the process knows by number `table`; the first one brings the texts. */
  chunk(place: number, as: { readonly table: number; readonly first: boolean }): ScoreRequest;
}

/**
 * Yields the columns of a signature, checked: a numeric feature takes double, int64 and boolean (NaN is missing), a
 * categorical one takes string. Other columns of the table are left out.
 *
 * @throws MODEL_INPUT naming the column, and the row where a model's int64 input cannot take the value
 */
export function modelColumns(table: ColumnTable, signature: Signature, plan: FeedPlan): ModelColumns {
  const columns = signature.features.map((feature) => columnOf(table, feature));
  for (const input of plan.inputs) {
    if (input.type !== 'int64') continue;
    for (const place of input.features) checkIntegers(input.name, columns[place]);
  }
  const texts = columns.map((column) => (column.type === 'string' ? column.dictionary : []));
  const values = columns.map((column): ChunkColumn =>
    column.type === 'string' ? column.codes : column.values,
  );
  return {
    chunk(place, { table: number, first }) {
      const start = place * chunkRows;
      const end = Math.min(table.rows, start + chunkRows);
      const slices = values.map((column) => column.subarray(start, end));
      const request = { kind: 'score', rows: end - start, columns: slices, table: number } as const;
      return first ? { ...request, texts } : request;
    },
  };
}

function columnOf(table: ColumnTable, { name, kind }: FeatureColumn): Column {
  const column = table.columns.get(name);
  if (column === undefined) {
    const reason = `it is missing; there are ${[...table.columns.keys()].join(', ') || 'no columns'}`;
    throw new SluiceError('MODEL_INPUT', { column: name, reason });
  }
  const fits =
    kind === 'categorical' ? column.type === 'string' : !['string', 'timestamp'].includes(column.type);
  if (!fits) {
    const allowed = kind === 'categorical' ? 'string' : 'double, int64 or boolean';
    throw new SluiceError('MODEL_INPUT', {
      column: name,
      reason: `it is ${column.type}, ${allowed} is allowed`,
    });
  }
  const length = column.type === 'string' ? column.codes.length : column.values.length;
  if (length === table.rows) return column;
  throw new SluiceError('MODEL_INPUT', {
    column: name,
    reason: `it has ${length} values for ${table.rows} rows`,
  });
}

function checkIntegers(name: string, column: Column | undefined): void {
  if (column === undefined || column.type === 'string') return;
  const row = column.values.findIndex((value) => !Number.isSafeInteger(value));
  if (row < 0) return;
  const reason = `the model takes int64, which cannot hold ${column.values[row]} of row ${row} (counted from 0)`;
  throw new SluiceError('MODEL_INPUT', { column: name, reason });
}
