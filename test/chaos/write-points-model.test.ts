import { test } from 'node:test';
import { everyWriteFailsOnce } from '../fixtures/write-point-trials.ts';

test('a training, an evaluation and a registration whose writes fail, each of them once, end as the undisturbed ones', async (t) => {
  const done = await everyWriteFailsOnce({ part: 'model', end: 'error', isThorough: true });
  t.diagnostic(`${done.hit} write points of ${done.steps} steps failed once each`);
});
