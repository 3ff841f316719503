import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { adapterRegistry } from '../adapters/registry.generated.ts';
import { openLedger } from '../ledger/open-ledger.ts';
import type { StepContext } from '../ledger/step-context.ts';
import { overlayBlob } from '../pipeline/scratch/overlay-blob.ts';
import type { Surroundings } from '../pipeline/step-plan.ts';
import type { LoopSpec } from '../records/loop-spec.ts';
import type { Invocation } from './command.ts';
import type { Project } from './open-project.ts';

/** A folder beside the store for work that must leave no trace. */
export interface Scratch {
  readonly directory: string;
  /** Writes into the folder, and reads what the store has besides. */
  readonly blob: StepContext['blob'];
}

/** Lends a scratch folder and removes it afterwards, whatever happened. */
export async function withScratch<Result>(
  project: Project,
  use: (scratch: Scratch) => Promise<Result>,
): Promise<Result> {
  const above = path.join(project.storeDirectory, 'tmp');
  await mkdir(above, { recursive: true });
  await removeAbandoned(above);
  const directory = await mkdtemp(path.join(above, `scratch-${process.pid}-`));
  try {
    const { openLocalBlob } = await adapterRegistry.blob.local();
    const own = await openLocalBlob({ directory: path.join(directory, 'blobs') });
    return await use({ directory, blob: overlayBlob(own, project.blob) });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A process that was killed leaves its folder behind; the next one clears it away. */
async function removeAbandoned(above: string): Promise<void> {
  for (const name of await readdir(above)) {
    const pid = Number(/^scratch-(\d+)-/.exec(name)?.[1] ?? process.pid);
    if (!isAlive(pid)) await rm(path.join(above, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/** Lends a context for one execution of a stage that commits nothing. */
export async function scratchContext(
  { terminal, signal }: Pick<Invocation, 'terminal' | 'signal'>,
  project: Project,
  { scratch, spec }: { readonly scratch: Scratch; readonly spec: LoopSpec },
): Promise<StepContext> {
  return {
    blob: scratch.blob,
    engine: await project.engine(),
    clock: project.clock,
    projectDirectory: project.projectDirectory,
    threads: spec.engine.threads,
    signal,
    progress: (share, note) => terminal.live(`  ${Math.round(share * 100)} % ${note}`),
  };
}

/** Lends surroundings with an empty ledger of their own, over the same engine, trainers and model processes. */
export async function withScratchLedger<Result>(
  project: Project,
  scratch: Scratch,
  use: (surroundings: Surroundings) => Promise<Result>,
): Promise<Result> {
  const { openSqliteTables } = await adapterRegistry.tables.sqlite();
  const { blob } = scratch;
  const { clock, holder, projectDirectory } = project;
  const tables = await openSqliteTables({ path: path.join(scratch.directory, 'catalog.db') });
  const ledger = await openLedger({ tables, blob, clock, actor: 'scratch' });
  try {
    const lent = {
      engine: () => project.engine(),
      trainer: (name: string) => project.trainer(name),
      modelRuntime: () => project.modelRuntime(),
    };
    return await use({ blob, ledger, clock, holder, projectDirectory, ...lent });
  } finally {
    await ledger.close();
    await tables.close();
  }
}
