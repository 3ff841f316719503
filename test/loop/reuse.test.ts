import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { finalDigests, ran, runForSteps, sluice, withProject } from '../fixtures/small-loop-run.ts';
import { copyProject, writeSmallLoop } from '../fixtures/small-loop.ts';

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

function edit(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8');
  assert.ok(text.includes(from), `${from} in ${file}`);
  writeFileSync(file, text.replace(from, to));
}

test('a changed comment or an unrelated file changes nothing', () =>
  withFinished(async (directory) => {
    edit(path.join(directory, 'sluice.config.ts'), '// kilograms', '// in kilograms, rounded');
    appendFileSync(path.join(directory, 'features.ts'), '\n// nothing new\n');
    writeFileSync(path.join(directory, 'notes.ts'), 'export const unrelated = 1;\n');
    const { code, steps } = await runForSteps(directory);
    assert.equal(code, 0);
    assert.deepEqual(ran(steps), []);
  }));

test('an edited function that the features call runs featurize again, and explain names the field', () =>
  withFinished(async (directory) => {
    edit(path.join(directory, 'features.ts'), 'times(2)', 'times(3)');
    const explained = await sluice(directory, 'explain', 'featurize');
    assert.equal(explained.code, 0);
    assert.match(explained.output, /features\.features\.expected\.expr/);
    const [ingest, validate] = await Promise.all(
      ['ingest', 'validate'].map((stage) => sluice(directory, 'explain', stage)),
    );
    assert.match(
      `${ingest?.output}${validate?.output}`,
      /ingest: nothing differs[^]*validate: nothing differs/,
    );
    const { steps } = await runForSteps(directory);
    assert.deepEqual(ran(steps), ['featurize', 'train', 'evaluate', 'register']);
  }));

test('a step whose bytes were lost runs again, and what follows stays valid because it makes the same again', () =>
  withFinished(async (directory) => {
    const lost = await withProject(directory, async ({ ledger, blob }) => {
      const [trainingSet] = await ledger.versions.find({ kind: 'trainingSet' });
      const [batch] = await ledger.versions.find({ kind: 'batch' });
      const digests = [trainingSet?.content.validation.table.digest ?? '', batch?.content.raw ?? ''];
      for (const digest of digests) await blob.remove(digest);
      return batch?.content.name;
    });
    const { code, steps } = await runForSteps(directory);
    assert.equal(code, 0);
    assert.deepEqual(ran(steps), [`ingest ${lost}`, 'featurize']);
    assert.deepEqual(await finalDigests(directory), await finalDigests(finished));
  }));

test('--only runs one stage and --from that stage and all after it, on what the others made last', () =>
  withFinished(async (directory) => {
    const stagesOf = (steps: readonly { readonly stage: string }[]) => [
      ...new Set(steps.map(({ stage }) => stage)),
    ];
    const only = await runForSteps(directory, '--only', 'train', '--set', 'train.params.rounds=3');
    assert.equal(only.code, 0, only.errors);
    assert.deepEqual(ran(only.steps), ['train']);
    assert.deepEqual(stagesOf(only.steps), ['train']);
    const from = await runForSteps(directory, '--from', 'evaluate');
    assert.deepEqual(stagesOf(from.steps), ['evaluate', 'register']);
    // The model trained last was not evaluated before.
    assert.deepEqual(ran(from.steps), ['evaluate', 'register']);
    const wrong = await sluice(directory, 'run', '--only', 'trian');
    assert.equal(wrong.code, 2);
    assert.match(wrong.errors, /ingest, validate, featurize, train, evaluate, register/);
  }));

test('--only a stage whose input was never made is refused, naming the earlier stage', async () => {
  const directory = writeSmallLoop({ rowsPerDay: 50 });
  try {
    const end = await sluice(directory, 'run', '--only', 'train');
    assert.equal(end.code, 6, end.errors);
    assert.match(end.errors, /sluice run --from featurize/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a sweep trains every variant and evaluates only the one that validated best', () =>
  withFinished(async (directory) => {
    const { steps } = await runForSteps(directory, '--set', 'train.params.leaves=7,15');
    const trained = steps.filter(({ stage }) => stage === 'train');
    assert.deepEqual(
      trained.map(({ subject, state }) => [subject, state]),
      [
        ['leaves=7', 'reused'],
        ['leaves=15', 'done'],
      ],
    );
    assert.equal(steps.filter(({ stage }) => stage === 'evaluate').length, 1);
    const best = await withProject(directory, async ({ ledger }) => {
      const models = await Promise.all(
        trained.map(async ({ outputs }) => ledger.versions.get(outputs[0] ?? '', 'model')),
      );
      const lossOf = (model: (typeof models)[number]): number =>
        Math.min(...model.content.curve.filter((point) => point.split === 'validation').map((p) => p.value));
      const [evaluation] = await ledger.versions.find({ kind: 'evaluation' });
      assert.equal(evaluation?.content.model, models.sort((a, b) => lossOf(a) - lossOf(b))[0]?.digest);
      return lossOf(models[0]!);
    });
    assert.ok(Number.isFinite(best));
  }));

test('a model on shuffled labels is refused and the champion stays', () =>
  withFinished(async (directory) => {
    const { code, steps } = await runForSteps(directory, '--set', 'train.labels=shuffled');
    assert.equal(code, 3);
    const decision = steps.find(({ stage }) => stage === 'register');
    assert.equal(decision?.verdict, 'fail');
    assert.equal(decision?.facts['outcome'], 'refused');
    assert.match(JSON.stringify(decision?.facts['reasons']), /auc/);
    assert.equal((await finalDigests(directory))['alias 0'], (await finalDigests(finished))['alias 0']);
  }));
