import { spawn } from 'node:child_process';

/** Waits for the end of its standard input, which comes when the process that started it is gone, then ends the group. */
const program = `
process.stdin.resume();
process.stdin.on('end', () => {
  try { process.kill(-Number(process.argv[1]), 'SIGKILL'); } catch {}
});`;

/**
 * Makes sure that a process group does not outlive this process, even if that gets SIGKILL: a small process of its own
 * watches. Yields a function that calls the watch off. (Windows knows no groups, and no watch.)
 */
export function guardGroup(groupId: number): () => void {
  if (process.platform === 'win32') return () => undefined;
  const guard = spawn(process.execPath, ['-e', program, String(groupId)], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a guard the group is still ended on every exit but a hard kill.
  guard.on('error', () => undefined);
  guard.unref();
  return () => guard.kill('SIGKILL');
}
