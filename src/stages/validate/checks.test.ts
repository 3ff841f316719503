import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RuleSpec } from '../../records/contract-spec.ts';
import { aContract, validateWorld, type Judged } from '../../../test/fixtures/validate-world.ts';
import { readQuarantine } from './quarantine.ts';

const world = validateWorld();
const { judge, reasonsOf } = world;

test('row checks see arrived rows that broke nothing else, and their words are kept', async () => {
  const seen: unknown[] = [];
  const checks = {
    schema: (one: Readonly<Record<string, unknown>>): string | null => {
      seen.push(one);
      return one['price'] === 7 ? 'seven is unlucky' : null;
    },
  };
  const rules: readonly RuleSpec[] = [
    { id: 'schema', severity: 'error', kind: 'check', name: 'schema' },
    { id: 'range', severity: 'error', kind: 'range', column: 'price', min: 0, max: 9 },
  ];
  const { validation } = await judge([{ price: 7 }, { price: 77 }, { city: null }], aContract(rules), {
    checks,
  });
  assert.deepEqual(seen, [
    { id: 1, price: 7, city: 'Oslo', at: new Date('2001-01-01T00:00:00Z') },
    { id: 1, price: 1, city: null, at: new Date('2001-01-01T00:00:00Z') },
  ]);
  assert.deepEqual(await reasonsOf(validation), [
    [0, ['schema']],
    [1, ['range']],
  ]);
  const [first] = await readQuarantine(world, validation, { limit: 1 });
  assert.equal(first?.notes, 'seven is unlucky');
});

test('row checks that are missing, throw, answer with a promise or with nonsense are refused by name', async () => {
  const contract = aContract([{ id: 'check', severity: 'error', kind: 'check', name: 'schema' }]);
  const run = (check: unknown): Promise<Judged> =>
    judge([{}], contract, { checks: { schema: check as never } });
  await assert.rejects(judge([{}], contract, { checks: { shema: () => null } }), {
    code: 'VALIDATE_CHECK_MISSING',
    message: /schema.*Nearest: shema/,
  });
  await assert.rejects(
    run(() => {
      throw new RangeError('no');
    }),
    { code: 'VALIDATE_CHECK_THREW', message: /row 0.*no/ },
  );
  await assert.rejects(
    run(async () => null),
    { code: 'VALIDATE_CHECK_ASYNC' },
  );
  await assert.rejects(
    run(() => false),
    { code: 'VALIDATE_CHECK_THREW', message: /answered false/ },
  );
});
