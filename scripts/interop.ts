// Runs the tests that need real peers. Python and its packages are installed into a cache folder outside the tree
// (SLUICE_INTEROP_CACHE, else the user's cache directory); a peer that cannot be had is reported as untested, never as passed.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const cache =
  process.env['SLUICE_INTEROP_CACHE'] ??
  path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'sluice-interop');

/** Yields the Python of a virtual environment with the trainers' requirements, or why there is none. */
function preparePython(): { readonly python: string } | { readonly untested: string } {
  const requirements = path.join(root, 'examples/trainers/requirements.txt');
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16);
  const environment = path.join(cache, `python-${digest}`);
  const python = path.join(environment, 'bin', 'python');
  const done = path.join(environment, '.complete');
  if (existsSync(done)) return { python };
  try {
    mkdirSync(cache, { recursive: true });
    execFileSync('python3', ['-m', 'venv', '--clear', environment], { stdio: 'inherit' });
    execFileSync(
      python,
      ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements],
      {
        stdio: 'inherit',
        timeout: 15 * 60_000,
      },
    );
    writeFileSync(done, '');
    return { python };
  } catch (error) {
    return { untested: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) };
  }
}

const prepared = preparePython();
if ('untested' in prepared) console.log(`untested: Python trainers (${prepared.untested})`);
const files = globSync('test/interop/*.interop.ts', { cwd: root }).sort();
const { status } = spawnSync(process.execPath, ['--test', '--test-concurrency=1', ...files], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, ...('python' in prepared ? { SLUICE_INTEROP_PYTHON: prepared.python } : {}) },
});
process.exitCode = status ?? 1;
