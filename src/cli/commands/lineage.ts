import { SluiceError } from '../../base/errors.ts';
import { loadConfig } from '../../pipeline/load-config.ts';
import { traceRow, type TraceRequest } from '../../pipeline/trace-row.ts';
import type { Version } from '../../records/version.ts';
import type { Answer, Command, Invocation } from '../command.ts';
import { loopOption, versionOf, withStore } from '../open-store.ts';
import type { Project } from '../open-project.ts';
import { plainJson } from '../plain-json.ts';
import { lineageTree } from '../reports/lineage-tree.ts';
import { traceJson, traceText } from '../reports/trace-text.ts';
import { evaluationOf } from './eval-show.ts';

/** `sluice lineage`: where a version comes from, down to the raw batches. */
export const command: Command = {
  name: 'lineage',
  summary: 'what a version was made from, down to raw batches; one row of an evaluation down to its raw row',
  args: [['<version>', 'digest or unique prefix of it, champion or candidate']],
  options: [
    ['--down', 'what rests on the version instead'],
    [
      '--row <batch:row>',
      'of an evaluation or a model: trace this evaluation row (raw digest or prefix, row number), or "top" for the highest score',
    ],
    loopOption,
  ],
  example: 'sluice lineage champion --row top',
  run: lineage,
};

async function lineage(invocation: Invocation): Promise<Answer> {
  const { args, options, terminal } = invocation;
  return withStore(invocation, async (project) => {
    const { ledger } = project;
    const root = await versionOf(ledger, args[0] ?? '', options);
    if (typeof options['row'] === 'string') return traceAnswer(invocation, project, root);
    const direction = options['down'] === true ? 'down' : 'up';
    const edges = await (direction === 'up'
      ? ledger.versions.ancestors(root.digest)
      : ledger.versions.descendants(root.digest));
    const json = { root: { kind: root.kind, digest: root.digest }, direction, edges: plainJson(edges) };
    const tree = await lineageTree(terminal, { ledger, root, edges, direction });
    const none = direction === 'down' ? 'Nothing rests on it.' : 'It was made from nothing else.';
    return { json, text: edges.length === 0 ? `${tree}\n${none}` : tree };
  });
}

async function traceAnswer(invocation: Invocation, project: Project, root: Version): Promise<Answer> {
  const { terminal, projectDirectory, environment, options } = invocation;
  const loop = await loadConfig({ projectDirectory, overrides: [], environment });
  const evaluation = await evaluationOf(project.ledger, root.digest, options);
  const at = await rowAt(project, evaluation, String(options['row']));
  const traced = await traceRow({
    loop,
    surroundings: project,
    evaluation,
    ...(at === undefined ? {} : { at }),
  });
  return { json: traceJson(traced), text: traceText(terminal, traced) };
}

/** Yields the place of `<batch>:<row>`; undefined for `top`. @throws CLI_ROW */
async function rowAt(
  { ledger }: Project,
  evaluation: Version<'evaluation'>,
  text: string,
): Promise<TraceRequest['at']> {
  if (text === 'top') return undefined;
  const [, prefix = '', row = ''] = /^([0-9a-f]+):(\d{1,12})$/.exec(text) ?? [];
  if (prefix === '') throw new SluiceError('CLI_ROW', { row: text });
  const trainingSet = await ledger.versions.get(evaluation.content.trainingSet, 'trainingSet');
  const dataset = await ledger.versions.get(trainingSet.content.dataset, 'dataset');
  const found = dataset.content.batches.filter(({ raw }) => raw.startsWith(prefix));
  if (found.length > 1)
    throw new SluiceError('LEDGER_AMBIGUOUS', {
      prefix,
      candidates: found
        .slice(0, 6)
        .map(({ raw }) => raw)
        .join(', '),
    });
  return { batch: found[0]?.raw ?? prefix, row: Number(row) };
}
