import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainTerminal } from '../../test/fixtures/plain-terminal.ts';
import { SluiceError } from '../base/errors.ts';
import { errorJson, errorText, exitCodeOf } from './report-error.ts';

const known = new SluiceError('CONFIG_KEY', { path: 'train.trainr', nearest: 'trainer' });
const bug = new RangeError('boom');

test('an expected error says what happened, how to mend it, and shows no stack', () => {
  const text = errorText(plainTerminal(80), known);
  assert.match(text, /^error Unknown key train\.trainr\. Nearest: trainer\.\n {2}mend Correct the key/);
  assert.match(text, /code CONFIG_KEY, kind input$/);
  assert.doesNotMatch(text, / at .*:\d+/);
});

test('an error fits a terminal of 40 columns', () => {
  const long = new SluiceError('CONFIG_VALUE', {
    path: 'a.b',
    value: 'c'.repeat(90),
    reason: 'it is too long',
  });
  for (const line of errorText(plainTerminal(40), long, 40).split('\n')) assert.ok(line.length <= 40, line);
});

test('a bug shows its stack and asks for a report', () => {
  assert.match(errorText(plainTerminal(80), bug), /^bug .*report this:\nRangeError: boom\n {4}at /);
  assert.match(errorText(plainTerminal(80), 'a thrown text'), /a thrown text$/);
});

test('as JSON an error has code, kind, message, remedy and details', () => {
  assert.deepEqual(errorJson(known), {
    error: {
      code: 'CONFIG_KEY',
      kind: 'input',
      message: known.message,
      remedy: known.remedy,
      details: { path: 'train.trainr', nearest: 'trainer' },
    },
  });
  assert.deepEqual(errorJson(bug), { error: { code: 'BUG', kind: 'bug', message: 'boom' } });
});

test('exit codes follow the kind; an interrupt is 130 and a bug 1', () => {
  assert.equal(exitCodeOf(known), 2);
  assert.equal(exitCodeOf(new SluiceError('BLOB_MISSING', { digest: 'ab' })), 7);
  assert.equal(exitCodeOf(new SluiceError('PIPELINE_INTERRUPTED', { stage: 'train' })), 130);
  assert.equal(exitCodeOf(bug), 1);
});
