import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorTable } from './error-table.ts';
import { isSluiceError, kindFacts, SluiceError } from './errors.ts';

test('every code has a known kind, a message and a remedy that end as sentences', () => {
  for (const [code, [kind, message, remedy]] of Object.entries(errorTable)) {
    assert.match(code, /^[A-Z]+_[A-Z0-9_]+$/, code);
    assert.ok(kind in kindFacts, code);
    assert.ok(message.length > 0 && remedy.length > 0, code);
  }
});

test('exit codes and retry follow from the kind alone', () => {
  const exits = Object.fromEntries(Object.entries(kindFacts).map(([kind, facts]) => [kind, facts.exitCode]));
  assert.deepEqual(exits, {
    input: 2,
    missing: 7,
    conflict: 6,
    state: 6,
    limit: 2,
    timeout: 5,
    unavailable: 5,
    corrupt: 8,
    unsupported: 2,
    bug: 1,
  });
  const retryable = Object.entries(kindFacts).flatMap(([kind, facts]) => (facts.retryable ? [kind] : []));
  assert.deepEqual(retryable, ['conflict', 'timeout', 'unavailable']);
  const error = new SluiceError('BLOB_MISSING', { digest: 'ab' });
  assert.deepEqual([error.kind, error.exitCode, error.retryable], ['missing', 7, false]);
});

test('message and remedy are filled from the details', () => {
  const error = new SluiceError('CONFIG_KEY', { path: 'train.trainr', nearest: 'trainer' });
  assert.equal(error.message, 'Unknown key train.trainr. Nearest: trainer.');
  assert.equal(error.name, 'SluiceError');
  assert.deepEqual(error.details, { path: 'train.trainr', nearest: 'trainer' });
  const withRemedy = new SluiceError('ENGINE_QUERY', { reason: 'x', sql: 'SELECT 1' });
  assert.match(withRemedy.remedy, /SELECT 1/);
});

test('a value of megabytes is cut in the message and its length is told', () => {
  const error = new SluiceError('CONFIG_KEY', { path: 'x'.repeat(5_000_000), nearest: 'y' });
  assert.ok(error.message.length < 400);
  assert.match(error.message, /… \(5000000 characters\)/);
});

test('the last lines of a program are kept to 4000 characters', () => {
  const details = { command: 'train', exit: 'exit code 1' };
  const error = new SluiceError('TRAIN_CRASHED', { ...details, output: `${'x'.repeat(3990)}\nthe end` });
  assert.match(error.message, /the end$/);
});

test('a cut never leaves half of a character behind', () => {
  const error = new SluiceError('CONFIG_KEY', { path: `${'x'.repeat(299)}😀😀`, nearest: 'y' });
  assert.ok(error.message.isWellFormed());
});

test('signs that would steer a terminal are written out', () => {
  const error = new SluiceError('CONFIG_KEY', { path: '\u001b[2Jgone\r\u009b', nearest: 'a\tb\nc' });
  assert.equal(error.message, 'Unknown key \\x1b[2Jgone\\x0d\\x9b. Nearest: a\tb\nc.');
});

test('an error of another copy of the package is known by its marker', () => {
  const foreign = Object.assign(new TypeError('from elsewhere'), { code: 'BLOB_MISSING' });
  assert.equal(isSluiceError(foreign), false);
  Object.defineProperty(foreign, Symbol.for('sluice.error'), { value: true });
  assert.equal(isSluiceError(foreign, 'BLOB_MISSING'), true);
  assert.equal(isSluiceError(foreign, 'BLOB_CORRUPT'), false);
  assert.equal(isSluiceError({ code: 'BLOB_MISSING' }), false);
});

test('the cause is kept', () => {
  const cause = new TypeError('disk');
  const error: SluiceError = new SluiceError('BLOB_MISSING', { digest: 'ab' }, { cause });
  assert.equal(error.cause, cause);
});
