import path from 'node:path';
import { SluiceError } from '../../base/errors.ts';
import { predictFile, type Prediction } from '../../pipeline/scratch/predict.ts';
import type { ColumnSpec } from '../../records/column-spec.ts';
import type { Version } from '../../records/version.ts';
import { namedFile } from '../../stages/ingest/deliveries.ts';
import type { Cell } from '../../ports/engine.ts';
import type { Answer, Command, Invocation } from '../command.ts';
import { count, counted, figure, time } from '../format.ts';
import { scratchContext, withScratch } from '../open-scratch.ts';
import type { Project } from '../open-project.ts';
import { allOf, limitOf, withLoop } from '../open-store.ts';
import { plainJson } from '../plain-json.ts';
import { pairs, table } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** `sluice predict`: scores a file. */
export const command: Command = {
  name: 'predict',
  summary: 'score the rows of a file with a model, features as known at each row’s event time',
  args: [['<file>', 'in the format that the source declares; outcome columns may be absent']],
  options: [
    [
      '--model <model>',
      'champion, candidate, or a digest or unique prefix of it; the champion, else the candidate, when absent',
    ],
    ['--out <file>', 'write all rows to this .parquet, .csv or .ndjson file'],
    ['--limit <n>', 'how many rows to show', '10'],
  ],
  example: 'sluice predict data/orders-2026-03-02.csv --out scores.csv',
  run: predict,
};

async function predict(invocation: Invocation): Promise<Answer> {
  const { args, options, terminal, projectDirectory } = invocation;
  const limit = limitOf(options, 10);
  return withLoop(invocation, async (project, loop) => {
    const { ledger } = project;
    const file = await namedFile(args[0] ?? '', projectDirectory);
    const model = await modelOf(project, loop.spec.name, options['model']);
    const [dataset] = await allOf(ledger, 'dataset', loop.spec.name);
    if (dataset === undefined)
      throw new SluiceError('PIPELINE_NO_INPUT', {
        stage: 'predict',
        input: 'a dataset',
        earlier: 'validate',
      });
    const out =
      typeof options['out'] === 'string' ? path.resolve(projectDirectory, options['out']) : undefined;
    const found = await withScratch(project, async (scratch) =>
      predictFile(await scratchContext(invocation, project, { scratch, spec: loop.spec }), {
        loop,
        file,
        model,
        trainingSet: (await ledger.versions.get(model.content.trainingSet, 'trainingSet')).content,
        dataset,
        runtime: await project.modelRuntime(),
        limit,
        ...(out === undefined ? {} : { out }),
      }),
    );
    terminal.settle();
    return { json: plainJson(found), text: predictText(terminal, found, loop.spec.source.columns) };
  });
}

async function modelOf(
  { ledger }: Project,
  loop: string,
  asked: Invocation['options'][string],
): Promise<Version<'model'>> {
  if (typeof asked === 'string') return ledger.aliases.resolve(loop, asked);
  const hasChampion = (await ledger.aliases.current(loop, 'champion')) !== null;
  const hasCandidate = (await ledger.aliases.current(loop, 'candidate')) !== null;
  return ledger.aliases.resolve(loop, hasChampion || !hasCandidate ? 'champion' : 'candidate');
}

function predictText(terminal: Terminal, found: Prediction, columns: readonly ColumnSpec[]): string {
  const { first, rows, unscored, unscoredRows } = found;
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const names = Object.keys(first[0] ?? {}).filter((name) => !['_row', 'score', 'model'].includes(name));
  const cellText = (name: string, cell: Cell | undefined): string => {
    const type = types.get(name);
    if (cell === null || cell === undefined) return '';
    if (typeof cell === 'number' && (type === 'timestamp' || type === 'local'))
      return time(cell).replace('Z', '');
    return typeof cell === 'number' ? figure(cell) : String(cell);
  };
  const lines = first.map((row) => [
    cellText('_row', row['_row']),
    Number(row['score']).toFixed(4),
    ...names.map((name) => cellText(name, row[name])),
  ]);
  // As many columns as can be read side by side.
  const shown = Math.max(3, Math.floor(terminal.width / 13));
  const listed = table(
    terminal,
    lines.map((line) => line.slice(0, shown)),
    { head: ['row', 'score', ...names].slice(0, shown), right: [0, 1] },
  );
  const facts = pairs(terminal, [
    ['scored', `${count(rows)} rows${rows > first.length ? `, the first ${count(first.length)} above` : ''}`],
    ['score', `mean ${figure(found.mean)}, from ${figure(found.min)} to ${figure(found.max)}`],
    ['model', found.model],
    ['facts of', `dataset ${found.dataset}`],
    ...(unscoredRows === 0
      ? []
      : [
          [
            'not scored',
            `${counted(unscoredRows, 'row')}: ${unscored
              .slice(0, 5)
              .map(({ row, reasons }) => `row ${row} ${reasons.join(' ')}`)
              .join('; ')}`,
          ] as const,
        ]),
    ...(found.out === null ? [] : [['written to', found.out] as const]),
  ]);
  return lines.length === 0 ? facts : `${listed}\n\n${facts}`;
}
