import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RuleSpec } from '../../records/contract-spec.ts';
import {
  aContract,
  aSource,
  failuresOf,
  unique,
  validateWorld,
} from '../../../test/fixtures/validate-world.ts';

const world = validateWorld();
const { delivery, judge, reasonsOf } = world;

test('of equal rows the first is kept; nulls are equal in a whole row and never in a key', async () => {
  const lines = [{ city: null }, { city: null }, { city: 'x' }, { city: null }, { city: 'x', price: 2 }];
  const whole = await judge(lines, aContract([unique([])]));
  assert.deepEqual(await reasonsOf(whole.validation), [
    [1, ['unique']],
    [3, ['unique']],
  ]);
  const byCity = await judge(lines, aContract([unique(['city'])]));
  assert.deepEqual(await reasonsOf(byCity.validation), [[4, ['unique']]]);
});

test('of rows with one key a good one is kept, even when a bad one comes first', async () => {
  const range: RuleSpec = { id: 'range', severity: 'error', kind: 'range', column: 'price', min: 0, max: 9 };
  const lines = [
    { id: 1, price: 99 },
    { id: 1, price: 2 },
    { id: 1, price: 3 },
  ];
  const { validation, processed } = await judge(lines, aContract([range, unique(['id'])]));
  assert.deepEqual(
    processed.map(({ _row }) => _row),
    [1],
  );
  assert.deepEqual(await reasonsOf(validation), [
    [0, ['range', 'unique']],
    [2, ['unique']],
  ]);
});

test('a key of an earlier batch is kept back when the rule spans the dataset', async () => {
  const first = await judge([{ id: 1 }, { id: 2, city: null }]);
  const earlier = [first.validation.processed?.digest ?? ''];
  const lines = [{ id: 2 }, { id: 3 }, { id: 3, city: 'y' }, { id: 1, city: 'z' }];
  const second = await judge(lines, aContract([unique(['id'], 'dataset')]), { earlier });
  assert.deepEqual(await reasonsOf(second.validation), [
    [0, ['unique']],
    [2, ['unique']],
    [3, ['unique']],
  ]);
  assert.equal(failuresOf(second.validation)['unique'], 3);
  const wholeRow = await judge([{ id: 2, city: null }, { id: 9 }], aContract([unique([], 'dataset')]), {
    earlier,
  });
  assert.deepEqual(await reasonsOf(wholeRow.validation), [[0, ['unique']]]);
});

test('whole rows of hundreds of columns are not compared: a key must be named', async () => {
  const names = Array.from({ length: 401 }, (_, i) => `c${i}`);
  const columns = names.map((name) => ({ name, type: 'int64', nullable: true }) as const);
  const source = aSource({ columns: [...columns, ...aSource().columns.slice(3)], derived: [] });
  const select = (some: readonly string[]): string => {
    const values = some.map((name) => `${name === 'at' ? "TIMESTAMP '2001-01-01'" : 1} AS "${name}"`);
    return `SELECT range AS _row, ${values.join(', ')}, NULL::VARCHAR AS _raw FROM range(2)`;
  };
  const { batch, raw } = await delivery([]);
  const trusted = {
    relation: 'range(2)',
    row: 'range',
    columns: new Map([
      ...names.map((name) => [name, '1'] as const),
      ['at', "TIMESTAMP '2001-01-01'"] as const,
    ]),
  };
  const options = { source, batch, raw: { ...raw, select, trusted } };
  await assert.rejects(judge([], aContract([unique([])]), options), {
    code: 'VALIDATE_UNIQUE_WIDE',
    message: /402 columns/,
  });
  const { validation } = await judge([], aContract([unique(['c7'])]), options);
  assert.deepEqual(await reasonsOf(validation), [[1, ['unique']]]);
});
