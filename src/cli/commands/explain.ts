import type { Json } from '../../base/canonical-json.ts';
import { shortDigest } from '../../base/digest.ts';
import { SluiceError } from '../../base/errors.ts';
import { loadConfig } from '../../pipeline/load-config.ts';
import { explainStage, type ExplainedStep } from '../../pipeline/explain.ts';
import { loopParts } from '../../pipeline/loop.ts';
import type { Answer, Command, Invocation } from '../command.ts';
import { openProject } from '../open-project.ts';
import { expressionText } from '../reports/expression-text.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';

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
    const changed = found.filter((one) => one.state !== 'same');
    const earlier = await changedBefore({ loop, surroundings: project, stage: args[0] ?? '' });
    const json = {
      stage: args[0] ?? '',
      earlier,
      steps: found.map((one) => ({
        subject: one.subject,
        state: one.state,
        changes: one.changes.map((change) => ({ ...change })),
      })),
    };
    const text = changed.map((one) => stepText(terminal, args[0] ?? '', one));
    if (changed.length === 0) text.push(sameText(args[0] ?? '', earlier));
    else if (earlier !== null)
      text.push(`Besides, ${earlier} before it would run again: sluice explain ${earlier}`);
    return { json, text: text.join('\n\n') };
  } finally {
    await project.close();
  }
}

/** Yields the first earlier stage with a step that would run again; what it makes may then move the later ones too. */
async function changedBefore(request: Parameters<typeof explainStage>[0]): Promise<string | null> {
  const names = loopParts.map((part) => part.stage);
  for (const stage of names.slice(
    0,
    names.findIndex((name) => name === request.stage),
  )) {
    const found = (await explainStage({ ...request, stage })) ?? [];
    if (found.some((one) => one.state !== 'same')) return stage;
  }
  return null;
}

function sameText(stage: string, earlier: string | null): string {
  if (earlier === null) return `${stage}: nothing differs, every step would be reused.`;
  return `${stage}: nothing of its own differs, but ${earlier} before it would run again: sluice explain ${earlier}`;
}

function stepText(terminal: Terminal, stage: string, step: ExplainedStep): string {
  const title = terminal.style('bold', `${stage} ${step.subject}`.trim());
  if (step.state === 'new') return `${title} has never run`;
  const rows = step.changes.map(({ field, before, now }) => [field, readable(before), readable(now)]);
  const head = ['field', 'before', 'now'];
  return `${title} would run again, because these differ:\n${table(terminal, rows, { head })}`;
}

/** Expressions as people write them, digests short. */
function readable(value: string | null): string {
  if (value === null) return '(absent)';
  if (/^sha256:[0-9a-f]{64}$/.test(value)) return value.slice(0, 'sha256:'.length + 12);
  if (/^[0-9a-f]{64}$/.test(value)) return shortDigest(value);
  return value.startsWith('{') && value.includes('"op":') ? expressionText(JSON.parse(value) as Json) : value;
}
