import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import {
  columnModelBytes,
  openColumnRuntime,
  type ColumnRuntime,
} from '../../../test/fixtures/column-model.ts';
import { openWorld, type World } from '../../../test/fixtures/featurize-world.ts';
import { digestBytes } from '../../base/digest.ts';
import { isSluiceError } from '../../base/errors.ts';
import type { TrainSpec, Trainer, TrainResult } from '../../ports/trainer.ts';
import { modelVersionSchema, type ModelVersion } from '../../records/model-version.ts';
import type { TrainPartSpec } from '../../records/train-spec.ts';
import type { TrainingPart, TrainingSet } from '../../records/training-set.ts';
import { shuffleLabels } from './shuffled-labels.ts';
import { trainModel } from './train.ts';

let world: World;
let runtime: ColumnRuntime;
let trainingSet: { digest: string; content: TrainingSet };
before(async () => {
  world = await openWorld({ memoryMb: 256 });
  runtime = openColumnRuntime();
  trainingSet = { digest: digestBytes('set'), content: await aTrainingSet() };
});
after(() => world[Symbol.asyncDispose]());

async function rows(count: number): Promise<TrainingPart> {
  const sql = `SELECT i AS _row, i * 10 AS _event_us, i / 100.0 AS p, 'x' || i AS shop, (i % 3 = 0)::DOUBLE AS label
    FROM range(${count}) t(i) ORDER BY i`;
  const { path: file } = await world.engine.writeParquet(sql, await world.blob.scratchPath('.parquet'));
  const { digest, sizeBytes } = await world.blob.putFile(file, { move: true });
  return { table: { digest, rows: count, sizeBytes }, fromUs: 0, untilUs: count * 10 };
}

async function aTrainingSet(): Promise<TrainingSet> {
  return {
    schemaVersion: 1,
    dataset: digestBytes('dataset'),
    definition: digestBytes('definition'),
    task: 'binary',
    features: [{ name: 'p', kind: 'numeric' }],
    train: await rows(90),
    validation: await rows(0),
    evaluation: await rows(50),
    cutUs: 0,
    leftOut: {},
  };
}

/** What a fake trainer does: `score` is its own scorer, `seen` gets its spec. */
interface Fake {
  readonly score?: (path: string) => Promise<Float64Array>;
  readonly seen?: (spec: TrainSpec) => Promise<void> | void;
}

function aTrainer({ score, seen }: Fake = {}): Trainer {
  return {
    name: 'fake',
    version: '7',
    resolveParams: (params) => ({ depth: 3, ...params }),
    train: async (spec, context): Promise<TrainResult> => {
      await seen?.(spec);
      context.progress(1, 'fitted');
      const modelPath = path.join(spec.outputDirectory, 'model.onnx');
      await writeFile(modelPath, columnModelBytes({ column: 'p' }));
      const facts = { rounds: 3 };
      return { modelPath, curve: [], facts, ...(score === undefined ? {} : { score }) };
    },
  };
}

const aPart = (change: Partial<TrainPartSpec> = {}): TrainPartSpec => ({
  trainer: 'fake',
  params: { leaves: 31 },
  seed: 5,
  labels: 'recorded',
  split: { evaluationFromUs: null, evaluationUntilUs: null, evaluationDays: 1, validationDays: 0 },
  timeoutMs: 1000,
  ...change,
});

/** Trains and yields the model version; asserts that nothing was left behind, whatever happened. */
async function train(trainer: Trainer, part: Partial<TrainPartSpec> = {}): Promise<ModelVersion> {
  try {
    const input = { name: 'orders', trainingSet, part: aPart(part), trainer, runtime };
    const { versions } = await trainModel(world, input);
    assert.deepEqual(versions[0]?.parents, [{ digest: trainingSet.digest, role: 'trainingSet' }]);
    return modelVersionSchema.parse(versions[0]?.content);
  } finally {
    assert.equal(runtime.openModels(), 0);
    assert.deepEqual(
      readdirSync(world.projectDirectory, { recursive: true }).filter((name) =>
        String(name).includes('.train'),
      ),
      [],
    );
  }
}

const column = async (file: string, name: string): Promise<Float64Array> => {
  const table = await world.engine.columns(`SELECT "${name}" FROM read_parquet('${file}')`);
  const found = table.columns.get(name);
  assert.ok(found !== undefined && found.type !== 'string');
  return found.values;
};

