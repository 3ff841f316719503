import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '../../base/errors.ts';
import type { Json } from '../../base/canonical-json.ts';
import { columns as columnsOf } from '../../expression/expression.ts';
import type { ColumnSpec } from '../../records/column-spec.ts';
import type { RuleSpec } from '../../records/contract-spec.ts';
import type { SourceSpec } from '../../records/source-spec.ts';
import { compileContract } from './compile-contract.ts';
import type { CompiledContract } from './compiled-contract.ts';

const row = columnsOf({ id: 'int64', price: 'double', city: 'string', at: 'timestamp' });

function aSource(overrides: Partial<SourceSpec> = {}): SourceSpec {
  return {
    name: 'orders',
    files: ['landing/*.csv'],
    format: 'csv',
    csv: { delimiter: ',', quote: '"', header: true, nullText: '' },
    columns: [
      { name: 'id', type: 'int64', nullable: true },
      { name: 'price', type: 'double', nullable: true },
      { name: 'city', type: 'string', nullable: true },
      { name: 'at', type: 'timestamp', nullable: true },
    ],
    lookups: [],
    joins: [],
    derived: [],
    eventTime: 'at',
    knownTime: null,
    outcomeColumns: [],
    ...overrides,
  };
}

type Schema = Readonly<Record<string, Json>>;

interface Compiling {
  readonly source?: Partial<SourceSpec>;
  readonly rules?: readonly RuleSpec[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly schema?: Schema;
}

function compile({ source, rules = [], properties, schema }: Compiling): CompiledContract {
  const rowSchema: Schema = { type: 'object', ...(properties ? { properties } : {}), ...schema };
  return compileContract({
    source: aSource(source),
    contract: { rowSchema, rules, breaker: { maxQuarantinedShare: 0.1 } },
  });
}

function predicates(
  compiled: CompiledContract,
  prefix: RegExp,
): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    compiled.rows.filter(({ id }) => prefix.test(id)).map(({ id, predicate }) => [id, predicate]),
  );
}

function refuses(compiling: Compiling, code: ErrorCode, message: RegExp): void {
  assert.throws(() => compile(compiling), { code, message });
}

test('a schema becomes rules of its columns', () => {
  const compiled = compile({
    schema: { required: ['id', 'price'] },
    properties: {
      id: {
        type: 'integer',
        minimum: Number.MIN_SAFE_INTEGER,
        maximum: Number.MAX_SAFE_INTEGER,
        multipleOf: 5,
      },
      price: {
        anyOf: [{ type: 'number', exclusiveMinimum: 0, maximum: 1.5 }, { type: 'null' }],
        description: 'x',
      },
      city: {
        type: ['string', 'null'],
        enum: ['Oslo', "O'Hare", null],
        minLength: 1,
        maxLength: 9,
        pattern: '^[A-Z]',
      },
      at: { type: 'string', format: 'date-time', pattern: '^(?!x)' },
    },
  });
  assert.deepEqual(predicates(compiled, /:id/), {
    'type:id': '"id" BETWEEN -9007199254740991 AND 9007199254740991',
    'notNull:id': '"id" IS NOT NULL',
    'format:id': '"id" % 5 = 0',
  });
  assert.deepEqual(predicates(compiled, /:price/), {
    'type:price': 'isfinite("price")',
    'range:price': `"price" <= '1.5'::DOUBLE AND "price" > 0::BIGINT`,
  });
  assert.deepEqual(predicates(compiled, /:city/), {
    'type:city': undefined,
    'set:city': `"city" IN ('Oslo', 'O''Hare')`,
    'length:city': 'length("city") >= 1 AND length("city") <= 9',
    'regex:city': `regexp_matches("city", '^[A-Z]')`,
  });
  assert.deepEqual(Object.keys(predicates(compiled, /:at/)), ['type:at', 'notNull:at']);
});

test('a column must not be null unless the source and the schema allow it', () => {
  const columns = (nullable: boolean): readonly ColumnSpec[] =>
    aSource().columns.map((column) => ({ ...column, nullable }));
  const has = (compiling: Compiling): boolean =>
    compile(compiling).rows.some(({ id }) => id === 'notNull:id');
  assert.equal(has({ source: { columns: columns(true) } }), false);
  assert.equal(has({ source: { columns: columns(false) } }), true);
  assert.equal(has({ properties: { id: { type: 'integer' } } }), false);
  assert.equal(has({ properties: { id: { type: 'integer' } }, schema: { required: ['id'] } }), true);
  assert.equal(
    has({ properties: { id: { type: ['integer', 'null'] } }, schema: { required: ['id'] } }),
    false,
  );
});

test('a length of one number, dates, identifiers and constants have rules of their own', () => {
  const compiled = compile({
    properties: { city: { type: 'string', minLength: 3, maxLength: 3, format: 'uuid' }, id: { const: 7 } },
  });
  assert.deepEqual(predicates(compiled, /length|format|set/), {
    'length:city': 'length("city") = 3',
    'format:city': 'TRY_CAST("city" AS UUID) IS NOT NULL',
    'set:id': '"id" IN (7::BIGINT)',
  });
  const dated = compile({ properties: { city: { type: 'string', format: 'date' }, id: { enum: [null] } } });
  assert.match(String(predicates(dated, /format/)['format:city']), /AS DATE/);
  assert.equal(predicates(dated, /set/)['set:id'], '"id" IS NULL');
});

