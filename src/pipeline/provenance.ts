import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Json } from '../base/canonical-json.ts';
import { digestBytes } from '../base/digest.ts';
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
    const changes = await git('diff', 'HEAD', '--no-ext-diff', '--', '.');
    const untracked = await git('ls-files', '--others', '--exclude-standard', '--', '.');
    const isClean = changes === '' && untracked === '';
    return { commit, uncommitted: isClean ? null : digestBytes(`${changes}\0${untracked}`) };
  } catch {
    return null;
  }
}
