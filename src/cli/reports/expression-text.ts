import type { Json } from '../../base/canonical-json.ts';

/**
 * Yields the JSON form of an expression as people write it.
 *
 * @example
 * expressionText({ op: 'gte', args: [{ op: 'column', name: 'delay', type: 'int64' }, { op: 'literal', type: 'int64', value: 15 }] }); // 'gte(delay, 15)'
 */
export function expressionText(json: Json): string {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return JSON.stringify(json);
  const { op, name, value, args, params } = json as Readonly<Record<string, Json>>;
  if (op === 'column' && typeof name === 'string') return name;
  if (op === 'literal') return JSON.stringify(value);
  const given = Object.entries(params ?? {}).map(([key, item]) => `${key} ${JSON.stringify(item)}`);
  const parts = [...(Array.isArray(args) ? (args as readonly Json[]).map(expressionText) : []), ...given];
  return `${typeof op === 'string' ? op : ''}(${parts.join(', ')})`;
}
