/** Reads the JSON form back, from a file or the wire, with nothing taken on trust. */
import { SluiceError } from '../base/errors.ts';
import { apply, column, literal, unknownColumn } from './expression.ts';
import type { ColumnTypes, Expression } from './expression.ts';
import { expressionTypes } from './json.ts';
import type { ExpressionType, OperatorParams } from './json.ts';
import { decodeLiteral } from './literal-value.ts';
import { checkParams, operatorOf, overloadOf } from './resolve.ts';

const maxDepth = 200;
const maxNodes = 10_000;
const paramNames = ['edges', 'pattern', 'start', 'length', 'buckets'] as const;

interface Parser {
  readonly columns: ColumnTypes;
  nodes: number;
}

/** A place in the document. */
interface Place {
  readonly path: string;
  readonly depth: number;
}

/**
 * Yields the expression that a JSON value describes, after checking its form, its types and its columns.
 *
 * @param json what `JSON.parse` gave
 * @param columns the name and type of each column it may read
 * @throws EXPRESSION_JSON naming the path of what is malformed, unknown or too large (depth 200, 10,000 nodes);
 *   EXPRESSION_UNKNOWN_COLUMN; EXPRESSION_TYPE; EXPRESSION_REGEX
 * @example
 * parseExpression({ op: 'isNull', args: [{ op: 'column', name: 'a', type: 'string' }] }, { a: 'string' }).type; // 'boolean'
 */
export function parseExpression(json: unknown, columns: ColumnTypes): Expression {
  return read(json, { path: '$', depth: 0 }, { columns, nodes: 0 });
}

function read(json: unknown, place: Place, parser: Parser): Expression {
  if (place.depth > maxDepth) throw malformed(place, `it is nested deeper than ${maxDepth}`);
  if (++parser.nodes > maxNodes) throw malformed(place, `it has more than ${maxNodes} nodes`);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw malformed(place, `an object was expected, not ${JSON.stringify(json)}`);
  }
  const node = json as Readonly<Record<string, unknown>>;
  if (typeof node['op'] !== 'string') throw malformed(place, 'the member op must be a string');
  if (node['op'] === 'column') return readColumn(node, place, parser);
  if (node['op'] === 'literal') return readLiteral(node, place);
  return readApply(node, place, parser);
}

function readColumn(node: Readonly<Record<string, unknown>>, place: Place, { columns }: Parser): Expression {
  refuseOthers(node, ['op', 'name', 'type'], place);
  const { name } = node;
  if (typeof name !== 'string') throw malformed(place, 'the member name must be a string');
  if (!Object.hasOwn(columns, name)) throw unknownColumn(name, Object.keys(columns));
  const type = readType(node, place);
  if (type === columns[name]) return column(name, type);
  throw new SluiceError('EXPRESSION_TYPE', {
    operator: `column ${name} (at ${place.path})`,
    got: type,
    allowed: String(columns[name]),
  });
}

function readLiteral(node: Readonly<Record<string, unknown>>, place: Place): Expression {
  refuseOthers(node, ['op', 'type', 'value'], place);
  const type = readType(node, place);
  const value = decodeLiteral(node['value'], type);
  if (value === undefined) throw malformed(place, `${JSON.stringify(node['value'])} is no ${type}`);
  return literal(value as null, type);
}

function readType(node: Readonly<Record<string, unknown>>, place: Place): ExpressionType {
  const type = expressionTypes.find((known) => known === node['type']);
  if (type !== undefined) return type;
  throw malformed(place, `the member type must be one of ${expressionTypes.join(', ')}`);
}

function readApply(node: Readonly<Record<string, unknown>>, place: Place, parser: Parser): Expression {
  refuseOthers(node, ['op', 'args', ...paramNames], place);
  const operator = operatorOf(node['op'] as string, place.path);
  if (!Array.isArray(node['args'])) throw malformed(place, 'the member args must be a list');
  const args = node['args'].map((arg: unknown, i) =>
    read(arg, { path: `${place.path}.args[${i}]`, depth: place.depth + 1 }, parser),
  );
  overloadOf(
    operator,
    args.map(({ type }) => type),
    place.path,
  );
  const params = readParams(node);
  checkParams(operator, { op: operator.name, args: [], ...params }, place.path);
  return apply(operator.name, args, params);
}

/** The operator checks the values of its own parameters. */
function readParams(node: Readonly<Record<string, unknown>>): OperatorParams {
  const present = paramNames.filter((name) => node[name] !== undefined);
  return Object.fromEntries(present.map((name) => [name, node[name]]));
}

function refuseOthers(
  node: Readonly<Record<string, unknown>>,
  allowed: readonly string[],
  place: Place,
): void {
  const other = Object.keys(node).find((key) => !allowed.includes(key));
  if (other !== undefined) {
    throw malformed(place, `the member ${other} is not allowed; allowed are ${allowed.join(', ')}`);
  }
}

function malformed({ path }: Place, reason: string): SluiceError {
  return new SluiceError('EXPRESSION_JSON', { path, reason });
}
