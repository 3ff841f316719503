import { test } from 'node:test';
import { everyWriteFailsOnce } from '../fixtures/write-point-trials.ts';

test('a loop whose writes fail, each of them once, and that then runs to its end, ends as the undisturbed one', async (t) => {
  const done = await everyWriteFailsOnce({ part: 'all', end: 'error', isThorough: true });
  t.diagnostic(`${done.hit} write points of ${done.steps} steps failed once each`);
});

test('a loop that is killed at each of its writes once, and then runs to its end, ends as the undisturbed one', async (t) => {
  const done = await everyWriteFailsOnce({ part: 'all', end: 'death', isThorough: true });
  t.diagnostic(`the process died once at each of ${done.hit} write points of ${done.steps} steps`);
});
