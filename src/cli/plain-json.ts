import type { Json } from '../base/canonical-json.ts';

/** Yields records as plain JSON: members that are `undefined` are left out, big integers become text. */
export function plainJson(value: unknown): Json {
  return JSON.parse(
    JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? item.toString() : item)),
  ) as Json;
}
