import assert from 'node:assert/strict';
import { isSluiceError, SluiceError, type ErrorCode } from '../base/errors.ts';

/** One named demand on an adapter; it throws when the demand is not met. Any test runner can run it. */
export interface ConformanceCase<Context> {
  /** A sentence about behaviour, unique in its suite. */
  readonly name: string;
  run(context: Context): Promise<void>;
}

/** A demand that an adapter declares not to meet. It is held to it: the case must fail, and with `code` when given. */
export interface ConformanceException {
  /** Name of the case. */
  readonly case: string;
  /** `unsupported`: the backend cannot; `differs`: it can, and answers otherwise. */
  readonly kind: 'unsupported' | 'differs';
  readonly reason: string;
  readonly code?: ErrorCode;
}

/**
 * Yields the cases to run for an adapter: a case with an exception is turned round, so that an exception that is no
 * longer needed fails as well.
 *
 * @throws CONFORMANCE_EXCEPTION when an exception names no case of the suite
 */
export function conformanceCases<Context>(
  suite: readonly ConformanceCase<Context>[],
  exceptions: readonly ConformanceException[],
): readonly ConformanceCase<Context>[] {
  const names = new Set(suite.map(({ name }) => name));
  for (const exception of exceptions) {
    if (!names.has(exception.case)) throw new SluiceError('CONFORMANCE_EXCEPTION', { name: exception.case });
  }
  return suite.map((one) => {
    const exception = exceptions.find((candidate) => candidate.case === one.name);
    return exception === undefined ? one : turnedRound(one, exception);
  });
}

function turnedRound<Context>(
  one: ConformanceCase<Context>,
  exception: ConformanceException,
): ConformanceCase<Context> {
  return {
    name: `${one.name} (${exception.kind}: ${exception.reason})`,
    run: (context) =>
      assert.rejects(
        () => one.run(context),
        (error) => exception.code === undefined || isSluiceError(error, exception.code),
        'the adapter meets this demand: remove the exception',
      ),
  };
}

/** Asserts that `work` fails with a SluiceError of the code. */
export async function rejectsWith(code: ErrorCode, work: () => Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(isSluiceError(error), `expected ${code}, got ${String(error)}`);
    assert.equal(error.code, code, error.message);
    return true;
  });
}
