import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { SluiceError } from '../../base/errors.ts';
import type { Answer, Command, Invocation } from '../command.ts';
import { size } from '../format.ts';
import { projectFiles } from '../init/project-files.ts';

/** `sluice init`: a small working loop. */
export const command: Command = {
  name: 'init',
  summary: 'make a small working loop in an empty folder: config, data, README',
  args: [['[directory]', 'the folder, made when absent; the current one when not given']],
  options: [['--force', 'also in a folder that is not empty; files of the same names are replaced']],
  example: 'sluice init my-loop',
  run: init,
};

/** Things that a new folder may hold and still be empty to a person. */
const unheeded = new Set(['.git', '.DS_Store', 'package.json', 'package-lock.json', 'node_modules']);

async function init({ args, options, terminal, projectDirectory }: Invocation): Promise<Answer> {
  const directory = path.resolve(projectDirectory, args[0] ?? '.');
  if (options['force'] !== true) await refuseFull(directory);
  const needsInstall = !reachesSluice(directory);
  const hasManifest = existsSync(path.join(directory, 'package.json'));
  const files = projectFiles({ withManifest: needsInstall && !hasManifest });
  try {
    for (const { name, text } of files) {
      await mkdir(path.dirname(path.join(directory, name)), { recursive: true });
      await writeFile(path.join(directory, name), text);
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError('INIT_UNAVAILABLE', { directory, reason }, { cause });
  }
  const json = {
    directory,
    files: files.map(({ name, text }) => ({ name, sizeBytes: Buffer.byteLength(text) })),
  };
  const data = files.filter(({ name }) => name.startsWith('data/'));
  const others = files.filter(({ name }) => !name.startsWith('data/'));
  const dataBytes = data.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  const text = [
    ...others.map(({ name }) => `  ${name}`),
    `  data/ ${terminal.style('dim', `${data.length} files, ${size(dataBytes)}`)}`,
    '',
    `Next: ${nextWords(directory, needsInstall)}`,
  ];
  return { json, text: text.join('\n') };
}

/** What to type; the install script of the ONNX runtime would fetch libraries that Sluice does not need. */
function nextWords(directory: string, needsInstall: boolean): string {
  const relative = path.relative(process.cwd(), directory);
  const where = relative.startsWith('..') ? directory : relative;
  const install = needsInstall ? ['npm install --ignore-scripts sluice'] : [];
  return [...(where === '' ? [] : [`cd ${where}`]), ...install, 'npx sluice run'].join(' && ');
}

/**
 * True where the folder, or the project around it, has sluice. A package.json of its own would then cut the new folder
 * off: npx looks no further up than the nearest one, and would fetch whatever the registry calls sluice.
 */
function reachesSluice(directory: string): boolean {
  try {
    createRequire(path.join(directory, 'sluice.config.ts')).resolve('sluice/package.json');
    return true;
  } catch {
    return false;
  }
}

async function refuseFull(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  const found = names.filter((name) => !unheeded.has(name)).sort();
  if (found.length === 0) return;
  const shown = found.slice(0, 8).join(', ');
  throw new SluiceError('INIT_NOT_EMPTY', {
    directory,
    found: found.length > 8 ? `${shown}, … (${found.length} in all)` : shown,
  });
}
