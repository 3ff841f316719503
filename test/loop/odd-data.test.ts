import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import type { Version } from '../../src/records/version.ts';
import { sluice, withProject, type CommandEnd } from '../fixtures/small-loop-run.ts';
import { dayText, writeDay, writeSmallLoop } from '../fixtures/small-loop.ts';

const days = 3;
const rowsPerDay = 1000;

/** Runs a small loop whose rows were edited: fields are parcel, sent, hub, kilometres, weight, delay. */
async function runEdited(
  edit: (fields: string[], day: number) => string[],
  work: (end: CommandEnd, directory: string) => Promise<void>,
): Promise<void> {
  const directory = writeSmallLoop({ days: 0 });
  try {
    for (let day = 0; day < days; day++) {
      const [header = '', ...lines] = dayText(day, rowsPerDay).trimEnd().split('\n');
      const edited = lines.map((line) => edit(line.split(','), day).join(','));
      writeDay(directory, day, `${[header, ...edited].join('\n')}\n`);
    }
    await work(await sluice(directory, 'run'), directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function assertTold(end: CommandEnd, code: number, words: RegExp): void {
  assert.equal(end.code, code, `${end.output}\n${end.errors}`);
  assert.match(`${end.output}\n${end.errors}`, words);
  assert.doesNotMatch(end.errors, /\n\s+at |\bbug\b/);
}

async function newest<Kind extends 'evaluation' | 'model' | 'trainingSet'>(
  directory: string,
  kind: Kind,
): Promise<Version<Kind>> {
  return withProject(directory, async ({ ledger }) => {
    const [version] = await ledger.versions.find({ kind, limit: 1 });
    assert.ok(version);
    return version;
  });
}

const withDelay = (fields: string[], delay: string): string[] => [...fields.slice(0, 5), delay];
const withWeight = (fields: string[], weight: string): string[] => [
  ...fields.slice(0, 4),
  weight,
  fields[5] ?? '',
];

test('labels of one class are refused by the trainer, which says so', () =>
  runEdited(
    (fields) => withDelay(fields, '5'),
    async (end, directory) => {
      assertTold(end, 2, /label 0; both 0 and 1 must occur[^]*TRAIN_ONE_CLASS/);
      assert.equal((await sluice(directory, 'models')).code, 0);
    },
  ));

test('an evaluation block of one class leaves metrics undefined with a reason, and the verdict inconclusive', () =>
  runEdited(
    (fields, day) => (day === days - 1 ? withDelay(fields, '5') : fields),
    async (end, directory) => {
      assertTold(end, 4, /undefined \(/);
      const { content } = await newest(directory, 'evaluation');
      const { auc, logLoss } = content.metrics;
      assert.equal(auc?.value, null);
      assert.ok((auc?.reason ?? '').length > 10, auc?.reason ?? 'no reason');
      assert.ok((logLoss?.value ?? 0) > 0);
      assert.equal(content.verdict, 'inconclusive');
    },
  ));

test('a constant feature is trained on and has no importance', () =>
  runEdited(
    (fields) => withWeight(fields, '1.5'),
    async (end, directory) => {
      assert.ok([0, 3, 4].includes(end.code ?? -1), end.errors);
      const { content } = await newest(directory, 'model');
      assert.equal(content.importances?.['weight'], 0);
    },
  ));

test('an all-null column is trained on and has no importance', () =>
  runEdited(
    (fields) => withWeight(fields, ''),
    async (end, directory) => {
      assert.ok([0, 3, 4].includes(end.code ?? -1), end.errors);
      const { content } = await newest(directory, 'model');
      assert.equal(content.importances?.['weight'], 0);
      const linear = await sluice(directory, 'run', '--set', 'train.trainer=linear');
      assert.ok([0, 3, 4].includes(linear.code ?? -1), linear.errors);
    },
  ));

test('a category that training never saw is scored', () =>
  runEdited(
    (fields, day) => (day === days - 1 ? [...fields.slice(0, 2), 'zzz', ...fields.slice(3)] : fields),
    async (end, directory) => {
      assert.ok([0, 3, 4].includes(end.code ?? -1), end.errors);
      const { content } = await newest(directory, 'evaluation');
      assert.ok(Number.isFinite(content.metrics['logLoss']?.value));
    },
  ));

test('one row is refused with what is missing', async () => {
  const directory = writeSmallLoop({ days: 0 });
  try {
    writeDay(directory, 0, dayText(0, 100).split('\n').slice(0, 2).join('\n'));
    assertTold(await sluice(directory, 'run'), 2, /TRAIN_NO_ROWS|EVALUATE_NO_ROWS|FEATURIZE_/);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test('a file with a header alone is an empty batch, and nothing to train on is told', async () => {
  const directory = writeSmallLoop({ days: 0 });
  try {
    writeDay(directory, 0, dayText(0, 100).split('\n')[0] ?? '');
    assertTold(await sluice(directory, 'run'), 2, /TRAIN_NO_ROWS|EVALUATE_NO_ROWS|FEATURIZE_/);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
