// Commands that work on files and on the store.
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { jsonOf, makeProject, runSluice } from '../fixtures/run-sluice.ts';

let project = '';
before(async () => {
  project = await makeProject({ ran: true });
});
after(() => rmSync(project, { recursive: true, force: true }));

const run = async (line: string, input?: string) =>
  runSluice(line.split(' '), { cwd: project, ...(input === undefined ? {} : { input }) });
const json = async <Shape>(line: string) => jsonOf<Shape>(line.split(' '), project);

const head = 'order_id,ordered_at,settled_at,customer,category,channel,price,quantity,returned';
const order = (id: string, price: number, channel = 'web'): string =>
  `${id},2026-03-07T10:00:00Z,2026-03-09T10:00:00Z,c001,books,${channel},${price},1,false`;

function write(name: string, lines: readonly string[]): string {
  writeFileSync(path.join(project, name), `${lines.join('\n')}\n`);
  return name;
}

const storeSize = (): number => readdirSync(path.join(project, '.sluice', 'blobs', 'sha256')).length;

test('validate judges a file, exits 3 when it fails, and keeps nothing', async () => {
  const before = storeSize();
  // As a killed process would leave it: no process has a number this high.
  mkdirSync(path.join(project, '.sluice', 'tmp', 'scratch-4194305-killed'), { recursive: true });
  const good = write('good.csv', [head, ...Array.from({ length: 30 }, (_, i) => order(`n${i}`, 10))]);
  const bad = write('bad.csv', [
    head,
    ...Array.from({ length: 30 }, (_, i) => order(`n${i}`, i < 20 ? -1 : 1)),
  ]);
  assert.equal((await run(`validate ${good}`)).code, 0);
  const found = await json<{ verdict: string; files: { validation: { quarantinedRows: number } }[] }>(
    `validate ${bad}`,
  );
  assert.equal(found.verdict, 'fail');
  assert.equal(found.files[0]?.validation.quarantinedRows, 20);
  assert.equal((await run(`validate ${bad}`)).code, 3);
  const several = await run(`validate ${good} ${write('ragged.csv', [head, 'x,y'])}`);
  assert.equal(several.code, 2);
  assert.match(several.out, /unreadable/);
  assert.equal(storeSize(), before);
  assert.deepEqual(readdirSync(path.join(project, '.sluice', 'tmp')), []);
});

test('quarantine counts by reason and lists the rows', async () => {
  const summary = await json<{ quarantined: number; reasons: { reason: string; rows: number }[] }>(
    'quarantine',
  );
  assert.ok(summary.quarantined > 0);
  const [worst] = summary.reasons;
  const { rows } = await json<{ rows: { reasons: string[] }[] }>(
    `quarantine show --reason ${worst?.reason} --limit 500`,
  );
  assert.equal(rows.length, worst?.rows);
  assert.ok(rows.every((row) => row.reasons.includes(worst?.reason ?? '')));
  assert.match((await run('quarantine show nothing.csv')).errors, /CLI_BATCH/);
  assert.match((await run('quarantine show --reason nothing')).errors, /CLI_RULE/);
});

test('predict scores every readable row and tells the others', async () => {
  const lines = [
    'order_id,ordered_at,customer,category,channel,price,quantity',
    'a,2026-03-07T10:00:00Z,c001,shoes,app,80,1',
  ];
  const file = write('ask.csv', [
    ...lines,
    'b,never,c001,books,web,5,1',
    'c,2026-03-07T11:00:00Z,c001,books,web,5,1',
  ]);
  const found = await json<{
    rows: number;
    first: { _row: number; score: number; model: string }[];
    unscoredRows: number;
  }>(`predict ${file} --out scores.ndjson`);
  assert.equal(found.rows, 2);
  assert.equal(found.unscoredRows, 1);
  assert.deepEqual(
    found.first.map((row) => row._row),
    [0, 2],
  );
  assert.ok((found.first[0]?.score ?? 0) > (found.first[1]?.score ?? 1));
  const written = readFileSync(path.join(project, 'scores.ndjson'), 'utf8').trim().split('\n');
  assert.deepEqual(
    written.map((line) => Object.keys(JSON.parse(line) as object)),
    Array.from({ length: 2 }, () =>
      '_row order_id ordered_at customer category channel price quantity score model'.split(' '),
    ),
  );
  assert.match((await run(`predict ${file} --out scores.xml`)).errors, /PREDICT_OUT/);
});

