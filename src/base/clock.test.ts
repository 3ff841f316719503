import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock, systemClock } from './clock.ts';

test('a manual clock moves only when told to', () => {
  const clock = manualClock(1_000);
  assert.equal(clock.nowUs(), 1000);
  clock.advanceUs(2_500);
  assert.deepEqual([clock.nowUs(), clock.elapsedMs()], [3500, 3.5]);
});

test("the machine's clock tells whole microseconds near the wall clock, and durations that do not go back", () => {
  const now = systemClock.nowUs();
  assert.ok(Number.isSafeInteger(now));
  assert.ok(Math.abs(now / 1000 - Date.now()) < 50);
  const before = systemClock.elapsedMs();
  assert.ok(systemClock.elapsedMs() >= before);
});

test("the machine's clock follows a wall clock that is set", (context) => {
  const wall = Date.now();
  context.mock.method(Date, 'now', () => wall + 3_600_000);
  assert.ok(Math.abs(systemClock.nowUs() / 1000 - (wall + 3_600_000)) < 100);
  context.mock.restoreAll();
  assert.ok(Math.abs(systemClock.nowUs() / 1000 - Date.now()) < 100);
});
