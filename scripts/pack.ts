// Makes the package that is published: compiles src/ to JavaScript, points the exports at it and packs it.
//   node scripts/pack.ts [folder]     prints the path of the tarball; without a folder it lands in the current one
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');

type Exports = Readonly<Record<string, string>>;

interface Manifest {
  readonly exports: Exports;
  readonly [key: string]: unknown;
}

/** Compiles, stages and packs; yields the path of the tarball. */
export function pack(target: string): string {
  const staged = mkdtempSync(path.join(tmpdir(), 'sluice-pack-'));
  try {
    compile(path.join(staged, 'dist'));
    for (const name of ['bin', 'examples', 'LICENSE', 'CHANGELOG.md', 'README.md', 'SECURITY.md']) {
      cpSync(path.join(root, name), path.join(staged, name), { recursive: true });
    }
    writeFileSync(path.join(staged, 'package.json'), `${JSON.stringify(publishedManifest(), null, 2)}\n`);
    mkdirSync(target, { recursive: true });
    const name = execFileSync('npm', ['pack', '--silent', '--pack-destination', target], {
      cwd: staged,
      encoding: 'utf8',
    });
    return path.join(target, name.trim().split('\n').at(-1) ?? '');
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
}

function compile(outDir: string): void {
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.publish.json', '--outDir', outDir], {
    cwd: root,
    stdio: 'inherit',
  });
}

/** Keys that mean nothing to those who install the package. */
const ours = new Set(['scripts', 'devDependencies', 'allowScripts', 'files']);

function publishedManifest(): object {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest;
  const entries = Object.entries(manifest.exports).map(([name, file]) => [name, publishedEntry(file)]);
  const kept = Object.entries(manifest).filter(([key]) => !ours.has(key));
  return { ...Object.fromEntries(kept), exports: Object.fromEntries(entries) };
}

function publishedEntry(file: string): unknown {
  if (!file.startsWith('./src/')) return file;
  const compiled = file.replace('./src/', './dist/');
  return { types: compiled.replace(/\.ts$/, '.d.ts'), default: compiled.replace(/\.ts$/, '.js') };
}

if (import.meta.main) console.log(pack(path.resolve(process.argv[2] ?? '.')));