test('a model version holds all that made it, and its bytes are stored', async () => {
  const model = await train(aTrainer({ score: (file) => column(file, 'p') }));
  assert.deepEqual(
    [model.name, model.trainer, model.params, model.seed, model.facts],
    [
      'orders',
      { name: 'fake', version: '7' },
      { depth: 3, leaves: 31 },
      5,
      { rounds: 3, labels: 'recorded' },
    ],
  );
  assert.deepEqual(model.parity, { rows: 50, maxDifference: 0 });
  assert.deepEqual(Object.keys(model.environment).sort(), ['arch', 'engine', 'runtime']);
  assert.deepEqual(await world.blob.get(model.model), columnModelBytes({ column: 'p' }));
});

test('the trainer gets the frozen rows, the resolved params and an empty folder', async () => {
  let spec: TrainSpec | undefined;
  await train(aTrainer({ seen: (seen) => void (spec = seen) }));
  assert.equal((await column(spec?.trainPath ?? '', 'label')).length, 90);
  assert.equal((await column(spec?.validationPath ?? '', 'label')).length, 0);
  assert.deepEqual(
    [spec?.params, spec?.seed, spec?.timeoutMs, spec?.label],
    [{ depth: 3, leaves: 31 }, 5, 1000, 'label'],
  );
});

test('a trainer without a scorer of its own has no parity, but its model has scored every row', async () => {
  assert.equal((await train(aTrainer())).parity, null);
});

/** Yields the trainer's own scores with one of them changed. */
const withScore =
  (row: number, change: (score: number) => number) =>
  async (file: string): Promise<Float64Array> =>
    (await column(file, 'p')).map((score, i) => (i === row ? change(score) : score));

test('a difference of one row beyond the tolerance refuses the model, naming the row, and nothing is kept', async () => {
  const kept = async (): Promise<number> => {
    let count = 0;
    for await (const _ of world.blob.list()) count++;
    return count;
  };
  const before = await kept();
  for (const row of [0, 31, 49]) {
    await assert.rejects(
      train(aTrainer({ score: withScore(row, (score) => score + 2e-6) })),
      (error) => isSluiceError(error, 'TRAIN_PARITY') && error.details['row' as never] === row,
    );
  }
  assert.equal(await kept(), before);
});

test('a difference within the tolerance is kept on record', async () => {
  const { parity } = await train(aTrainer({ score: withScore(3, (score) => score + 5e-7) }));
  assert.ok(parity !== null && parity.maxDifference > 4e-7 && parity.maxDifference < 6e-7);
});

test('a scorer that gives no number, or too few, agrees with nothing', async () => {
  const scorers = [
    withScore(7, () => Number.NaN),
    async (file: string) => (await column(file, 'p')).subarray(0, 49),
  ];
  for (const score of scorers)
    await assert.rejects(train(aTrainer({ score })), (error) => isSluiceError(error, 'TRAIN_PARITY'));
});

test('a trainer that fails leaves its error and nothing else', async () => {
  const crash = new RangeError('boom');
  const failing = aTrainer({
    seen: async (spec) => {
      await writeFile(path.join(spec.outputDirectory, 'half.onnx'), 'half');
      throw crash;
    },
  });
  await assert.rejects(train(failing), crash);
});

test('shuffled labels are the same labels in another order, every other column stays in its row', async () => {
  const source = await world.blob.path(trainingSet.content.train.table.digest);
  const shuffled = async (seed: number): Promise<string> =>
    shuffleLabels(world, { source, target: await world.blob.scratchPath('.parquet') }, seed);
  const [first, again, other] = [await shuffled(5), await shuffled(5), await shuffled(6)];
  const sorted = (text: string): string =>
    Array.from(text)
      .sort((a, b) => Number(a) - Number(b))
      .join('');
  const labels = async (file: string): Promise<string> => (await column(file, 'label')).join('');
  assert.notEqual(await labels(first), await labels(source));
  assert.equal(sorted(await labels(first)), sorted(await labels(source)));
  assert.equal(await labels(again), await labels(first));
  assert.notEqual(await labels(other), await labels(first));
  const rest = (file: string): string => `SELECT * EXCLUDE (label) FROM read_parquet('${file}')`;
  const [differing] = await world.engine.rows(
    `SELECT count(*) AS n FROM ((${rest(first)}) EXCEPT ALL (${rest(source)}))`,
  );
  assert.equal(differing?.['n'], 0);
  assert.deepEqual(await column(first, '_row'), await column(source, '_row'));
});

test('a control on shuffled labels trains on them, and is marked as one', async () => {
  let labels = '';
  const seen = async (spec: TrainSpec): Promise<void> => {
    labels = (await column(spec.trainPath, 'label')).join('');
  };
  const model = await train(aTrainer({ seen }), { labels: 'shuffled' });
  const source = await world.blob.path(trainingSet.content.train.table.digest);
  assert.notEqual(labels, (await column(source, 'label')).join(''));
  assert.equal(model.facts['labels'], 'shuffled');
});
