import { inspect } from 'node:util';
import { SluiceError } from './errors.ts';

/** Any value that JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * Yields the one text that stands for a JSON value (RFC 8785): object keys sorted by UTF-16 code units, no white
 * space, shortest number form. Members whose value is `undefined` are left out.
 *
 * @throws BASE_NOT_JSON for a function, symbol, bigint, number that is not finite, hole of an array, or an object that is
 * not plain (a Date, a Map): such would lose what it holds
 * @example
 * canonicalJson({ b: 1, a: [true, null] }); // '{"a":[true,null],"b":1}'
 */
export function canonicalJson(value: unknown): string {
  return write(value, '$');
}

function write(value: unknown, path: string): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value))
    return `[${Array.from(value, (item, i) => write(item, `${path}[${i}]`)).join(',')}]`;
  if (isPlain(value)) return writeObject(value, path);
  throw new SluiceError('BASE_NOT_JSON', { path, value: inspect(value), type: typeof value });
}

function writeObject(value: Record<string, unknown>, path: string): string {
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${write(value[key], `${path}.${key}`)}`);
  return `{${members.join(',')}}`;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
