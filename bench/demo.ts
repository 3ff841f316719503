// The whole demo as a user runs it: wall time, and peak memory summed over its process tree (Linux).
//   node bench/demo.ts [--fast]
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const directory = mkdtempSync(path.join(tmpdir(), 'sluice-bench-demo-'));
const main = path.join(import.meta.dirname, '../src/cli/main.ts');
const words = ['demo', '--json', ...process.argv.slice(2), '--directory', path.join(directory, 'demo')];

interface ProcessState {
  readonly parent: number;
  readonly residentBytes: number;
}

function processes(): Map<number, ProcessState> {
  const found = new Map<number, ProcessState>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8');
      const field = (key: string): number =>
        Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
      found.set(Number(name), { parent: field('PPid'), residentBytes: field('VmRSS') * 1024 });
    } catch {
      // The process ended while it was looked at.
    }
  }
  return found;
}

function treeBytes(root: number): number {
  const all = processes();
  const inTree = new Set([root]);
  let grew = true;
  while (grew) {
    grew = false;
    for (const [pid, { parent }] of all) {
      if (inTree.has(parent) && !inTree.has(pid)) {
        inTree.add(pid);
        grew = true;
      }
    }
  }
  return [...inTree].reduce((sum, pid) => sum + (all.get(pid)?.residentBytes ?? 0), 0);
}

const started = performance.now();
const child = spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
let peakBytes = 0;
const timer = setInterval(() => {
  peakBytes = Math.max(peakBytes, treeBytes(child.pid ?? 0));
}, 200);
let output = '';
child.stdout.on('data', (chunk: Buffer) => {
  output += chunk.toString();
});
child.on('close', (code) => {
  clearInterval(timer);
  rmSync(directory, { recursive: true, force: true });
  const document = JSON.parse(output) as {
    readonly holds: boolean;
    readonly chapters: readonly { readonly title: string; readonly seconds: number }[];
  };
  for (const { title, seconds } of document.chapters)
    console.log(`${seconds.toFixed(1).padStart(7)} s  ${title}`);
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${seconds.toFixed(1).padStart(7)} s  whole, peak memory ${(peakBytes / 1e9).toFixed(2)} GB, holds: ${document.holds}, exit ${code}`,
  );
});
