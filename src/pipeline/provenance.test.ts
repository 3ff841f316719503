import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { defineLoop } from './define/define-loop.ts';
import { defineSource } from './define/define-source.ts';
import { compileLoop } from './load-config.ts';
import { provenanceOf } from './provenance.ts';

const source = defineSource({
  name: 'orders',
  files: 'orders.csv',
  eventTime: 'at',
  schema: z.object({ at: z.date(), late: z.boolean(), price: z.number() }),
});
const loop = compileLoop(
  defineLoop({
    name: 'orders',
    source,
    features: { price: source.columns.price },
    label: { value: source.columns.late },
    train: { trainer: 'command', params: { password: 'hunter2' } },
    evaluate: { gates: [] },
  }),
  ['train.seed=4'],
);

interface GitState {
  readonly commit: string;
  readonly uncommitted: string | null;
}

async function inFolder(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'sluice-'));
  try {
    await work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function gitOf(projectDirectory: string): Promise<GitState | null> {
  return (await provenanceOf({ projectDirectory, loop }))['git'] as GitState | null;
}

test('config and overrides are kept without their secrets, beside runtime and machine', () =>
  inFolder(async (projectDirectory) => {
    const provenance = await provenanceOf({ projectDirectory, loop });
    const text = JSON.stringify(provenance);
    assert.doesNotMatch(text, /hunter2/);
    assert.match(text, /"overrides":\["train\.seed=4"\]/);
    assert.deepEqual(provenance['environment'], {
      node: process.versions.node,
      platform: process.platform,
      arch: process.arch,
    });
  }));

test('outside a repository, and in one without a commit, there is no git state', () =>
  inFolder(async (directory) => {
    const ceiling = process.env['GIT_CEILING_DIRECTORIES'];
    process.env['GIT_CEILING_DIRECTORIES'] = path.dirname(directory);
    try {
      assert.equal(await gitOf(directory), null);
      execFileSync('git', ['init', '--quiet'], { cwd: directory });
      assert.equal(await gitOf(directory), null);
    } finally {
      if (ceiling === undefined) delete process.env['GIT_CEILING_DIRECTORIES'];
      else process.env['GIT_CEILING_DIRECTORIES'] = ceiling;
    }
  }));

test('inside a repository the commit is named, and every uncommitted change moves a digest', () =>
  inFolder(async (directory) => {
    const git = (...words: string[]): string =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...words], {
        cwd: directory,
        encoding: 'utf8',
      });
    const write = (name: string, text: string): void => writeFileSync(path.join(directory, name), text);
    git('init', '--quiet');
    write('.gitignore', 'ignored\n');
    write('features.ts', 'export const a = 1;\n');
    git('add', '.');
    git('commit', '--quiet', '-m', 'first');
    const clean = await gitOf(directory);
    assert.deepEqual(clean, { commit: git('rev-parse', 'HEAD').trim(), uncommitted: null });
    write('ignored', 'anything');
    assert.equal((await gitOf(directory))?.uncommitted, null);

    const digests: (string | null | undefined)[] = [];
    const look = async (): Promise<void> => void digests.push((await gitOf(directory))?.uncommitted);
    write('features.ts', 'export const a = 2;\n');
    await look();
    write('new file.ts', 'export const b = 1;\n');
    await look();
    write('new file.ts', 'export const b = 2;\n');
    await look();
    write('data.bin', '');
    truncateSync(path.join(directory, 'data.bin'), 3_000_000);
    await look();
    git('mv', 'features.ts', 'moved.ts');
    await look();
    assert.ok(digests.every((digest) => /^[0-9a-f]{64}$/.test(digest ?? '')));
    assert.equal(new Set(digests).size, digests.length);
    await look();
    assert.equal(digests.at(-1), digests.at(-2));
  }));
