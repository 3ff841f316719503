import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a guarded group ends when the process that guards it is killed hard', async () => {
  const module = pathToFileURL(path.join(import.meta.dirname, 'command-guard.ts')).href;
  const code = `
    const { spawn } = await import('node:child_process');
    const { guardGroup } = await import(${JSON.stringify(module)});
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
    guardGroup(child.pid);
    console.log(child.pid);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  assert.ok(isAlive(pid));
  // The guard needs a moment to start reading; until then the end of input waits for it.
  parent.kill('SIGKILL');
  for (let i = 0; i < 100 && isAlive(pid); i++) await sleep(100);
  assert.equal(isAlive(pid), false);
});
