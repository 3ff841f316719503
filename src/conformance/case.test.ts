import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSluiceError, SluiceError } from '../base/errors.ts';
import { conformanceCases, rejectsWith, type ConformanceCase } from './case.ts';

const suite: readonly ConformanceCase<null>[] = [
  { name: 'works', run: async () => {} },
  {
    name: 'fails',
    run: async () => {
      throw new SluiceError('BLOB_MISSING', { digest: 'none' });
    },
  },
];

function runOf(cases: readonly ConformanceCase<null>[], index: number): Promise<void> {
  return cases[index]?.run(null) ?? Promise.reject(new RangeError('no such case'));
}

test('without exceptions the cases are the suite', () => {
  assert.deepEqual(conformanceCases(suite, []), suite);
});

test('a declared exception passes while the case fails with its code, and says why in its name', async () => {
  const exception = {
    case: 'fails',
    kind: 'unsupported',
    reason: 'no such thing here',
    code: 'BLOB_MISSING',
  } as const;
  const cases = conformanceCases(suite, [exception]);
  await runOf(cases, 0);
  await runOf(cases, 1);
  assert.equal(cases[1]?.name, 'fails (unsupported: no such thing here)');
});

test('an exception fails when the case passes, and when it fails with another code', async () => {
  const idle = conformanceCases(suite, [{ case: 'works', kind: 'differs', reason: 'it did once' }]);
  await assert.rejects(() => runOf(idle, 0), /remove the exception/);
  const other = conformanceCases(suite, [
    { case: 'fails', kind: 'differs', reason: 'other code', code: 'BLOB_CORRUPT' },
  ]);
  await assert.rejects(() => runOf(other, 1));
});

test('an exception that names no case is refused', () => {
  assert.throws(
    () => conformanceCases(suite, [{ case: 'no such case', kind: 'differs', reason: 'a slip' }]),
    (error) => isSluiceError(error, 'CONFORMANCE_EXCEPTION'),
  );
});

test('rejectsWith tells a SluiceError of another code from a foreign error', async () => {
  const missing = (): Promise<never> => Promise.reject(new SluiceError('BLOB_MISSING', { digest: 'none' }));
  await rejectsWith('BLOB_MISSING', missing);
  await assert.rejects(() => rejectsWith('BLOB_CORRUPT', missing));
  await assert.rejects(() => rejectsWith('BLOB_CORRUPT', () => Promise.reject(new RangeError('x'))));
});
