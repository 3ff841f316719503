import { DuckDBDecimalType, DuckDBTypeId, type DuckDBType, type DuckDBVector } from '@duckdb/node-api';
import { rawItems, rawVector, rawWords } from './duckdb-vectors.ts';

/** Writes a vector's rows as doubles to `values` from `offset` on; rows that are NULL get any number. */
export type NumberReader = (vector: DuckDBVector, values: Float64Array, offset: number) => void;

const dayUs = 86_400_000_000;
const twoTo32 = 4_294_967_296;

/** Yields how to read a type's values as doubles, or undefined when they are no numbers. Timestamps come in microseconds. */
export function numberReader(type: DuckDBType): NumberReader | undefined {
  if (type instanceof DuckDBDecimalType) return decimalReader(type);
  return readers.get(type.typeId);
}

const readSmall: NumberReader = (vector, values, offset) => {
  const items = rawItems(vector);
  // Only 8- to 32-bit and float items come here, never BigInts.
  values.set(items as Exclude<typeof items, BigInt64Array | BigUint64Array>, offset);
};

const readBoolean: NumberReader = (vector, values, offset) => {
  const view = rawVector(vector).dataView;
  if (view === undefined) return;
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  for (let row = 0; row < vector.itemCount; row++) values[offset + row] = bytes[row] === 0 ? 0 : 1;
};

const readInt64: NumberReader = (vector, values, offset) => {
  const words = rawWords(vector);
  for (let row = 0; row < vector.itemCount; row++) {
    values[offset + row] = words[2 * row + 1]! * twoTo32 + (words[2 * row]! >>> 0);
  }
};

const readUint64: NumberReader = (vector, values, offset) => {
  const words = rawWords(vector);
  for (let row = 0; row < vector.itemCount; row++) {
    values[offset + row] = (words[2 * row + 1]! >>> 0) * twoTo32 + (words[2 * row]! >>> 0);
  }
};

const readInt128: NumberReader = (vector, values, offset) => {
  const words = rawWords(vector);
  for (let row = 0; row < vector.itemCount; row++) values[offset + row] = int128(words, 4 * row);
};

const readUint128: NumberReader = (vector, values, offset) => {
  const words = rawWords(vector);
  for (let row = 0; row < vector.itemCount; row++) {
    const high = (words[4 * row + 3]! >>> 0) * twoTo32 + (words[4 * row + 2]! >>> 0);
    const low = (words[4 * row + 1]! >>> 0) * twoTo32 + (words[4 * row]! >>> 0);
    values[offset + row] = high * twoTo32 * twoTo32 + low;
  }
};

/** A small negative number has all ones above: added up as it stands, the parts would cancel and lose their low bits. */
function int128(words: Int32Array, at: number): number {
  const high = words[at + 3]! * twoTo32 + (words[at + 2]! >>> 0);
  if (high === -1 && words[at + 1]! < 0) return words[at + 1]! * twoTo32 + (words[at]! >>> 0);
  const low = (words[at + 1]! >>> 0) * twoTo32 + (words[at]! >>> 0);
  return high * twoTo32 * twoTo32 + low;
}

const readNanoseconds: NumberReader = (vector, values, offset) => {
  const items = rawItems(vector);
  for (let row = 0; row < vector.itemCount; row++) {
    const ns = BigInt(items[row]!);
    // Floor, so that the order of times before 1970 is kept.
    values[offset + row] = Number((ns - (((ns % 1000n) + 1000n) % 1000n)) / 1000n);
  }
};

function scaled(read: NumberReader, factor: number): NumberReader {
  return (vector, values, offset) => {
    read(vector, values, offset);
    const end = offset + vector.itemCount;
    for (let index = offset; index < end; index++) values[index] = values[index]! * factor;
  };
}

/** Division by an exact power of ten rounds once, as long as the unscaled value is below 2^53. */
function decimalReader(type: DuckDBDecimalType): NumberReader {
  const divisor = 10 ** type.scale;
  const bytes = type.width <= 4 ? 2 : type.width <= 9 ? 4 : type.width <= 18 ? 8 : 16;
  const read = decimalUnits.get(bytes) ?? readInt128;
  return (vector, values, offset) => {
    read(vector, values, offset);
    const end = offset + vector.itemCount;
    for (let index = offset; index < end; index++) values[index] = values[index]! / divisor;
  };
}

const readInt16Units: NumberReader = (vector, values, offset) => {
  const view = rawVector(vector).dataView;
  if (view !== undefined) values.set(new Int16Array(view.buffer, view.byteOffset, vector.itemCount), offset);
};

const readInt32Units: NumberReader = (vector, values, offset) => {
  values.set(rawWords(vector).subarray(0, vector.itemCount), offset);
};

const decimalUnits: ReadonlyMap<number, NumberReader> = new Map([
  [2, readInt16Units],
  [4, readInt32Units],
  [8, readInt64],
  [16, readInt128],
]);

const readers: ReadonlyMap<DuckDBTypeId, NumberReader> = new Map([
  [DuckDBTypeId.BOOLEAN, readBoolean],
  [DuckDBTypeId.TINYINT, readSmall],
  [DuckDBTypeId.SMALLINT, readSmall],
  [DuckDBTypeId.INTEGER, readSmall],
  [DuckDBTypeId.UTINYINT, readSmall],
  [DuckDBTypeId.USMALLINT, readSmall],
  [DuckDBTypeId.UINTEGER, readSmall],
  [DuckDBTypeId.FLOAT, readSmall],
  [DuckDBTypeId.DOUBLE, readSmall],
  [DuckDBTypeId.BIGINT, readInt64],
  [DuckDBTypeId.UBIGINT, readUint64],
  [DuckDBTypeId.HUGEINT, readInt128],
  [DuckDBTypeId.UHUGEINT, readUint128],
  [DuckDBTypeId.DATE, scaled(readSmall, dayUs)],
  [DuckDBTypeId.TIMESTAMP, readInt64],
  [DuckDBTypeId.TIMESTAMP_TZ, readInt64],
  [DuckDBTypeId.TIMESTAMP_S, scaled(readInt64, 1_000_000)],
  [DuckDBTypeId.TIMESTAMP_MS, scaled(readInt64, 1_000)],
  [DuckDBTypeId.TIMESTAMP_NS, readNanoseconds],
]);
