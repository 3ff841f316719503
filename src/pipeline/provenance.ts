import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Json } from '../base/canonical-json.ts';
import { digestBytes, digestFields } from '../base/digest.ts';
import type { Provenance } from '../records/version.ts';
import type { CompiledLoop } from './compiled-loop.ts';
import { redacted } from './redact.ts';

const execute = promisify(execFile);

/**
 * Yields the facts about this run that a version keeps without depending on them: git commit and digest of uncommitted
 * changes (null outside a repository), config snapshot with secrets redacted, runtime and machine.
 */
export async function provenanceOf(request: {
  projectDirectory: string;
  loop: CompiledLoop;
}): Promise<Provenance> {
  const { projectDirectory, loop } = request;
  const spec = JSON.parse(JSON.stringify(loop.spec)) as Json;
  return {
    git: await gitState(projectDirectory),
    config: redacted({ spec, overrides: loop.overrides }),
    environment: { node: process.versions.node, platform: process.platform, arch: process.arch },
  };
}

async function gitState(directory: string): Promise<Json> {
  const git = async (...args: string[]): Promise<string> =>
    (await execute('git', args, { cwd: directory, maxBuffer: 64 * 1024 * 1024 })).stdout;
  try {
    const commit = (await git('rev-parse', 'HEAD')).trim();
    const changes = await git('diff', 'HEAD', '--no-ext-diff', '--full-index', '--', '.');
    const names = (await git('ls-files', '-z', '--others', '--exclude-standard', '--', '.')).split('\0');
    const untracked = names.filter((name) => name !== '').sort();
    if (changes === '' && untracked.length === 0) return { commit, uncommitted: null };
    const contents = await Promise.all(untracked.map((name) => contentOf(path.join(directory, name))));
    return {
      commit,
      uncommitted: digestFields([changes, ...untracked.flatMap((name, i) => [name, contents[i] ?? ''])]),
    };
  } catch {
    return null;
  }
}

/** Larger files that git does not know are data; their size has to do. */
const readBytes = 1_000_000;

async function contentOf(file: string): Promise<string> {
  const { size } = await stat(file);
  return size <= readBytes ? digestBytes(await readFile(file)) : `${size} bytes`;
}
