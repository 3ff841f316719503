import type { DuckDBMaterializedResult, DuckDBType, DuckDBVector } from '@duckdb/node-api';
import type { Cell } from '../../ports/engine.ts';
import type { Refusal } from './duckdb-columns.ts';
import { numberReader } from './duckdb-numbers.ts';
import { columnTypeOfId } from './duckdb-types.ts';

/** Reads a small answer as row objects. */
export async function readRows(
  result: DuckDBMaterializedResult,
  refuse: Refusal,
): Promise<readonly Readonly<Record<string, Cell>>[]> {
  const names = result.columnNames();
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw refuse(twice, 'two columns have this name');
  const types = result.columnTypes();
  const rows: Record<string, Cell>[] = [];
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return rows;
    const cells = names.map((name, index) => {
      const type = types[index];
      const vector = chunk.getColumnVector(index);
      if (type === undefined || columnTypeOfId(type.typeId) === null) {
        throw refuse(name, `no cell can hold ${vector.type.toString()}; cast it in the query`);
      }
      return cellsOf(vector, type);
    });
    for (let row = 0; row < chunk.rowCount; row++) {
      rows.push(Object.fromEntries(names.map((name, index) => [name, cells[index]?.[row] ?? null])));
    }
  }
}

function cellsOf(vector: DuckDBVector, type: DuckDBType): readonly Cell[] {
  const read = numberReader(type);
  const values = new Float64Array(vector.itemCount);
  read?.(vector, values, 0);
  return Array.from(values, (value, row) => {
    const item: unknown = vector.getItem(row);
    if (item === null) return null;
    if (typeof item === 'bigint') return isSafe(item) ? Number(item) : item;
    if (typeof item === 'string' || typeof item === 'boolean' || typeof item === 'number') return item;
    return value;
  });
}

function isSafe(value: bigint): boolean {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);
}
