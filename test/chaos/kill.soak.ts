import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killRuns, killText } from '../fixtures/killed-runs.ts';

const kills = Number(process.env['SLUICE_SOAK_KILLS'] ?? 1000);

test(`${kills} kill -9 at random moments leave nothing that a restart does not mend`, async (t) => {
  const report = await killRuns({ kills, seed: Number(process.env['SLUICE_SOAK_SEED'] ?? 20_240_302) });
  t.diagnostic(killText(report));
  assert.equal(report.kills, kills);
});
