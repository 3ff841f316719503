import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { openDuckdb } from '../../adapters/engine/duckdb.ts';
import { digestBytes } from '../../base/digest.ts';
import { columns as columnsOf } from '../../expression/expression.ts';
import { quoteIdentifier } from '../../expression/sql-text.ts';
import type { RuleSpec } from '../../records/contract-spec.ts';
import {
  aContract,
  aSource,
  failuresOf,
  row,
  unique,
  validateWorld,
  type Line,
} from '../../../test/fixtures/validate-world.ts';
import { assembleDataset } from './assemble-dataset.ts';
import { compileContract } from './compile-contract.ts';
import { quarantineSummary, readQuarantine } from './quarantine.ts';
import { validateBatch } from './validate-batch.ts';

const world = validateWorld();
const { delivery, judge, reasonsOf } = world;

test('a good batch passes whole: arrived columns, derived ones, batch and row', async () => {
  const { validation, processed, draft } = await judge([{ id: 7, price: 2.5 }, { city: null }]);
  assert.equal(validation.verdict, 'pass');
  assert.equal(validation.quarantine, null);
  const at = Date.UTC(2001, 0, 1) * 1000;
  assert.deepEqual(processed, [
    { id: 7, price: 2.5, city: 'Oslo', at, total: 5, _batch: validation.batch, _row: 0 },
    { id: 1, price: 1, city: null, at, total: 2, _batch: validation.batch, _row: 1 },
  ]);
  assert.deepEqual(draft.blobs, [validation.processed?.digest]);
  assert.equal(draft.parents.length, 1);
});

test('a bad row goes to quarantine with every reason, the others go on', async () => {
  const rules: readonly RuleSpec[] = [
    { id: 'price in range', severity: 'error', kind: 'range', column: 'price', min: 0, max: 100 },
    { id: 'known city', severity: 'error', kind: 'set', column: 'city', values: ['Oslo', 'Bergen'] },
    { id: 'short', severity: 'error', kind: 'regex', column: 'city', pattern: '^[A-Z].{0,5}$' },
    { id: 'cheap', severity: 'error', kind: 'expression', expression: row.total.lt(150).json as never },
    { id: 'dear', severity: 'warn', kind: 'range', column: 'price', min: 2, max: null },
  ];
  const lines = [
    {},
    { price: 101, city: 'oslo' },
    { price: null, city: null },
    { price: -0.5 },
    { price: 80 },
  ];
  const { validation, processed } = await judge(lines, aContract(rules));
  assert.deepEqual(
    processed.map(({ _row }) => _row),
    [0, 2],
  );
  assert.deepEqual(await reasonsOf(validation), [
    [1, ['price in range', 'known city', 'short', 'cheap']],
    [3, ['price in range']],
    [4, ['cheap']],
  ]);
  assert.deepEqual(failuresOf(validation), {
    'price in range': 2,
    'known city': 1,
    short: 1,
    cheap: 2,
    dear: 2,
  });
  assert.deepEqual(await quarantineSummary(world, validation), [
    { reason: 'cheap', rows: 2 },
    { reason: 'price in range', rows: 2 },
    { reason: 'known city', rows: 1 },
    { reason: 'short', rows: 1 },
  ]);
  const [one] = await readQuarantine(world, validation, { reason: 'short', limit: 5 });
  assert.equal(one?.row, 1);
  assert.equal(one?.values['city'], 'oslo');
});

test('text that could not be read breaks the type rule and is kept; a null is a null', async () => {
  const lines = [
    { id: null, raw: '{"id":"x7"}' },
    { id: null },
    { at: null, price: null, raw: '{"price":"a/b","at":"soon"}' },
    {},
  ];
  const { validation, processed } = await judge(lines);
  assert.deepEqual(
    processed.map(({ _row }) => _row),
    [3],
  );
  assert.deepEqual(await reasonsOf(validation), [
    [0, ['type:id']],
    [1, ['notNull:id']],
    [2, ['type:price', 'type:at']],
  ]);
  const rows = await readQuarantine(world, validation, { limit: 9 });
  assert.deepEqual(
    rows.map(({ unreadable }) => unreadable),
    [{ id: 'x7' }, {}, { price: 'a/b', at: 'soon' }],
  );
});

