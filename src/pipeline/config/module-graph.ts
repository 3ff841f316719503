import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build, type BuildFailure, type Metafile } from 'esbuild';
import { digestBytes, digestFields, type Digest } from '../../base/digest.ts';
import { SluiceError } from '../../base/errors.ts';

/** The user's files that a config reaches, and the packages they import. */
export interface ModuleGraph {
  /** Files in order of discovery, relative to the project, `/` between parts. */
  readonly files: readonly string[];
  /** Bare names imported anywhere in those files. */
  readonly packages: readonly string[];
}

const settings = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  write: false,
  logLevel: 'silent',
  minifyWhitespace: true,
  legalComments: 'none',
} as const;

/**
 * Yields the module graph of a file without running it.
 *
 * @throws CONFIG_SYNTAX with file:line:column, CONFIG_CYCLE naming the files of an import circle
 */
export async function readModuleGraph(file: string, projectDirectory: string): Promise<ModuleGraph> {
  const metafile = await parse(file, projectDirectory);
  refuseCycles(metafile);
  const imports = Object.values(metafile.inputs).flatMap((input) => input.imports);
  const packages = imports.filter((one) => one.external === true).map((one) => one.path);
  return { files: Object.keys(metafile.inputs), packages: [...new Set(packages)].sort() };
}

async function parse(file: string, projectDirectory: string): Promise<Metafile> {
  try {
    const result = await build({
      ...settings,
      entryPoints: [file],
      absWorkingDir: projectDirectory,
      metafile: true,
    });
    return result.metafile;
  } catch (error) {
    throw syntaxError(error as BuildFailure);
  }
}

function syntaxError(failure: BuildFailure): SluiceError {
  const first = failure.errors?.[0];
  const at = first?.location;
  const place = at ? `${at.file}:${at.line}:${at.column + 1}` : 'the config';
  return new SluiceError('CONFIG_SYNTAX', { place, reason: first?.text ?? failure.message });
}

function refuseCycles(metafile: Metafile): void {
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) {
      throw new SluiceError('CONFIG_CYCLE', {
        cycle: [...trail.slice(trail.indexOf(file)), file].join(' -> '),
      });
    }
    if (done.has(file)) return;
    for (const next of metafile.inputs[file]?.imports ?? []) {
      if (next.external !== true) visit(next.path, [...trail, file]);
    }
    done.add(file);
  };
  for (const file of Object.keys(metafile.inputs)) visit(file, []);
}

/**
 * Yields the digest of one exported function with everything it calls, and of the locked versions of the packages it
 * reaches. Comments, white space, other functions of the file and the file's path do not move it; an edited callee does.
 */
export async function digestOfExport(
  file: string,
  exportName: string,
  projectDirectory: string,
): Promise<Digest> {
  const result = await build({
    ...settings,
    stdin: {
      contents: `export { ${exportName} } from ${JSON.stringify(file)};`,
      resolveDir: projectDirectory,
      loader: 'ts',
    },
    absWorkingDir: projectDirectory,
    metafile: true,
  });
  return digestWithPackages(result.outputFiles[0]?.text ?? '', result.metafile, projectDirectory);
}

/** Yields the digest of everything a file reaches: the coarser answer, for functions that are not exported. */
export async function digestOfFile(file: string, projectDirectory: string): Promise<Digest> {
  const result = await build({
    ...settings,
    entryPoints: [file],
    absWorkingDir: projectDirectory,
    metafile: true,
  });
  return digestWithPackages(result.outputFiles[0]?.text ?? '', result.metafile, projectDirectory);
}

async function digestWithPackages(
  text: string,
  metafile: Metafile,
  projectDirectory: string,
): Promise<Digest> {
  const names = Object.values(metafile.outputs)
    .flatMap((output) => output.imports)
    .filter((one) => one.external === true && !one.path.startsWith('node:'))
    .map((one) => one.path);
  const versions = await Promise.all(
    [...new Set(names)].sort().map((name) => installedVersion(name, projectDirectory)),
  );
  return digestFields([digestBytes(text), ...versions]);
}

async function installedVersion(specifier: string, projectDirectory: string): Promise<string> {
  const name = specifier.startsWith('@')
    ? specifier.split('/').slice(0, 2).join('/')
    : (specifier.split('/')[0] ?? '');
  // Sluice's own version is a field of its own in every step key: its releases state which stages changed.
  if (name === 'sluice') return 'sluice';
  for (const from of [path.join(projectDirectory, 'package.json'), import.meta.url]) {
    for (const folder of createRequire(from).resolve.paths(name) ?? []) {
      const manifest = await readFile(path.join(folder, name, 'package.json'), 'utf8').catch(() => null);
      if (manifest !== null)
        return `${name}@${String((JSON.parse(manifest) as { version?: unknown }).version)}`;
    }
  }
  return `${name}@absent`;
}
