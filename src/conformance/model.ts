import assert from 'node:assert/strict';
import type { ErrorCode } from '../base/errors.ts';
import type { Column, ColumnTable } from '../ports/engine.ts';
import type { ModelRuntime, Signature } from '../ports/model.ts';
import { rejectsWith, type ConformanceCase } from './case.ts';
import { externalDataModels, modelBytes } from './model-bytes.ts';

/** What an adapter's test provides: a runtime per case, whose time-out for loading and for scoring is about a second. */
export interface ModelContext {
  readonly runtime: ModelRuntime;
}

const numeric = (...names: string[]): Signature['features'] =>
  names.map((name) => ({ name, kind: 'numeric' }));
const binary: Signature = { task: 'binary', features: [...numeric('n'), { name: 'c', kind: 'categorical' }] };
const regression: Signature = { task: 'regression', features: numeric('n') };
const bytesOf = (base64: string): Uint8Array => Buffer.from(base64, 'base64');
const numbers = (values: readonly number[]): Column => ({
  type: 'double',
  values: Float64Array.from(values),
});

function texts(values: readonly (string | null)[]): Column {
  const dictionary = [...new Set(values.filter((value) => value !== null))];
  return {
    type: 'string',
    dictionary,
    codes: Int32Array.from(values, (value) => (value === null ? -1 : dictionary.indexOf(value))),
  };
}

function table(columns: Readonly<Record<string, Column>>): ColumnTable {
  const first = Object.values(columns)[0];
  const rows = first?.type === 'string' ? first.codes.length : (first?.values.length ?? 0);
  return { rows, columns: new Map(Object.entries(columns)) };
}

const sigmoid = (margin: number): number => 1 / (1 + Math.exp(-margin));

function near(found: Float64Array, wanted: readonly number[]): void {
  assert.equal(found.length, wanted.length);
  for (const [row, value] of wanted.entries())
    assert.ok(Math.abs((found[row] ?? NaN) - value) < 1e-6, `row ${row}`);
}

/** A case that a model cannot be loaded. */
function refused(
  name: string,
  code: ErrorCode,
  of: { bytes: Uint8Array; as: Signature },
): ConformanceCase<ModelContext> {
  return { name, run: ({ runtime }) => rejectsWith(code, () => runtime.load(of.bytes, of.as)) };
}

const doubled = bytesOf(modelBytes.doubled);

const answers: readonly ConformanceCase<ModelContext>[] = [
  {
    name: 'numbers and texts go in as they are: missing, NULL, empty and unseen are told apart',
    run: async ({ runtime }) => {
      const model = await runtime.load(bytesOf(modelBytes.binary), binary);
      assert.deepEqual(model.signature, binary);
      const rows = table({
        c: texts(['a', '', null, 'other', 'a', '\u0000', '\u0001', 'a\u0000']),
        n: numbers([0.5, 0.5, 0.5, 0.5, NaN, 0, 0, 0]),
        ignored: texts(Array.from({ length: 8 }, () => null)),
      });
      near(await model.predict(rows), [1.5, 2.5, 3.5, 0.5, 1, 0, 0, 0].map(sigmoid));
    },
  },
  {
    name: 'one matrix takes the numeric features in the order of the signature, and the second probability is the score',
    run: async ({ runtime }) => {
      const model = await runtime.load(bytesOf(modelBytes.pair), {
        task: 'binary',
        features: numeric('first', 'second'),
      });
      const rows = table({ second: numbers([0, 1, 3]), first: numbers([1, 1, 0]) });
      near(await model.predict(rows), [1, 0, -3].map(sigmoid));
    },
  },
  {
    name: 'an input of whole numbers takes whole numbers and says which row has another',
    run: async ({ runtime }) => {
      const model = await runtime.load(bytesOf(modelBytes.integers), regression);
      near(await model.predict(table({ n: numbers([3, -7, 2 ** 20]) })), [3, -7, 2 ** 20]);
      await rejectsWith('MODEL_INPUT', () => model.predict(table({ n: numbers([3, NaN]) })));
      await rejectsWith('MODEL_INPUT', () => model.predict(table({ n: numbers([0.5]) })));
    },
  },
  {
    name: 'no rows, one row and many rows give as many scores, in order, also when asked at once',
    run: async ({ runtime }) => {
      const model = await runtime.load(doubled, regression);
      const sizes = [0, 1, 511, 50_000, 2];
      const asked = sizes.map((rows) =>
        model.predict(table({ n: numbers(Array.from({ length: rows }, (_, row) => row)) })),
      );
      for (const [place, scores] of (await Promise.all(asked)).entries()) {
        assert.equal(scores.length, sizes[place]);
        assert.ok(scores.every((score, row) => score === 2 * row));
      }
    },
  },
  {
    name: 'the same rows give the same bits on every call',
    run: async ({ runtime }) => {
      const model = await runtime.load(bytesOf(modelBytes.binary), binary);
      const rows = table({
        n: numbers(Array.from({ length: 3000 }, (_, i) => i / 700)),
        c: texts(Array.from({ length: 3000 }, () => 'a')),
      });
      assert.deepEqual(await model.predict(rows), await model.predict(rows));
    },
  },
];