test('what SQL cannot judge is refused by name, or left to a row check', () => {
  const properties = {
    city: { type: 'string', format: 'email', pattern: '^(?!\\.)x' },
    price: { type: 'number', multipleOf: 0.1 },
    id: { anyOf: [{ type: 'integer' }, { type: 'string' }] },
  };
  const schema = { allOf: [], additionalProperties: { type: 'string' } };
  refuses(
    { properties, schema },
    'VALIDATE_SCHEMA_UNSUPPORTED',
    /allOf; anyOf of several types of id; multipleOf of price; pattern of city; additionalProperties/,
  );
  const check: RuleSpec = { id: 'schema', severity: 'error', kind: 'check', name: 'schema' };
  assert.equal(compile({ properties, schema, rules: [check] }).perRow.length, 5);
  refuses(
    { properties: { city: { type: 'string', format: 'hostname' } } },
    'VALIDATE_SCHEMA_UNSUPPORTED',
    /format hostname of city/,
  );
  refuses({ properties: { citi: { type: 'string' } } }, 'VALIDATE_SCHEMA_COLUMN', /citi,.*Nearest: city/);
});

const rule = (spec: Record<string, unknown>): readonly RuleSpec[] => [
  { id: 'mine', severity: 'error', ...spec } as RuleSpec,
];

test('a rule that does not fit its column is refused', () => {
  refuses(
    { rules: rule({ kind: 'range', column: 'prise', min: 0, max: 1 }) },
    'VALIDATE_RULE_COLUMN',
    /mine names the column prise.*Nearest: price/,
  );
  refuses(
    { rules: rule({ kind: 'range', column: 'city', min: 0, max: 1 }) },
    'VALIDATE_RULE_TYPE',
    /city, which is string; it needs a number/,
  );
  refuses(
    { rules: rule({ kind: 'set', column: 'at', values: ['x'] }) },
    'VALIDATE_RULE_TYPE',
    /at, which is timestamp/,
  );
  refuses(
    { rules: rule({ kind: 'set', column: 'id', values: [1, 1.5] }) },
    'VALIDATE_RULE_VALUE',
    /value 1\.5.*id \(int64\)/,
  );
  refuses({ rules: rule({ kind: 'set', column: 'city', values: [1] }) }, 'VALIDATE_RULE_VALUE', /value 1,/);
  refuses({ rules: rule({ kind: 'regex', column: 'id', pattern: 'x' }) }, 'VALIDATE_RULE_TYPE', /needs text/);
  refuses(
    { rules: rule({ kind: 'regex', column: 'city', pattern: '(?=x)' }) },
    'VALIDATE_RULE_PATTERN',
    /mine/,
  );
  refuses(
    { rules: rule({ kind: 'unique', columns: ['idd'], within: 'batch' }) },
    'VALIDATE_RULE_COLUMN',
    /Nearest: id/,
  );
  refuses(
    { rules: rule({ kind: 'expression', expression: row.id.plus(1).json }) },
    'VALIDATE_RULE_TYPE',
    /needs boolean/,
  );
  refuses(
    { rules: rule({ kind: 'expression', expression: { op: 'column', name: 'x', type: 'boolean' } }) },
    'EXPRESSION_UNKNOWN_COLUMN',
    /x/,
  );
  const twice = rule({ kind: 'notNull', column: 'id' });
  refuses({ rules: [...twice, ...twice] }, 'VALIDATE_RULE_TWICE', /named mine/);
});

test('derived columns and names are checked', () => {
  const derived = (name: string, type: string): Partial<SourceSpec> => ({
    derived: [{ name, type: type as 'double', expression: row.price.times(2).json as never }],
  });
  refuses(
    { source: derived('total', 'int64') },
    'VALIDATE_DERIVED_TYPE',
    /total is declared int64, but its expression gives double/,
  );
  refuses(
    { source: derived('PRICE', 'double') },
    'VALIDATE_COLUMN_NAME',
    /differs from price at most in case/,
  );
  refuses({ source: derived('_row', 'double') }, 'VALIDATE_COLUMN_NAME', /reserved/);
  refuses({ source: { eventTime: 'price' } }, 'VALIDATE_RULE_TYPE', /needs a timestamp/);
  refuses({ source: { knownTime: 'later' } }, 'VALIDATE_RULE_COLUMN', /later/);
});

test('a declared rule may bear the name of an implied one', () => {
  const properties = { price: { type: 'number', minimum: 0 } };
  const named = (spec: Record<string, unknown>): readonly RuleSpec[] => [
    { severity: 'error', ...spec } as RuleSpec,
  ];
  const other = compile({
    properties,
    rules: named({ id: 'range:price', kind: 'range', column: 'price', min: 1, max: null }),
  });
  assert.deepEqual(predicates(other, /range/), {
    'schema:range:price': '"price" >= 0::BIGINT',
    'range:price': '"price" >= 1::BIGINT',
  });
  const same = compile({ rules: named({ id: 'notNull:at', kind: 'notNull', column: 'at' }) });
  assert.deepEqual(Object.keys(predicates(same, /notNull/)), ['notNull:at']);
  const milder = compile({
    rules: named({ id: 'notNull:at', kind: 'notNull', column: 'at', severity: 'warn' }),
  });
  assert.deepEqual(Object.keys(predicates(milder, /notNull/)), ['schema:notNull:at', 'notNull:at']);
});

test('the digest covers rules and derived columns, not where files lie', () => {
  const plain = compile({}).digest;
  assert.equal(compile({ source: { files: ['elsewhere/*.csv'] } }).digest, plain);
  assert.notEqual(compile({ rules: rule({ kind: 'notNull', column: 'id' }) }).digest, plain);
  assert.notEqual(compile({ source: { knownTime: 'at' } }).digest, plain);
});