test('predict gives evaluation rows the scores that the evaluation recorded', async () => {
  const traced = await json<{ score: number; row: number; batch: { name: string } }>(
    'lineage champion --row top',
  );
  const found = await json<{ first: { _row: number; score: number }[] }>(
    `predict ${traced.batch.name} --limit 1000`,
  );
  assert.equal(found.first.find((row) => row._row === traced.row)?.score, traced.score);
});

test('predict refuses a model whose features are no longer made', async () => {
  const config = path.join(project, 'sluice.config.ts');
  const text = readFileSync(config, 'utf8');
  writeFileSync(config, text.replace('    quantity: columns.quantity,\n', ''));
  const gone = await run('predict good.csv');
  writeFileSync(
    config,
    text.replace('weekday: columns.ordered_at.weekday()', 'weekday: columns.ordered_at.hour()'),
  );
  const redefined = await run('predict good.csv');
  writeFileSync(config, text);
  assert.deepEqual([gone.code, redefined.code], [6, 6]);
  assert.match(gone.errors, /quantity[^]*PREDICT_FEATURES/);
  assert.match(redefined.errors, /weekday \(redefined\)[^]*PREDICT_FEATURES/);
});

test('ingest takes files and rows from standard input, once', async () => {
  const file = write('late.csv', [head, order('l1', 10), order('l2', 12)]);
  const first = await json<{ steps: { state: string; facts: { rows: number } }[] }>(`ingest ${file}`);
  assert.deepEqual(
    first.steps.map((step) => [step.state, step.facts.rows]),
    [['done', 2]],
  );
  const again = await json<{ steps: { state: string }[] }>(`ingest ${file}`);
  assert.deepEqual(
    again.steps.map((step) => step.state),
    ['reused'],
  );
  const row = {
    order_id: 'r1',
    ordered_at: '2026-03-07T10:00:00Z',
    settled_at: '2026-03-09T10:00:00Z',
    customer: 'c001',
    category: 'toys',
    channel: 'web',
    price: 4.5,
    quantity: 2,
    returned: false,
  };
  const rows = await run('ingest -', `${JSON.stringify(row)}\n`);
  assert.equal(rows.code, 0, rows.errors);
  assert.match(rows.out, /1 taken in/);
  assert.match((await run('ingest -', 'no json\n')).errors, /CLI_STDIN/);
  const { runs } = await json<{ runs: unknown[] }>('runs --limit 100');
  assert.equal((await run('run --quiet')).code, 0);
  assert.equal((await json<{ runs: unknown[] }>('runs --limit 100')).runs.length, runs.length + 1);
});

test('backup writes a whole copy, and never over anything', async () => {
  const target = path.join(mkdtempSync(path.join(os.tmpdir(), 'sluice-backup-')), 'copy');
  const found = await json<{ blobs: unknown[] }>(`backup ${target}`);
  assert.ok(found.blobs.length > 10);
  assert.ok(existsSync(path.join(target, 'catalog.db')));
  const again = await run(`backup ${target}`);
  assert.equal(again.code, 6);
  rmSync(path.dirname(target), { recursive: true });
});

test('doctor names damaged bytes and exits 8', async () => {
  const { content } = await json<{ content: { model: string } }>('show champion');
  const file = path.join(project, '.sluice', 'blobs', 'sha256', content.model.slice(0, 2), content.model);
  truncateSync(file, 10);
  const { code, out } = await run('doctor --deep');
  assert.equal(code, 8);
  assert.match(out, /blobCorrupt/);
  assert.match(out, /mend:/);
});
