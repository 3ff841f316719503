import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import * as fc from 'fast-check';
import { openMemoryBlob } from '../../adapters/blob/memory.ts';
import { openDuckdb } from '../../adapters/engine/duckdb.ts';
import { digestBytes } from '../../base/digest.ts';
import { columns as columnsOf } from '../../expression/expression.ts';
import { quoteIdentifier, quoteLiteral } from '../../expression/sql-text.ts';
import type { RawTable } from '../../ledger/raw-table.ts';
import type { Blob } from '../../ports/blob.ts';
import type { Cell, Engine } from '../../ports/engine.ts';
import type { Batch } from '../../records/batch.ts';
import type { ContractSpec, RuleSpec } from '../../records/contract-spec.ts';
import type { SourceSpec } from '../../records/source-spec.ts';
import { validationSchema, type TableRef, type Validation } from '../../records/validation.ts';
import type { VersionDraft } from '../../records/version.ts';
import { assembleDataset } from './assemble-dataset.ts';
import { compileContract } from './compile-contract.ts';
import { quarantineSummary, readQuarantine } from './quarantine.ts';
import { validateBatch, type ValidateOptions } from './validate-batch.ts';

let directory = '';
let blob: Blob;
let engine: Engine;

before(async () => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'sluice-'));
  blob = await openMemoryBlob({ directory: path.join(directory, 'blobs') });
  engine = await openDuckdb({
    memoryMb: 1000,
    threads: 2,
    temporaryDirectory: path.join(directory, 'spill'),
  });
});

after(async () => {
  await engine.close();
  rmSync(directory, { recursive: true, force: true });
});

const row = columnsOf({ id: 'int64', price: 'double', city: 'string', at: 'timestamp', total: 'double' });

function aSource(overrides: Partial<SourceSpec> = {}): SourceSpec {
  return {
    name: 'orders',
    files: ['landing/*.csv'],
    format: 'csv',
    csv: { delimiter: ',', quote: '"', header: true, nullText: '' },
    columns: [
      { name: 'id', type: 'int64', nullable: false },
      { name: 'price', type: 'double', nullable: true },
      { name: 'city', type: 'string', nullable: true },
      { name: 'at', type: 'timestamp', nullable: false },
    ],
    lookups: [],
    joins: [],
    derived: [{ name: 'total', type: 'double', expression: row.price.times(2).json as never }],
    eventTime: 'at',
    knownTime: null,
    outcomeColumns: [],
    ...overrides,
  };
}

function aContract(rules: readonly RuleSpec[] = [], overrides: Partial<ContractSpec> = {}): ContractSpec {
  return { rowSchema: {}, rules, breaker: { maxQuarantinedShare: 1 }, ...overrides };
}

interface Line {
  readonly id?: number | null;
  readonly price?: number | null;
  readonly city?: string | null;
  readonly at?: string | null;
  /** JSON text of what could not be read. */
  readonly raw?: string | null;
}

function sqlOf(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return 'NULL';
  return typeof value === 'number' ? `'${value}'::DOUBLE` : quoteLiteral(value);
}

let serial = 0;

/** A delivery of the columns above, as ingest would open it. */
async function delivery(lines: readonly Line[]): Promise<{ raw: RawTable; batch: Batch }> {
  const table = `delivery_${serial++}`;
  await engine.run(
    `CREATE TABLE ${table} (_row BIGINT, id BIGINT, price DOUBLE, city VARCHAR, "at" TIMESTAMP, _raw VARCHAR)`,
  );
  const values = lines.map(
    ({ id = 1, price = 1, city = 'Oslo', at = '2001-01-01', raw = null }, i) =>
      `(${[`${i}`, ...[id, price, city, at, raw].map(sqlOf)].join(', ')})`,
  );
  if (values.length > 0) await engine.run(`INSERT INTO ${table} VALUES ${values.join(', ')}`);
  const digest = digestBytes(table);
  const select = (names: readonly string[]): string =>
    `SELECT ${['_row', ...names.map(quoteIdentifier), '_raw'].join(', ')} FROM ${table}`;
  const trusted = { relation: table, row: '_row', columns: new Map() };
  const raw = { batch: digest, name: table, lookups: [], select, trusted };
  const batch: Batch = {
    schemaVersion: 1,
    source: 'orders',
    raw: digest,
    sizeBytes: 1,
    name: table,
    format: 'csv',
    declaredAtUs: Date.UTC(2001, 0, 2) * 1000,
  };
  return { raw, batch };
}

interface Judged {
  readonly validation: Validation;
  readonly draft: VersionDraft<'validation'>;
  readonly processed: readonly Readonly<Record<string, Cell>>[];
}

async function judge(
  lines: readonly Line[],
  contract: ContractSpec = aContract(),
  options: Partial<ValidateOptions> & { readonly source?: SourceSpec } = {},
): Promise<Judged> {
  const { source = aSource(), ...others } = options;
  const compiled = compileContract({ source, contract });
  const outcome = await validateBatch(
    { blob, engine },
    { contract: compiled, ...(await delivery(lines)), ...others },
  );
  const draft = outcome.versions[0] as VersionDraft<'validation'>;
  const validation = validationSchema.parse(draft.content);
  assert.equal(outcome.verdict, validation.verdict);
  return { validation, draft, processed: await tableRows(validation.processed) };
}

