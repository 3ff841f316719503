import { test } from 'node:test';
import { everyWriteFailsOnce } from '../fixtures/write-point-trials.ts';

// In two files, so that they run side by side: this one ends where training begins.
test('an ingest, a validation and a training set whose writes fail, each of them once, end as the undisturbed ones', async (t) => {
  const done = await everyWriteFailsOnce({ part: 'data', end: 'error', isThorough: false });
  t.diagnostic(`${done.hit} write points of ${done.steps} steps failed once each`);
});
