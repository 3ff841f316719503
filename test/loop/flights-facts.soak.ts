// All six months through ingest and validate: the known facts of the data must come out of the records.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { landFlights } from '../../src/cli/demo/flights-data.ts';
import { openProject } from '../../src/cli/open-project.ts';
import { loadConfig } from '../../src/pipeline/load-config.ts';
import { loopParts } from '../../src/pipeline/loop.ts';
import { runLoop } from '../../src/pipeline/runner.ts';
import { isKind } from '../../src/pipeline/step-plan.ts';

const lateShares = {
  '2001-01': 0.215,
  '2001-02': 0.243,
  '2001-03': 0.22,
  '2001-04': 0.188,
  '2001-05': 0.169,
  '2001-06': 0.223,
};

test('three million flights show the facts that are known of them', async () => {
  const projectDirectory = mkdtempSync(path.join(tmpdir(), 'sluice-facts-'));
  copyFileSync(
    path.join(import.meta.dirname, '../../examples/flights/sluice.config.ts'),
    path.join(projectDirectory, 'sluice.config.ts'),
  );
  const project = await openProject({ projectDirectory });
  try {
    const engine = await project.engine();
    const files = await landFlights({
      engine,
      projectDirectory,
      from: '2001-01-01',
      until: '2001-07-01',
      busiestOnly: false,
      permuteLabels: false,
      progress: () => undefined,
    });
    assert.equal(files, 182);
    const loop = await loadConfig({ projectDirectory, overrides: [], environment: {} });
    const { versions } = await runLoop({
      loop,
      surroundings: project,
      parts: loopParts.slice(0, 2),
      provenance: {},
      signal: new AbortController().signal,
    });
    const validations = (versions.get('validate') ?? [])
      .filter((one) => isKind(one, 'validation'))
      .map((one) => one.content);
    const failures = (id: string): number =>
      validations
        .flatMap((one) => one.rules)
        .reduce((sum, rule) => sum + (rule.id === id ? rule.failures : 0), 0);
    assert.equal(
      validations.reduce((sum, one) => sum + one.rows, 0),
      3_000_000,
    );
    assert.equal(failures('unique:row'), 191);
    assert.equal(failures('range:delay'), 3 + 8);
    assert.equal(validations.at(-1)?.rows, 6, 'six rows are dated 1 July');

    const raw = path.join(projectDirectory, 'landing', '*.parquet');
    const [bounds] = await engine.rows(
      `SELECT count_if(delay < -120) AS early, count_if(delay > 1440) AS late, min(delay) AS least FROM read_parquet('${raw}')`,
    );
    assert.deepEqual({ ...bounds }, { early: 3, late: 8, least: -1116 });
    const months = await engine.rows(
      `SELECT strftime(date, '%Y-%m') AS month, avg((delay >= 15)::INT) AS late FROM read_parquet('${raw}')
        WHERE date < DATE '2001-07-01' GROUP BY month ORDER BY month`,
    );
    const shares = Object.fromEntries(
      months.map((one) => [String(one['month']), Number(Number(one['late']).toFixed(3))]),
    );
    assert.deepEqual(shares, lateShares);
    const dataset = (versions.get('validate') ?? []).find((one) => isKind(one, 'dataset'));
    assert.equal(dataset?.content.rows, 3_000_000 - 191 - 11);
  } finally {
    await project.close();
    rmSync(projectDirectory, { recursive: true });
  }
});
