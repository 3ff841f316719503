import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { systemClock } from '../base/clock.ts';
import { unpredictableHex } from '../base/random.ts';

const nameForm = /^(\d+)-(\d+)-[0-9a-f]{16}/;
const dayMs = 86_400_000;
let ownStart: Promise<string> | undefined;

/**
 * Yields a fresh path in a scratch directory. Its name carries the writer's process id and start, so that a later
 * process can tell a file in use from one left by a crash, even when the process id was given out again.
 *
 * @param suffix end of the name, such as `.parquet`
 */
export async function scratchFile(directory: string, suffix: string): Promise<string> {
  ownStart ??= processStart(process.pid);
  return path.join(directory, `${process.pid}-${await ownStart}-${unpredictableHex(8)}${suffix}`);
}

/** Removes what dead processes left in a scratch directory, and whatever is older than a day. */
export async function removeStaleScratch(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const file = path.join(directory, name);
    if (await isStale(file, name)) await rm(file, { recursive: true, force: true });
  }
}

async function isStale(file: string, name: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return false;
  if (systemClock.nowUs() / 1000 - found.mtimeMs > dayMs) return true;
  const [, pid, start] = nameForm.exec(name) ?? [];
  if (pid === undefined || start === undefined) return false;
  if (!isAlive(Number(pid))) return true;
  const currentStart = await processStart(Number(pid));
  return start !== '0' && currentStart !== '0' && start !== currentStart;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: the process exists and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Start of a process in clock ticks since boot (Linux), or `0` where the system does not tell. */
async function processStart(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Field 22; the second field, the name in parentheses, may itself hold spaces and parentheses.
  const afterName = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return afterName[19] ?? '0';
}
