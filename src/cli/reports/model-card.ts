import type { Json } from '../../base/canonical-json.ts';
import type { Evaluation } from '../../records/evaluation.ts';
import { count, figure, time } from '../format.ts';
import { expressionText } from './expression-text.ts';
import { metricNames, metricText, worstSlices } from './evaluation-text.ts';
import type { ModelDossier } from './model-dossier.ts';
import { leftOutText, partText } from './model-text.ts';

/** Yields a model card in Markdown: what the model is for, what it rests on, how good it is and where not, how to make it again. */
export function modelCard(dossier: ModelDossier): string {
  const [evaluation] = dossier.evaluations;
  const { model } = dossier;
  return [
    `# Model card: ${model.content.name} ${model.digest.slice(0, 12)}`,
    purpose(dossier),
    data(dossier),
    ...(evaluation === undefined
      ? ['## Evaluation\n\nThis model has not been evaluated; nothing is known of its quality.']
      : judged(evaluation.content)),
    limits(dossier),
    decisions(dossier),
    reproduction(dossier),
  ].join('\n\n');
}

function purpose({ model, aliases }: ModelDossier): string {
  const { content } = model;
  const label = specOf(model.provenance, 'label', 'expression');
  const what =
    content.task === 'binary'
      ? 'The probability, in [0, 1], that the label is true.'
      : 'The expected value of the label.';
  return [
    '## Purpose',
    '',
    what,
    '',
    ...bullets([
      ['label', label === undefined ? 'as the loop defines it' : code(expressionText(label))],
      ['loop', content.name],
      ['version', code(model.digest)],
      ['alias', aliases.join(', ') || 'none'],
      ['trainer', `${content.trainer.name} ${content.trainer.version}`],
      ['made', `${time(model.atUs)} by ${model.actor}`],
    ]),
  ].join('\n');
}

function data({ dataset, trainingSet, model }: ModelDossier): string {
  const { source, rows, batches } = dataset.content;
  const { train, validation, evaluation, cutUs, leftOut } = trainingSet.content;
  return [
    '## Data',
    '',
    ...bullets([
      [
        'source',
        `${source}: ${count(rows)} rows in ${count(batches.length)} batches, dataset ${code(dataset.digest)}`,
      ],
      ['training set', code(trainingSet.digest)],
      ['train', partText(train)],
      ['validation', partText(validation)],
      ['evaluation', partText(evaluation)],
      ['known until', `${time(cutUs)}: nothing of training or validation was known later`],
      ['left out', leftOutText(leftOut)],
      ['features', model.content.features.map(({ name, kind }) => `${code(name)} (${kind})`).join(', ')],
    ]),
  ].join('\n');
}

function judged(evaluation: Evaluation): readonly string[] {
  return [metrics(evaluation), gates(evaluation), slices(evaluation), calibration(evaluation)].filter(
    (section) => section !== '',
  );
}

function metrics({
  metrics: own,
  baseline,
  championMetrics,
  alpha,
  rows,
  blocks,
  block,
  threshold,
  attempt,
}: Evaluation): string {
  const level = Number(((1 - alpha) * 100).toPrecision(3));
  const head = [
    'metric',
    `model [${level} % interval]`,
    ...(championMetrics === null ? [] : ['champion']),
    'constant',
  ];
  const lines = metricNames(own).map((name) => [
    name,
    metricText(own[name]),
    ...(championMetrics === null ? [] : [metricText(championMetrics[name])]),
    metricText(baseline[name]),
  ]);
  const undefinedOnes = metricNames(own).flatMap((name) =>
    own[name]?.value === null ? [`- ${name} is undefined: ${own[name].reason ?? 'no reason recorded'}`] : [],
  );
  return [
    '## Metrics',
    '',
    `On ${count(rows)} rows in ${count(blocks)} blocks (${block}), intervals resampled by block, threshold ${figure(threshold)}; model number ${attempt} scored on these rows. The constant always answers the training rows' rate.`,
    '',
    markdownTable(head, lines),
    ...(undefinedOnes.length === 0 ? [] : ['', ...undefinedOnes]),
  ].join('\n');
}

function gates({ gates: found, verdict }: Evaluation): string {
  const lines = found.map((gate) => `- **${gate.verdict}** ${gate.gate}: ${gate.explanation}`);
  return [
    '## Gates',
    '',
    `Verdict: **${verdict}**`,
    '',
    ...(lines.length === 0 ? ['No gates are declared.'] : lines),
  ].join('\n');
}

const shownSlices = 10;

