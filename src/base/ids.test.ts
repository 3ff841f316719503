import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from './clock.ts';
import { newId } from './ids.ts';

test('ids have the documented form and sort in the order of their making, even within one microsecond', () => {
  const clock = manualClock(4_000_000_000_000_000);
  const ids = Array.from({ length: 2000 }, () => newId('step', clock));
  for (const id of ids) assert.match(id, /^step_[0-9a-f]{13}[0-9a-f]{10}$/);
  assert.deepEqual([...ids].sort(), ids);
  assert.equal(new Set(ids).size, ids.length);
});

test('a clock that is set back does not break the order', () => {
  const before = newId('run', manualClock(4_100_000_000_000_000));
  const after = newId('run', manualClock(4_000_000_000_000_000));
  assert.ok(after > before);
});
