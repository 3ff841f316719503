/**
 * The exported trees (200 x 63 on real flights, 17 features): size, and the time to score March in model processes
 * against the trainer's own scorer in the same run, with the largest difference: `node bench/onnx.ts [repeats]`.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { openDuckdb } from '../src/adapters/engine/duckdb.ts';
import { openOnnxRuntime } from '../src/adapters/model/onnx.ts';
import { openTreesTrainer } from '../src/adapters/trainer/trees.ts';
import type { Engine } from '../src/ports/engine.ts';
import type { TrainResult } from '../src/ports/trainer.ts';
import { flightFeatures, writeFlightsMatrix } from './flights-matrix.ts';

const repeats = Number(process.argv[2] ?? 3);
const threads = Math.min(2, availableParallelism());
const folder = mkdtempSync(path.join(tmpdir(), 'sluice-'));

try {
  if (await writeFlightsMatrix(folder)) await measure();
  else console.log('untested: the package vega-datasets is not installed');
} finally {
  rmSync(folder, { recursive: true });
}

async function measure(): Promise<void> {
  const temporaryDirectory = path.join(folder, 'spill');
  const engine = await openDuckdb({ memoryMb: 1024, threads, temporaryDirectory });
  const result = await train(engine);
  const march = path.join(folder, 'march.parquet');
  const bytes = readFileSync(result.modelPath);
  const names = flightFeatures.map(({ name }) => `"${name}"`).join(', ');
  const rows = await engine.columns(`SELECT ${names} FROM read_parquet('${march}')`);
  const own = await timed(async () => (await result.score?.(march)) ?? new Float64Array());
  console.log(
    `threads ${threads}, load ${loadavg()[0]?.toFixed(1)}; model ${(bytes.length / 1e6).toFixed(2)} MB`,
  );
  console.log(`own scorer: ${own.seconds.toFixed(1)} s for ${rows.rows} rows, reading included`);
  for (const processes of [1, 2]) {
    const runtime = openOnnxRuntime({ processes });
    const model = await runtime.load(bytes, { task: 'binary', features: flightFeatures });
    const runs: { readonly seconds: number; readonly value: Float64Array }[] = [];
    for (let i = 0; i < repeats; i++) runs.push(await timed(() => model.predict(rows)));
    const seconds = median(runs.map((run) => run.seconds));
    const difference = largestDifference(own.value, runs[0]?.value ?? new Float64Array());
    const speed = `${Math.round(rows.rows / seconds / 1000)}k rows/s`;
    console.log(
      `${processes} process(es): ${seconds.toFixed(1)} s, ${speed}, ratio to own ${(seconds / own.seconds).toFixed(2)}, largest difference ${difference}`,
    );
    await model.close();
    await runtime.close();
  }
  await engine.close();
}

async function train(engine: Engine): Promise<TrainResult> {
  const outputDirectory = path.join(folder, 'output');
  mkdirSync(outputDirectory);
  const spec = {
    task: 'binary',
    trainPath: path.join(folder, 'train.parquet'),
    validationPath: path.join(folder, 'none.parquet'),
    label: 'late',
    features: flightFeatures,
    params: openTreesTrainer().resolveParams({ earlyStoppingRounds: 0 }),
    seed: 1,
    outputDirectory,
    timeoutMs: 3_600_000,
    threads,
  } as const;
  await engine.run(
    `COPY (SELECT * FROM read_parquet('${spec.trainPath}') LIMIT 0) TO '${spec.validationPath}' (FORMAT parquet)`,
  );
  return openTreesTrainer().train(spec, {
    engine,
    signal: new AbortController().signal,
    progress: () => undefined,
  });
}

async function timed<Value>(
  work: () => Promise<Value>,
): Promise<{ readonly seconds: number; readonly value: Value }> {
  const started = performance.now();
  const value = await work();
  return { seconds: (performance.now() - started) / 1000, value };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function largestDifference(left: Float64Array, right: Float64Array): number {
  return left.reduce((most, value, row) => Math.max(most, Math.abs(value - (right[row] ?? Number.NaN))), 0);
}