function slices(evaluation: Evaluation): string {
  if (evaluation.slices.length === 0) return '';
  const worst = worstSlices(evaluation, { limit: shownSlices });
  const names = metricNames(evaluation.metrics).filter((name) => worst.some((one) => name in one.metrics));
  const shown = names.slice(0, 5);
  const lines = worst.map((one) => [
    one.slice,
    one.group,
    count(one.rows),
    ...shown.map((name) => metricText(one.metrics[name])),
  ]);
  return [
    '## Where it is weakest',
    '',
    `The worst ${worst.length} of ${evaluation.slices.length} slices.`,
    '',
    markdownTable(['slice', 'group', 'rows', ...shown], lines),
  ].join('\n');
}

function calibration({ calibration: bins }: Evaluation): string {
  if (bins.length === 0) return '';
  const lines = bins.map((bin) => [
    count(bin.rows),
    bin.meanScore.toFixed(3),
    `${bin.observedRate.toFixed(3)} [${bin.lower.toFixed(3)}, ${bin.upper.toFixed(3)}]`,
  ]);
  return ['## Calibration', '', markdownTable(['rows', 'mean score', 'observed rate [95 %]'], lines)].join(
    '\n',
  );
}

function limits({ evaluations, trainingSet, model }: ModelDossier): string {
  const [evaluation] = evaluations;
  const { train, evaluation: judgedOn } = trainingSet.content;
  const labels = model.content.facts['labels'];
  const unsure = evaluation?.content.gates.filter((gate) => gate.verdict !== 'pass') ?? [];
  return [
    '## Limits',
    '',
    `- It has seen events from ${time(train.fromUs) || 'no time'} to ${time(train.untilUs) || 'no time'}, and was judged on those from ${time(judgedOn.fromUs) || 'no time'} to ${time(judgedOn.untilUs) || 'no time'}; nothing is known of any other time.`,
    '- Groups smaller than the declared least number of rows have no figures of their own.',
    ...(labels === 'shuffled'
      ? ['- Its training labels were dealt out at random: it is a control, and predicts nothing.']
      : []),
    ...unsure.map((gate) => `- Not passed: ${gate.explanation}`),
  ].join('\n');
}

function decisions({ decisions: found, aliasEvents }: ModelDossier): string {
  const made = found.flatMap(({ content, atUs }) => [
    `- ${time(atUs)} ${content.outcome} (${content.rule})`,
    ...content.reasons.map((reason) => `  - ${reason}`),
  ]);
  const moves = aliasEvents.map(
    (event) =>
      `- ${time(event.atUs)} \`${event.alias}\` moved to ${code(event.model.slice(0, 12))} by ${event.actor}: ${event.reason}`,
  );
  const lines = [...made, ...moves];
  return ['## Decisions', '', ...(lines.length === 0 ? ['None.'] : lines)].join('\n');
}

function reproduction({ model }: ModelDossier): string {
  const git = model.provenance['git'] as
    { readonly commit?: Json; readonly uncommitted?: Json } | null | undefined;
  const commit = typeof git?.commit === 'string' ? git.commit : null;
  const uncommitted = typeof git?.uncommitted === 'string' ? git.uncommitted : null;
  const { content } = model;
  return [
    '## How to make it again',
    '',
    ...bullets([
      ['git commit', commit === null ? 'none: the project is in no repository' : code(commit)],
      ...(uncommitted === null ? [] : [['uncommitted changes', `sha256 ${code(uncommitted)}`] as const]),
      ['params', code(JSON.stringify(content.params))],
      ['seed', String(content.seed)],
      [
        'environment',
        Object.entries(content.environment)
          .map(([name, value]) => `${name} ${value}`)
          .join(', '),
      ],
      ['bytes', `${code(content.model)} (ONNX)`],
    ]),
    '',
    '```sh',
    `sluice reproduce ${model.digest.slice(0, 12)}${commit === null || uncommitted !== null ? '' : ' --at-commit'}`,
    '```',
  ].join('\n');
}

const code = (text: string): string => `\`${text}\``;

function bullets(entries: readonly (readonly [string, string])[]): readonly string[] {
  return entries.map(([name, value]) => `- ${name}: ${value}`);
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function specOf(
  provenance: ModelDossier['model']['provenance'],
  ...path: readonly string[]
): Json | undefined {
  let at: unknown = provenance['config'];
  for (const name of ['spec', ...path]) at = (at as Record<string, unknown> | undefined)?.[name];
  return at as Json | undefined;
}
