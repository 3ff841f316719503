import { shortDigest } from '../../base/digest.ts';
import type { Json } from '../../base/canonical-json.ts';
import type { Curve, ModelVersion } from '../../records/model-version.ts';
import type { TrainingPart } from '../../records/training-set.ts';
import { count, figure, size, time } from '../format.ts';
import { plainJson } from '../plain-json.ts';
import { pairs, table, wrap } from '../table.ts';
import { cut, shownWidth, type Terminal } from '../terminal.ts';
import { bar, sparkline } from './charts.ts';
import { gatesText, metricsTable, pairedTable } from './evaluation-text.ts';
import type { ModelDossier } from './model-dossier.ts';
import { recordText } from './record-text.ts';

type Pair = readonly [string, string];

/** Yields all that is on record about a model, for people. */
export function modelText(terminal: Terminal, dossier: ModelDossier): string {
  const sections: readonly (readonly [string, string])[] = [
    ['', headText(terminal, dossier)],
    ['Data', dataText(terminal, dossier)],
    ['Training', trainingText(terminal, dossier.model.content)],
    ['Importances', importancesText(terminal, dossier.model.content)],
    ...evaluationSections(terminal, dossier),
    ['Decisions', decisionsText(terminal, dossier)],
    ['Aliases', aliasText(terminal, dossier)],
    ['Code and environment', codeText(terminal, dossier)],
    ['Config', configText(terminal, dossier)],
  ];
  return sections
    .filter(([, text]) => text !== '')
    .map(([title, text]) => (title === '' ? text : `${terminal.style('bold', title)}\n${text}`))
    .join('\n\n');
}

function headText(terminal: Terminal, { model, aliases }: ModelDossier): string {
  const { name, task, trainer, sizeBytes } = model.content;
  return pairs(terminal, [
    ['model', model.digest],
    ['loop', name],
    ['alias', aliases.join(', ') || 'none'],
    ['trainer', `${trainer.name} ${trainer.version}, ${task}`],
    ['bytes', `${model.content.model} (ONNX, ${size(sizeBytes)})`],
    ['made', `${time(model.atUs)} by ${model.actor}, step ${model.stepId ?? 'none'}`],
  ]);
}

function dataText(terminal: Terminal, { trainingSet, dataset }: ModelDossier): string {
  const { train, validation, evaluation, cutUs, leftOut } = trainingSet.content;
  const { rows, batches, source } = dataset.content;
  const left = leftOutText(leftOut);
  return pairs(terminal, [
    ['dataset', `${dataset.digest} (${source}: ${count(rows)} rows in ${count(batches.length)} batches)`],
    ['training set', trainingSet.digest],
    ['train', partText(train)],
    ['validation', partText(validation)],
    ['evaluation', partText(evaluation)],
    ['cut', `nothing of train or validation was known after ${time(cutUs)}`],
    ['left out', left],
  ]);
}

/** Yields how many rows are in no part, by reason. */
export function leftOutText(leftOut: Readonly<Record<string, number>>): string {
  const found = Object.entries(leftOut).filter(([, rows]) => rows > 0);
  return found.map(([reason, rows]) => `${count(rows)} ${reason}`).join(', ') || 'no row';
}

/** Yields rows and period of a part of a training set. */
export function partText({ table: { rows }, fromUs, untilUs }: TrainingPart): string {
  return rows === 0 ? 'no rows' : `${count(rows)} rows, ${time(fromUs)} to ${time(untilUs)}`;
}

function trainingText(terminal: Terminal, model: ModelVersion): string {
  const { params, seed, facts, curve, features, parity } = model;
  const agreement =
    parity === null
      ? 'the trainer has no scorer of its own to compare with'
      : `ONNX and trainer differ by at most ${parity.maxDifference.toExponential(1)} on ${count(parity.rows)} rows`;
  return pairs(terminal, [
    ['params', inline(params)],
    ['seed', String(seed)],
    ['features', features.map(({ name, kind }) => (kind === 'categorical' ? `${name}*` : name)).join(', ')],
    ...(features.some(({ kind }) => kind === 'categorical') ? [['', '* categorical'] as const] : []),
    ['facts', inline(facts)],
    ...curveLines(terminal, curve),
    ['parity', agreement],
  ]);
}

