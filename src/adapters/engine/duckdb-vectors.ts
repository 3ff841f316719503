import type { DuckDBVector } from '@duckdb/node-api';

/** The numbers of a vector as DuckDB keeps them. */
export type RawItems =
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/**
 * What the vector classes of `@duckdb/node-api` hold but declare private. Reading it directly is what makes 25 million
 * values a second possible: `getItem` tests a BigInt bit mask and boxes each value. Held by the exact version in package.json and
 * by the conformance suite.
 */
export interface RawVector {
  readonly items?: RawItems;
  readonly dataView?: DataView;
  readonly validity: { readonly data: BigUint64Array | null };
}

/** Yields the memory behind a vector. */
export function rawVector(vector: DuckDBVector): RawVector {
  return vector as unknown as RawVector;
}

/** Yields the items of a vector that has them. */
export function rawItems(vector: DuckDBVector): RawItems {
  return rawVector(vector).items ?? new Float64Array(0);
}

/** Yields one bit per row, 1 for valid, lowest bit first; undefined when every row is. */
export function validityBits(vector: DuckDBVector): Uint8Array | undefined {
  const { data } = rawVector(vector).validity;
  return data === null ? undefined : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * Yields the 32-bit words behind a vector of 64- or 128-bit items (or of 16-byte string headers), low word first, so
 * that no BigInt is made per value.
 */
export function rawWords(vector: DuckDBVector): Int32Array {
  const { items, dataView } = rawVector(vector);
  const memory = items ?? dataView ?? new Int32Array(0);
  return new Int32Array(memory.buffer, memory.byteOffset, memory.byteLength >>> 2);
}
