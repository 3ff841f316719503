import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openDuckdb } from '../../src/adapters/engine/duckdb.ts';
import { openOnnxRuntime } from '../../src/adapters/model/onnx.ts';
import { openCommandTrainer } from '../../src/adapters/trainer/command.ts';
import type { Json } from '../../src/base/canonical-json.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { ColumnTable, Engine } from '../../src/ports/engine.ts';
import type { FeatureColumn, Task, TrainSpec } from '../../src/ports/trainer.ts';

const python = process.env['SLUICE_INTEROP_PYTHON'] ?? '';
const packages = 'import lightgbm, onnx, onnxmltools, onnxruntime, pandas, pyarrow, skl2onnx, sklearn';
const probe = python === '' ? undefined : spawnSync(python, ['-c', packages], { encoding: 'utf8' });
const untested =
  probe === undefined
    ? 'untested: SLUICE_INTEROP_PYTHON names no Python'
    : probe.status !== 0 &&
      `untested: ${python} lacks packages: ${probe.stderr.trim().split('\n').at(-1) ?? ''}`;

const trainers = path.join(import.meta.dirname, '../../examples/trainers');
const features: readonly FeatureColumn[] = [
  { name: 'speed', kind: 'numeric' },
  { name: 'origin', kind: 'categorical' },
  { name: 'delay', kind: 'numeric' },
];
const origins = ['', 'Zürich', 'São Paulo', 'x y', ...Array.from({ length: 30 }, (_, i) => `A${i}`)];

/** Rows whose label depends on every feature, with nulls; the empty text is a level like any other. */
function rowsOf(task: Task, count: number, seed: number): ColumnTable {
  const random = seededRandom(seed);
  const speed = Float64Array.from({ length: count }, () =>
    random.next() < 0.1 ? NaN : random.next() * 4 - 2,
  );
  const delay = Float64Array.from({ length: count }, () => random.below(300));
  const codes = Int32Array.from({ length: count }, () => random.below(origins.length + 1) - 1);
  const label = Float64Array.from({ length: count }, (_, row) => {
    const code = codes[row] ?? 0;
    const margin =
      (Number.isNaN(speed[row]) ? 1 : (speed[row] ?? 0)) + Math.sin(code) * 2 + (delay[row] ?? 0) / 150 - 1;
    return task === 'regression' ? margin * 10 : Number(random.next() < 1 / (1 + Math.exp(-margin)));
  });
  const valid = Uint8Array.from(speed, (value) => (Number.isNaN(value) ? 0 : 1));
  return {
    rows: count,
    columns: new Map([
      ['speed', { type: 'double', values: speed, valid }],
      ['origin', { type: 'string', codes, dictionary: origins }],
      ['delay', { type: 'int64', values: delay }],
      ['y', { type: 'double', values: label }],
      ['_event_us', { type: 'int64', values: Float64Array.from({ length: count }, (_, row) => row) }],
    ]),
  };
}

/** Mean log loss or squared error. */
function loss(task: Task, table: ColumnTable, scores: (row: number) => number): number {
  const label = table.columns.get('y');
  let sum = 0;
  for (let row = 0; row < table.rows; row++) {
    const wanted = label?.type === 'double' ? (label.values[row] ?? NaN) : NaN;
    const score = scores(row);
    sum += task === 'regression' ? (wanted - score) ** 2 : -Math.log(wanted === 1 ? score : 1 - score);
  }
  return sum / table.rows;
}

describe('Python trainers', { skip: untested }, () => {
  let directory = '';
  let engine: Engine;

  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'sluice-'));
    engine = await openDuckdb({ memoryMb: 500, threads: 1, temporaryDirectory: directory });
  });
  after(async () => {
    await engine.close();
    await rm(directory, { recursive: true });
  });

  async function write(table: ColumnTable, name: string): Promise<string> {
    await engine.register('made', table);
    const file = path.join(directory, name);
    await engine.writeParquet('SELECT * FROM made ORDER BY _event_us', file);
    await engine.run('DROP TABLE made');
    return file;
  }

  async function specOf(
    task: Task,
    params: Readonly<Record<string, Json>>,
    name: string,
  ): Promise<TrainSpec> {
    const outputDirectory = path.join(directory, name);
    await mkdir(outputDirectory);
    const trainPath = await write(rowsOf(task, 6000, 1), `${name}-train.parquet`);
    const validationPath = await write(rowsOf(task, 2000, 2), `${name}-validation.parquet`);
    const rest = { features, params, seed: 7, outputDirectory, timeoutMs: 120_000, threads: 1 };
    return { task, trainPath, validationPath, label: 'y', ...rest };
  }

  async function trained(
    task: Task,
    script: string,
    { params, name }: { params: Record<string, Json>; name: string },
  ) {
    const trainer = openCommandTrainer();
    // -B: no compiled files beside the scripts.
    const resolved = trainer.resolveParams({
      command: [python, '-B', path.join(trainers, script)],
      ...params,
    });
    const spec = await specOf(task, resolved, name);
    const result = await trainer.train(spec, {
      engine,
      signal: new AbortController().signal,
      progress: () => {},
    });
    return { result, bytes: await readFile(result.modelPath) };
  }

  const cases = [
    ['sklearn_trainer.py', { model: 'linear' }],
    ['sklearn_trainer.py', { model: 'boosting', iterations: 60 }],
    ['lightgbm_trainer.py', { iterations: 60, leaves: 15, earlyStopping: 20 }],
  ] as const;

  for (const task of ['binary', 'regression'] as const) {
    for (const [place, [script, params]] of cases.entries()) {
      test(`${script} ${JSON.stringify(params)} trains a ${task} model that beats the constant`, async () => {
        const { result, bytes } = await trained(task, script, { params, name: `${task}-${place}` });
        assert.ok(result.curve.some(({ split }) => split === 'validation'));
        const runtime = openOnnxRuntime();
        try {
          const model = await runtime.load(bytes, { task, features });
          const rows = rowsOf(task, 3000, 3);
          const scores = await model.predict(rows);
          const share = task === 'binary' ? 0.5 : 0;
          const [found, constant] = [
            loss(task, rows, (row) => scores[row] ?? NaN),
            loss(task, rows, () => share),
          ];
          assert.ok(found < constant * 0.9, `${found} against ${constant}`);
        } finally {
          await runtime.close();
        }
      });
    }
  }

  test('training again gives the same bytes', async () => {
    for (const [place, [script, params]] of cases.entries()) {
      const [one, other] = [
        await trained('binary', script, { params, name: `again-${place}-1` }),
        await trained('binary', script, { params, name: `again-${place}-2` }),
      ];
      assert.ok(one.bytes.equals(other.bytes), script);
    }
  });
});
