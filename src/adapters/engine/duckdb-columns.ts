import { DuckDBEnumType, type DuckDBResult, type DuckDBType, type DuckDBVector } from '@duckdb/node-api';
import type { Column, ColumnTable, ColumnType } from '../../ports/engine.ts';
import { numberReader, type NumberReader } from './duckdb-numbers.ts';
import { StringCodes } from './duckdb-strings.ts';
import { columnTypeOfId } from './duckdb-types.ts';
import { memoryOf, validityBits } from './duckdb-vectors.ts';

/** Rows kept in one piece while the length of the answer is not known yet. */
const pieceRows = 131_072;

/** Says why a column cannot cross the boundary. */
export type Refusal = (column: string, reason: string) => Error;

/**
 * Reads a whole answer into typed columns, chunk by chunk.
 *
 * @param refuse makes the error for a column of a foreign type, for two columns of one name, and for whole numbers or
 * times beyond 2^53
 */
export async function readColumns(result: DuckDBResult, refuse: Refusal): Promise<ColumnTable> {
  const names = result.columnNames();
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw refuse(twice, 'two columns have this name');
  const builders = names.map((name, index) => builderFor(name, result.columnType(index), refuse));
  let rows = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
    for (const [index, builder] of builders.entries()) builder.add(chunk.getColumnVector(index));
    rows += chunk.rowCount;
  }
  const columns = new Map<string, Column>();
  for (const [index, builder] of builders.entries()) columns.set(names[index] ?? '', builder.finish(rows));
  return { rows, columns };
}

interface ColumnBuilder {
  /** Takes the rows of the next chunk. */
  add(vector: DuckDBVector): void;
  finish(rows: number): Column;
}

function builderFor(name: string, type: DuckDBType, refuse: Refusal): ColumnBuilder {
  const columnType = columnTypeOfId(type.typeId);
  if (type instanceof DuckDBEnumType) return new EnumBuilder(type.values);
  if (columnType === 'string') return new StringBuilder();
  const read = numberReader(type);
  if (columnType === null || read === undefined) {
    throw refuse(name, `no typed column can hold ${type.toString()}; cast it in the query`);
  }
  return new NumberBuilder({ name, type: columnType, read, refuse });
}

interface NumberColumn {
  readonly name: string;
  readonly type: Exclude<ColumnType, 'string'>;
  readonly read: NumberReader;
  readonly refuse: Refusal;
}

interface Piece {
  readonly values: Float64Array;
  /** Made when the first NULL is met. */
  valid: Uint8Array | undefined;
  rows: number;
}

class NumberBuilder implements ColumnBuilder {
  readonly #column: NumberColumn;
  #pieces: Piece[] = [];

  constructor(column: NumberColumn) {
    this.#column = column;
  }

  add(vector: DuckDBVector): void {
    const count = vector.itemCount;
    const piece = this.#pieceFor(count);
    const { values, rows } = piece;
    this.#column.read(vector, values, rows);
    const bits = validityBits(vector);
    if (bits !== undefined) {
      piece.valid ??= new Uint8Array(pieceRows).fill(1);
      const { valid } = piece;
      for (let row = 0; row < count; row++) {
        if (((bits[row >> 3]! >> (row & 7)) & 1) !== 0) continue;
        valid[rows + row] = 0;
        values[rows + row] = NaN;
      }
    }
    if (this.#column.type === 'int64' || this.#column.type === 'timestamp') this.#check(values, rows, count);
    piece.rows = rows + count;
  }

  finish(rows: number): Column {
    const values = new Float64Array(rows);
    const hasNull = this.#pieces.some((piece) => piece.valid !== undefined);
    const valid = hasNull ? new Uint8Array(rows).fill(1) : undefined;
    let offset = 0;
    for (const piece of this.#pieces) {
      values.set(piece.values.subarray(0, piece.rows), offset);
      if (piece.valid !== undefined) valid?.set(piece.valid.subarray(0, piece.rows), offset);
      offset += piece.rows;
    }
    this.#pieces = [];
    const { type } = this.#column;
    return valid === undefined ? { type, values } : { type, values, valid };
  }

  #pieceFor(count: number): Piece {
    const last = this.#pieces.at(-1);
    if (last !== undefined && last.rows + count <= pieceRows) return last;
    const piece = { values: new Float64Array(pieceRows), valid: undefined, rows: 0 };
    this.#pieces.push(piece);
    return piece;
  }

