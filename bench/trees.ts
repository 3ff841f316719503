/**
 * Trains the same 200 x 63 trees on 966,409 real flights x 17 features with the trees trainer and with LightGBM, in turns,
 * scores March with both, and prints medians: `node bench/trees.ts [repeats]`. The peer needs a Python with lightgbm and
 * pyarrow (`PYTHON`, else python3); without one it is reported as untested.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { openDuckdb } from '../src/adapters/engine/duckdb.ts';
import { openTreesTrainer } from '../src/adapters/trainer/trees.ts';
import type { Engine } from '../src/ports/engine.ts';
import type { TrainSpec } from '../src/ports/trainer.ts';
import { flightFeatures, writeFlightsMatrix } from './flights-matrix.ts';

interface Measured {
  readonly seconds: number;
  readonly auc: number;
  readonly logLoss: number;
  readonly scoreSeconds?: number;
}

const threads = Math.min(2, availableParallelism());
const repeats = Number(process.argv[2] ?? 3);
const folder = mkdtempSync(path.join(tmpdir(), 'sluice-'));

try {
  if (await writeFlightsMatrix(folder)) await compare();
  else console.log('untested: the package vega-datasets is not installed');
} finally {
  rmSync(folder, { recursive: true });
}

async function compare(): Promise<void> {
  const engine = await openDuckdb({
    memoryMb: 1024,
    threads,
    temporaryDirectory: path.join(folder, 'spill'),
  });
  const peer = openPeer();
  const own: Measured[] = [];
  const others: Measured[] = [];
  for (let turn = 0; turn < repeats; turn++) {
    own.push(await measureOwn(engine, turn));
    const other = await peer.measure();
    if (other !== undefined) others.push(other);
  }
  peer.close();
  await engine.close();
  console.log(
    `${cpus()[0]?.model}, ${threads} threads, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}`,
  );
  print('trees', own);
  if (others.length === 0) {
    console.log('LightGBM: untested (no Python with lightgbm and pyarrow; set PYTHON)');
    return;
  }
  print('LightGBM', others);
  const ratio = median(own.map(({ seconds }) => seconds)) / median(others.map(({ seconds }) => seconds));
  const gap = (own[0]?.auc ?? 0) - (others[0]?.auc ?? 0);
  console.log(
    `time ratio ${ratio.toFixed(2)} (aim <= 4), AUC difference ${gap.toFixed(4)} (aim within 0.005)`,
  );
}

async function measureOwn(engine: Engine, turn: number): Promise<Measured> {
  const outputDirectory = path.join(folder, `output-${turn}`);
  mkdirSync(outputDirectory);
  const spec: TrainSpec = {
    task: 'binary',
    trainPath: path.join(folder, 'train.parquet'),
    validationPath: path.join(folder, 'none.parquet'),
    label: 'late',
    features: flightFeatures,
    params: {},
    seed: 1,
    outputDirectory,
    timeoutMs: 3_600_000,
    threads,
  };
  await engine.writeParquet(`SELECT * FROM read_parquet('${spec.trainPath}') LIMIT 0`, spec.validationPath);
  const context = { engine, signal: new AbortController().signal, progress: () => {} };
  const start = performance.now();
  const result = await openTreesTrainer().train(spec, context);
  const trained = performance.now();
  const march = path.join(folder, 'march.parquet');
  const scores = (await result.score?.(march)) ?? new Float64Array(0);
  const scored = performance.now();
  const column = (
    await engine.columns(`SELECT late::DOUBLE AS late FROM read_parquet('${march}')`)
  ).columns.get('late');
  const labels = column === undefined || column.type === 'string' ? new Float64Array(0) : column.values;
  return {
    seconds: (trained - start) / 1000,
    scoreSeconds: (scored - trained) / 1000,
    auc: area(labels, scores),
    logLoss: meanLogLoss(labels, scores),
  };
}

function openPeer(): { measure: () => Promise<Measured | undefined>; close: () => void } {
  const script = path.join(import.meta.dirname, 'trees-peer.py');
  const child = spawn(process.env['PYTHON'] ?? 'python3', [script, folder, String(threads)], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    measure: async () => {
      child.stdin.write('train\n');
      const { value, done } = await lines.next();
      return done === true ? undefined : (JSON.parse(value) as Measured);
    },
    close: () => child.stdin.end(),
  };
}

function print(name: string, runs: readonly Measured[]): void {
  const seconds = runs.map((run) => run.seconds);
  const scoring = runs.flatMap((run) => run.scoreSeconds ?? []);
  const scored = scoring.length === 0 ? '' : `, March scored in ${median(scoring).toFixed(1)} s`;
  const [first] = runs;
  console.log(
    `${name}: median ${median(seconds).toFixed(1)} s of ${seconds.map((s) => s.toFixed(1)).join(', ')}; ` +
      `AUC ${first?.auc.toFixed(4)}, log loss ${first?.logLoss.toFixed(4)}${scored}`,
  );
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

/** Yields the area under the ROC curve, ties counted by half. */
function area(labels: Float64Array, scores: Float64Array): number {
  const order = Uint32Array.from(scores.keys()).sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0));
  let ones = 0;
  let rankSum = 0;
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && scores[order[to] ?? 0] === scores[order[from] ?? 0]) to++;
    for (let i = from; i < to; i++) {
      if (labels[order[i] ?? 0] !== 1) continue;
      ones++;
      rankSum += (from + to + 1) / 2;
    }
    from = to;
  }
  return (rankSum - (ones * (ones + 1)) / 2) / (ones * (labels.length - ones));
}

function meanLogLoss(labels: Float64Array, scores: Float64Array): number {
  return scores.reduce((sum, p, row) => sum - Math.log(labels[row] === 1 ? p : 1 - p), 0) / scores.length;
}
