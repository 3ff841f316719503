import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { jsonOf, runSluice } from '../fixtures/run-sluice.ts';

let cwd = '';
const config = (): string => path.join(cwd, 'sluice.config.ts');

before(async () => {
  cwd = mkdtempSync(path.join(os.tmpdir(), 'sluice-explain-'));
  await runSluice(['init'], { cwd });
  await runSluice(['run'], { cwd });
});
after(() => rmSync(cwd, { recursive: true }));

async function edited<T>(from: string, to: string, work: () => Promise<T>): Promise<T> {
  const text = readFileSync(config(), 'utf8');
  writeFileSync(config(), text.replace(from, to));
  try {
    return await work();
  } finally {
    writeFileSync(config(), text);
  }
}

test('a comment changes nothing; an edited feature is named as people write it, and later stages point to it', async () => {
  const explained = async (stage: string): Promise<string> =>
    (await runSluice(['explain', stage], { cwd })).out;
  await edited('weekday(),', 'weekday(), // by day', async () => {
    assert.match(await explained('train'), /nothing differs, every step would be reused/);
  });
  await edited('.weekday()', '.hour()', async () => {
    const out = await explained('featurize');
    assert.match(out, /features\.weekday\.expression +weekday\(ordered_at\) +hour\(ordered_at\)/);
    assert.match(await explained('train'), /featurize before it would run again: sluice explain featurize/);
    assert.equal((await jsonOf<{ earlier: string }>(['explain', 'train'], cwd)).earlier, 'featurize');
  });
});

test('a run tells what its own stages made, and nothing that it only recalled', async () => {
  assert.match((await runSluice(['run'], { cwd })).out, /became champion \(bootstrap\)/);
  assert.doesNotMatch((await runSluice(['run', '--only', 'train'], { cwd })).out, /bootstrap|auc/);
  const both = await runSluice(['run', '--only', 'train', '--from', 'evaluate'], { cwd });
  assert.equal(both.code, 2);
  assert.match(both.errors, /CLI_EXCLUSIVE/);
});

test('a glob that matches nothing any more is told of', () =>
  edited("files: 'data/", "files: 'dta/", async () => {
    const { code, out } = await runSluice(['run'], { cwd });
    assert.equal(code, 0);
    assert.match(out, /no file matches dta\/\*\.csv now/);
  }));

test('a misspelt parameter is refused before any step, with the nearest name', async () => {
  const { code, errors } = await runSluice(['run', '--set', 'train.params.leafs=3'], { cwd });
  assert.equal(code, 2);
  assert.match(errors, /^error The training parameter leafs is 3.*nearest: leaves/);
});

test('a stopped batch is named with its reasons and the way in', async () => {
  const file = path.join(cwd, 'data', 'late.csv');
  const header = readFileSync(path.join(cwd, 'data/orders-2026-01-05.csv'), 'utf8').split('\n')[0] ?? '';
  writeFileSync(file, `${header}\nx1,never,never,c1,toys,app,3,1,true\n`);
  const { code, out } = await runSluice(['run'], { cwd });
  assert.equal(code, 3);
  assert.match(out, /batch data\/late\.csv stopped\n {2}breaker: 1 of 1 rows/);
  assert.match(out, /until a file of the same name passes/);
});

test('a batch that nobody sent, a loop that never ran and a run that failed are told as such', async () => {
  const impact = await runSluice(['impact', 'nofile.csv'], { cwd });
  assert.equal(impact.code, 7);
  assert.match(impact.errors, /CLI_BATCH/);
  assert.match((await runSluice(['runs', '--loop', 'nope'], { cwd })).out, /No loop called nope has run/);
  const wide = path.join(cwd, 'data', 'wide.csv');
  writeFileSync(wide, '');
  const { code, errors } = await runSluice(['run'], { cwd });
  rmSync(wide);
  assert.equal(code, 2);
  assert.match(errors, /no column order_id\. Nearest: \(none\)\. It has: no column at all/);
  const { runs } = await jsonOf<{ runs: { state: string; verdict: string | null }[] }>(['runs'], cwd);
  assert.deepEqual({ state: runs[0]?.state, verdict: runs[0]?.verdict }, { state: 'failed', verdict: null });
});
