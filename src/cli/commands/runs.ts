import type { Run, Step } from '../../records/step.ts';
import { combineVerdicts, type Verdict } from '../../records/verdict.ts';
import type { Answer, Command, Invocation } from '../command.ts';
import { count, duration, minute } from '../format.ts';
import { limitOf, withStore } from '../open-store.ts';
import { plainJson } from '../plain-json.ts';
import { table } from '../table.ts';

/** `sluice runs`: the journal, newest first. */
export const command: Command = {
  name: 'runs',
  summary: 'list the runs, newest first; runs show tells one in full',
  options: [
    ['--limit <n>', 'at most so many', '20'],
    ['--loop <name>', 'only runs of this loop'],
  ],
  example: 'sluice runs --limit 5',
  run: listRuns,
};

async function listRuns(invocation: Invocation): Promise<Answer> {
  const { options, terminal } = invocation;
  const limit = limitOf(options, 20);
  return withStore(invocation, async ({ ledger, clock }) => {
    const loop: { readonly loop?: string } =
      typeof options['loop'] === 'string' ? { loop: options['loop'] } : {};
    const runs = await ledger.journal.runs({ limit, ...loop });
    const all = await Promise.all(
      runs.map(async (run) => ({ run, steps: await ledger.journal.steps(run.id) })),
    );
    const json = { runs: all.map(({ run, steps }) => plainJson(runSummary(run, steps))) };
    if (all.length === 0) {
      const text =
        loop.loop === undefined ? 'Nothing has run yet: sluice run' : `No loop called ${loop.loop} has run.`;
      return { json, text };
    }
    const nowUs = clock.nowUs();
    const rows = all.map(({ run, steps }) => [
      run.id,
      minute(run.startedUs),
      run.state,
      duration(((run.endedUs ?? nowUs) - run.startedUs) / 1000),
      stepsText(steps),
      verdictOf(run, steps) ?? '',
      ...(runs.some((one) => one.loop !== run.loop) ? [run.loop] : []),
    ]);
    const head = [
      'run',
      'when',
      'state',
      'time',
      'steps',
      'verdict',
      ...((rows[0]?.length ?? 0) > 6 ? ['loop'] : []),
    ];
    return { json, text: table(terminal, rows, { head, right: [3] }) };
  });
}

/** Yields the verdict of a run: that of its steps together; null when none of them gave one, or when it did not end well. */
export function verdictOf({ state }: Run, steps: readonly Step[]): Verdict | null {
  if (state !== 'done') return null;
  const verdicts = steps.flatMap((step) => step.verdict ?? []);
  return verdicts.length === 0 ? null : combineVerdicts(verdicts);
}

/** Yields a run as one row of a list. */
export function runSummary(run: Run, steps: readonly Step[]): object {
  const states: Record<string, number> = {};
  for (const { state } of steps) states[state] = (states[state] ?? 0) + 1;
  const { id, loop, state, startedUs, endedUs, actor } = run;
  return {
    id,
    loop,
    state,
    startedUs,
    endedUs,
    actor,
    steps: steps.length,
    states,
    verdict: verdictOf(run, steps),
  };
}

/** Yields how many steps there were and what was special about them: `12, 9 reused`. */
export function stepsText(steps: readonly Step[]): string {
  const special = (['reused', 'failed', 'abandoned', 'running'] as const).flatMap((state) => {
    const found = steps.filter((step) => step.state === state).length;
    return found === 0 ? [] : [`${count(found)} ${state}`];
  });
  return [count(steps.length), ...special].join(', ');
}