test('a derived time that is null keeps the row back under its own reason', async () => {
  const source = aSource({
    derived: [
      {
        name: 'due',
        type: 'timestamp',
        expression: {
          op: 'case',
          args: [row.price.gt(0).json, row.at.json, { op: 'literal', type: 'timestamp', value: null }],
        } as never,
      },
    ],
    knownTime: 'due',
  });
  const { validation } = await judge([{}, { price: -1 }], aContract(), { source });
  assert.deepEqual(await reasonsOf(validation), [[1, ['notNull:due']]]);
});

test('a derived column that cannot be computed for a row keeps back that row only', async () => {
  const source = aSource({
    derived: [
      { name: 'big', type: 'int64', expression: row.id.times(4).json as never },
      { name: 'more', type: 'int64', expression: columnsOf({ big: 'int64' }).big.plus(1).json as never },
    ],
  });
  const { id } = columnsOf({ id: 'int64' });
  const huge = id.times(id).gt(0).json as never;
  const lines = [{ id: 1 }, { id: 4e18 }, { id: 2 }];
  const { validation, processed } = await judge(
    lines,
    aContract([{ id: 'rule', severity: 'error', kind: 'expression', expression: huge }]),
    { source },
  );
  assert.deepEqual(
    processed.map(({ big, more }) => [big, more]),
    [
      [4, 5],
      [8, 9],
    ],
  );
  assert.deepEqual(await reasonsOf(validation), [[1, ['type:big', 'rule']]]);
  const [bad] = await readQuarantine(world, validation, { limit: 1 });
  assert.deepEqual(bad?.unreadable, { big: 'cannot be computed' });
  const rule: RuleSpec = { id: 'rule', severity: 'error', kind: 'expression', expression: huge };
  const alone = await judge(lines, aContract([rule]), { source: aSource({ derived: [] }) });
  assert.deepEqual(await reasonsOf(alone.validation), [[1, ['rule']]]);
});

test('too large a share of bad rows fails the batch: no row goes on, and none is forgotten', async () => {
  const rules: readonly RuleSpec[] = [
    { id: 'range', severity: 'error', kind: 'range', column: 'price', min: 0, max: 9 },
  ];
  const lines = [{}, {}, { price: 10 }, { price: 11 }];
  const { validation } = await judge(lines, aContract(rules, { breaker: { maxQuarantinedShare: 0.4 } }));
  assert.equal(validation.verdict, 'fail');
  assert.equal(validation.processed, null);
  assert.equal(validation.quarantine?.rows, 2);
  assert.match(
    validation.reasons.join(),
    /2 of 4 rows \(0\.5\) are quarantined; allowed is 0\.4; most: range 2/,
  );
  const held = await judge(lines, aContract(rules, { breaker: { maxQuarantinedShare: 0.5 } }));
  assert.equal(held.validation.verdict, 'pass');
});

