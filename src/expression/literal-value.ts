/** How a literal's value is written in JSON and read back. */
import type { ExpressionType, LiteralJson, Value } from './json.ts';

const smallest = -(2n ** 63n);
const largest = 2n ** 63n - 1n;

/** Yields the JSON of a plain value as a literal of a type, or undefined when it is none. A Date is a timestamp. */
export function encodeLiteral(value: unknown, type: ExpressionType): LiteralJson | undefined {
  if (value === null) return null;
  if (type === 'boolean') return typeof value === 'boolean' ? value : undefined;
  if (type === 'string') return typeof value === 'string' ? value.toWellFormed() : undefined;
  if (type === 'double') return typeof value === 'number' ? encodeDouble(value) : undefined;
  return encodeWhole(value instanceof Date && type === 'timestamp' ? value.getTime() * 1000 : value);
}

function encodeDouble(value: number): LiteralJson {
  return Number.isFinite(value) && !Object.is(value, -0)
    ? value
    : Object.is(value, -0)
      ? '-0'
      : String(value);
}

function encodeWhole(value: unknown): LiteralJson | undefined {
  if (typeof value === 'bigint') {
    if (value < smallest || value > largest) return undefined;
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  return Number.isSafeInteger(value) ? (value as number) + 0 : undefined;
}

/** Yields the value of a literal's JSON, or undefined when it is not the one form the type has for it. */
export function decodeLiteral(json: unknown, type: ExpressionType): Value | undefined {
  const value = decodeText(json, type);
  return encodeLiteral(value, type) === json ? (value as Value) : undefined;
}

function decodeText(json: unknown, type: ExpressionType): unknown {
  if (typeof json !== 'string' || type === 'string' || type === 'boolean') return json;
  if (type === 'double') return Number(json);
  return /^-?\d{16,19}$/.test(json) ? BigInt(json) : json;
}
