import { Worker } from 'node:worker_threads';
import { SluiceError } from '../../base/errors.ts';

/** When and why a team is ended early. */
export interface TeamBounds {
  /** Name of the trainer, for messages. */
  readonly trainer: string;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** What a worker sends: a note on the way or the answer to a job. */
export type FromWorker<Note, Answer> = { readonly note: Note } | { readonly answer: Answer };

interface Pending {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (reason: unknown) => void;
  readonly onNote: (note: unknown) => void;
}

/**
 * Worker threads of pure JavaScript, each of which answers one job after the other. An abort, the time-out or the end of
 * one thread ends all at once (they may be waiting for each other at a barrier) and rejects every open job.
 */
export class WorkerTeam {
  readonly size: number;
  readonly #workers: readonly Worker[];
  readonly #queues: Pending[][];
  readonly #bounds: TeamBounds;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort: () => void;
  #failure: { readonly reason: unknown } | undefined;
  #lastNote: unknown = 'nothing yet';

  /** Starts `size` threads on a module that calls `answerJobs`. */
  constructor(module: URL, size: number, bounds: TeamBounds) {
    this.size = size;
    this.#bounds = bounds;
    this.#queues = Array.from({ length: size }, () => []);
    this.#workers = Array.from({ length: size }, (_, index) => this.#start(module, index));
    this.#onAbort = () => this.#fail(bounds.signal.reason);
    bounds.signal.addEventListener('abort', this.#onAbort, { once: true });
    // Timers hold at most 2^31 - 1 ms.
    this.#timer = setTimeout(() => this.#fail(this.#outOfTime()), Math.min(bounds.timeoutMs, 2 ** 31 - 1));
    if (bounds.signal.aborted) this.#onAbort();
  }

  /** Sends a job to one thread. @throws the reason of an abort, TRAIN_TIMEOUT, TRAIN_WORKER */
  ask<Answer>(index: number, job: unknown, onNote: (note: unknown) => void = () => {}): Promise<Answer> {
    const answer = new Promise<Answer>((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure.reason);
        return;
      }
      this.#queues[index]!.push({ resolve: resolve as (answer: unknown) => void, reject, onNote });
      this.#workers[index]!.postMessage(job, []);
    });
    // The caller may be busy elsewhere when all jobs are rejected at once; it still sees the rejection when it awaits.
    answer.catch(() => {});
    return answer;
  }

  /** Sends every thread its job and waits for all. */
  askAll<Answer>(jobOf: (index: number) => unknown, onNote?: (note: unknown) => void): Promise<Answer[]> {
    return Promise.all(this.#workers.map((_, index) => this.ask<Answer>(index, jobOf(index), onNote)));
  }

  /** Ends all threads; jobs still open are rejected. */
  async close(): Promise<void> {
    this.#fail(new SluiceError('TRAIN_WORKER', { trainer: this.#bounds.trainer, reason: 'it was closed' }));
    clearTimeout(this.#timer);
    this.#bounds.signal.removeEventListener('abort', this.#onAbort);
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #start(module: URL, index: number): Worker {
    // No flags are inherited: hooks that a config needs would only slow these down.
    const worker = new Worker(module, { execArgv: [] });
    worker.on('message', (message: FromWorker<unknown, unknown>) => {
      const pending = this.#queues[index]![0];
      if ('note' in message) {
        this.#lastNote = message.note;
        pending?.onNote(message.note);
        return;
      }
      this.#queues[index]!.shift();
      pending?.resolve(message.answer);
    });
    worker.on('error', (error) => this.#fail(this.#died(String(error), error)));
    worker.on('exit', (code) => this.#fail(this.#died(`exit code ${code}`, undefined)));
    return worker;
  }

  #died(reason: string, cause: unknown): SluiceError {
    return new SluiceError('TRAIN_WORKER', { trainer: this.#bounds.trainer, reason }, { cause });
  }

  #outOfTime(): SluiceError {
    const { trainer: command, timeoutMs } = this.#bounds;
    return new SluiceError('TRAIN_TIMEOUT', { command, timeoutMs, output: JSON.stringify(this.#lastNote) });
  }

  #fail(reason: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { reason };
    for (const worker of this.#workers) void worker.terminate();
    for (const queue of this.#queues) for (const pending of queue.splice(0)) pending.reject(reason);
  }
}