const failures: readonly ConformanceCase<ModelContext>[] = [
  {
    name: 'a missing column, a wrong type and a wrong length are MODEL_INPUT, and the model goes on',
    run: async ({ runtime }) => {
      const model = await runtime.load(bytesOf(modelBytes.binary), binary);
      const c = texts(['a']);
      await rejectsWith('MODEL_INPUT', () => model.predict(table({ c })));
      await rejectsWith('MODEL_INPUT', () => model.predict(table({ c, n: texts(['1']) })));
      await rejectsWith('MODEL_INPUT', () =>
        model.predict(table({ c, n: { type: 'timestamp', values: Float64Array.of(1) } })),
      );
      await rejectsWith('MODEL_INPUT', () => model.predict(table({ c: numbers([1]), n: numbers([1]) })));
      await rejectsWith('MODEL_INPUT', () => model.predict(table({ c, n: numbers([1, 2]) })));
      near(await model.predict(table({ c, n: numbers([0]) })), [sigmoid(1)]);
    },
  },
  {
    name: 'a score that is not finite is MODEL_NOT_FINITE with its row, and no probability is MODEL_NOT_PROBABILITY',
    run: async ({ runtime }) => {
      const values = Array.from({ length: 40_000 }, () => 0.25);
      values[33_333] = NaN;
      const model = await runtime.load(doubled, regression);
      await assert.rejects(() => model.predict(table({ n: numbers(values) })), {
        code: 'MODEL_NOT_FINITE',
        details: { row: 33_333, value: NaN },
      });
      await rejectsWith('MODEL_NOT_FINITE', () => model.predict(table({ n: numbers([Infinity]) })));
      const asBinary = await runtime.load(doubled, { ...regression, task: 'binary' });
      near(await asBinary.predict(table({ n: numbers([0, 0.5]) })), [0, 1]);
      await rejectsWith('MODEL_NOT_PROBABILITY', () => asBinary.predict(table({ n: numbers([0.1, 0.6]) })));
    },
  },
  {
    name: 'a model with another number of scores than rows is MODEL_RUN',
    run: async ({ runtime }) => {
      const model = await runtime.load(bytesOf(modelBytes.wide), regression);
      await rejectsWith('MODEL_RUN', () => model.predict(table({ n: numbers([1, 2]) })));
    },
  },
  {
    name: 'a model that hangs is MODEL_TIMEOUT, hurts no other, and answers to `close`',
    run: async ({ runtime }) => {
      const other = await runtime.load(doubled, regression);
      const model = await runtime.load(bytesOf(modelBytes.hanging), regression);
      await rejectsWith('MODEL_TIMEOUT', () => model.predict(table({ n: numbers([1]) })));
      near(await other.predict(table({ n: numbers([4]) })), [8]);
      const asked = rejectsWith('MODEL_CLOSED', () => model.predict(table({ n: numbers([1]) })));
      await model.close();
      await asked;
    },
  },
  {
    name: 'a closed model is MODEL_CLOSED, and closing twice is no error',
    run: async ({ runtime }) => {
      const model = await runtime.load(doubled, regression);
      await model.close();
      await model.close();
      await rejectsWith('MODEL_CLOSED', () => model.predict(table({ n: numbers([1]) })));
    },
  },
];

const refusals: readonly ConformanceCase<ModelContext>[] = [
  ...Object.entries(externalDataModels).map(([place, base64]) =>
    refused(`data in another file is MODEL_EXTERNAL_DATA: ${place}`, 'MODEL_EXTERNAL_DATA', {
      bytes: bytesOf(base64),
      as: regression,
    }),
  ),
  ...[
    ['no bytes', new Uint8Array(0)] as const,
    ['text', Buffer.from('this is not a model')] as const,
    ['half a model', doubled.subarray(0, doubled.length >> 1)] as const,
    ['an unknown operator', bytesOf(modelBytes.unknownOperator)] as const,
  ].map(([name, bytes]) =>
    refused(`what is no model is MODEL_INVALID: ${name}`, 'MODEL_INVALID', { bytes, as: regression }),
  ),
  refused('a list of maps as output is MODEL_ZIPMAP', 'MODEL_ZIPMAP', {
    bytes: bytesOf(modelBytes.zipmap),
    as: { ...regression, task: 'binary' },
  }),
  ...[
    [
      'a feature the model does not know',
      { ...binary, features: [...binary.features, ...numeric('more')] },
    ] as const,
    ['an input that is no feature', { ...binary, features: binary.features.slice(0, 1) }] as const,
    [
      'a text for a number',
      { ...binary, features: binary.features.map(({ name }) => ({ name, kind: 'categorical' as const })) },
    ] as const,
    ['a number for a text', { ...binary, features: numeric('n', 'c') }] as const,
  ].map(([name, as]) =>
    refused(`a signature that does not fit is MODEL_SIGNATURE: ${name}`, 'MODEL_SIGNATURE', {
      bytes: bytesOf(modelBytes.binary),
      as,
    }),
  ),
  refused('a matrix of another width is MODEL_SIGNATURE', 'MODEL_SIGNATURE', {
    bytes: bytesOf(modelBytes.pair),
    as: { ...binary, features: numeric('a', 'b', 'c') },
  }),
];

/** Every demand of the model port. */
export const modelCases: readonly ConformanceCase<ModelContext>[] = [...answers, ...failures, ...refusals];
