/**
 * The process of one model: it loads the bytes it is sent, scores the chunks it is sent, and ends with its parent. A model
 * that crashes or hangs takes only this process along (ending a worker thread during a run would end the whole program).
 */
import { Worker } from 'node:worker_threads';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { FeedInput, FeedPlan } from './feed-plan.ts';
import { nullText, toModelText } from './model-text.ts';
import type { ChunkColumn, ForgetNotice, ModelAnswer, ModelRequest, ScoreRequest } from './model-messages.ts';

/** Rows per run: above it the matrix of the trees leaves the processor's cache, below it the overhead of a run shows. */
const rowsPerRun = 256;

let session: InferenceSession | undefined;
let plan: FeedPlan = { inputs: [], output: '' };
const textsOf = new Map<number, readonly (readonly string[])[]>();
let queue: Promise<void> = Promise.resolve();

process.on('disconnect', () => process.exit());
process.on('message', (request: ModelRequest | ForgetNotice) => {
  queue = queue.then(() => answer(request));
});
watchParent();

/** A run blocks the event loop, so that a hung model never sees its parent leave; a thread of its own does. */
function watchParent(): void {
  const source = `const parent = process.ppid;
    setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 1000);`;
  new Worker(source, { eval: true, execArgv: [] }).unref();
}

async function answer(request: ModelRequest | ForgetNotice): Promise<void> {
  try {
    if (request.kind === 'forget') textsOf.delete(request.table);
    else send(request.kind === 'load' ? await load(request) : await score(request));
  } catch (error) {
    send({ kind: 'refused', reason: error instanceof Error ? error.message : String(error) });
  }
}

function send(message: ModelAnswer): void {
  process.send?.(message);
}

async function load(request: ModelRequest & { kind: 'load' }): Promise<ModelAnswer> {
  plan = request.plan;
  session = await InferenceSession.create(request.bytes, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  return { kind: 'loaded' };
}

async function score(request: ScoreRequest): Promise<ModelAnswer> {
  const { rows, table } = request;
  if (request.texts !== undefined) {
    textsOf.set(
      table,
      request.texts.map((texts) => [...texts.map(toModelText), nullText]),
    );
  }
  const texts = textsOf.get(table) ?? [];
  const scores = new Float64Array(rows);
  for (let start = 0; start < rows; start += rowsPerRun) {
    const end = Math.min(rows, start + rowsPerRun);
    const feeds = Object.fromEntries(
      plan.inputs.map((input) => [input.name, tensorOf(input, request.columns, { start, end, texts })]),
    );
    const answers = await session?.run(feeds, [plan.output]);
    const problem = collect(answers?.[plan.output], scores.subarray(start, end));
    if (problem !== undefined) return { kind: 'refused', reason: problem };
  }
  return { kind: 'scores', scores };
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly texts: readonly (readonly string[])[];
}

function tensorOf(input: FeedInput, columns: readonly ChunkColumn[], range: Range): Tensor {
  const rows = range.end - range.start;
  const dims = input.rank === 1 ? [rows] : [rows, input.features.length];
  const slices = input.features.map(
    (place) => columns[place]?.subarray(range.start, range.end) ?? new Float64Array(rows),
  );
  const first = slices[0] ?? new Float64Array(rows);
  if (input.type === 'string') {
    const texts = range.texts[input.features[0] ?? 0] ?? [];
    return new Tensor(
      'string',
      Array.from(first, (code) => texts.at(code) ?? nullText),
      dims,
    );
  }
  if (input.type === 'int64') return new Tensor('int64', BigInt64Array.from(first, BigInt), dims);
  const values = slices.length === 1 ? first : interleave(slices, rows);
  if (input.type === 'float') return new Tensor('float32', new Float32Array(values), dims);
  return new Tensor('float64', values instanceof Float64Array ? values : new Float64Array(values), dims);
}

function interleave(slices: readonly ChunkColumn[], rows: number): Float64Array {
  const width = slices.length;
  const values = new Float64Array(rows * width);
  for (const [place, slice] of slices.entries()) {
    for (let row = 0; row < rows; row++) values[row * width + place] = slice[row]!;
  }
  return values;
}

/** Takes the last number of each row: the only one, or the probability of the second class. Yields what is wrong, if anything. */
function collect(output: Tensor | undefined, into: Float64Array): string | undefined {
  const data = output?.data;
  const width = (data?.length ?? 0) / into.length;
  if (!(data instanceof Float64Array || data instanceof Float32Array) || (width !== 1 && width !== 2)) {
    return `output "${plan.output}" has the shape [${output?.dims.join(',')}] for ${into.length} rows; [n, 1] or [n, 2] is allowed`;
  }
  for (let row = 0; row < into.length; row++) into[row] = data[row * width + width - 1]!;
  return undefined;
}
