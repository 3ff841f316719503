import { mkdir } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import path from 'node:path';
import { adapterRegistry } from '../adapters/registry.generated.ts';
import { systemClock } from '../base/clock.ts';
import { SluiceError } from '../base/errors.ts';
import { openLedger } from '../ledger/open-ledger.ts';
import type { WritePoint } from '../ports/blob.ts';
import type { Engine } from '../ports/engine.ts';
import type { ModelRuntime } from '../ports/model.ts';
import type { Surroundings } from '../pipeline/step-plan.ts';
import type { EngineSpec } from '../records/loop-spec.ts';

/** A project's store, opened; close it when done. */
export interface Project extends Surroundings {
  /** `.sluice` in the project. */
  readonly storeDirectory: string;
  close(): Promise<void>;
}

/** What to open and how. */
export interface ProjectOptions {
  readonly projectDirectory: string;
  readonly engine?: EngineSpec;
  readonly modelTimeoutMs?: number;
  /** Called before every write to the store; for tests that let one fail. */
  readonly writePoint?: WritePoint;
}

const trainers = ['linear', 'trees', 'command'] as const;

/** Opens (and, the first time, makes) the embedded store of a project. Heavy parts open when first asked for. */
export async function openProject(options: ProjectOptions): Promise<Project> {
  const { projectDirectory } = options;
  const storeDirectory = path.join(projectDirectory, '.sluice');
  await mkdir(storeDirectory, { recursive: true }).catch((cause: unknown) => {
    throw new SluiceError(
      'BLOB_UNAVAILABLE',
      { operation: 'make a directory', path: storeDirectory, reason: reasonOf(cause) },
      { cause },
    );
  });
  const [{ openLocalBlob }, { openSqliteTables }] = await Promise.all([
    adapterRegistry.blob.local(),
    adapterRegistry.tables.sqlite(),
  ]);
  const catalog = path.join(storeDirectory, 'catalog.db');
  const { writePoint = () => {} } = options;
  const blob = await openLocalBlob({ directory: path.join(storeDirectory, 'blobs'), writePoint });
  const tables = await openSqliteTables({ path: catalog, writePoint });
  const ledger = await openLedger({
    tables,
    blob,
    clock: systemClock,
    actor: actor(),
    backupPath: catalog,
  }).catch(async (error: unknown) => {
    await tables.close();
    throw error;
  });
  const lazy = lazyParts(options, storeDirectory);
  return {
    blob,
    ledger,
    clock: systemClock,
    projectDirectory,
    storeDirectory,
    holder: `${process.pid}@${hostname()}`,
    ...lazy.parts,
    close: async () => {
      try {
        await lazy.close();
      } finally {
        await ledger.close();
        await tables.close();
      }
    },
  };
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

function actor(): string {
  try {
    return process.env['SLUICE_ACTOR'] ?? userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}

interface LazyParts {
  readonly parts: Pick<Surroundings, 'engine' | 'trainer' | 'modelRuntime'>;
  close(): Promise<void>;
}

function lazyParts(options: ProjectOptions, storeDirectory: string): LazyParts {
  let engine: Promise<Engine> | undefined;
  let runtime: Promise<ModelRuntime> | undefined;
  const { memoryMb = 1024, threads = 2 } = options.engine ?? {};
  const parts: LazyParts['parts'] = {
    engine: () =>
      (engine ??= openEngine({ memoryMb, threads, temporaryDirectory: path.join(storeDirectory, 'tmp') })),
    modelRuntime: () => (runtime ??= openRuntime(options.modelTimeoutMs)),
    trainer: async (name) => {
      const known = trainers.find((one) => one === name);
      if (known === undefined)
        throw new SluiceError('TRAIN_UNKNOWN_TRAINER', { trainer: name, known: trainers.join(', ') });
      if (known === 'linear') return (await adapterRegistry.trainer.linear()).openLinearTrainer();
      if (known === 'trees') return (await adapterRegistry.trainer.trees()).openTreesTrainer();
      return (await adapterRegistry.trainer.command()).openCommandTrainer();
    },
  };
  const close = async (): Promise<void> => {
    // What could not be opened has told so to whoever asked for it.
    await (await runtime?.catch(() => undefined))?.close();
    await (await engine?.catch(() => undefined))?.close();
  };
  return { parts, close };
}

async function openEngine(
  options: Parameters<Awaited<ReturnType<typeof adapterRegistry.engine.duckdb>>['openDuckdb']>[0],
): Promise<Engine> {
  return (await adapterRegistry.engine.duckdb()).openDuckdb(options);
}

async function openRuntime(timeoutMs: number | undefined): Promise<ModelRuntime> {
  const { openOnnxRuntime } = await adapterRegistry.model.onnx();
  return openOnnxRuntime({ processes: 2, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
}
