import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { isSluiceError, type ErrorCode } from '../../base/errors.ts';
import { defineSource } from './define-source.ts';
import { columnsOfSchema, jsonSchemaOf, refinementsOf, rowCheckOf, type RowSchema } from './row-schema.ts';

/** A schema as valibot and arktype show themselves: Standard Schema with its JSON Schema, and nothing of zod. */
function standardSchema(
  properties: Readonly<Record<string, object>>,
  validate: (row: Readonly<Record<string, unknown>>) => string | null = () => null,
): RowSchema {
  return {
    '~standard': {
      version: 1,
      vendor: 'valibot',
      validate: (value) => {
        const message = validate(value as Readonly<Record<string, unknown>>);
        return message === null ? { value } : { issues: [{ message, path: [{ key: 'price' }] }] };
      },
      jsonSchema: {
        input: () => ({ type: 'object', properties, required: Object.keys(properties) }),
      },
    },
  };
}

const refusedBecause = (code: ErrorCode, text: RegExp) => (error: unknown) =>
  isSluiceError(error, code) && text.test(error.message);

test('columns follow from any Standard JSON Schema', () => {
  const schema = standardSchema({
    at: { type: 'string', format: 'date-time' },
    count: { type: 'integer' },
    price: { type: ['number', 'null'] },
    paid: { anyOf: [{ type: 'boolean' }, { type: 'null' }] },
    kind: { enum: ['a', 'b'] },
    fixed: { const: 3.5 },
  });
  assert.deepEqual(columnsOfSchema(jsonSchemaOf(schema), []), [
    { name: 'at', type: 'timestamp', nullable: false },
    { name: 'count', type: 'int64', nullable: false },
    { name: 'price', type: 'double', nullable: true },
    { name: 'paid', type: 'boolean', nullable: true },
    { name: 'kind', type: 'string', nullable: false },
    { name: 'fixed', type: 'double', nullable: false },
  ]);
});

test('what is not required may be null, and a wall clock is declared as such', () => {
  const columns = columnsOfSchema(
    {
      type: 'object',
      properties: { at: { type: 'string', format: 'date-time' }, note: { type: 'string' } },
      required: ['at'],
    },
    ['at'],
  );
  assert.deepEqual(columns, [
    { name: 'at', type: 'local', nullable: false },
    { name: 'note', type: 'string', nullable: true },
  ]);
});

test('what no column can hold is refused by name', () => {
  const refuse = (property: object, local: readonly string[], text: RegExp): void => {
    assert.throws(
      () => columnsOfSchema(jsonSchemaOf(standardSchema({ x: property })), local),
      refusedBecause('DEFINE_COLUMN_TYPE', text),
    );
  };
  refuse({ type: 'array' }, [], /x has the type array/);
  refuse({ type: ['string', 'number'] }, [], /x is not of one type/);
  refuse({ type: 'string' }, ['x'], /x is declared local but is no date/);
  refuse({ type: 'string' }, ['y'], /y is declared local but is not in the row schema/);
});

test('a schema without a JSON form, or one that cannot be told, is refused by its library', () => {
  const silent: RowSchema = {
    '~standard': { version: 1, vendor: 'quiet', validate: (value) => ({ value }) },
  };
  assert.throws(() => jsonSchemaOf(silent), refusedBecause('DEFINE_SCHEMA', /quiet.*jsonSchema/));
  const broken = standardSchema({});
  const input = (): never => {
    throw new RangeError('a map has no JSON form');
  };
  const failing = { '~standard': { ...broken['~standard'], jsonSchema: { input } } };
  assert.throws(() => jsonSchemaOf(failing), refusedBecause('DEFINE_SCHEMA', /valibot.*a map has no/));
});

test('the rows of another library are checked one by one only when asked for', () => {
  const schema = standardSchema({ price: { type: 'number' } }, ({ price }) =>
    Number(price) < 0 ? 'must not be negative' : null,
  );
  assert.equal(rowCheckOf(schema, false), null);
  const check = rowCheckOf(schema, true);
  assert.deepEqual([check?.({ price: 1 }), check?.({ price: -1 })], [null, 'price: must not be negative']);
});