async function tableRows(table: TableRef | null): Promise<readonly Readonly<Record<string, Cell>>[]> {
  if (table === null) return [];
  return engine.rows(
    `SELECT * FROM read_parquet(${quoteLiteral(await blob.path(table.digest))}) ORDER BY _row`,
  );
}

async function reasonsOf(validation: Validation): Promise<readonly (readonly [number, readonly string[]])[]> {
  const rows = await readQuarantine({ blob, engine }, validation, { limit: 1000 });
  return rows.map(({ row: number, reasons }) => [number, reasons] as const);
}

function failuresOf({ rules }: Validation): Readonly<Record<string, number>> {
  return Object.fromEntries(
    rules.filter(({ failures }) => failures > 0).map(({ id, failures }) => [id, failures]),
  );
}

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
  assert.deepEqual(await quarantineSummary({ blob, engine }, validation), [
    { reason: 'cheap', rows: 2 },
    { reason: 'price in range', rows: 2 },
    { reason: 'known city', rows: 1 },
    { reason: 'short', rows: 1 },
  ]);
  const [one] = await readQuarantine({ blob, engine }, validation, { reason: 'short', limit: 5 });
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
  const rows = await readQuarantine({ blob, engine }, validation, { limit: 9 });
  assert.deepEqual(
    rows.map(({ unreadable }) => unreadable),
    [{ id: 'x7' }, {}, { price: 'a/b', at: 'soon' }],
  );
});

test('numbers that JSON does not know break the type rule', async () => {
  const { validation } = await judge([{ price: Number.NaN }, { price: Infinity }, { price: 5 }]);
  assert.deepEqual(await reasonsOf(validation), [
    [0, ['type:price']],
    [1, ['type:price']],
  ]);
  const price = validation.profile.find(({ name }) => name === 'price');
  assert.deepEqual([price?.min, price?.max, price?.mean, price?.stddev], [5, 5, 5, null]);
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
  const [bad] = await readQuarantine({ blob, engine }, validation, { limit: 1 });
  assert.deepEqual(bad?.unreadable, { big: 'cannot be computed' });
  const rule: RuleSpec = { id: 'rule', severity: 'error', kind: 'expression', expression: huge };
  const alone = await judge(lines, aContract([rule]), { source: aSource({ derived: [] }) });
  assert.deepEqual(await reasonsOf(alone.validation), [[1, ['rule']]]);
});

const unique = (columns: readonly string[], within: 'batch' | 'dataset' = 'batch'): RuleSpec => ({
  id: 'unique',
  severity: 'error',
  kind: 'unique',
  columns,
  within,
});

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
  const [first] = await readQuarantine({ blob, engine }, validation, { limit: 1 });
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

test('the profile tells nulls, distinct values, range, mean, spread and lengths', async () => {
  const lines = [
    { id: 1, city: 'aé' },
    { id: 2, city: null },
    { id: 6, city: 'abc', at: '2001-01-03' },
  ];
  const { validation } = await judge(lines);
  const [id, , city, at] = validation.profile;
  assert.deepEqual([id?.nulls, id?.distinctApprox, id?.min, id?.max, id?.mean], [0, 3, 1, 6, 3]);
  assert.ok(Math.abs((id?.stddev ?? 0) - Math.sqrt(7)) < 1e-9);
  assert.deepEqual(
    [city?.nulls, city?.minLength, city?.maxLength, city?.min, city?.mean],
    [1, 2, 3, null, null],
  );
  assert.deepEqual([at?.min, at?.max], [Date.UTC(2001, 0, 1) * 1000, Date.UTC(2001, 0, 3) * 1000]);
});

test('mean and spread equal the two-pass formula within 1e-9 of the range', async () => {
  const number = fc.integer({ min: -1e12, max: 1e12 }).map((value) => value / 997);
  const numbers = fc.array(number, { minLength: 2, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(numbers, async (values) => {
      const { validation } = await judge(values.map((price) => ({ price })));
      const price = validation.profile.find(({ name }) => name === 'price');
      const mean = values.reduce((sum, value) => sum + value / values.length, 0);
      const spread = Math.sqrt(
        values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1),
      );
      const range = Math.max(...values) - Math.min(...values);
      assert.ok(Math.abs((price?.mean ?? NaN) - mean) <= 1e-9 * (range + Math.abs(mean)));
      assert.ok(Math.abs((price?.stddev ?? NaN) - spread) <= 1e-8 * (range + Math.abs(mean) * 1e-8));
    }),
    { numRuns: 40, seed: 11 },
  );
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
      temporaryDirectory: path.join(directory, 'spill'),
    });
    const trusted = { relation: sql, row: '_row', columns: new Map() };
    const raw = { batch: digest, name: 'threads', lookups: [], select, trusted };
    const outcome = await validateBatch(
      { blob, engine: other },
      { contract: compiled, batch: { ...batch, raw: digest }, raw },
    );
    found.add(JSON.stringify(outcome.versions));
    await other.close();
  }
  assert.equal(found.size, 1);
});

test('nothing is left behind in the engine or in the scratch folder', async () => {
  await judge([{}, { id: null }], aContract([unique([])]));
  const tables = await engine.rows(
    "SELECT table_name FROM duckdb_tables() WHERE NOT starts_with(table_name, 'delivery_')",
  );
  assert.deepEqual(tables, []);
  assert.deepEqual(
    readdirSync(path.join(directory, 'blobs')).filter((name) => name.startsWith('scratch-')),
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
