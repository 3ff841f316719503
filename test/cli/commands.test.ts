// Commands that read: one project, run once, looked at from every side.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { commandTable } from '../../src/cli/command-table.ts';
import { jsonOf, mainFile, makeProject, runSluice } from '../fixtures/run-sluice.ts';

let project = '';
before(async () => {
  project = await makeProject({ ran: true });
});
after(() => rmSync(project, { recursive: true, force: true }));

const run = async (line: string) => runSluice(line.split(' '), { cwd: project });
const json = async <Shape>(line: string) => jsonOf<Shape>(line.split(' '), project);

interface Versioned {
  readonly digest: string;
  readonly kind: string;
  readonly content: Readonly<Record<string, unknown>>;
}

test('every command says what it does, and its example starts with its name', async () => {
  for (const [name, load] of Object.entries(commandTable)) {
    const { command } = await load();
    assert.equal(command.name, name);
    assert.ok(command.summary.length > 10, name);
    assert.ok(command.example.startsWith(`sluice ${name}`), `${name}: ${command.example}`);
  }
});

test('--help shows the example, and the commands below a command', async () => {
  const { out, code } = await run('models --help');
  assert.equal(code, 0);
  assert.match(out, /Example:\n {2}sluice models/);
  assert.match(out, /show \[options\] \[model\]/);
});

test('a misspelt command, subcommand or option is answered with the nearest, exit 2', async () => {
  for (const [line, hint] of [
    ['modls', /models/],
    ['runs shw', /show/],
    ['runs --limti 3', /--limit/],
  ] as const) {
    const { code, errors, out } = await run(line);
    assert.equal(code, 2, line);
    assert.match(errors, hint);
    assert.equal(out, '');
  }
});

test('runs lists the run with its steps and its verdict; runs show tells each step', async () => {
  const { runs } = await json<{ runs: { id: string; steps: number; verdict: string }[] }>('runs');
  assert.equal(runs.length, 1);
  assert.equal(runs[0]?.verdict, 'pass');
  const shown = await json<{ id: string; steps: { stage: string }[] }>('runs show');
  assert.equal(shown.id, runs[0]?.id);
  assert.equal(shown.steps.length, runs[0]?.steps);
  assert.equal((await run(`runs show ${shown.id.slice(0, 12)}`)).code, 0);
});

test('show finds a version by prefix, a step by id, and says what is missing', async () => {
  const champion = await json<Versioned & { stepId: string }>('show champion');
  assert.equal(champion.kind, 'model');
  const again = await json<Versioned>(`show ${champion.digest.slice(0, 10)}`);
  assert.equal(again.digest, champion.digest);
  assert.equal((await json<{ stage: string }>(`show ${champion.stepId}`)).stage, 'train');
  for (const [line, code] of [
    ['show 0000000000', 'LEDGER_VERSION_MISSING'],
    ['show step_0', 'CLI_STEP_MISSING'],
  ] as const) {
    const found = await run(line);
    assert.equal(found.code, 7);
    assert.match(found.errors, new RegExp(code));
  }
});

test('lineage goes down to the raw batches, and one row down to its raw row', async () => {
  const { edges } = await json<{ edges: { parentKind: string }[] }>('lineage champion');
  assert.ok(edges.some((edge) => edge.parentKind === 'batch'));
  const traced = await json<{ batch: { raw: string }; row: number; raw: object }>(
    'lineage champion --row top',
  );
  assert.equal(Object.keys(traced.raw).length, 9);
  const same = await json<{ raw: object }>(
    `lineage champion --row ${traced.batch.raw.slice(0, 12)}:${traced.row}`,
  );
  assert.deepEqual(same.raw, traced.raw);
  assert.match((await run('lineage champion --row here')).errors, /CLI_ROW/);
  assert.match((await run('lineage champion --row abc:1')).errors, /PIPELINE_ROW_MISSING/);
});

test('impact names everything that rests on a file', async () => {
  const found = await json<Record<string, unknown[]>>('impact orders-2026-01-05.csv');
  const counts = ['datasets', 'trainingSets', 'models', 'evaluations', 'decisions', 'aliasEvents'];
  assert.deepEqual(
    counts.map((name) => found[name]?.length),
    [1, 1, 1, 1, 1, 1],
  );
});

