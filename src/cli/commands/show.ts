import { SluiceError } from '../../base/errors.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { isKind } from '../../pipeline/step-plan.ts';
import type { Run, Step } from '../../records/step.ts';
import type { Version } from '../../records/version.ts';
import type { Answer, Command, Invocation } from '../command.ts';
import { time } from '../format.ts';
import { loopOption, versionOf, withStore } from '../open-store.ts';
import { plainJson } from '../plain-json.ts';
import { describeVersion, kindNames } from '../reports/version-line.ts';
import { recordText } from '../reports/record-text.ts';
import { validationText } from '../reports/validation-text.ts';
import { pairs } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { runSummary } from './runs.ts';
import { runText } from './runs-show.ts';

/** `sluice show`: anything that has an id. */
export const command: Command = {
  name: 'show',
  summary: 'show any version, run or step: content, parents, bytes, who made it and when',
  args: [['<id>', 'digest or unique prefix of it, champion, candidate, or the id of a run or step']],
  options: [loopOption],
  example: 'sluice show champion',
  run: show,
};

async function show(invocation: Invocation): Promise<Answer> {
  const { args, options, terminal } = invocation;
  const [asked = ''] = args;
  return withStore(invocation, async ({ ledger, clock }) => {
    if (asked.startsWith('run_')) {
      const run = await ledger.journal.run(asked);
      const steps = await ledger.journal.steps(run.id);
      const text = runText(terminal, run, { steps, nowUs: clock.nowUs(), isWhole: false });
      return { json: plainJson({ ...runSummary(run, steps), config: run.config, steps }), text };
    }
    if (asked.startsWith('step_')) {
      const found = await findStep(ledger, asked);
      return { json: plainJson(found.step), text: stepText(terminal, found) };
    }
    const version = await versionOf(ledger, asked, options);
    return { json: plainJson(version), text: await versionText(terminal, ledger, version) };
  });
}

interface FoundStep {
  readonly run: Run;
  readonly step: Step;
}

/** Steps are found through their runs. @throws CLI_STEP_MISSING, LEDGER_AMBIGUOUS */
async function findStep(ledger: Ledger, prefix: string): Promise<FoundStep> {
  const found: FoundStep[] = [];
  for (const run of await ledger.journal.runs({ limit: 1_000_000 })) {
    for (const step of await ledger.journal.steps(run.id))
      if (step.id.startsWith(prefix)) found.push({ run, step });
  }
  const [first, second] = found;
  if (first === undefined) throw new SluiceError('CLI_STEP_MISSING', { id: prefix });
  if (second === undefined) return first;
  const candidates = found.slice(0, 6).map(({ step }) => step.id);
  throw new SluiceError('LEDGER_AMBIGUOUS', { prefix, candidates: candidates.join(', ') });
}

function stepText(terminal: Terminal, { run, step }: FoundStep): string {
  const { id, stage, subject, state, verdict, outputs, facts, fields, error } = step;
  const head = pairs(terminal, [
    ['step', id],
    ['of run', run.id],
    ['stage', `${stage} ${subject}`.trim()],
    ['state', state],
    ['verdict', verdict ?? 'none'],
    ['started', `${time(step.startedUs)} by ${step.actor}`],
    ['ended', time(step.endedUs)],
    ...(error === null ? [] : [['error', `${error.code}: ${error.message}`] as const]),
    ...outputs.map((digest) => ['made', digest] as const),
  ]);
  const body = recordText(terminal, plainJson({ facts, key: fields }));
  return `${head}\n\n${body}`;
}

async function versionText(terminal: Terminal, ledger: Ledger, version: Version): Promise<string> {
  const { digest, kind, parents, blobs, actor, atUs, stepId, provenance, content } = version;
  const shownParents = parents.slice(0, 6);
  const lines = await Promise.all(
    shownParents.map(async (parent) => {
      const found = await ledger.versions.get(parent.digest);
      return [`from ${parent.role}`, `${parent.digest.slice(0, 12)} ${describeVersion(found)}`] as const;
    }),
  );
  const left = parents.length - shownParents.length;
  const head = pairs(terminal, [
    [kindNames[kind], digest],
    ['holds', describeVersion(version)],
    ['made', `${time(atUs)} by ${actor}`],
    ['by step', stepId ?? 'none'],
    ...lines,
    ...(left === 0 ? [] : [['', `… ${left} more parents (--json has them all)`] as const]),
    [
      'bytes',
      `${
        blobs
          .slice(0, 3)
          .map((blob) => blob.slice(0, 12))
          .join(', ') || 'none'
      }${blobs.length > 3 ? `, … ${blobs.length} in all` : ''}`,
    ],
  ]);
  const { config, ...facts } = provenance;
  const rest = config === undefined ? {} : { config: '(--json has it)' };
  const record = isKind(version, 'validation')
    ? `${validationText(terminal, 'verdict', version.content)}\n`
    : recordText(terminal, plainJson({ content }));
  return `${head}\n\n${record}\n${recordText(terminal, plainJson({ provenance: { ...facts, ...rest } }))}`;
}
