import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { modelBytes } from '../../conformance/model-bytes.ts';
import type { ModelRuntime, Signature } from '../../ports/model.ts';
import { inspectOnnx } from './onnx-inspect.ts';
import { openOnnxRuntime } from './onnx.ts';

const signature: Signature = { task: 'regression', features: [{ name: 'n', kind: 'numeric' }] };
const doubled = Buffer.from(modelBytes.doubled, 'base64');
const rows = (count: number) => ({
  rows: count,
  columns: new Map([
    ['n', { type: 'double' as const, values: Float64Array.from({ length: count }, (_, row) => row) }],
  ]),
});

/** Yields the model processes that a process has started. */
function modelProcesses(parent: number | undefined): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args=']).toString().split('\n');
  const own = lines.filter(
    (line) => line.includes('onnx-process') && Number(line.trim().split(/\s+/)[1]) === parent,
  );
  return own.map((line) => Number(line.trim().split(/\s+/)[0]));
}

function isAlive(pid: number): boolean {
  return execFileSync('ps', ['-A', '-o', 'pid=,stat='])
    .toString()
    .split('\n')
    .some((line) => {
      const [found, state = ''] = line.trim().split(/\s+/);
      return Number(found) === pid && !state.startsWith('Z');
    });
}

async function gone(pid: number): Promise<boolean> {
  for (let tries = 0; isAlive(pid) && tries < 60; tries++) await sleep(50);
  return !isAlive(pid);
}

test('the version is that of onnxruntime', () => {
  assert.match(openOnnxRuntime().version, /^onnxruntime \d+\.\d+\.\d+$/);
});

/** Runs `work` with a runtime and a look at the processes of its models alone. */
async function withRuntime(
  processes: number,
  work: (runtime: ModelRuntime, own: () => number[]) => Promise<void>,
): Promise<void> {
  const before = new Set(modelProcesses(process.pid));
  const runtime = openOnnxRuntime({ processes });
  try {
    await work(runtime, () => modelProcesses(process.pid).filter((pid) => !before.has(pid)));
  } finally {
    await runtime.close();
  }
}

test('a process that dies while it scores is MODEL_CRASHED, and the next call has a new one', () =>
  withRuntime(1, async (runtime, own) => {
    const model = await runtime.load(doubled, signature);
    const [pid = 0] = own();
    const asked = model.predict(rows(200_000));
    process.kill(pid, 'SIGKILL');
    await assert.rejects(asked, { code: 'MODEL_CRASHED', message: /SIGKILL.*score 16384 rows/ });
    assert.equal((await model.predict(rows(3)))[2], 4);
    await runtime.close();
    assert.deepEqual(own(), []);
  }));

test('a process that dies while it is idle is replaced without a word', () =>
  withRuntime(2, async (runtime, own) => {
    const model = await runtime.load(doubled, signature);
    await model.predict(rows(100_000));
    const pids = own();
    assert.equal(pids.length, 2);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    for (const pid of pids) await gone(pid);
    await sleep(100);
    const scores = await model.predict(rows(100_000));
    assert.ok(scores.every((score, row) => score === 2 * row));
  }));

test('the same rows give the same scores on one process and on two', async () => {
  const answers = [1, 2].map(async (processes) => {
    const runtime = openOnnxRuntime({ processes });
    const model = await runtime.load(doubled, signature);
    const scores = await model.predict(rows(70_000));
    await runtime.close();
    return scores;
  });
  const [one, two] = await Promise.all(answers);
  assert.deepEqual(one, two);
});

test('a model that is not closed keeps no program from ending', async () => {
  const source = `
    import { openOnnxRuntime } from ${JSON.stringify(new URL('./onnx.ts', import.meta.url).href)};
    const model = await openOnnxRuntime().load(Buffer.from('${modelBytes.doubled}', 'base64'), ${JSON.stringify(signature)});
    const scores = await model.predict({ rows: 1, columns: new Map([['n', { type: 'double', values: Float64Array.of(4) }]]) });
    process.exitCode = scores[0];`;
  const program = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: 'inherit' });
  assert.deepEqual(await once(program, 'exit'), [8, null]);
});

test('a hung model ends with a parent that is killed', async () => {
  const source = `
    import { openOnnxRuntime } from ${JSON.stringify(new URL('./onnx.ts', import.meta.url).href)};
    import { modelBytes } from ${JSON.stringify(new URL('../../conformance/model-bytes.ts', import.meta.url).href)};
    const model = await openOnnxRuntime().load(Buffer.from(modelBytes.hanging, 'base64'), ${JSON.stringify(signature)});
    const asked = model.predict({ rows: 1, columns: new Map([['n', { type: 'double', values: Float64Array.of(1) }]]) });
    console.log('asked');
    await asked;`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(parent.stdout, 'data');
  const [child = 0] = modelProcesses(parent.pid);
  assert.ok(child > 0);
  await sleep(300);
  parent.kill('SIGKILL');
  assert.ok(await gone(child));
});

test('no cut and no flipped byte of a model does more than refuse it', () => {
  const model = Buffer.from(modelBytes.binary, 'base64');
  const harmless = (bytes: Uint8Array): void => {
    try {
      inspectOnnx(bytes);
    } catch (error) {
      assert.match(String(Reflect.get(error as object, 'code')), /^MODEL_(INVALID|EXTERNAL_DATA)$/);
    }
  };
  for (let at = 0; at < model.length; at++) {
    harmless(model.subarray(0, at));
    for (const bit of [1, 4, 16, 128]) {
      const flipped = Buffer.from(model);
      flipped[at] = (flipped[at] ?? 0) ^ bit;
      harmless(flipped);
    }
  }
});

test("a model in the runtime's own format is MODEL_INVALID, whatever else it may be read as", () => {
  const model = Buffer.concat([Buffer.from([0x3a, 0x06, 0x0a, 0x04]), Buffer.from('ORTM'), doubled]);
  assert.throws(() => inspectOnnx(model), { code: 'MODEL_INVALID', message: /ORT format/ });
});
