import { DuckDBDecimalType, DuckDBTypeId, type DuckDBType, type DuckDBVector } from '@duckdb/node-api';
import { memoryOf, wordsOf } from './duckdb-vectors.ts';

/** Writes a vector's rows as doubles to `values` from `offset` on; rows that are NULL get any number. */
export type NumberReader = (vector: DuckDBVector, values: Float64Array, offset: number) => void;

const dayUs = 86_400_000_000;
const twoTo32 = 4_294_967_296;

/** Yields how to read a type's values as doubles, or undefined when they are no numbers. Timestamps come in microseconds. */
export function numberReader(type: DuckDBType): NumberReader | undefined {
  if (type instanceof DuckDBDecimalType) return decimalReader(type);
  return readers.get(type.typeId);
}

type SmallArray = new (
  buffer: ArrayBuffer,
  byteOffset: number,
  length: number,
) =>
  Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

function copied(Items: SmallArray): NumberReader {
  return (vector, values, offset) => {
    const { buffer, byteOffset } = memoryOf(vector);
    values.set(new Items(buffer, byteOffset, vector.itemCount), offset);
  };
}

const readInt64: NumberReader = (vector, values, offset) => {
  const words = wordsOf(vector);
  for (let row = 0; row < vector.itemCount; row++) {
    values[offset + row] = words[2 * row + 1]! * twoTo32 + (words[2 * row]! >>> 0);
  }
};

const readUint64: NumberReader = (vector, values, offset) => {
  const words = wordsOf(vector);
  for (let row = 0; row < vector.itemCount; row++) {
    values[offset + row] = (words[2 * row + 1]! >>> 0) * twoTo32 + (words[2 * row]! >>> 0);
  }
};

const readInt128: NumberReader = (vector, values, offset) => {
  const words = wordsOf(vector);
  for (let row = 0; row < vector.itemCount; row++) values[offset + row] = int128(words, 4 * row);
};

const readUint128: NumberReader = (vector, values, offset) => {
  const words = wordsOf(vector);
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
  const { buffer, byteOffset } = memoryOf(vector);
  const items = new BigInt64Array(buffer, byteOffset, vector.itemCount);
  for (let row = 0; row < vector.itemCount; row++) {
    const ns = items[row]!;
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

const decimalUnits: ReadonlyMap<number, NumberReader> = new Map([
  [2, copied(Int16Array)],
  [4, copied(Int32Array)],
  [8, readInt64],
  [16, readInt128],
]);

const readers: ReadonlyMap<DuckDBTypeId, NumberReader> = new Map([
  [DuckDBTypeId.BOOLEAN, copied(Uint8Array)],
  [DuckDBTypeId.TINYINT, copied(Int8Array)],
  [DuckDBTypeId.SMALLINT, copied(Int16Array)],
  [DuckDBTypeId.INTEGER, copied(Int32Array)],
  [DuckDBTypeId.UTINYINT, copied(Uint8Array)],
  [DuckDBTypeId.USMALLINT, copied(Uint16Array)],
  [DuckDBTypeId.UINTEGER, copied(Uint32Array)],
  [DuckDBTypeId.FLOAT, copied(Float32Array)],
  [DuckDBTypeId.DOUBLE, copied(Float64Array)],
  [DuckDBTypeId.BIGINT, readInt64],
  [DuckDBTypeId.UBIGINT, readUint64],
  [DuckDBTypeId.HUGEINT, readInt128],
  [DuckDBTypeId.UHUGEINT, readUint128],
  [DuckDBTypeId.DATE, scaled(copied(Int32Array), dayUs)],
  [DuckDBTypeId.TIMESTAMP, readInt64],
  [DuckDBTypeId.TIMESTAMP_TZ, readInt64],
  [DuckDBTypeId.TIMESTAMP_S, scaled(readInt64, 1_000_000)],
  [DuckDBTypeId.TIMESTAMP_MS, scaled(readInt64, 1_000)],
  [DuckDBTypeId.TIMESTAMP_NS, readNanoseconds],
]);
