import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redacted } from './redact.ts';

test('values under secret names, in URLs and after secret flags disappear', () => {
  const seen = redacted({
    apiKey: 'x',
    nested: [{ db_password: 'y', user: 'me' }],
    url: 'postgres://me:pw@db/x',
    command: ['train', '--token', 'abc', '--api-key=def', '--leaves', '31'],
  });
  assert.deepEqual(seen, {
    apiKey: '[redacted]',
    nested: [{ db_password: '[redacted]', user: 'me' }],
    url: 'postgres://me:[redacted]@db/x',
    command: ['train', '--token', '[redacted]', '--api-key=[redacted]', '--leaves', '31'],
  });
});

test('numbers under such names stay, and so do names that only sound like one', () => {
  assert.deepEqual(redacted({ maxTokens: 100, tokenize: true }), { maxTokens: 100, tokenize: true });
  assert.deepEqual(redacted({ tokenizer: 'words' }), { tokenizer: 'words' });
});
