import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { parseSync } from 'oxc-parser';
import { root } from './source-tree.ts';

function scaffold(
  target: string,
  ...words: string[]
): { readonly status: number | null; readonly stdout: string } {
  const script = path.join(root, 'scripts/scaffold.ts');
  const env = { ...process.env, SLUICE_SCAFFOLD_ROOT: target };
  return spawnSync(process.execPath, [script, ...words], { env, encoding: 'utf8' });
}

test('each scaffold writes files that parse, and never overwrites one', () => {
  const target = mkdtempSync(path.join(tmpdir(), 'sluice-scaffold-'));
  try {
    const calls = [
      ['adapter', 'blob', 's3'],
      ['statistic', 'drift', 'population-stability'],
      ['part', 'deploy'],
    ] as const;
    for (const words of calls) assert.equal(scaffold(target, ...words).status, 0);
    const files = globSync('**/*.ts', { cwd: target });
    assert.equal(files.length, 7);
    for (const file of files) {
      const text = readFileSync(path.join(target, file), 'utf8');
      assert.deepEqual(parseSync(file, text).errors, [], file);
    }
    assert.match(
      readFileSync(path.join(target, 'src/adapters/blob/s3.ts'), 'utf8'),
      /CONFORMANCE_UNFINISHED/,
    );
    assert.match(scaffold(target, ...calls[0]).stdout, /kept/);
    assert.equal(scaffold(target, 'adapter', 'blob').status, 2);
  } finally {
    rmSync(target, { recursive: true });
  }
});
