import { shortDigest } from '../../base/digest.ts';
import type { Run, Stage, Step } from '../../records/step.ts';
import type { Answer, Command, Invocation } from '../command.ts';
import { describeStep } from '../reports/describe-step.ts';
import { duration, time } from '../format.ts';
import { withStore } from '../open-store.ts';
import { plainJson } from '../plain-json.ts';
import { pairs, table, wrap } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { runSummary, stepsText, verdictOf } from './runs.ts';

/** `sluice runs show`: one run with its steps. */
export const command: Command = {
  name: 'runs show',
  summary: 'show the steps of one run',
  args: [['[run]', 'id or unique prefix of it; the latest run when absent']],
  options: [['--all', 'every step on a line of its own, also where a stage has very many']],
  example: 'sluice runs show latest',
  run: showRun,
};

async function showRun(invocation: Invocation): Promise<Answer> {
  const { args, options, terminal } = invocation;
  return withStore(invocation, async ({ ledger, clock }) => {
    const run = await ledger.journal.run(args[0] ?? 'latest');
    const steps = await ledger.journal.steps(run.id);
    const json = plainJson({ ...runSummary(run, steps), config: run.config, steps });
    const nowUs = clock.nowUs();
    const text = runText(terminal, run, { steps, nowUs, isWhole: options['all'] === true });
    return { json, text };
  });
}

interface RunView {
  readonly steps: readonly Step[];
  readonly nowUs: number;
  /** False sums up the steps of a stage that has very many. */
  readonly isWhole: boolean;
}

/** Yields a run for people: what it was, its steps, and what went wrong. */
export function runText(terminal: Terminal, run: Run, { steps, nowUs, isWhole }: RunView): string {
  const overrides = run.config['overrides'];
  const head = pairs(terminal, [
    ['run', run.id],
    ['loop', run.loop],
    ['state', run.state],
    ['started', `${time(run.startedUs)} by ${run.actor}`],
    ['took', duration(((run.endedUs ?? nowUs) - run.startedUs) / 1000)],
    ['steps', stepsText(steps)],
    ['verdict', verdictOf(run, steps) ?? 'none'],
    ...(Array.isArray(overrides) && overrides.length > 0
      ? [['overrides', overrides.join(' ')] as const]
      : []),
  ]);
  const rows = [...new Set(steps.map((step) => step.stage))].flatMap((stage) =>
    stageRows(
      stage,
      steps.filter((step) => step.stage === stage),
      { nowUs, isWhole },
    ),
  );
  const errors = steps.flatMap((step) =>
    step.error === null ? [] : wrap(`${step.stage} ${step.subject}: ${step.error.message}`, terminal.width),
  );
  const columns = ['stage', 'subject', 'state', 'verdict', 'version', 'what', 'time'];
  return [
    head,
    ...(rows.length === 0 ? [] : ['', table(terminal, rows, { head: columns, right: [6] })]),
    ...(errors.length === 0 ? [] : ['', ...errors.map((line) => terminal.style('red', line))]),
  ].join('\n');
}

/** More steps than this of one stage are summed up. */
const manySteps = 8;

function stageRows(
  stage: Stage,
  steps: readonly Step[],
  { nowUs, isWhole }: Pick<RunView, 'nowUs' | 'isWhole'>,
): readonly (readonly string[])[] {
  if (isWhole || steps.length <= manySteps) return steps.map((step) => stepRow(step, nowUs));
  const isPlain = (step: Step): boolean =>
    step.subject !== 'dataset' &&
    (step.state === 'done' || step.state === 'reused') &&
    (step.verdict === null || step.verdict === 'pass');
  const plain = steps.filter(isPlain);
  const reused = plain.filter((step) => step.state === 'reused').length;
  const elapsedUs = plain.reduce((sum, step) => sum + elapsed(step, nowUs), 0);
  const summary = [
    stage,
    `${plain.length} of ${steps.length}`,
    reused === plain.length ? 'reused' : reused === 0 ? 'done' : `done, ${reused} reused`,
    plain.some((step) => step.verdict === 'pass') ? 'pass' : '',
    '',
    describeStep(stage, plain),
    reused === plain.length ? '' : duration(elapsedUs / 1000),
  ];
  return [summary, ...steps.filter((step) => !isPlain(step)).map((step) => stepRow(step, nowUs))];
}

function stepRow(step: Step, nowUs: number): readonly string[] {
  const isWhole = step.state === 'done' || step.state === 'reused';
  const what = isWhole ? describeStep(step.stage, [step]) : (step.error?.code ?? '');
  return [
    step.stage,
    step.subject,
    step.state,
    step.verdict ?? '',
    shortDigest(step.outputs.at(-1) ?? ''),
    what,
    step.state === 'reused' ? '' : duration(elapsed(step, nowUs) / 1000),
  ];
}

const elapsed = (step: Step, nowUs: number): number =>
  step.state === 'reused' ? 0 : (step.endedUs ?? nowUs) - step.startedUs;
