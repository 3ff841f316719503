import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { mainFile, makeProject, runSluice } from '../fixtures/run-sluice.ts';

let project = '';

before(async () => {
  project = await makeProject({ ran: false });
});

after(() => rmSync(project, { recursive: true, force: true }));

test('what the command line cannot be read as is one JSON document where that is asked for', async () => {
  for (const words of [['run', '--fromm', 'train'], ['frobnicate'], ['run', 'surplus'], ['explain']]) {
    const { code, out, errors } = await runSluice([...words, '--json'], { cwd: project });
    assert.deepEqual([code, errors], [2, ''], words.join(' '));
    const { error } = JSON.parse(out) as { error: { code: string; kind: string; message: string } };
    assert.deepEqual([error.code, error.kind], ['CLI_USAGE', 'input']);
  }
});

test('an error of a command is one JSON document on standard output, with the exit code of its kind', async () => {
  const { code, out, errors } = await runSluice(['run', '--set', 'train.sed=3', '--json'], { cwd: project });
  assert.deepEqual([code, errors], [2, '']);
  const { error } = JSON.parse(out) as { error: { code: string; details: object } };
  assert.equal(error.code, 'CONFIG_OVERRIDE_KEY');
  assert.deepEqual(Object.keys(error.details).sort(), ['nearest', 'override', 'reason']);
});

test('without words the commands are listed', async () => {
  const { code, errors } = await runSluice([], { cwd: project });
  assert.equal(code, 2);
  assert.match(errors, /Commands:[\s\S]*\brun\b/);
  assert.equal((await runSluice(['--help'], { cwd: project })).code, 0);
  assert.match((await runSluice(['--version'], { cwd: project })).out, /^\d+\.\d+\.\d+\n$/);
});

test('a run goes on when nobody reads its log any more', async () => {
  const child = spawn(process.execPath, [mainFile, 'run'], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  child.stderr.destroy();
  child.stdout.destroy();
  assert.equal(await ended, 0);
  const { out } = await runSluice(['runs', '--json'], { cwd: project });
  assert.match(out, /"state": "done"/);
});

test(
  'an answer that cannot be written is no success',
  { skip: existsSync('/dev/full') ? false : 'untested: no /dev/full here' },
  async () => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [mainFile, 'runs'], {
      cwd: project,
      stdio: ['ignore', full, 'pipe'],
    });
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    closeSync(full);
    assert.equal(await ended, 5);
  },
);
