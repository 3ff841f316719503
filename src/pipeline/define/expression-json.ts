import type { Json } from '../../base/canonical-json.ts';
import type { Expression } from '../../expression/methods.ts';

/** Yields an expression as the plain JSON that records hold. */
export function jsonOf(expression: Expression): Json {
  return JSON.parse(JSON.stringify(expression.json)) as Json;
}
