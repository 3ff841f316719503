import { quoteIdentifier } from '../../expression/sql-text.ts';
import type { SourceSpec } from '../../records/source-spec.ts';
import {
  evaluateNumericAnswers,
  type AnswerPair,
  type NumericAnswers,
} from '../../stages/evaluate/numeric-answers.ts';
import { namedFile } from '../../stages/ingest/deliveries.ts';
import { openFile } from '../../stages/ingest/open-file.ts';
import { SluiceError } from '../../base/errors.ts';
import type { Answer, Command, Invocation } from '../command.ts';
import { count, figure } from '../format.ts';
import { openProject, type Project } from '../open-project.ts';
import { plainJson } from '../plain-json.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** `sluice eval answers`: numeric answers of a language model against gold answers. */
export const command: Command = {
  name: 'eval answers',
  summary:
    'judge numeric answers in a file against gold answers, with tolerance tied to the precision of the gold',
  args: [['<file>', 'CSV, NDJSON or Parquet with a gold and a predicted column of text']],
  options: [
    ['--gold <column>', 'the gold answers', 'gold'],
    ['--predicted <column>', 'the predictions', 'predicted'],
    ['--question <column>', 'the questions; only what they say of percent and scale is used'],
  ],
  example: 'sluice eval answers answers.csv --gold gold --predicted model_answer',
  run: judgeAnswers,
};

async function judgeAnswers({ args, options, terminal, projectDirectory }: Invocation): Promise<Answer> {
  const project = await openProject({ projectDirectory });
  try {
    const columns = [options['gold'], options['predicted'], options['question']].filter(
      (one) => typeof one === 'string',
    );
    const found = evaluateNumericAnswers(await readPairs(project, { file: args[0] ?? '', columns }));
    return { json: plainJson(found), text: answersText(terminal, found) };
  } finally {
    await project.close();
  }
}

const csv: SourceSpec['csv'] = { delimiter: ',', quote: '"', header: true, nullText: '' };

async function readPairs(
  project: Project,
  from: { readonly file: string; readonly columns: readonly string[] },
): Promise<readonly AnswerPair[]> {
  const { path, name } = await namedFile(from.file, project.projectDirectory);
  const columns = from.columns.map((column) => ({ name: column, type: 'string', nullable: true }) as const);
  const engine = await project.engine();
  const opened = await openFile({ engine, path, name, format: formatOf(name), csv, columns });
  const texts = from.columns.map(
    (column, i) => `${opened.columns.get(column)?.reading.sql ?? 'NULL'} AS ${quoteIdentifier(`c${i}`)}`,
  );
  const rows = await engine.rows(
    `SELECT ${texts.join(', ')} FROM ${opened.relation} ORDER BY ${opened.rowNumber}`,
  );
  const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  return rows.map((row) => ({
    gold: textOf(row['c0']),
    predicted: textOf(row['c1']),
    question: textOf(row['c2']),
  }));
}

function formatOf(name: string): SourceSpec['format'] {
  if (name.endsWith('.parquet')) return 'parquet';
  if (name.endsWith('.ndjson') || name.endsWith('.jsonl')) return 'ndjson';
  if (name.endsWith('.csv')) return 'csv';
  throw new SluiceError('CLI_FORMAT', { path: name, known: '.csv, .ndjson, .jsonl, .parquet' });
}

function answersText(
  terminal: Terminal,
  { accuracy, verdicts, invalidGold, misses }: NumericAnswers,
): string {
  const rows = Object.entries(accuracy).map(([policy, { value, lower, upper, n, reason }]) => [
    policy,
    value === null ? `undefined (${reason ?? ''})` : `${figure(value)} [${figure(lower)}, ${figure(upper)}]`,
    count(n),
  ]);
  const counts = Object.entries(verdicts).map(([verdict, times]) => `${verdict} ${count(times)}`);
  const missed = misses.map((miss) => [
    String(miss.row),
    miss.gold,
    miss.predicted,
    miss.verdict,
    miss.explanation,
  ]);
  return [
    table(terminal, rows, { head: ['policy', 'accuracy [95 %]', 'answers'], right: [2] }),
    `\nverdicts (finance): ${counts.join(', ')}`,
    ...(invalidGold === 0
      ? []
      : [`${count(invalidGold)} gold answers hold no number and are in no denominator`]),
    ...(missed.length === 0
      ? []
      : [
          `\n${table(terminal, missed, { head: ['row', 'gold', 'predicted', 'verdict', 'why'], right: [0] })}`,
        ]),
  ].join('\n');
}
