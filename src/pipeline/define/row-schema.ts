import type { Json } from '../../base/canonical-json.ts';
import { SluiceError } from '../../base/errors.ts';
import type { ColumnSpec, ColumnSpecType } from '../../records/column-spec.ts';
import type { RowCheck } from '../compiled-loop.ts';

/** What Sluice needs of a schema: Standard Schema with its JSON Schema extension (zod, valibot, arktype have both). */
export interface RowSchema<Row = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => ValidateResult | Promise<ValidateResult>;
    readonly types?: { readonly input: Row; readonly output: unknown } | undefined;
    readonly jsonSchema?: { readonly input: (options: JsonSchemaOptions) => Record<string, unknown> };
  };
}

type ValidateResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string;
        readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
      }[];
    };

interface JsonSchemaOptions {
  readonly target: 'draft-2020-12';
  readonly libraryOptions?: Record<string, unknown>;
}

/** Yields the JSON Schema of one arrived row. @throws DEFINE_SCHEMA when the library cannot give one */
export function jsonSchemaOf(schema: RowSchema): Readonly<Record<string, Json>> {
  const standard = schema['~standard'];
  if (standard.jsonSchema === undefined) throw schemaError('it has no ~standard.jsonSchema', standard.vendor);
  try {
    const libraryOptions = standard.vendor === 'zod' ? { unrepresentable: 'any', override: dateAsText } : {};
    const found = standard.jsonSchema.input({ target: 'draft-2020-12', libraryOptions });
    return JSON.parse(JSON.stringify(found)) as Readonly<Record<string, Json>>;
  } catch (error) {
    throw schemaError(error instanceof Error ? error.message : String(error), standard.vendor);
  }
}

interface ZodOverride {
  readonly zodSchema: { readonly _zod: { readonly def: { readonly type: string } } };
  readonly jsonSchema: Record<string, unknown>;
}

/** zod has no JSON form for dates and big integers; a column has. */
function dateAsText({ zodSchema, jsonSchema }: ZodOverride): void {
  if (zodSchema._zod.def.type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
  if (zodSchema._zod.def.type === 'bigint') Object.assign(jsonSchema, { type: 'integer' });
}

function schemaError(reason: string, vendor: string): SluiceError {
  return new SluiceError('DEFINE_SCHEMA', { vendor, reason });
}

/** Yields the arrived columns of a JSON Schema. @throws DEFINE_COLUMN_TYPE for a property that no column can hold */
export function columnsOfSchema(
  schema: Readonly<Record<string, Json>>,
  local: readonly string[],
): readonly ColumnSpec[] {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonProperty>>;
  const required = (schema['required'] ?? []) as readonly string[];
  const absent = local.find((name) => !Object.hasOwn(properties, name));
  if (absent !== undefined) throw columnError(absent, 'is declared local but is not in the row schema');
  return Object.entries(properties).map(([name, property]) => {
    const { type, nullable } = columnType(name, property);
    const isLocal = local.includes(name);
    if (isLocal && type !== 'timestamp') throw columnError(name, 'is declared local but is no date and time');
    return { name, type: isLocal ? 'local' : type, nullable: nullable || !required.includes(name) };
  });
}

interface JsonProperty {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly anyOf?: readonly JsonProperty[];
}

function columnType(name: string, property: JsonProperty): { type: ColumnSpecType; nullable: boolean } {
  const parts = property.anyOf ?? (Array.isArray(property.type) ? typesOf(property) : [property]);
  const solid = parts.filter((part) => part.type !== 'null');
  const [first] = solid;
  if (first === undefined || solid.length > 1) throw columnError(name, 'is not of one type');
  return { type: scalarType(name, first), nullable: solid.length < parts.length };
}

function typesOf(property: JsonProperty): readonly JsonProperty[] {
  return (property.type as readonly string[]).map((type) => ({ ...property, type }));
}

function scalarType(name: string, property: JsonProperty): ColumnSpecType {
  const type = property.type ?? typeof (property.const ?? property.enum?.[0]);
  if (type === 'integer') return 'int64';
  if (type === 'number') return 'double';
  if (type === 'boolean') return 'boolean';
  if (type === 'string') return property.format === 'date-time' ? 'timestamp' : 'string';
  throw columnError(name, `has the type ${String(type)}`);
}

function columnError(column: string, reason: string): SluiceError {
  return new SluiceError('DEFINE_COLUMN_TYPE', { column, reason });
}

/**
 * Yields the row-by-row check of a schema when it says more than its JSON Schema can: zod refinements are found in its
 * definition. For other libraries ask with `rowByRow: true`.
 *
 * @throws DEFINE_SCHEMA for transforms, which would change what arrived
 */
export function rowCheckOf(schema: RowSchema, rowByRow: boolean): RowCheck | null {
  const standard = schema['~standard'];
  if (standard.vendor === 'zod') refuseTransforms(schema);
  const needed = rowByRow || (standard.vendor === 'zod' && refinementsOf(schema).length > 0);
  return needed ? (row) => firstIssue(standard.validate(row), standard.vendor) : null;
}

function firstIssue(result: ValidateResult | Promise<ValidateResult>, vendor: string): string | null {
  if (result instanceof Promise) throw schemaError('its checks are asynchronous', vendor);
  const issue = result.issues?.[0];
  if (issue === undefined) return null;
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}

interface ZodDef {
  readonly type: string;
  readonly checks?: readonly {
    readonly _zod: { readonly def: { readonly check: string; readonly fn?: Refinement } };
  }[];
  readonly shape?: Readonly<Record<string, ZodNode>>;
  readonly innerType?: ZodNode;
  readonly element?: ZodNode;
}

type ZodNode = { readonly _zod: { readonly def: ZodDef } };
type Refinement = (...args: never[]) => unknown;

/** Yields every zod node of a row schema: the object, its fields, what they wrap. */
function zodNodes(node: ZodNode): readonly ZodNode[] {
  const { shape, innerType, element } = node._zod.def;
  const inner = [
    ...Object.values(shape ?? {}),
    ...(innerType ? [innerType] : []),
    ...(element ? [element] : []),
  ];
  return [node, ...inner.flatMap(zodNodes)];
}

/** Yields the functions of a zod schema's refinements; none for other libraries. */
export function refinementsOf(schema: RowSchema): readonly Refinement[] {
  if (schema['~standard'].vendor !== 'zod') return [];
  return zodNodes(schema as RowSchema & ZodNode).flatMap((node) =>
    (node._zod.def.checks ?? []).flatMap(({ _zod }) =>
      _zod.def.check === 'custom' ? [_zod.def.fn ?? unknownFunction] : [],
    ),
  );
}

const unknownFunction: Refinement = () => undefined;

function refuseTransforms(schema: RowSchema): void {
  const found = zodNodes(schema as RowSchema & ZodNode).find((node) =>
    ['pipe', 'transform'].includes(node._zod.def.type),
  );
  if (found !== undefined)
    throw schemaError('transforms would change what arrived; use `derive` for computed columns', 'zod');
}
