import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { lend, withTrainer, type trainerSources } from '../../../test/fixtures/command-trainers.ts';
import type { ErrorCode, SluiceError } from '../../base/errors.ts';
import { isSluiceError } from '../../base/errors.ts';
import { openCommandTrainer } from './command.ts';

const trainer = openCommandTrainer({ graceMs: 300 });

/** Yields the error with which the trainer of that name ends. */
async function failureOf(name: keyof typeof trainerSources, timeoutMs = 20_000): Promise<SluiceError> {
  let found: SluiceError | undefined;
  await withTrainer(name, async ({ spec }) => {
    const made = { ...(await spec()), timeoutMs };
    await assert.rejects(trainer.train(made, lend()), (error) => {
      assert.ok(isSluiceError(error), String(error));
      found = error;
      return true;
    });
  });
  assert.ok(found);
  return found;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A dead process whose parent has not asked for it is alive to `kill`.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('a command that leaves a model, a curve and importances has trained', async () => {
  await withTrainer('works', async ({ spec }) => {
    const made = await spec();
    const result = await trainer.train(made, lend());
    assert.equal(result.modelPath, path.join(made.outputDirectory, 'model.onnx'));
    assert.deepEqual(
      result.curve.map(({ round, value }) => [round, value]),
      [
        [1, 0.5],
        [2, 0.25],
      ],
    );
    assert.deepEqual(result.importances, { n: 1 });
    assert.match(readFileSync(path.join(made.outputDirectory, 'trainer.log'), 'utf8'), /all went well/);
  });
});

test('a curve and importances may be left out', async () => {
  await withTrainer('worksBare', async ({ spec }) => {
    const result = await trainer.train(await spec(), lend());
    assert.deepEqual(result.curve, []);
    assert.equal('importances' in result, false);
  });
});

test('the spec holds what training may depend on, and the params without those of the trainer itself', async () => {
  await withTrainer('echoes', async ({ spec, command }) => {
    const made = await spec(trainer.resolveParams({ command, timeoutMs: 9000, depth: 3 }));
    await trainer.train(made, lend());
    const seen = JSON.parse(readFileSync(path.join(made.outputDirectory, 'seen.json'), 'utf8'));
    const { timeoutMs: _, ...rest } = made;
    assert.deepEqual(seen.spec, { ...rest, schemaVersion: 1, params: { depth: 3 }, nullText: '\u0001' });
    assert.equal(seen.threads, process.env['OMP_NUM_THREADS'] ?? '2');
  });
});

test('a crash is TRAIN_CRASHED with the last lines, and a retry works', async () => {
  const { code, message } = await failureOf('crashes');
  assert.equal(code, 'TRAIN_CRASHED');
  assert.match(message, /exit code 1/);
  assert.match(message, /TypeError: the rows are too wide/);
  assert.doesNotMatch(message, /line 3\n/);
  await withTrainer('works', async ({ spec }) => void (await trainer.train(await spec(), lend())));
});

test('a killed command is TRAIN_CRASHED with the signal', async () => {
  const { code, message } = await failureOf('isKilled');
  assert.equal(code, 'TRAIN_CRASHED');
  assert.match(message, /SIGKILL.*out of memory soon/s);
});

test('output without end is kept on disk and cut in the message', async () => {
  const { message } = await failureOf('floods');
  assert.match(message, /the end$/m);
  assert.ok(message.length < 5000);
});

test('a command that hangs is TRAIN_TIMEOUT', async () => {
  const { code, message } = await failureOf('hangs', 400);
  assert.equal(code, 'TRAIN_TIMEOUT');
  assert.match(message, /400 ms.*thinking/s);
});

test('a command that ignores SIGTERM is killed with all it started', async () => {
  const before = new Set(readdirSync('/proc'));
  assert.equal((await failureOf('hangsStubbornly', 600)).code, 'TRAIN_TIMEOUT');
  const left = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && !before.has(name));
  const stubborn = left.filter(
    (pid) => isAlive(Number(pid)) && commandLine(pid).includes("process.on('SIGTERM'"),
  );
  assert.deepEqual(stubborn, []);
});

test('a process left behind by a command that ended well is ended', async () => {
  await withTrainer('leavesAChild', async ({ spec }) => {
    const made = await spec();
    await trainer.train(made, lend());
    const pid = Number(readFileSync(path.join(made.outputDirectory, 'child.pid'), 'utf8'));
    for (let tries = 0; isAlive(pid) && tries < 50; tries++) await sleep(20);
    assert.equal(isAlive(pid), false);
  });
});

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

test('an abort ends a running command soon, with the reason of the abort', async () => {
  await withTrainer('hangs', async ({ spec }) => {
    const abort = new AbortController();
    const training = trainer.train(await spec(), lend({ signal: abort.signal }));
    setTimeout(() => abort.abort('enough'), 200);
    await assert.rejects(training, (error) => error === 'enough');
  });
});

const leftovers: readonly [keyof typeof trainerSources, ErrorCode, RegExp][] = [
  ['forgets', 'TRAIN_NO_MODEL', /I have nothing to show/],
  ['leavesText', 'MODEL_INVALID', /no ONNX model/],
  ['leavesExternal', 'MODEL_EXTERNAL_DATA', /initializer/],
  ['leavesOtherInputs', 'MODEL_SIGNATURE', /input "c" is no feature/],
  ['leavesBadCurve', 'TRAIN_OUTPUT', /line 1 is not/],
  ['leavesTornCurve', 'TRAIN_OUTPUT', /line 1 is no JSON/],
  ['leavesStrangeImportances', 'TRAIN_OUTPUT', /"m" is no feature/],
  ['leavesZeroImportances', 'TRAIN_OUTPUT', /all importances are 0/],
];

for (const [name, code, message] of leftovers) {
  test(`a trainer that ${name} is ${code}`, async () => {
    const error = await failureOf(name);
    assert.equal(error.code, code);
    assert.match(error.message, message);
  });
}

test('an executable that is not there is TRAIN_START', async () => {
  await withTrainer('works', async ({ spec }) => {
    const made = await spec({ command: ['no-such-executable-here'] });
    await assert.rejects(trainer.train(made, lend()), { code: 'TRAIN_START' });
  });
});

test('a command must be a list of texts and a time-out a number above 0', () => {
  for (const command of [undefined, 'python3 train.py', [], [''], ['python3', 7]]) {
    const params = command === undefined ? {} : { command };
    assert.throws(() => trainer.resolveParams(params), { code: 'TRAIN_PARAM' });
  }
  assert.throws(() => trainer.resolveParams({ command: ['x'], timeoutMs: 0 }), { code: 'TRAIN_PARAM' });
});

test('an edited script moves the resolved params, an edited file elsewhere does not', async () => {
  await withTrainer('works', async ({ directory }) => {
    const home = process.cwd();
    process.chdir(directory);
    try {
      const command = ['node', 'train.cjs', '--verbose'];
      const before = trainer.resolveParams({ command });
      assert.deepEqual(Object.keys(before['commandFiles'] ?? {}), ['train.cjs']);
      writeFileSync('rows.parquet', 'other rows');
      assert.deepEqual(trainer.resolveParams(before), before);
      writeFileSync('train.cjs', '// edited');
      assert.notDeepEqual(trainer.resolveParams({ command }), before);
    } finally {
      process.chdir(home);
    }
  });
});
