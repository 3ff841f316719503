import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';

/** A sha256 in 64 lower-case hex digits. */
export type Digest = string;

/** Yields the sha256 of bytes, or of a text's UTF-8 bytes. */
export function digestBytes(bytes: Uint8Array | string): Digest {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Yields the sha256 of a value's canonical JSON. */
export function digestJson(value: unknown): Digest {
  return digestBytes(canonicalJson(value));
}

/**
 * Yields the sha256 over length-prefixed fields, so that no two lists of fields can run together:
 * `['ab', 'c']` and `['a', 'bc']` differ.
 */
export function digestFields(fields: readonly string[]): Digest {
  const hash = createHash('sha256');
  for (const field of fields) hash.update(`${Buffer.byteLength(field)}:`).update(field);
  return hash.digest('hex');
}

/** Yields the first twelve digits, the form in which people read a digest. */
export function shortDigest(digest: Digest): string {
  return digest.slice(0, 12);
}
