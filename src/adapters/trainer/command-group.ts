import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastLines } from '../model/last-lines.ts';
import { guardGroup } from './command-guard.ts';

/** What to run and when to give up. */
export interface GroupOptions {
  /** The executable and its arguments; no shell reads them. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Takes everything the command writes to its standard output and error. */
  readonly logPath: string;
  readonly timeoutMs: number;
  /** How long a group may take to end after SIGTERM before SIGKILL. */
  readonly graceMs: number;
  readonly signal: AbortSignal;
}

/** How a command ended; `tail` is the end of its log. */
export type GroupEnd =
  | { readonly how: 'exit'; readonly exit: string; readonly tail: string }
  | { readonly how: 'timeout'; readonly tail: string }
  | { readonly how: 'start'; readonly reason: string };

/**
 * Runs a command in a process group of its own and yields how it ended. Nothing of the group is left when this returns:
 * after a time-out or an abort the group gets SIGTERM, then SIGKILL; processes left behind by a command that ended get SIGKILL.
 * (Windows knows no groups: there only the command itself is ended.)
 */
export async function runGroup(options: GroupOptions): Promise<GroupEnd> {
  const log = await open(options.logPath, 'a+');
  try {
    return await runLogged(options, log);
  } finally {
    await log.close();
  }
}

async function runLogged(options: GroupOptions, log: FileHandle): Promise<GroupEnd> {
  const [file = '', ...rest] = options.command;
  const child = spawn(file, rest, {
    detached: process.platform !== 'win32',
    env: { ...options.env },
    stdio: ['ignore', log.fd, log.fd],
  });
  const ended = once(child, 'exit').then(
    ([code, signal]) => ({ exit: String(signal ?? `exit code ${code}`) }),
    (error: unknown) => ({ reason: error instanceof Error ? error.message : String(error) }),
  );
  const killNow = (): void => signalGroup(child, 'SIGKILL');
  process.once('exit', killNow);
  const callOff = child.pid === undefined ? () => undefined : guardGroup(child.pid);
  const giveUp = new AbortController();
  const late = sleep(options.timeoutMs, 'late' as const, { signal: giveUp.signal }).catch(
    () => 'late' as const,
  );
  const aborted = abortOf(options.signal, giveUp.signal);
  const first = await Promise.race([ended, late, aborted]);
  giveUp.abort();
  if (typeof first === 'string') {
    signalGroup(child, 'SIGTERM');
    await Promise.race([ended, sleep(options.graceMs, undefined, { ref: false })]);
  }
  killNow();
  const end = await ended;
  process.removeListener('exit', killNow);
  callOff();
  if ('reason' in end) return { how: 'start', reason: end.reason };
  const tail = await tailOf(log);
  return first === 'late' ? { how: 'timeout', tail } : { how: 'exit', exit: end.exit, tail };
}

async function abortOf(signal: AbortSignal, until: AbortSignal): Promise<'aborted'> {
  if (!signal.aborted) await once(signal, 'abort', { signal: until }).catch(() => undefined);
  return 'aborted';
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}

const tailBytes = 64 * 1024;

async function tailOf(log: FileHandle): Promise<string> {
  const { size } = await log.stat();
  const { buffer, bytesRead } = await log.read({
    buffer: Buffer.alloc(tailBytes),
    position: Math.max(0, size - tailBytes),
  });
  const lines = lastLines(20);
  lines.add(buffer.subarray(0, bytesRead));
  return lines.tail(3000);
}
