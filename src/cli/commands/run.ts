import type { Json } from '../../base/canonical-json.ts';
import { SluiceError } from '../../base/errors.ts';
import { loopParts } from '../../pipeline/loop.ts';
import { loadConfig } from '../../pipeline/load-config.ts';
import { provenanceOf } from '../../pipeline/provenance.ts';
import { runLoop, type RunResult } from '../../pipeline/runner.ts';
import type { Stage, Step } from '../../records/step.ts';
import { combineVerdicts } from '../../records/verdict.ts';
import { verdictExitCode, type Answer, type Command, type Invocation } from '../command.ts';
import { openProject } from '../open-project.ts';
import { openRunDisplay } from '../run-display.ts';
import { summaryOf } from '../reports/run-summary.ts';

/** `sluice run`: the loop, or a part of it. */
export const command: Command = {
  name: 'run',
  summary: 'run the loop: new files become a dataset, features, a model, a verdict, an alias',
  options: [
    ['--only <stage>', 'run one stage on what the others made last'],
    ['--from <stage>', 'run from this stage on'],
    ['--set <key=value...>', 'override the config; several values sweep: --set train.params.leaves=31,63'],
  ],
  example: 'sluice run --set train.trainer=linear',
  run: runCommand,
};

async function runCommand(invocation: Invocation): Promise<Answer> {
  const { terminal, projectDirectory, environment, signal } = invocation;
  const overrides = (invocation.options['set'] ?? []) as readonly string[];
  const loop = await loadConfig({ projectDirectory, overrides, environment });
  const stages = chosenStages(invocation.options);
  const project = await openProject({ projectDirectory, engine: loop.spec.engine });
  const display = openRunDisplay(terminal);
  try {
    const provenance = await provenanceOf({ projectDirectory, loop });
    const result = await runLoop({
      loop,
      surroundings: project,
      parts: loopParts,
      ...(stages === null ? {} : { stages }),
      provenance,
      signal,
      onEvent: display.onEvent,
    });
    display.finish();
    return answerOf(
      result,
      await summaryOf({ terminal, result, ledger: project.ledger, files: loop.spec.source.files, stages }),
    );
  } finally {
    display.finish();
    await project.close();
  }
}

/** Yields the stages asked for; null for all. @throws CLI_STAGE for an unknown name, CLI_EXCLUSIVE */
function chosenStages(options: Invocation['options']): readonly Stage[] | null {
  if (options['only'] !== undefined && options['from'] !== undefined)
    throw new SluiceError('CLI_EXCLUSIVE', { one: '--only', other: '--from' });
  const names = loopParts.map((part) => part.stage);
  const indexOf = (name: unknown): number => {
    const at = names.indexOf(name as Stage);
    if (at < 0) throw new SluiceError('CLI_STAGE', { stage: String(name), known: names.join(', ') });
    return at;
  };
  if (options['only'] !== undefined) return [names[indexOf(options['only'])] as Stage];
  return options['from'] === undefined ? null : names.slice(indexOf(options['from']));
}

function answerOf(result: RunResult, text: string): Answer {
  // A batch that was stopped by an earlier run is told again, but only the run that stopped it fails.
  const judged = result.steps.filter((step) => step.stage !== 'validate' || step.state !== 'reused');
  const verdict = combineVerdicts(judged.flatMap((step) => step.verdict ?? []));
  const json = {
    run: result.run.id,
    loop: result.run.loop,
    state: result.run.state,
    verdict,
    steps: result.steps.map(stepJson),
  };
  return { json, text, exitCode: verdictExitCode(verdict) };
}

/** Yields a step in the form that `--json` prints. */
export function stepJson(step: Step): Json {
  const { id, stage, subject, key, state, outputs, verdict, facts, startedUs, endedUs } = step;
  return { id, stage, subject, key, state, outputs, verdict, facts, startedUs, endedUs };
}
