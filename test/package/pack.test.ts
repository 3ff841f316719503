import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { pack } from '../../scripts/pack.ts';

test('the packed package installs without scripts into an empty project, and its first loop runs green', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'sluice-package-'));
  try {
    const tarball = pack(directory);
    const project = path.join(directory, 'project');
    mkdirSync(project);
    writeFileSync(path.join(project, 'package.json'), '{"private": true}');
    const install = [
      'install',
      '--ignore-scripts',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      '--silent',
      tarball,
    ];
    execFileSync('npm', install, { cwd: project, stdio: 'inherit' });
    const sluice = (cwd: string, ...words: string[]): string =>
      execFileSync(process.execPath, [path.join(project, 'node_modules/sluice/bin/sluice.js'), ...words], {
        cwd,
        encoding: 'utf8',
      });
    sluice(project, 'init', 'loop', '--quiet');
    const result = JSON.parse(sluice(path.join(project, 'loop'), 'run', '--json')) as { verdict: string };
    assert.equal(result.verdict, 'pass');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
