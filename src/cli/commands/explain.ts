import { SluiceError } from '../../base/errors.ts';
import { loadConfig } from '../../pipeline/load-config.ts';
import { explainStage } from '../../pipeline/explain.ts';
import type { Answer, Command, Invocation } from '../command.ts';
import { openProject } from '../open-project.ts';
import { table } from '../table.ts';

/** `sluice explain`: why a stage would run again. */
export const command: Command = {
  name: 'explain',
  summary: 'why a stage would run again: the fields of its key that differ from its last step',
  args: [['<stage>', 'ingest, validate, featurize, train, evaluate or register']],
  options: [['--set <key=value...>', 'with these overrides']],
  example: 'sluice explain featurize',
  run: explain,
};

async function explain({
  terminal,
  projectDirectory,
  environment,
  args,
  options,
}: Invocation): Promise<Answer> {
  const overrides = (options['set'] ?? []) as readonly string[];
  const loop = await loadConfig({ projectDirectory, overrides, environment });
  const project = await openProject({ projectDirectory, engine: loop.spec.engine });
  try {
    const found = await explainStage({ loop, surroundings: project, stage: args[0] ?? '' });
    if (found === null)
      throw new SluiceError('CLI_STAGE', {
        stage: args[0] ?? '',
        known: 'ingest, validate, featurize, train, evaluate, register',
      });
    const changed = found.filter((one) => one.changes.length > 0);
    const json = {
      stage: args[0] ?? '',
      steps: found.map((one) => ({
        subject: one.subject,
        state: one.state,
        changes: one.changes.map((change) => ({ ...change })),
      })),
    };
    if (changed.length === 0)
      return { json, text: `${args[0] ?? ''}: nothing differs, every step would be reused.` };
    const text = changed.map((one) => {
      const title = one.state === 'new' ? 'has never run' : 'would run again, because these differ:';
      const rows = one.changes.map(({ field, before, now }) => [
        field,
        before ?? '(absent)',
        now ?? '(absent)',
      ]);
      const body =
        one.state === 'new' ? '' : `\n${table(terminal, rows, { head: ['field', 'before', 'now'] })}`;
      return `${terminal.style('bold', `${args[0] ?? ''} ${one.subject}`.trim())} ${title}${body}`;
    });
    return { json, text: text.join('\n\n') };
  } finally {
    await project.close();
  }
}