test('an asynchronous check is refused', () => {
  const schema = standardSchema({});
  const validate = (value: unknown): Promise<{ value: unknown }> => Promise.resolve({ value });
  const check = rowCheckOf({ '~standard': { ...schema['~standard'], validate } }, true);
  assert.throws(() => check?.({}), refusedBecause('DEFINE_SCHEMA', /asynchronous/));
});

test('refinements of zod are found wherever they stand, and run on rows', () => {
  const isOdd = (n: number): boolean => n % 2 === 1;
  const isSane = (row: { price: number }): boolean => row.price < 100;
  const schema = z
    .object({ price: z.number(), count: z.int().refine(isOdd, 'must be odd').optional() })
    .refine(isSane);
  assert.deepEqual(refinementsOf(schema), [isSane, isOdd]);
  const check = rowCheckOf(schema, false);
  assert.equal(check?.({ price: 1, count: 3 }), null);
  assert.equal(check?.({ price: 1, count: 2 }), 'count: must be odd');
  assert.match(check?.({ price: 100 }) ?? '', /Invalid input/);
  assert.equal(rowCheckOf(z.object({ price: z.number().min(0) }), false), null);
});

test('transforms are refused: they would change what arrived', () => {
  const schema = z.object({ price: z.string().transform(Number) });
  assert.throws(() => rowCheckOf(schema, false), refusedBecause('DEFINE_SCHEMA', /derive/));
});

test('dates and big integers of zod become columns', () => {
  const schema = z.object({ at: z.date(), id: z.bigint(), when: z.date().nullable() });
  assert.deepEqual(
    columnsOfSchema(jsonSchemaOf(schema), []).map(({ name, type, nullable }) => [name, type, nullable]),
    [
      ['at', 'timestamp', false],
      ['id', 'int64', false],
      ['when', 'timestamp', true],
    ],
  );
});

const row = z.object({ at: z.date(), shop: z.string(), price: z.number() });
const source = { name: 'orders', files: 'orders/*.csv', eventTime: 'at', schema: row } as const;

test('a source takes its format from the ending of its files', () => {
  const formatOf = (files: string): string => defineSource({ ...source, files }).spec.format;
  assert.deepEqual(['a.csv', 'a.TSV', 'a.parquet', 'a/*.ndjson', 'a.jsonl'].map(formatOf), [
    'csv',
    'csv',
    'parquet',
    'ndjson',
    'ndjson',
  ]);
  assert.throws(() => formatOf('a.txt'), refusedBecause('CONFIG_VALUE', /a\.txt/));
});

test('a look-up is addressed by its own name, and an unknown key of it is refused', () => {
  const lookup = {
    file: 'shops.csv',
    key: 'shop',
    on: 'shop',
    columns: { shop: 'string', town: 'string' },
  } as const;
  const { spec } = defineSource({
    ...source,
    lookups: { shops: lookup },
    derive: (order, { shops }) => ({ town: shops.town }),
  });
  assert.deepEqual(spec.derived[0]?.expression, { op: 'column', name: 'shops.town', type: 'string' });
  assert.deepEqual(spec.joins, [{ as: 'shops', lookup: 'shops', on: 'shop' }]);
  assert.deepEqual(
    spec.lookups[0]?.columns.map(({ name, nullable }) => [name, nullable]),
    [
      ['shop', false],
      ['town', true],
    ],
  );
  assert.throws(
    () => defineSource({ ...source, lookups: { shops: { ...lookup, colums: {} } } }),
    refusedBecause('CONFIG_KEY', /source\.lookups\.shops\.colums.*columns/),
  );
});

test('times and outcomes must be columns of the right type', () => {
  const refuse = (change: object, text: RegExp): void => {
    assert.throws(() => defineSource({ ...source, ...change }), refusedBecause('DEFINE_COLUMN', text));
  };
  refuse({ eventTime: 'shop' }, /source\.eventTime.*shop.*string/);
  refuse({ knownTime: 'gone' }, /source\.knownTime.*no such column/);
  refuse({ outcome: ['gone'] }, /source\.outcome.*gone.*at, shop, price/);
});
