import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { linearToOnnx } from '../../src/adapters/model/linear-onnx.ts';
import { externalDataModels } from '../../src/conformance/model-bytes.ts';
import { catalogFacts } from '../fixtures/catalog-facts.ts';
import { leftovers, ran, runForSteps, sluice, type CommandEnd } from '../fixtures/small-loop-run.ts';
import { writeSmallLoop } from '../fixtures/small-loop.ts';

let project = '';

before(async () => {
  project = writeSmallLoop();
  assert.equal((await sluice(project, 'run')).code, 0);
});

after(() => rmSync(project, { recursive: true, force: true }));

/** A model of the small loop's signature whose every score is `intercept`, through a sigmoid. */
function constantModel(intercept: number): Uint8Array {
  const numbers = ['expected', 'weight', 'hour', ...['late_rate', 'parcels'].flatMap(windowsOf)];
  return linearToOnnx({
    task: 'binary',
    intercept,
    numeric: numbers.map((name) => ({ name, mean: 0, scale: 1, weight: 0, missingWeight: 0 })),
    categorical: [{ name: 'hub', levels: ['ams'], weights: [0], unseenWeight: 0, nullWeight: 0 }],
    order: [...numbers, 'hub'],
  });
}

const windowsOf = (name: string): string[] => [`hub_${name}_2h`, `hub_${name}_12h`];

/** Runs the loop with a trainer of a few lines of JavaScript, which finds `leave(name, bytes)`. */
async function trainWith(source: string, ...words: readonly string[]): Promise<CommandEnd> {
  writeFileSync(
    path.join(project, 'trainer.cjs'),
    `const fs = require('node:fs');
     const spec = JSON.parse(fs.readFileSync(process.argv.at(-1), 'utf8'));
     const leave = (name, data) => fs.writeFileSync(require('node:path').join(spec.outputDirectory, name), data);
     ${source}`,
  );
  const command = `train.params.command=["${process.execPath}","trainer.cjs"]`;
  return sluice(project, 'run', '--set', 'train.trainer=command', '--set', command, ...words);
}

const leaveModel = (bytes: Uint8Array | string): string => {
  const base64 = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('base64');
  return `leave('model.onnx', Buffer.from('${base64}', 'base64'));`;
};

const failures: readonly (readonly [
  what: string,
  source: string,
  exitCode: number,
  words: RegExp,
  overrides?: readonly string[],
])[] = [
  [
    'crashes',
    `for (let i = 0; i < 50; i++) console.log('line ' + i); throw new TypeError('the rows are too wide');`,
    2,
    /TypeError: the rows are too wide[^]*TRAIN_CRASHED/,
  ],
  [
    'hangs',
    `console.log('thinking'); setInterval(() => {}, 1000);`,
    5,
    /thinking[^]*TRAIN_TIMEOUT/,
    ['--set', 'train.timeoutMs=1500'],
  ],
  ['writes no model', `console.log('I forgot');`, 2, /I forgot[^]*TRAIN_NO_MODEL/],
  ['writes an invalid model', `leave('model.onnx', 'a model, surely');`, 2, /MODEL_INVALID/],
  ['writes a model with external data', leaveModel(externalDataModels.initializer), 2, /MODEL_EXTERNAL_DATA/],
  [
    'writes a model whose scores are NaN',
    leaveModel(constantModel(Number.NaN)),
    2,
    /NaN[^]*MODEL_NOT_FINITE/,
  ],
];

for (const [what, source, exitCode, words, overrides = []] of failures) {
  test(`a trainer that ${what} fails the step with its last lines, and registers nothing`, async () => {
    const before = catalogFacts(project);
    const end = await trainWith(source, ...overrides);
    assert.equal(end.code, exitCode, end.errors);
    assert.match(end.errors, words);
    assert.doesNotMatch(end.errors, /\n {4}at async|\bbug\b/);
    assert.deepEqual(catalogFacts(project), before);
    assert.deepEqual(leftovers(project), []);
  });
}

test('after all these the retry with a trainer that works is judged, and the champion is still the first', async () => {
  const end = await trainWith(leaveModel(constantModel(0.25)));
  assert.equal(end.code, 3, end.errors);
  assert.match(end.output, /refused/);
  const { code, steps } = await runForSteps(project);
  assert.equal(code, 0);
  assert.deepEqual(ran(steps), []);
});
