import { shortDigest } from '../../base/digest.ts';
import type { LoopStatus } from '../../ledger/ledger.ts';
import { loopParts } from '../../pipeline/loop.ts';
import { loadConfig } from '../../pipeline/load-config.ts';
import type { Json } from '../../base/canonical-json.ts';
import type { Answer, Command, Invocation } from '../command.ts';
import { describeStep } from '../reports/describe-step.ts';
import { time } from '../format.ts';
import { openProject } from '../open-project.ts';
import { pairs, table } from '../table.ts';

/** `sluice status`: where the loop stands. */
export const command: Command = {
  name: 'status',
  summary: 'where the loop stands: newest version of each stage, aliases, last run, leases',
  example: 'sluice status',
  run: status,
};

async function status({ terminal, projectDirectory, environment }: Invocation): Promise<Answer> {
  const loop = await loadConfig({ projectDirectory, overrides: [], environment });
  const project = await openProject({ projectDirectory });
  try {
    const found = await project.ledger.status(loop.spec.name);
    const versions = Object.fromEntries(loopParts.map((part) => [part.stage, part.version]));
    const rows = found.stages.map(({ step, versions: made }) => [
      step.stage,
      versions[step.stage] ?? '',
      shortDigest(made.at(-1)?.digest ?? ''),
      step.verdict ?? '',
      describeStep(
        step.stage,
        found.lastRunSteps.filter((one) => one.stage === step.stage).length > 0
          ? found.lastRunSteps.filter((one) => one.stage === step.stage)
          : [step],
      ),
      time(step.endedUs ?? step.startedUs),
    ]);
    const head = ['stage', 'v', 'version', 'verdict', 'what', 'when'];
    const stages = rows.length === 0 ? 'Nothing has run yet: sluice run' : table(terminal, rows, { head });
    return { json: statusJson(found, versions), text: `${stages}\n\n${pairs(terminal, facts(found))}` };
  } finally {
    await project.close();
  }
}

function facts(found: LoopStatus): readonly (readonly [string, string])[] {
  const { champion, candidate, lastRun } = found;
  return [
    ['loop', found.loop],
    [
      'champion',
      champion === null
        ? 'none yet'
        : `${shortDigest(champion.model)} since ${time(champion.atUs)} (${champion.reason})`,
    ],
    [
      'candidate',
      candidate === null
        ? 'none'
        : `${shortDigest(candidate.model)} since ${time(candidate.atUs)} (${candidate.reason})`,
    ],
    ['last run', lastRun === null ? 'none' : `${lastRun.id} ${lastRun.state}, ${time(lastRun.startedUs)}`],
    ...found.leases.map((lease) => ['lease', `${lease.name} held by ${lease.holder ?? ''}`] as const),
  ];
}

function statusJson(found: LoopStatus, stageVersions: Readonly<Record<string, string>>): Json {
  const { stages, ...rest } = found;
  const plain = {
    ...rest,
    stageVersions,
    stages: stages.map(({ step, versions }) => ({
      step,
      versions: versions.map((one) => ({ kind: one.kind, digest: one.digest })),
    })),
  };
  return JSON.parse(JSON.stringify(plain)) as Json;
}
