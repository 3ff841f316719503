import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedFields, fieldsOf, stepKey } from './step-key.ts';

test('fields are named by the path to each leaf and by the names of list items', () => {
  const fields = fieldsOf('config', {
    seed: 7,
    features: [{ name: 'a', kind: 'numeric' }],
    params: { leaves: 31 },
  });
  assert.deepEqual(fields, {
    'config.seed': '7',
    'config.features': '["a"]',
    'config.features.a.kind': '"numeric"',
    'config.features.a.name': '"a"',
    'config.params.leaves': '31',
  });
});

test('the order of named things shows, and so does a part that became empty', () => {
  const [a, b] = [
    { name: 'a', kind: 1 },
    { name: 'b', kind: 1 },
  ];
  const [before, now] = [fieldsOf('list', [a, b]), fieldsOf('list', [b, a])];
  assert.deepEqual(changedFields(before, now), [{ field: 'list', before: '["a","b"]', now: '["b","a"]' }]);
  assert.notEqual(stepKey(fieldsOf('x', { params: {} })), stepKey(fieldsOf('x', {})));
  assert.deepEqual(fieldsOf('x', { params: {}, list: [] }), { 'x.params': '{}', 'x.list': '[]' });
});

test('long values become digests and short lists stay whole', () => {
  const fields = fieldsOf('x', { list: [1, 2], text: 'y'.repeat(200) });
  assert.equal(fields['x.list'], '[1,2]');
  assert.match(fields['x.text'] ?? '', /^sha256:[0-9a-f]{64}$/);
});

test('the key depends on names and values, and not on the order of writing', () => {
  assert.equal(stepKey({ a: '1', b: '2' }), stepKey({ b: '2', a: '1' }));
  assert.notEqual(stepKey({ a: '1' }), stepKey({ a: '2' }));
  assert.notEqual(stepKey({ ab: 'c' }), stepKey({ a: 'bc' }));
});

test('changed fields name what moved, what came and what went', () => {
  assert.deepEqual(changedFields({ a: '1', b: '2' }, { a: '1', b: '3', c: '4' }), [
    { field: 'b', before: '2', now: '3' },
    { field: 'c', before: null, now: '4' },
  ]);
});
