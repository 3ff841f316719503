import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

const main = path.join(import.meta.dirname, '../../src/cli/main.ts');

interface DemoDocument {
  readonly holds: boolean;
  readonly chapters: readonly {
    readonly claims: readonly { readonly claim: string; readonly holds: boolean }[];
    readonly figures: {
      readonly linear?: { readonly verdict: string };
      readonly trees?: { readonly verdict: string };
    };
  }[];
}

test('with the labels permuted, the same demo ends in refusals', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'sluice-permuted-'));
  try {
    const words = ['demo', '--fast', '--json', '--directory', path.join(directory, 'demo')];
    const env = { ...process.env, SLUICE_DEMO_PERMUTE_LABELS: '1' };
    const { status, stdout } = spawnSync(process.execPath, [main, ...words], {
      env,
      encoding: 'utf8',
      maxBuffer: 1e8,
    });
    assert.equal(status, 3);
    const document = JSON.parse(stdout) as DemoDocument;
    assert.equal(document.holds, false);
    const [, first, second] = document.chapters;
    assert.equal(first?.figures.linear?.verdict, 'fail');
    assert.equal(second?.figures.trees?.verdict, 'fail');
    assert.deepEqual(
      [first?.claims[0]?.holds, second?.claims.map((one) => one.holds)],
      [false, [false, false]],
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('the demo refuses a folder that it did not make', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'sluice-foreign-'));
  try {
    mkdirSync(path.join(directory, 'mine'));
    writeFileSync(path.join(directory, 'mine', 'thesis.txt'), 'years of work');
    const words = ['demo', '--fast', '--directory', path.join(directory, 'mine')];
    const { status, stderr } = spawnSync(process.execPath, [main, ...words], { encoding: 'utf8' });
    assert.equal(status, 6);
    assert.match(stderr, /DEMO_DIRECTORY/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
