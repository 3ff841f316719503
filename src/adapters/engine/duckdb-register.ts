import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBDataChunk,
  TIMESTAMP,
  VARCHAR,
  type DuckDBAppender,
  type DuckDBType,
  type DuckDBVector,
} from '@duckdb/node-api';
import type { Column, ColumnTable, ColumnType } from '../../ports/engine.ts';
import { memoryOf, wordsOf } from './duckdb-vectors.ts';

const chunkRows = 2048;
const twoTo32 = 4_294_967_296;

const appendTypes: Readonly<Record<ColumnType, DuckDBType>> = {
  boolean: BOOLEAN,
  int64: BIGINT,
  double: DOUBLE,
  string: VARCHAR,
  timestamp: TIMESTAMP,
};

/** Appends all rows of a table, 2,048 at a time; the appender's columns have the table's order and types. */
export function appendTable(appender: DuckDBAppender, table: ColumnTable): void {
  const columns = [...table.columns.values()];
  const types = columns.map(({ type }) => appendTypes[type]);
  for (let start = 0; start < table.rows; start += chunkRows) {
    const count = Math.min(chunkRows, table.rows - start);
    const chunk = DuckDBDataChunk.create(types, count);
    for (const [index, column] of columns.entries()) {
      const vector = chunk.getColumnVector(index);
      fill(vector, column, start);
      vector.flush();
    }
    appender.appendDataChunk(chunk);
  }
  appender.flushSync();
}

function fill(vector: DuckDBVector, column: Column, start: number): void {
  const count = vector.itemCount;
  if (column.type === 'string') {
    for (let row = 0; row < count; row++) {
      vector.setItem(row, column.dictionary[column.codes[start + row]!] ?? null);
    }
    return;
  }
  const values = column.values.subarray(start, start + count);
  if (column.type === 'double') {
    const { buffer, byteOffset } = memoryOf(vector);
    new Float64Array(buffer, byteOffset, count).set(values);
  } else if (column.type === 'boolean') {
    for (let row = 0; row < count; row++) vector.setItem(row, values[row] === 1);
  } else {
    fillInt64(wordsOf(vector), values);
  }
  for (let row = 0; row < count; row++) {
    // NaN is a number of type double only; elsewhere it can but mean NULL.
    const isNull =
      column.valid?.[start + row] === 0 || (column.type !== 'double' && Number.isNaN(values[row]!));
    if (isNull) vector.setItem(row, null);
  }
}

function fillInt64(words: Int32Array, values: Float64Array): void {
  for (let row = 0; row < values.length; row++) {
    const high = Math.floor(values[row]! / twoTo32);
    words[2 * row] = values[row]! - high * twoTo32;
    words[2 * row + 1] = high;
  }
}
