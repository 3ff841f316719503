import { fork, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { SluiceError } from '../../base/errors.ts';
import type { FeedPlan } from './feed-plan.ts';
import { lastLines } from './last-lines.ts';
import type { ForgetNotice, ModelAnswer, ModelRequest, ScoreRequest } from './model-messages.ts';

/** The child runs the file beside this one: `.ts` in the repository, `.js` in the published package. */
const entry = fileURLToPath(
  new URL(`./onnx-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
);

/** Nothing else of the environment reaches a model. */
const passedOn = ['PATH', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'HOME', 'TMPDIR', 'TEMP', 'SystemRoot'];

interface Waiting {
  readonly task: string;
  readonly resolve: (answer: ModelAnswer) => void;
  readonly reject: (error: SluiceError) => void;
}

/** What a process is started with. */
export interface ModelProcessOptions {
  readonly bytes: Uint8Array;
  readonly plan: FeedPlan;
  readonly timeoutMs: number;
}

/** One child process that holds one model. Requests are answered in order; one that is late costs the process its life. */
export class ModelProcess {
  readonly #child: ChildProcess;
  readonly #timeoutMs: number;
  readonly #errors = lastLines(20);
  readonly #waiting: Waiting[] = [];
  readonly #ended: Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #failure: SluiceError | undefined;

  private constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    const env = Object.fromEntries(
      passedOn.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    );
    this.#child = fork(entry, {
      serialization: 'advanced',
      execArgv: [],
      env,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => this.#errors.add(chunk));
    this.#child.on('message', (answer) => this.#settle(answer as ModelAnswer));
    this.#child.on('error', (error) => this.#errors.add(`${error.message}\n`));
    this.#holdLoop(false);
    this.#ended = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        this.#fail(signal ?? `exit code ${code}`);
        resolve();
      });
    });
  }

  /** @throws MODEL_INVALID, MODEL_CRASHED, MODEL_TIMEOUT */
  static async start({ bytes, plan, timeoutMs }: ModelProcessOptions): Promise<ModelProcess> {
    const started = new ModelProcess(timeoutMs);
    try {
      const answer = await started.#ask({ kind: 'load', bytes, plan }, 'load');
      if (answer.kind === 'refused') throw new SluiceError('MODEL_INVALID', { reason: answer.reason });
      return started;
    } catch (error) {
      await started.end();
      throw error;
    }
  }

  /** False once the process has crashed or was ended. */
  get alive(): boolean {
    return this.#failure === undefined;
  }

  /** @throws MODEL_RUN, MODEL_CRASHED, MODEL_TIMEOUT */
  async score(request: ScoreRequest): Promise<Float64Array> {
    const answer = await this.#ask(request, `score ${request.rows} rows`);
    if (answer.kind === 'scores') return answer.scores;
    throw new SluiceError('MODEL_RUN', {
      reason: answer.kind === 'refused' ? answer.reason : 'it answered out of order',
    });
  }

  /** Frees the texts of a table. */
  forget(table: number): void {
    const notice: ForgetNotice = { kind: 'forget', table };
    if (this.#failure === undefined) this.#child.send(notice, () => {});
  }

  /** Ends the process at once; requests on their way are refused with MODEL_CLOSED. */
  async end(): Promise<void> {
    this.#failure ??= new SluiceError('MODEL_CLOSED', {});
    this.#holdLoop(true);
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** An idle model must not keep a program from ending; while a request waits, its timer keeps the program alive. */
  #holdLoop(isHeld: boolean): void {
    const { channel, stderr } = this.#child;
    for (const one of [this.#child, channel, stderr as Socket | null]) {
      if (isHeld) one?.ref();
      else one?.unref();
    }
  }

  async #ask(request: ModelRequest, task: string): Promise<ModelAnswer> {
    const failure = this.#failure;
    if (failure !== undefined) throw failure;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ task, resolve, reject });
      if (this.#waiting.length === 1) this.#watch();
      // A failed send is followed by the end of the process, which says why.
      this.#child.send(request, () => {});
    });
  }

  #settle(answer: ModelAnswer): void {
    this.#waiting.shift()?.resolve(answer);
    this.#watch();
  }

  /** Restarts the clock for the oldest request. */
  #watch(): void {
    clearTimeout(this.#timer);
    const oldest = this.#waiting[0];
    if (oldest === undefined) return;
    this.#timer = setTimeout(() => {
      this.#failure = new SluiceError('MODEL_TIMEOUT', { task: oldest.task, timeoutMs: this.#timeoutMs });
      this.#child.kill('SIGKILL');
    }, this.#timeoutMs);
  }

  #fail(exit: string): void {
    clearTimeout(this.#timer);
    this.#failure ??= new SluiceError('MODEL_CRASHED', {
      exit,
      task: this.#waiting[0]?.task ?? 'wait',
      output: this.#errors.tail(3000),
    });
    const failure = this.#failure;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(failure);
  }
}
