import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { Version } from '../../src/records/version.ts';
import { finalDigests, ran, runForSteps, sluice, withProject } from '../fixtures/small-loop-run.ts';
import { copyProject, dayText, writeDay, writeSmallLoop } from '../fixtures/small-loop.ts';

let finished = '';

before(async () => {
  finished = writeSmallLoop();
  assert.equal((await sluice(finished, 'run')).code, 0);
});

after(() => rmSync(finished, { recursive: true, force: true }));

async function withFinished(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = copyProject(finished);
  try {
    await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function newestDataset(directory: string): Promise<Version<'dataset'>> {
  return withProject(directory, async ({ ledger }) => {
    const [dataset] = await ledger.versions.find({ kind: 'dataset', limit: 1 });
    assert.ok(dataset);
    return dataset;
  });
}

const landed = (directory: string, name: string): string => path.join(directory, 'landing', name);

test('the same bytes under another name are a delivery on record and nothing else', () =>
  withFinished(async (directory) => {
    copyFileSync(landed(directory, '2024-03-02.csv'), landed(directory, '2024-03-02-again.csv'));
    copyFileSync(landed(directory, '2024-03-02.csv'), landed(directory, '2024-02-29.csv'));
    for (let run = 0; run < 2; run++) {
      const { code, steps } = await runForSteps(directory);
      assert.equal(code, 0);
      assert.deepEqual(ran(steps), []);
    }
    assert.deepEqual(await finalDigests(directory), await finalDigests(finished));
    const repeated = await withProject(directory, ({ ledger }) => ledger.deliveries.list());
    assert.deepEqual(
      repeated.filter(({ outcome }) => outcome === 'repeated').map(({ name }) => name),
      ['landing/2024-03-02-again.csv', 'landing/2024-02-29.csv'],
    );
  }));

test('a corrected file under the same name stands for the earlier one, which is kept', () =>
  withFinished(async (directory) => {
    const earlier = await newestDataset(directory);
    const file = landed(directory, '2024-03-02.csv');
    const original = readFileSync(file, 'utf8');
    writeFileSync(file, `${original.split('\n').slice(0, -11).join('\n')}\n`);
    const corrected = await runForSteps(directory);
    assert.deepEqual(ran(corrected.steps).slice(0, 3), [
      'ingest landing/2024-03-02.csv',
      'validate landing/2024-03-02.csv',
      'validate dataset',
    ]);
    const dataset = await newestDataset(directory);
    assert.equal(dataset.content.batches.length, 3);
    // Ten lines fewer, of which five were repetitions that quarantine had kept back.
    assert.equal(dataset.content.rows, earlier.content.rows - 5);
    await withProject(directory, async ({ ledger, blob }) => {
      const raws = earlier.content.batches.map(({ raw }) => raw);
      for (const raw of raws) assert.ok(await blob.has(raw));
      assert.equal((await ledger.storage.verify()).damages.length, 0);
    });
    assert.deepEqual(ran((await runForSteps(directory)).steps), []);
  }));

test('a correction that is taken back counts as taken back', () =>
  withFinished(async (directory) => {
    const wanted = await newestDataset(directory);
    const file = landed(directory, '2024-03-02.csv');
    const original = readFileSync(file, 'utf8');
    writeFileSync(file, `${original.split('\n').slice(0, -101).join('\n')}\n`);
    const corrected = await runForSteps(directory, '--only', 'ingest');
    assert.deepEqual(ran(corrected.steps), ['ingest landing/2024-03-02.csv']);
    await runForSteps(directory, '--only', 'validate');
    writeFileSync(file, original);
    const { steps } = await runForSteps(directory);
    const dataset = steps.find(({ stage, subject }) => stage === 'validate' && subject === 'dataset');
    assert.deepEqual(dataset?.outputs, [wanted.digest]);
    assert.deepEqual(ran(steps), []);
  }));

test('a day that arrives later joins the dataset', () =>
  withFinished(async (directory) => {
    writeDay(directory, 3, dayText(3));
    const { steps } = await runForSteps(directory);
    assert.deepEqual(ran(steps).slice(0, 4), [
      'ingest landing/2024-03-04.csv',
      'validate landing/2024-03-04.csv',
      'validate dataset',
      'featurize',
    ]);
    assert.equal((await newestDataset(directory)).content.batches.length, 4);
  }));

test('a corrupt day is stopped by the breaker while the loop goes on with the last good dataset', () =>
  withFinished(async (directory) => {
    const before = await newestDataset(directory);
    // A third of the hubs is missing.
    const lines = dayText(3).split('\n');
    const corrupt = lines.map((line, i) => (i % 3 === 1 ? line.replace(/,[a-z]{3},/, ',,') : line));
    writeDay(directory, 3, corrupt.join('\n'));
    const { code, steps } = await runForSteps(directory);
    assert.equal(code, 3);
    const stopped = steps.find(
      ({ subject, stage }) => subject === 'landing/2024-03-04.csv' && stage === 'validate',
    );
    assert.equal(stopped?.verdict, 'fail');
    assert.match(JSON.stringify(stopped?.facts['reasons']), /breaker: \d+ of 6667 rows/);
    assert.deepEqual(ran(steps), ['ingest landing/2024-03-04.csv', 'validate landing/2024-03-04.csv']);
    assert.equal((await newestDataset(directory)).digest, before.digest);
    assert.deepEqual(await finalDigests(directory), await finalDigests(finished));
    // The verdict is remembered: the same day does not pass by being looked at twice. Only the run that stopped it fails.
    const again = await runForSteps(directory);
    const remembered = again.steps.find(
      ({ subject, stage }) => subject === 'landing/2024-03-04.csv' && stage === 'validate',
    );
    assert.deepEqual([again.code, remembered?.verdict, ran(again.steps)], [0, 'fail', []]);
    assert.equal((await newestDataset(directory)).digest, before.digest);
    writeDay(directory, 3, dayText(3));
    const mended = await runForSteps(directory);
    assert.equal((await newestDataset(directory)).content.batches.length, 4);
    assert.notEqual(mended.code, 2);
  }));

test('a correction that the breaker stops does not take the place of the good file it was to correct', () =>
  withFinished(async (directory) => {
    const file = landed(directory, '2024-03-02.csv');
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(
      file,
      lines.map((line, i) => (i === 0 ? line : line.replace(/,[a-z]{3},/, ',,'))).join('\n'),
    );
    const { code, steps } = await runForSteps(directory);
    assert.equal(code, 3);
    assert.deepEqual(ran(steps), ['ingest landing/2024-03-02.csv', 'validate landing/2024-03-02.csv']);
    assert.deepEqual(await finalDigests(directory), await finalDigests(finished));
  }));

test('bytes that are delivered under another name stay when their first name gets new ones', () =>
  withFinished(async (directory) => {
    // As a log is rotated: the old file is renamed, and a new one is begun under its name.
    renameSync(landed(directory, '2024-03-02.csv'), landed(directory, '2024-03-02.old.csv'));
    writeFileSync(landed(directory, '2024-03-02.csv'), dayText(3));
    await runForSteps(directory, '--only', 'ingest');
    await runForSteps(directory, '--only', 'validate');
    const { content } = await newestDataset(directory);
    assert.equal(content.batches.length, 4);
  }));