test('models and models show tell data, code, config, gates, decisions and aliases', async () => {
  const { models } = await json<{ models: { digest: string; aliases: string[]; outcome: string }[] }>(
    'models',
  );
  assert.deepEqual(models[0]?.aliases, ['champion']);
  assert.equal(models[0]?.outcome, 'champion');
  const { out } = await run('models show');
  for (const title of ['Data', 'Training', 'Importances', 'Gates', 'Decisions', 'Aliases', 'Config']) {
    assert.match(out, new RegExp(`^${title}$`, 'm'));
  }
  const { card } = await json<{ card: string }>('models show champion --card');
  for (const title of [
    'Purpose',
    'Data',
    'Metrics',
    'Gates',
    'Calibration',
    'Limits',
    'How to make it again',
  ]) {
    assert.match(card, new RegExp(`^## ${title}$`, 'm'));
  }
  assert.match((await run('models show candidate')).errors, /LEDGER_ALIAS_UNSET/);
});

test('eval show compares with a constant and lists slices', async () => {
  const { evaluations } = await json<{ evaluations: { digest: string }[] }>('eval');
  assert.equal(evaluations.length, 1);
  const { out } = await run('eval show --slice category');
  assert.match(out, /metric .*model .*constant/);
  assert.match(out, /^category +\w+/m);
  assert.doesNotMatch(out, /^channel /m);
  assert.match((await run('eval show --slice nothing')).errors, /CLI_SLICE/);
  const dataset = await json<{ datasets: Versioned[] }>('impact orders-2026-01-05.csv');
  const digest = dataset.datasets[0]?.digest ?? '';
  assert.match((await run(`eval show ${digest}`)).errors, /CLI_NOT_EVALUATED/);
});

test('a number that is none is refused with what is allowed', async () => {
  const { errors, code } = await run('runs --limit many');
  assert.equal(code, 2);
  assert.match(errors, /CLI_NUMBER/);
});

test('doctor finds nothing wrong in a healthy project', async () => {
  const { healthy, findings } = await json<{ healthy: boolean; findings: { check: string }[] }>(
    'doctor --deep',
  );
  assert.equal(healthy, true);
  const checks = new Set(findings.map((one) => one.check));
  for (const check of ['node', 'engine', 'disk', 'config', 'catalog', 'store', 'leases'])
    assert.ok(checks.has(check));
});

test('gc would remove nothing of what versions refer to', async () => {
  const found = await json<{ removed: unknown[]; kept: number }>('gc --dry-run --keep-days 0');
  assert.deepEqual(found.removed, []);
  assert.ok(found.kept > 10);
});

test('output into a pipe has no control characters, and a closed pipe is no error', async () => {
  const { out, errors, code } = await run('models show');
  assert.equal(code, 0);
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  assert.doesNotMatch(out + errors, /[\u0000-\u0009\u000b-\u001f\u007f]/);
  const child = spawn(process.execPath, [mainFile, 'models', 'show', '--json'], {
    cwd: project,
    stdio: 'pipe',
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  let complaint = '';
  child.stderr.on('data', (chunk) => (complaint += String(chunk)));
  child.stdout.destroy();
  assert.equal(await ended, 0);
  assert.equal(complaint, '');
});

test('a project or stage that does not exist is refused with what there is', async () => {
  for (const [line, code] of [
    ['runs --project nowhere', 'CLI_PROJECT'],
    ['explain nothing', 'CLI_STAGE'],
    ['run --only nothing', 'CLI_STAGE'],
  ] as const) {
    const { errors, code: exitCode } = await run(line);
    assert.equal(exitCode, 2);
    assert.match(errors, new RegExp(code));
  }
});

test('a folder that is no project says so and stays as it was', async () => {
  const { code, errors } = await runSluice(['runs'], { cwd: `${project}/data` });
  assert.equal(code, 2);
  assert.match(errors, /CONFIG_MISSING/);
  assert.equal((await runSluice(['init'], { cwd: `${project}/data` })).code, 6);
});