test('rules over the batch judge row count and age', async () => {
  const rowCount = (min: number | null, max: number | null): RuleSpec => ({
    id: 'rows',
    severity: 'error',
    kind: 'rowCount',
    min,
    max,
  });
  const fresh = (maxAgeSeconds: number, severity: 'error' | 'warn' = 'error'): RuleSpec => ({
    id: 'fresh',
    severity,
    kind: 'freshness',
    maxAgeSeconds,
  });
  const verdict = async (
    lines: readonly Line[],
    ...rules: readonly RuleSpec[]
  ): Promise<readonly unknown[]> => {
    const { validation } = await judge(lines, aContract(rules));
    const last = validation.rules.at(-1);
    return [validation.verdict, last?.failures, last?.observed, validation.processed === null];
  };
  assert.deepEqual(await verdict([{}, {}], rowCount(1, 2)), ['pass', 0, 2, false]);
  assert.deepEqual(await verdict([{}, {}], rowCount(3, null)), ['fail', 1, 2, true]);
  assert.deepEqual(await verdict([{}, {}], rowCount(null, 1)), ['fail', 1, 2, true]);
  assert.deepEqual(await verdict([{}], fresh(86_400)), ['pass', 0, 86_400, false]);
  assert.deepEqual(await verdict([{}], fresh(86_399)), ['fail', 1, 86_400, true]);
  assert.deepEqual(await verdict([{}], fresh(1, 'warn')), ['pass', 1, 86_400, false]);
  assert.deepEqual(await verdict([], fresh(1)), ['fail', 1, null, true]);
  const bad = { id: null, at: '2001-01-02' };
  assert.deepEqual(await verdict([{ at: '2000-12-01' }, bad], fresh(86_400)), ['fail', 1, 32 * 86_400, true]);
  const { batch, raw } = await delivery([{}]);
  const contract = aContract([fresh(1)]);
  const unknown = await judge([], contract, { raw, batch: { ...batch, declaredAtUs: null } });
  assert.equal(unknown.validation.verdict, 'inconclusive');
  assert.match(unknown.validation.reasons.join(), /no time of arrival was declared/);
});

test('a batch without rows passes, and its profile is empty', async () => {
  const { validation, processed } = await judge([]);
  assert.equal(validation.verdict, 'pass');
  assert.deepEqual(processed, []);
  assert.deepEqual(validation.profile[0], {
    name: 'id',
    type: 'int64',
    nulls: 0,
    distinctApprox: 0,
    min: null,
    max: null,
    mean: null,
    stddev: null,
    minLength: null,
    maxLength: null,
  });
});