function inline(values: Readonly<Record<string, Json>>): string {
  const shown = (value: Json): string => {
    if (typeof value === 'number') return figure(value);
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${shown(value)}`)
    .join(' ');
}

function curveLines(terminal: Terminal, curve: readonly Curve[]): readonly Pair[] {
  const series = new Map<string, number[]>();
  for (const { metric, split, value } of curve) {
    const name = `${metric}, ${split}`;
    series.set(name, [...(series.get(name) ?? []), value]);
  }
  return [...series].map(([name, values], i) => {
    const first = figure(values[0] ?? null);
    const last = figure(values.at(-1) ?? null);
    const line = sparkline(values, Math.max(12, Math.min(40, terminal.width - 60)));
    return [
      i === 0 ? 'curve' : '',
      `${line} ${name}: ${first} → ${last} in ${count(values.length)} rounds`,
    ] as const;
  });
}

function importancesText(terminal: Terminal, { importances }: ModelVersion): string {
  if (importances === null) return '';
  const sorted = Object.entries(importances).sort(([, a], [, b]) => b - a);
  const greatest = sorted[0]?.[1] ?? 1;
  const nameWidth = Math.min(30, Math.max(...sorted.map(([name]) => name.length)));
  const barWidth = Math.max(8, Math.min(40, terminal.width - nameWidth - 10));
  return sorted
    .map(([name, value]) => {
      const label = cut(name, nameWidth);
      const space = ' '.repeat(nameWidth - shownWidth(label));
      return `${label}${space} ${value.toFixed(3)} ${bar(value / (greatest || 1), barWidth)}`;
    })
    .join('\n');
}

function evaluationSections(terminal: Terminal, { evaluations }: ModelDossier): readonly Pair[] {
  const [newest, ...older] = evaluations;
  if (newest === undefined) return [['Evaluation', 'This model has not been evaluated.']];
  const { content, digest } = newest;
  const facts = pairs(terminal, [
    ['evaluation', digest],
    [
      'rows',
      `${count(content.rows)} in ${count(content.blocks)} blocks (${content.block}), attempt ${content.attempt} on these rows`,
    ],
    ['champion', content.champion === null ? 'none to compare with' : shortDigest(content.champion)],
    ['threshold', figure(content.threshold)],
    ['verdict', content.verdict],
    ...older.map(
      (one) => ['older', `${shortDigest(one.digest)} ${one.content.verdict}, ${time(one.atUs)}`] as const,
    ),
  ]);
  const paired = pairedTable(terminal, content);
  const figures = [facts, metricsTable(terminal, content), ...(paired === '' ? [] : [paired])];
  return [
    ['Evaluation', figures.join('\n\n')],
    ['Gates', gatesText(terminal, content.gates)],
  ];
}

function decisionsText(terminal: Terminal, { decisions }: ModelDossier): string {
  if (decisions.length === 0) return 'Nothing was decided about this model.';
  return decisions
    .map(({ content, digest, atUs, actor }) => {
      const head = `${content.outcome} (${content.rule}) ${time(atUs)} by ${actor}, decision ${shortDigest(digest)}`;
      const reasons = content.reasons.flatMap((reason) => wrap(`- ${reason}`, terminal.width - 2));
      return [...wrap(head, terminal.width), ...reasons.map((line) => `  ${line}`)].join('\n');
    })
    .join('\n');
}

function aliasText(terminal: Terminal, { aliasEvents, model }: ModelDossier): string {
  if (aliasEvents.length === 0) return 'No alias ever pointed to this model.';
  const rows = aliasEvents.map((event) => [
    event.alias,
    event.model === model.digest ? 'came' : `went to ${shortDigest(event.model)}`,
    event.reason,
    event.actor,
    time(event.atUs),
  ]);
  return table(terminal, rows, { head: ['alias', 'event', 'reason', 'by', 'when'] });
}

function codeText(terminal: Terminal, { model }: ModelDossier): string {
  const git = model.provenance['git'] as
    { readonly commit?: Json; readonly uncommitted?: Json } | null | undefined;
  const host = model.provenance['environment'];
  return pairs(terminal, [
    ['git commit', typeof git?.commit === 'string' ? git.commit : 'none: the project is in no repository'],
    ...(git == null
      ? []
      : [
          [
            'uncommitted',
            typeof git.uncommitted === 'string' ? `sha256 ${git.uncommitted}` : 'nothing',
          ] as const,
        ]),
    ['environment', inline(model.content.environment)],
    ...(typeof host === 'object' && host !== null && !Array.isArray(host)
      ? [['host', inline(host as Readonly<Record<string, Json>>)] as const]
      : []),
  ]);
}

function configText(terminal: Terminal, { model }: ModelDossier): string {
  const config = model.provenance['config'] ?? null;
  return config === null ? '' : recordText(terminal, plainJson(config), { items: Infinity });
}
