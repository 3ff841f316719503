import type { Json } from '../../base/canonical-json.ts';
import { shortDigest } from '../../base/digest.ts';
import type { Step } from '../../records/step.ts';
import { describeStep } from '../reports/describe-step.ts';
import { duration } from '../format.ts';
import { table } from '../table.ts';
import type { Stage as DemoStage } from './chapter.ts';

/** Yields the closing table: per run and stage the versions made, the verdict and the time, from the journal alone. */
export async function closingTable({
  project,
  terminal,
}: DemoStage): Promise<{ readonly json: Json; readonly text: string }> {
  const runs = [...(await project.ledger.journal.runs({ limit: 100 }))].reverse();
  const lines: { readonly run: number; readonly stage: Step['stage']; readonly steps: readonly Step[] }[] =
    [];
  for (const [i, run] of runs.entries()) {
    const steps = await project.ledger.journal.steps(run.id);
    for (const stage of new Set(steps.map((step) => step.stage))) {
      lines.push({ run: i + 1, stage, steps: steps.filter((step) => step.stage === stage) });
    }
  }
  const rows = lines.map(({ run, stage, steps }) => [
    String(run),
    stage,
    lastVersion(steps),
    worstVerdict(steps),
    describeStep(stage, steps),
    timeOf(steps),
  ]);
  const json = lines.map(({ run, stage, steps }) => ({
    run,
    stage,
    steps: steps.length,
    reused: steps.filter((step) => step.state === 'reused').length,
    version: steps.at(-1)?.outputs.at(-1) ?? null,
    verdict: worstVerdict(steps),
    seconds: secondsOf(steps),
    facts: steps.at(-1)?.facts ?? {},
  }));
  return {
    json,
    text: table(terminal, rows, {
      head: ['run', 'stage', 'version', 'verdict', 'what', 'time'],
      right: [0, 5],
    }),
  };
}

function lastVersion(steps: readonly Step[]): string {
  const digest = steps.at(-1)?.outputs.at(-1);
  return digest === undefined ? '' : shortDigest(digest);
}

function worstVerdict(steps: readonly Step[]): string {
  const verdicts = steps.flatMap((step) => step.verdict ?? []);
  if (verdicts.includes('fail')) return 'fail';
  if (verdicts.includes('inconclusive')) return 'inconclusive';
  return verdicts.length === 0 ? '' : 'pass';
}

function secondsOf(steps: readonly Step[]): number {
  return steps.reduce(
    (sum, step) =>
      sum + (step.state === 'reused' ? 0 : ((step.endedUs ?? step.startedUs) - step.startedUs) / 1e6),
    0,
  );
}

function timeOf(steps: readonly Step[]): string {
  return steps.every((step) => step.state === 'reused') ? 'reused' : duration(secondsOf(steps) * 1000);
}