test('processed and quarantined rows are the batch; quarantined ones break each rule they name, the others none', async () => {
  const rules: readonly RuleSpec[] = [
    { id: 'range', severity: 'error', kind: 'range', column: 'price', min: 0, max: 5 },
    { id: 'set', severity: 'error', kind: 'set', column: 'city', values: ['a', 'b'] },
    { id: 'regex', severity: 'error', kind: 'regex', column: 'city', pattern: '^[ac]$' },
    {
      id: 'expression',
      severity: 'error',
      kind: 'expression',
      expression: row.total.lt(row.id.toDouble()).json as never,
    },
    unique(['id', 'city']),
    { id: 'warned', severity: 'warn', kind: 'range', column: 'price', min: 3, max: null },
  ];
  const breaks: Readonly<Record<string, (line: Line) => boolean>> = {
    'notNull:id': ({ id, raw }) => id === null && raw === null,
    'type:id': ({ raw }) => raw !== null,
    range: ({ price }) => price != null && (price < 0 || price > 5),
    set: ({ city }) => city != null && !['a', 'b'].includes(city),
    regex: ({ city }) => city != null && !['a', 'c'].includes(city),
    expression: ({ price, id }) => price != null && id != null && !(price * 2 < id),
  };
  const line = fc.record({
    id: fc.option(fc.integer({ min: 0, max: 8 })),
    price: fc.option(fc.integer({ min: -1, max: 7 })),
    city: fc.option(fc.constantFrom('a', 'b', 'c')),
    raw: fc.constant(null),
  });
  const unreadable = line.map((one) => ({ ...one, id: null, raw: '{"id":"x"}' }));
  const lines = fc.array(fc.oneof({ weight: 9, arbitrary: line }, { weight: 1, arbitrary: unreadable }), {
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(lines, async (batch) => {
      const { validation, processed } = await judge(batch, aContract(rules));
      const quarantined = await reasonsOf(validation);
      const seen = [...processed.map(({ _row }) => Number(_row)), ...quarantined.map(([number]) => number)];
      assert.deepEqual(
        seen.sort((a, b) => a - b),
        batch.map((_, i) => i),
      );
      const reasons = new Map(quarantined);
      const kept = new Set(
        processed.map(({ id, city }) => (id === null || city === null ? {} : `${id} ${city}`)),
      );
      assert.equal(kept.size, processed.length, 'no key twice among the processed');
      for (const [i, one] of batch.entries()) {
        const named = (reasons.get(i) ?? []).filter((id) => id !== 'unique');
        const broken = Object.keys(breaks).filter((id) => breaks[id]?.(one));
        assert.deepEqual([...named].sort(), broken.sort(), JSON.stringify(one));
      }
      const keyed = batch.filter(({ id, city }) => id != null && city != null);
      const repeats = keyed.length - new Set(keyed.map(({ id, city }) => `${id} ${city}`)).size;
      assert.equal(failuresOf(validation)['unique'] ?? 0, repeats);
      for (const rule of validation.rules.filter(({ severity }) => severity === 'error')) {
        assert.equal(quarantined.filter(([, ids]) => ids.includes(rule.id)).length, rule.failures, rule.id);
      }
    }),
    { numRuns: 60, seed: 5 },
  );
});

test('the record and the tables are the same bytes on 1, 2 and 4 threads', async () => {
  const contract = aContract([
    { id: 'range', severity: 'error', kind: 'range', column: 'price', min: 0, max: 900 },
    unique(['id']),
  ]);
  const compiled = compileContract({ source: aSource(), contract });
  const sql = `SELECT range AS _row, (hash(range) % 149000)::BIGINT AS id, (hash(range * 7) % 10000) / 10.7 AS price,
    'city ' || (range % 300) AS city, TIMESTAMP '2001-01-01' + to_seconds(range) AS "at", NULL::VARCHAR AS _raw FROM range(150000)`;
  const select = (names: readonly string[]): string =>
    `SELECT ${['_row', ...names.map(quoteIdentifier), '_raw'].join(', ')} FROM (${sql})`;
  const digest = digestBytes('threads');
  const { batch } = await delivery([]);
  const found = new Set<string>();
  for (const threads of [1, 2, 4]) {
    const other = await openDuckdb({
      memoryMb: 1000,
      threads,
      temporaryDirectory: path.join(world.directory, 'spill'),
    });
    const trusted = { relation: sql, row: '_row', columns: new Map() };
    const raw = { batch: digest, name: 'threads', lookups: [], select, trusted };
    const outcome = await validateBatch(
      { blob: world.blob, engine: other },
      { contract: compiled, batch: { ...batch, raw: digest }, raw },
    );
    found.add(JSON.stringify(outcome.versions));
    await other.close();
  }
  assert.equal(found.size, 1);
});

test('nothing is left behind in the engine or in the scratch folder', async () => {
  await judge([{}, { id: null }], aContract([unique([])]));
  const tables = await world.engine.rows(
    "SELECT table_name FROM duckdb_tables() WHERE NOT starts_with(table_name, 'delivery_')",
  );
  assert.deepEqual(tables, []);
  assert.deepEqual(
    readdirSync(path.join(world.directory, 'blobs')).filter((name) => name.startsWith('scratch-')),
    [],
  );
});

test('a dataset is the list of accepted tables, each delivery once', async () => {
  const { validation } = await judge([{}, {}]);
  const accepted = { validation: digestBytes('v'), raw: validation.batch, processed: validation.processed! };
  const contract = compileContract({ source: aSource(), contract: aContract() });
  const draft = assembleDataset({
    source: 'orders',
    contract,
    accepted: [accepted, { ...accepted, validation: digestBytes('w') }],
  });
  assert.equal(draft.content.rows, 2);
  assert.deepEqual(
    draft.content.columns.map(({ name }) => name),
    ['id', 'price', 'city', 'at', 'total'],
  );
  assert.deepEqual(draft.parents, [{ digest: digestBytes('v'), role: 'validation' }]);
});
