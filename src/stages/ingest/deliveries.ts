import { glob, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { SluiceError } from '../../base/errors.ts';
import { nearest } from '../../expression/nearest.ts';
import type { SourceSpec } from '../../records/source-spec.ts';

/** A file that a source definition points to. */
export interface DeliveredFile {
  /** Absolute. */
  readonly path: string;
  /** Relative to the project, with forward slashes. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Last change, microseconds since 1970. */
  readonly mtimeUs: number;
}

const globSigns = /[*?[\]{}]/;

/**
 * Yields the files of a source, each once, sorted by name (code units).
 *
 * @param options.projectDirectory where relative globs start
 * @throws INGEST_NO_FILES when nothing matches, INGEST_FILE_MISSING and INGEST_NOT_A_FILE for a file named without a glob
 */
export async function listDeliveries(options: {
  readonly source: SourceSpec;
  readonly projectDirectory: string;
}): Promise<readonly DeliveredFile[]> {
  const { source, projectDirectory } = options;
  const found = new Map<string, DeliveredFile>();
  for (const pattern of source.files) {
    const files = globSigns.test(pattern)
      ? await matching(pattern, projectDirectory)
      : [await namedFile(pattern, projectDirectory)];
    for (const file of files) found.set(file.path, file);
  }
  if (found.size > 0) return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const pattern = source.files.join(', ');
  const hint = await whatThereIs(source.files[0] ?? '', projectDirectory);
  throw new SluiceError('INGEST_NO_FILES', { source: source.name, pattern, hint });
}

/**
 * Yields one file by its path, as `listDeliveries` would.
 *
 * @throws INGEST_FILE_MISSING, INGEST_NOT_A_FILE
 */
export async function namedFile(file: string, projectDirectory: string): Promise<DeliveredFile> {
  const absolute = path.resolve(projectDirectory, file);
  const delivered = await describe(absolute, projectDirectory);
  if (delivered === 'missing') {
    const hint = await whatThereIs(file, projectDirectory);
    throw new SluiceError('INGEST_FILE_MISSING', { path: file, hint });
  }
  if (typeof delivered === 'string')
    throw new SluiceError('INGEST_NOT_A_FILE', { path: file, kind: delivered });
  return delivered;
}

async function matching(pattern: string, projectDirectory: string): Promise<readonly DeliveredFile[]> {
  const files: DeliveredFile[] = [];
  for await (const match of glob(pattern, { cwd: projectDirectory })) {
    const delivered = await describe(path.resolve(projectDirectory, match), projectDirectory);
    if (typeof delivered === 'object') files.push(delivered);
  }
  return files;
}

async function describe(absolute: string, projectDirectory: string): Promise<DeliveredFile | string> {
  const found = await stat(absolute, { bigint: true }).catch(() => undefined);
  if (found === undefined) return 'missing';
  if (!found.isFile()) return found.isDirectory() ? 'directory' : 'special file';
  return {
    path: absolute,
    name: path.relative(projectDirectory, absolute).split(path.sep).join('/'),
    sizeBytes: Number(found.size),
    mtimeUs: Number(found.mtimeNs / 1000n),
  };
}

/** Says what the nearest existing folder of a path or glob holds. */
async function whatThereIs(pattern: string, projectDirectory: string): Promise<string> {
  const parts = pattern.split(/[\\/]/);
  const fixed = parts.findIndex((part) => globSigns.test(part));
  let folder = path.resolve(projectDirectory, ...(fixed < 0 ? parts.slice(0, -1) : parts.slice(0, fixed)));
  const wanted = parts.at(-1) ?? '';
  for (;;) {
    const names = await readdir(folder).catch(() => undefined);
    if (names !== undefined) return describeFolder(folder, names, wanted);
    const parent = path.dirname(folder);
    if (parent === folder) return 'No folder of that path exists.';
    folder = parent;
  }
}

function describeFolder(folder: string, names: readonly string[], wanted: string): string {
  if (names.length === 0) return `The folder ${folder} is empty.`;
  const close = nearest(wanted, names);
  const others = [...names].sort().filter((name) => name !== close);
  const shown = [...(close === undefined ? [] : [close]), ...others].slice(0, 4);
  return `The folder ${folder} holds ${shown.join(', ')}${names.length > shown.length ? `, … (${names.length} in all)` : ''}.`;
}
