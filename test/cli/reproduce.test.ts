import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { jsonOf, makeProject, runSluice } from '../fixtures/run-sluice.ts';

interface Proof {
  readonly reproduced: boolean;
  readonly commit: string | null;
  readonly artifacts: readonly { readonly kind: string; readonly isSame: boolean }[];
}

let project = '';
let config = '';
const configFile = (): string => path.join(project, 'sluice.config.ts');
const run = async (line: string) => runSluice(line.split(' '), { cwd: project });
const git = (...words: string[]): string => execFileSync('git', words, { cwd: project, encoding: 'utf8' });

before(async () => {
  project = await makeProject({ ran: false });
  config = readFileSync(configFile(), 'utf8');
});
after(() => rmSync(project, { recursive: true, force: true }));

test('a model made outside a repository has no commit to go back to', async () => {
  assert.equal((await run('run --quiet')).code, 0);
  const { code, errors } = await run('reproduce champion --at-commit');
  assert.equal(code, 6);
  assert.match(errors, /REPRODUCE_NO_COMMIT/);
  rmSync(path.join(project, '.sluice'), { recursive: true });
});

test('a model is made again bit for bit, with the overrides of its run, and nothing is left behind', async () => {
  git('init', '--quiet');
  git('add', '--all');
  git(
    '-c',
    'user.name=tester',
    '-c',
    'user.email=tester@example.org',
    'commit',
    '--quiet',
    '--message',
    'a loop',
  );
  assert.equal((await run('run --quiet --set train.params.leaves=7')).code, 0);
  const proof = await jsonOf<Proof>(['reproduce', 'champion'], project);
  assert.deepEqual(
    proof.artifacts.map((one) => [one.kind, one.isSame]),
    [
      ['dataset', true],
      ['trainingSet', true],
      ['model', true],
    ],
  );
  assert.equal(proof.reproduced, true);
  assert.deepEqual(readdirSync(path.join(project, '.sluice', 'tmp')), []);
});

test('a changed config is refused by the name of what moved, and the commit on record still gives the model', async () => {
  writeFileSync(configFile(), config.replace('max: 10_000', 'max: 9_000'));
  const { code, errors } = await run('reproduce champion');
  assert.equal(code, 6);
  assert.match(errors, /REPRODUCE_MOVED/);
  assert.match(errors, /range:price\.max \(was 10000, is 9000\)/);
  const proof = await jsonOf<Proof>(['reproduce', 'champion', '--at-commit'], project);
  assert.equal(proof.reproduced, true);
  assert.equal(proof.commit, git('rev-parse', 'HEAD').trim());
  assert.equal(git('worktree', 'list').trim().split('\n').length, 1);
  writeFileSync(configFile(), config);
});

test('what the commit does not hold either is said with the commit', async () => {
  writeFileSync(
    configFile(),
    config.replace('leaves: 15', 'leaves: 31').replace('max: 10_000', 'max: 8_000'),
  );
  // Whether the new model passes its gates does not matter here.
  await run('run --quiet');
  const { models } = await jsonOf<{ models: { digest: string }[] }>(['models'], project);
  const { code, errors } = await run(`reproduce ${models[0]?.digest} --at-commit`);
  assert.equal(code, 6);
  assert.match(errors, /REPRODUCE_AT_COMMIT/);
  assert.match(errors, /range:price\.max/);
});
