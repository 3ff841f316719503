import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { jsonOf, runSluice } from '../fixtures/run-sluice.ts';

test('init makes a loop that runs green right away, also where nothing is installed', async () => {
  const cwd = mkdtempSync(path.join(os.tmpdir(), 'sluice-init-'));
  assert.equal((await runSluice(['init', 'shop'], { cwd })).code, 0);
  const project = path.join(cwd, 'shop');
  assert.deepEqual(readdirSync(project).sort(), [
    '.gitignore',
    'README.md',
    'data',
    'package.json',
    'sluice.config.ts',
  ]);
  const { code, out, errors } = await runSluice(['run'], { cwd: project });
  assert.equal(code, 0, errors);
  assert.match(out, /is now champion \(bootstrap\)/);
  const again = await jsonOf<{ steps: { state: string }[] }>(['run'], project);
  assert.ok(again.steps.every((step) => step.state === 'reused'));
  rmSync(cwd, { recursive: true });
});

test('init inside a project that has sluice writes no package.json, which would cut the new folder off from it', async () => {
  const cwd = mkdtempSync(path.join(os.tmpdir(), 'sluice-init-'));
  mkdirSync(path.join(cwd, 'node_modules'));
  symlinkSync(path.join(import.meta.dirname, '../..'), path.join(cwd, 'node_modules', 'sluice'));
  const { out } = await runSluice(['init', 'shop'], { cwd });
  assert.match(out, /^Next: cd shop && npx sluice run$/m);
  assert.ok(!readdirSync(path.join(cwd, 'shop')).includes('package.json'));
  rmSync(cwd, { recursive: true });
});

test('init gives the same bytes every time', async () => {
  const cwd = mkdtempSync(path.join(os.tmpdir(), 'sluice-init-'));
  await runSluice(['init', 'a'], { cwd });
  await runSluice(['init', 'b'], { cwd });
  for (const name of readdirSync(path.join(cwd, 'a', 'data'))) {
    const [one, other] = ['a', 'b'].map((side) => readFileSync(path.join(cwd, side, 'data', name), 'utf8'));
    assert.equal(one, other);
  }
  rmSync(cwd, { recursive: true });
});

test('init refuses a folder that holds something, unless forced, and keeps a package.json', async () => {
  const cwd = mkdtempSync(path.join(os.tmpdir(), 'sluice-init-'));
  writeFileSync(path.join(cwd, 'package.json'), '{"name":"mine"}\n');
  writeFileSync(path.join(cwd, 'notes.txt'), 'mine\n');
  const refused = await runSluice(['init'], { cwd });
  assert.equal(refused.code, 6);
  assert.match(refused.errors, /INIT_NOT_EMPTY/);
  assert.match(refused.errors, /notes\.txt/);
  assert.equal((await runSluice(['init', '--force'], { cwd })).code, 0);
  assert.equal(readFileSync(path.join(cwd, 'package.json'), 'utf8'), '{"name":"mine"}\n');
  const inFile = await runSluice(['init', 'notes.txt/below'], { cwd });
  assert.equal(inFile.code, 5);
  assert.match(inFile.errors, /INIT_UNAVAILABLE/);
  rmSync(cwd, { recursive: true });
});