  #check(values: Float64Array, offset: number, count: number): void {
    for (let index = offset; index < offset + count; index++) {
      if (Math.abs(values[index]!) <= Number.MAX_SAFE_INTEGER || Number.isNaN(values[index]!)) continue;
      const { name, type, refuse } = this.#column;
      const kind = type === 'int64' ? 'a whole number' : 'a time in microseconds';
      throw refuse(name, `${kind} of about ${values[index]} is beyond 2^53 and would lose digits`);
    }
  }
}

class CodePieces {
  #pieces: Int32Array[] = [];
  #used = pieceRows;

  /** Yields the piece with room for `count` more rows, and where they start. */
  room(count: number): { readonly codes: Int32Array; readonly offset: number } {
    const last = this.#pieces.at(-1);
    if (last !== undefined && this.#used + count <= pieceRows) {
      this.#used += count;
      return { codes: last, offset: this.#used - count };
    }
    const codes = new Int32Array(pieceRows);
    // The rest of a piece that is given up is cut off, so that pieces follow one another without gaps.
    if (last !== undefined) this.#pieces[this.#pieces.length - 1] = last.subarray(0, this.#used);
    this.#pieces.push(codes);
    this.#used = count;
    return { codes, offset: 0 };
  }

  finish(rows: number): Int32Array {
    const codes = new Int32Array(rows);
    let offset = 0;
    for (const piece of this.#pieces) {
      codes.set(piece.subarray(0, rows - offset), offset);
      offset += piece.length;
    }
    this.#pieces = [];
    return codes;
  }
}

class StringBuilder implements ColumnBuilder {
  readonly #pieces = new CodePieces();
  readonly #strings = new StringCodes();

  add(vector: DuckDBVector): void {
    const { codes, offset } = this.#pieces.room(vector.itemCount);
    this.#strings.read(vector, codes, offset);
  }

  finish(rows: number): Column {
    return { type: 'string', codes: this.#pieces.finish(rows), dictionary: this.#strings.dictionary };
  }
}

class EnumBuilder implements ColumnBuilder {
  readonly #pieces = new CodePieces();
  readonly #dictionary: readonly string[];

  constructor(dictionary: readonly string[]) {
    this.#dictionary = dictionary;
  }

  add(vector: DuckDBVector): void {
    const { codes, offset } = this.#pieces.room(vector.itemCount);
    const items = enumItems(vector);
    const bits = validityBits(vector);
    for (let row = 0; row < vector.itemCount; row++) {
      const isNull = bits !== undefined && ((bits[row >> 3]! >> (row & 7)) & 1) === 0;
      codes[offset + row] = isNull ? -1 : items[row]!;
    }
  }

  finish(rows: number): Column {
    return { type: 'string', codes: this.#pieces.finish(rows), dictionary: this.#dictionary };
  }
}

/** The engine keeps an enum in as few bytes as its dictionary allows. */
function enumItems(vector: DuckDBVector): Uint8Array | Uint16Array | Uint32Array {
  const { buffer, byteOffset, byteLength } = memoryOf(vector);
  const width = byteLength / vector.itemCount;
  if (width === 1) return new Uint8Array(buffer, byteOffset, vector.itemCount);
  if (width === 2) return new Uint16Array(buffer, byteOffset, vector.itemCount);
  return new Uint32Array(buffer, byteOffset, vector.itemCount);
}
