import { execFile } from 'node:child_process';
import { cp, mkdir, rm, symlink } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Json } from '../../base/canonical-json.ts';
import { SluiceError } from '../../base/errors.ts';
import type { Blob } from '../../ports/blob.ts';
import type { SourceSpec } from '../../records/source-spec.ts';
import type { ModelOrigin } from './reproduce.ts';

const execute = promisify(execFile);

/** Which commit to lay out, and where. */
export interface WorktreeRequest {
  readonly projectDirectory: string;
  /** `.sluice` of the project; the worktree works on it. */
  readonly storeDirectory: string;
  /** A folder that does not exist yet. */
  readonly directory: string;
  readonly origin: ModelOrigin;
  readonly blob: Blob;
}

/** A project as it was at a commit. */
export interface CommitProject {
  readonly commit: string;
  /** Root of the worktree. */
  readonly root: string;
  /** The project inside it, on the store of the present one. */
  readonly projectDirectory: string;
}

/**
 * Lends the project as it was when a model was made: a git worktree at the recorded commit, on the same store, with the
 * look-up files that are not in git restored from their recorded bytes. Removed afterwards.
 *
 * @throws REPRODUCE_NO_COMMIT, REPRODUCE_AT_COMMIT when git refuses
 */
export async function withCommit<Result>(
  request: WorktreeRequest,
  use: (project: CommitProject) => Promise<Result>,
): Promise<Result> {
  const { projectDirectory, directory, origin } = request;
  const commit = commitOf(origin);
  const git = (...words: string[]): Promise<string> => runGit(projectDirectory, commit, words);
  const top = (await git('rev-parse', '--show-toplevel')).trim();
  // A process that was killed leaves an entry without a folder.
  await git('worktree', 'prune');
  await git('worktree', 'add', '--detach', directory, commit);
  try {
    const inside = path.join(directory, path.relative(top, projectDirectory));
    await mkdir(inside, { recursive: true });
    await rm(path.join(inside, '.sluice'), { recursive: true, force: true });
    await symlink(request.storeDirectory, path.join(inside, '.sluice'), 'dir');
    await borrowModules([projectDirectory, inside], [top, directory]);
    await restoreLookups(request, inside);
    return await use({ commit, root: directory, projectDirectory: inside });
  } finally {
    await git('worktree', 'remove', '--force', directory).catch(() =>
      rm(directory, { recursive: true, force: true }),
    );
  }
}

function commitOf({ model }: ModelOrigin): string {
  const git = model.provenance['git'] as { readonly commit?: Json } | null | undefined;
  if (typeof git?.commit === 'string') return git.commit;
  throw new SluiceError('REPRODUCE_NO_COMMIT', { model: model.digest.slice(0, 12) });
}

async function runGit(cwd: string, commit: string, words: readonly string[]): Promise<string> {
  try {
    return (await execute('git', [...words], { cwd })).stdout;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.trim().split('\n').at(-1) : String(cause);
    throw new SluiceError('REPRODUCE_AT_COMMIT', { commit, reason: reason ?? '' }, { cause });
  }
}

/** Packages are in no commit; the worktree borrows the installed ones. */
async function borrowModules(...pairs: readonly (readonly [from: string, to: string])[]): Promise<void> {
  for (const [from, to] of pairs) {
    const source = path.join(from, 'node_modules');
    const target = path.join(to, 'node_modules');
    if (existsSync(source) && !existsSync(target)) await symlink(source, target, 'dir');
  }
}

/** Look-up files are data and often not in git; their bytes are on record as part of the key of every validation. */
async function restoreLookups({ origin, blob }: WorktreeRequest, projectDirectory: string): Promise<void> {
  const step = [...origin.steps.values()].find((one) =>
    Object.keys(one.fields).some((name) => name.startsWith('lookup.')),
  );
  const config = origin.model.provenance['config'] as {
    readonly spec?: { readonly source?: SourceSpec };
  } | null;
  for (const { name, file } of config?.spec?.source?.lookups ?? []) {
    const [digest] = /[0-9a-f]{64}/.exec(step?.fields[`lookup.${name}`] ?? '') ?? [];
    const target = path.resolve(projectDirectory, file);
    const isInside = !path.relative(projectDirectory, target).startsWith('..');
    if (digest === undefined || !isInside || existsSync(target) || !(await blob.has(digest))) continue;
    await mkdir(path.dirname(target), { recursive: true });
    await cp(await blob.path(digest), target);
  }
}
