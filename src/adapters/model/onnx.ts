// @backend
import { createRequire } from 'node:module';
import { SluiceError } from '../../base/errors.ts';
import type { ColumnTable } from '../../ports/engine.ts';
import type { LoadedModel, ModelRuntime, Signature } from '../../ports/model.ts';
import { planFeeds, type FeedPlan } from './feed-plan.ts';
import { chunkRows, modelColumns, type ModelColumns } from './model-columns.ts';
import { ModelProcess } from './model-process.ts';
import { inspectOnnx } from './onnx-inspect.ts';

/** How models are run. */
export interface OnnxRuntimeOptions {
  /** Longest wait for the loading of a model or for one chunk of 16,384 rows, default 60,000. */
  readonly timeoutMs?: number;
  /** Processes per model for tables of more than one chunk, default 1. */
  readonly processes?: number;
}

/** Requests on their way to one process: the second is there when the first is done. */
const requestsInFlight = 2;

/**
 * Yields the runtime for ONNX models: each loaded model lives in child processes of its own, on one thread each, so that
 * scores are the same on every run and a model that hangs or crashes can be ended. A crashed process is replaced at the
 * next `predict`.
 *
 * @throws nothing by itself; `load` throws MODEL_EXTERNAL_DATA, MODEL_INVALID, MODEL_SIGNATURE, MODEL_ZIPMAP,
 * MODEL_CRASHED, MODEL_TIMEOUT; `predict` throws MODEL_INPUT, MODEL_RUN, MODEL_NOT_FINITE, MODEL_NOT_PROBABILITY,
 * MODEL_CRASHED, MODEL_TIMEOUT, MODEL_CLOSED
 */
export function openOnnxRuntime(options: OnnxRuntimeOptions = {}): ModelRuntime {
  const { timeoutMs = 60_000, processes = 1 } = options;
  const open = new Set<OnnxModel>();
  return {
    version: runtimeVersion(),
    async load(bytes, signature) {
      const plan = planFeeds(inspectOnnx(bytes), signature);
      const model = new OnnxModel({
        bytes,
        plan,
        signature,
        timeoutMs,
        processes,
        onClose: (self) => open.delete(self),
      });
      await model.start();
      open.add(model);
      return model;
    },
    async close() {
      await Promise.all([...open].map((model) => model.close()));
    },
  };
}

function runtimeVersion(): string {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  return `onnxruntime ${version}`;
}

interface ModelOptions {
  readonly bytes: Uint8Array;
  readonly plan: FeedPlan;
  readonly signature: Signature;
  readonly timeoutMs: number;
  readonly processes: number;
  readonly onClose: (model: OnnxModel) => void;
}

class OnnxModel implements LoadedModel {
  readonly signature: Signature;
  readonly #options: ModelOptions;
  readonly #processes: (Promise<ModelProcess> | undefined)[] = [];
  #tables = 0;
  #closed = false;

  constructor(options: ModelOptions) {
    this.signature = options.signature;
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.#process(0);
  }

  async predict(rows: ColumnTable): Promise<Float64Array> {
    const table = modelColumns(rows, this.signature, this.#options.plan);
    const scores = new Float64Array(rows.rows);
    const chunks = Math.ceil(rows.rows / chunkRows);
    const lanes = Math.min(chunks, this.#options.processes);
    const share = { next: 0, chunks, table, scores };
    const done = await Promise.allSettled(
      Array.from({ length: lanes }, (_, lane) => this.#lane(lane, share)),
    );
    for (const lane of done) if (lane.status === 'rejected') throw lane.reason;
    checkScores(scores, this.signature);
    return scores;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#options.onClose(this);
    await Promise.all(this.#processes.map(endOf));
  }

  /** Scores chunks in one process until none is left, with two of them on their way at any time. */
  async #lane(lane: number, share: Share): Promise<void> {
    const running = await this.#process(lane);
    const table = this.#tables++;
    let first = true;
    const worker = async (): Promise<void> => {
      while (share.next < share.chunks) {
        const chunk = share.next++;
        const request = share.table.chunk(chunk, { table, first });
        first = false;
        share.scores.set(await running.score(request), chunk * chunkRows);
      }
    };
    try {
      await Promise.all(Array.from({ length: requestsInFlight }, worker));
    } finally {
      share.next = share.chunks;
      running.forget(table);
    }
  }

  async #process(lane: number): Promise<ModelProcess> {
    const current = this.#processes[lane];
    const known = await current?.catch(() => undefined);
    if (this.#closed) throw new SluiceError('MODEL_CLOSED', {});
    if (known?.alive === true) return known;
    if (this.#processes[lane] !== current) return this.#process(lane);
    const started = ModelProcess.start(this.#options);
    this.#processes[lane] = started;
    return started;
  }
}

/** A process that never came up has ended by itself. */
async function endOf(starting: Promise<ModelProcess> | undefined): Promise<void> {
  const running = await starting?.catch(() => undefined);
  await running?.end();
}

interface Share {
  next: number;
  readonly chunks: number;
  readonly table: ModelColumns;
  readonly scores: Float64Array;
}

function checkScores(scores: Float64Array, { task }: Signature): void {
  const binary = task === 'binary';
  for (let row = 0; row < scores.length; row++) {
    const value = scores[row]!;
    if (!Number.isFinite(value)) throw new SluiceError('MODEL_NOT_FINITE', { row, value });
    if (binary && (value < 0 || value > 1)) throw new SluiceError('MODEL_NOT_PROBABILITY', { row, value });
  }
}
