import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { isSluiceError } from '../../src/base/errors.ts';
import { command } from '../../src/cli/commands/eval-answers.ts';
import { openTerminal } from '../../src/cli/terminal.ts';

const terminal = openTerminal({
  output: process.stdout,
  errors: process.stderr,
  hasColour: false,
  showsProgress: false,
});

test('numeric answers in a file are judged under every policy', async () => {
  const projectDirectory = mkdtempSync(path.join(tmpdir(), 'sluice-answers-'));
  try {
    writeFileSync(path.join(projectDirectory, 'a.csv'), 'gold,said\n-32%,-32.82%\n12.5,14\n');
    writeFileSync(path.join(projectDirectory, 'a.txt'), '');
    const options = { gold: 'gold', predicted: 'said' };
    const call = {
      options,
      terminal,
      projectDirectory,
      environment: {},
      signal: new AbortController().signal,
    };
    const { json, text } = await command.run({ ...call, args: ['a.csv'] });
    assert.equal((json as { accuracy: { finance: { value: number } } }).accuracy.finance.value, 0.5);
    assert.match(text, /finance\s+0\.5 \[/);
    await assert.rejects(command.run({ ...call, args: ['a.txt'] }), (error) =>
      isSluiceError(error, 'CLI_FORMAT'),
    );
  } finally {
    rmSync(projectDirectory, { recursive: true });
  }
});
