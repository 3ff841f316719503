import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import './config/config-hooks.ts';
import type { Digest } from '../base/digest.ts';
import { isSluiceError, SluiceError } from '../base/errors.ts';
import { applyOverrides, environmentOverrides } from './config/apply-overrides.ts';
import type { CompiledLoop, LoopDefinition } from './compiled-loop.ts';
import { digestOfExport, digestOfFile, readModuleGraph, type ModuleGraph } from './config/module-graph.ts';

const fileNames = ['sluice.config.ts', 'sluice.config.mts', 'sluice.config.js', 'sluice.config.mjs'];

/** Where a config is and what is laid over it. */
export interface LoadRequest {
  readonly projectDirectory: string;
  /** From the command line, in order. */
  readonly overrides: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Yields the name of a project's config file; undefined when there is none. */
export function findConfigFile(projectDirectory: string): string | undefined {
  return fileNames.find((name) => existsSync(path.join(projectDirectory, name)));
}

/**
 * Loads a project's config: file < environment < overrides.
 *
 * @throws CONFIG_MISSING, CONFIG_SYNTAX with file:line, CONFIG_CYCLE, CONFIG_FAILED, CONFIG_NOT_LOOP, and what the definition refuses
 */
export async function loadConfig(request: LoadRequest): Promise<CompiledLoop> {
  const { projectDirectory } = request;
  const configFile = findConfigFile(projectDirectory);
  if (configFile === undefined) throw new SluiceError('CONFIG_MISSING', { directory: projectDirectory });
  const graph = await readModuleGraph(configFile, projectDirectory);
  const definition = await importLoop(path.join(projectDirectory, configFile));
  const overrides = [...environmentOverrides(definition.spec, request.environment), ...request.overrides];
  const { spec, variants } = applyOverrides(definition.spec, overrides);
  const code = await digestFunctions(definition, { graph, configFile, projectDirectory });
  return { spec, variants, checks: definition.checks, configFile, overrides, ...code };
}

/** Yields a definition made in memory as a loop that runs; for tests and programs that bring their own. */
export function compileLoop(definition: LoopDefinition, overrides: readonly string[] = []): CompiledLoop {
  const { spec, variants } = applyOverrides(definition.spec, overrides);
  return {
    spec,
    variants,
    checks: definition.checks,
    code: {},
    inlineFunctions: [],
    configFile: null,
    overrides,
  };
}

async function importLoop(file: string): Promise<LoopDefinition> {
  const found = await importModule(file);
  const loop = found['default'];
  if (isLoop(loop)) return loop;
  throw new SluiceError('CONFIG_NOT_LOOP', {
    path: path.basename(file),
    found: 'default' in found ? typeof loop : 'none',
  });
}

function isLoop(value: unknown): value is LoopDefinition {
  return typeof value === 'object' && value !== null && 'spec' in value && 'checks' in value;
}

async function importModule(file: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    if (isSluiceError(error)) throw error;
    throw new SluiceError(
      'CONFIG_FAILED',
      { path: path.basename(file), reason: reasonOf(error) },
      { cause: error },
    );
  }
}

/** The message with the first place of the user's own files in the stack. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = (error.stack ?? '')
    .split('\n')
    .find((line) => line.includes('file://') && !line.includes('/node_modules/'));
  const place = /([^/]+:\d+:\d+)\)?$/.exec(own ?? '')?.[1];
  const message = error.message.split('\n')[0] ?? '';
  return place === undefined ? message : `${message} (at ${place})`;
}

interface CodePlace {
  readonly graph: ModuleGraph;
  readonly configFile: string;
  readonly projectDirectory: string;
}

/** Digests each function by the export it is, so that only its own callees move it; an inline one by the whole config. */
async function digestFunctions(
  definition: LoopDefinition,
  place: CodePlace,
): Promise<Pick<CompiledLoop, 'code' | 'inlineFunctions'>> {
  const code: Record<string, Digest> = {};
  const inlineFunctions: string[] = [];
  const entries = Object.entries(definition.functions);
  const modules = entries.length === 0 ? [] : await userModules(place);
  for (const [name, fn] of entries) {
    const found = modules.find(([, exports]) => Object.values(exports).includes(fn));
    const exportName =
      found === undefined ? undefined : Object.keys(found[1]).find((key) => found[1][key] === fn);
    if (found === undefined || exportName === undefined) {
      inlineFunctions.push(name);
      code[name] = await digestOfFile(place.configFile, place.projectDirectory);
    } else {
      code[name] = await digestOfExport(`./${found[0]}`, exportName, place.projectDirectory);
    }
  }
  return { code, inlineFunctions };
}

async function userModules({
  graph,
  projectDirectory,
}: CodePlace): Promise<readonly (readonly [string, Readonly<Record<string, unknown>>])[]> {
  const own = graph.files.filter((file) => !file.includes('node_modules/'));
  return Promise.all(
    own.map(async (file) => [file, await importModule(path.resolve(projectDirectory, file))] as const),
  );
}
