import { existsSync } from 'node:fs';
import path from 'node:path';
import { SluiceError } from '../base/errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { CompiledLoop } from '../pipeline/compiled-loop.ts';
import { findConfigFile, loadConfig } from '../pipeline/load-config.ts';
import type { Version, VersionKind } from '../records/version.ts';
import type { Invocation, Options } from './command.ts';
import { openProject, type Project } from './open-project.ts';

/**
 * Opens the store of a project for a command that only looks, and closes it afterwards. The config need not load: history
 * can be read while the config is broken.
 *
 * @throws CONFIG_MISSING in a folder that holds neither a store nor a config
 */
export async function withStore<Result>(
  { projectDirectory }: Pick<Invocation, 'projectDirectory'>,
  use: (project: Project) => Promise<Result>,
): Promise<Result> {
  const hasStore = existsSync(path.join(projectDirectory, '.sluice', 'catalog.db'));
  if (!hasStore && findConfigFile(projectDirectory) === undefined)
    throw new SluiceError('CONFIG_MISSING', { directory: projectDirectory });
  const project = await openProject({ projectDirectory });
  try {
    return await use(project);
  } finally {
    await project.close();
  }
}

/** Loads the config and opens the project's store for a command that works with both; closes the store afterwards. */
export async function withLoop<Result>(
  { projectDirectory, environment }: Pick<Invocation, 'projectDirectory' | 'environment'>,
  use: (project: Project, loop: CompiledLoop) => Promise<Result>,
): Promise<Result> {
  const loop = await loadConfig({ projectDirectory, overrides: [], environment });
  const project = await openProject({ projectDirectory, engine: loop.spec.engine });
  try {
    return await use(project, loop);
  } finally {
    await project.close();
  }
}

/** The option that names a loop where a store holds several. */
export const loopOption: readonly [flags: string, description: string] = [
  '--loop <name>',
  'the loop, where the store holds several; the one that ran last when absent',
];

/** Yields the loop asked for, else the one that ran last; an empty name when nothing ever ran. */
export async function chosenLoop(ledger: Ledger, options: Options): Promise<string> {
  if (typeof options['loop'] === 'string') return options['loop'];
  const [last] = await ledger.journal.runs({ limit: 1 });
  return last?.loop ?? '';
}

/** Yields the version that `champion`, `candidate`, a digest or a unique prefix stands for. @throws LEDGER_ALIAS_UNSET, LEDGER_VERSION_MISSING, LEDGER_AMBIGUOUS */
export async function versionOf(ledger: Ledger, name: string, options: Options): Promise<Version> {
  if (name !== 'champion' && name !== 'candidate') return ledger.versions.get(name);
  return ledger.aliases.resolve((await chosenLoop(ledger, options)) || 'of this store', name);
}

/** Yields how many of a list to show. @throws CLI_NUMBER for anything but a whole number above 0 */
export function limitOf(options: Options, preset: number): number {
  return numberOf(options, 'limit', { preset, least: 1 });
}

/** Yields the whole number of an option. @throws CLI_NUMBER naming the option and what is allowed */
export function numberOf(
  options: Options,
  name: string,
  rule: { readonly preset: number; readonly least: number },
): number {
  const given = options[name];
  if (given === undefined) return rule.preset;
  const value = typeof given === 'string' && /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
  if (value >= rule.least) return value;
  const option = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  throw new SluiceError('CLI_NUMBER', { option, value: String(given), least: rule.least });
}

/** Every version of a kind that a loop made; more than any catalog holds. */
export async function allOf<Kind extends VersionKind>(
  ledger: Ledger,
  kind: Kind,
  loop: string,
): Promise<readonly Version<Kind>[]> {
  return ledger.versions.find({ kind, limit: 1_000_000, ...(loop === '' ? {} : { loop }) });
}
