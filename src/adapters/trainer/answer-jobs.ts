import { parentPort } from 'node:worker_threads';

/** What a thread does with a job; it may send notes on the way. `Job` is what its `WorkerTeam` sends. */
export type JobAnswer<Job> = (job: Job, note: (note: unknown) => void) => unknown;

/** Answers every job of the thread's `WorkerTeam`, in order; what `answer` throws ends the thread and with it the team. */
export function answerJobs(answer: JobAnswer<never>): void {
  const port = parentPort;
  if (port === null) return;
  port.on('message', (job: unknown) => {
    port.postMessage({ answer: answer(job as never, (note) => port.postMessage({ note })) });
  });
}

/** Yields the module `name` that lies beside another, as source or compiled. */
export function workerBeside(name: string, moduleUrl: string): URL {
  return new URL(`./${name}${moduleUrl.endsWith('.ts') ? '.ts' : '.js'}`, moduleUrl);
}
