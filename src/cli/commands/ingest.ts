import { text as textOf } from 'node:stream/consumers';
import type { Json } from '../../base/canonical-json.ts';
import { shortDigest } from '../../base/digest.ts';
import { SluiceError } from '../../base/errors.ts';
import { ingestPart } from '../../pipeline/parts/ingest.ts';
import { ingestFilesPart, ingestRowsPart } from '../../pipeline/parts/ingest-given.ts';
import { provenanceOf } from '../../pipeline/provenance.ts';
import { runLoop } from '../../pipeline/runner.ts';
import type { StagePart } from '../../pipeline/step-plan.ts';
import { namedFile } from '../../stages/ingest/deliveries.ts';
import type { Step } from '../../records/step.ts';
import type { Answer, Command, Invocation } from '../command.ts';
import { count, size } from '../format.ts';
import { withLoop } from '../open-store.ts';
import { openRunDisplay } from '../run-display.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { stepJson } from './run.ts';

/** `sluice ingest`: deliveries into the raw zone, and nothing more. */
export const command: Command = {
  name: 'ingest',
  summary: 'take files, or rows from standard input, into the raw zone; the next run goes on from there',
  args: [
    [
      '[files...]',
      'files, wherever they lie; - reads NDJSON rows from standard input; those of the source when none is given',
    ],
  ],
  example: 'sluice ingest ../mail/orders-2026-03-06.csv',
  run: ingest,
};

async function ingest(invocation: Invocation): Promise<Answer> {
  const { args, terminal, projectDirectory, signal } = invocation;
  return withLoop(invocation, async (project, loop) => {
    const part = await partOf(args, projectDirectory);
    const display = openRunDisplay(terminal);
    try {
      const result = await runLoop({
        loop,
        surroundings: project,
        parts: [part],
        provenance: await provenanceOf({ projectDirectory, loop }),
        signal,
        onEvent: display.onEvent,
      });
      const json = { run: result.run.id, steps: result.steps.map(stepJson) };
      return { json, text: ingestText(terminal, result.steps) };
    } finally {
      display.finish();
    }
  });
}

async function partOf(args: readonly string[], projectDirectory: string): Promise<StagePart> {
  if (args.length === 0) return ingestPart;
  if (args.includes('-')) {
    if (args.length > 1)
      throw new SluiceError('CLI_STDIN', { line: 0, reason: '- stands alone, without files' });
    return ingestRowsPart(rowsOf(await textOf(process.stdin)));
  }
  const files = await Promise.all(args.map((file) => namedFile(file, projectDirectory)));
  return ingestFilesPart(files);
}

/** Yields the rows of newline-delimited JSON. @throws CLI_STDIN naming the line */
export function rowsOf(text: string): readonly Readonly<Record<string, Json>>[] {
  const rows = text.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [rowOf(line, i + 1)]));
  if (rows.length === 0) throw new SluiceError('CLI_STDIN', { line: 1, reason: 'there are no rows' });
  return rows;
}

function rowOf(line: string, number: number): Readonly<Record<string, Json>> {
  let row: Json;
  try {
    row = JSON.parse(line) as Json;
  } catch (cause) {
    throw new SluiceError(
      'CLI_STDIN',
      { line: number, reason: cause instanceof Error ? cause.message : '' },
      { cause },
    );
  }
  if (typeof row === 'object' && row !== null && !Array.isArray(row))
    return row as Readonly<Record<string, Json>>;
  throw new SluiceError('CLI_STDIN', { line: number, reason: 'it is no object' });
}

/** More files than this are summed up. */
const manyFiles = 20;

function ingestText(terminal: Terminal, steps: readonly Step[]): string {
  if (steps.length === 0) return 'Nothing new: every delivery was taken in before.';
  const taken = steps.filter((step) => step.state === 'done');
  const known = steps.length - taken.length;
  const summary = `${count(taken.length)} taken in, ${count(known)} known already. Next: sluice run`;
  if (taken.length === 0 || taken.length > manyFiles) return summary;
  const rows = taken.map((step) => [
    step.subject,
    count(Number(step.facts['rows'] ?? 0)),
    size(Number(step.facts['sizeBytes'] ?? 0)),
    typeof step.facts['raw'] === 'string' ? shortDigest(step.facts['raw']) : '',
  ]);
  return `${table(terminal, rows, { head: ['delivery', 'rows', 'size', 'bytes'], right: [1, 2] })}\n${summary}`;
}
