import { SluiceError } from '../../base/errors.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { isKind } from '../../pipeline/step-plan.ts';
import type { Version } from '../../records/version.ts';
import type { Answer, Command, Invocation, Options } from '../command.ts';
import { count, figure, time } from '../format.ts';
import { allOf, limitOf, loopOption, versionOf, withStore } from '../open-store.ts';
import { plainJson } from '../plain-json.ts';
import {
  calibrationTable,
  gatesText,
  metricsTable,
  pairedTable,
  slicesTable,
  worstSlices,
} from '../reports/evaluation-text.ts';
import { pairs } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** `sluice eval show`: one evaluation in full. */
export const command: Command = {
  name: 'eval show',
  summary: 'show an evaluation: metrics beside champion and constant, gates, calibration, weakest slices',
  args: [
    [
      '[evaluation]',
      'digest of it or of a model (a unique prefix will do), champion, candidate; the newest when absent',
    ],
  ],
  options: [
    ['--slice <name>', 'only groups of this slice, all of them'],
    ['--limit <n>', 'how many groups of slices to show, weakest first', '10'],
    loopOption,
  ],
  example: 'sluice eval show champion --slice origin',
  run: showEvaluation,
};

async function showEvaluation(invocation: Invocation): Promise<Answer> {
  const { options, terminal, args } = invocation;
  return withStore(invocation, async ({ ledger }) => {
    const evaluation = await evaluationOf(ledger, args[0], options);
    const slice = typeof options['slice'] === 'string' ? options['slice'] : undefined;
    if (slice !== undefined) refuseUnknownSlice(evaluation, slice);
    const limit = limitOf(options, 10);
    const text = evaluationText(terminal, evaluation, { limit, ...(slice === undefined ? {} : { slice }) });
    return { json: plainJson(evaluation), text };
  });
}

/** Yields the evaluation named, or the newest one (of the model named). @throws CLI_NOT_EVALUATED */
export async function evaluationOf(
  ledger: Ledger,
  asked: string | undefined,
  options: Options,
): Promise<Version<'evaluation'>> {
  const all = await allOf(ledger, 'evaluation', '');
  if (asked === undefined) {
    const loop = typeof options['loop'] === 'string' ? options['loop'] : '';
    const [newest] = loop === '' ? all : await allOf(ledger, 'evaluation', loop);
    if (newest === undefined) throw new SluiceError('CLI_NOT_EVALUATED', { what: 'The loop' });
    return newest;
  }
  const found = await versionOf(ledger, asked, options);
  if (isKind(found, 'evaluation')) return found;
  const ofModel = all.find((one) => one.content.model === found.digest);
  if (ofModel !== undefined) return ofModel;
  throw new SluiceError('CLI_NOT_EVALUATED', { what: `The ${found.kind} ${found.digest.slice(0, 12)}` });
}

function refuseUnknownSlice({ content }: Version<'evaluation'>, slice: string): void {
  const known = [...new Set(content.slices.map((one) => one.slice))];
  if (known.includes(slice)) return;
  throw new SluiceError('CLI_SLICE', { slice, known: known.join(', ') || 'none' });
}

function evaluationText(
  terminal: Terminal,
  { content, digest, atUs, actor }: Version<'evaluation'>,
  view: { readonly slice?: string; readonly limit: number },
): string {
  const head = pairs(terminal, [
    ['evaluation', digest],
    ['model', content.model],
    ['champion', content.champion ?? 'none to compare with'],
    [
      'rows',
      `${count(content.rows)} in ${count(content.blocks)} blocks (${content.block}), attempt ${content.attempt} on these rows`,
    ],
    ['threshold', figure(content.threshold)],
    ['made', `${time(atUs)} by ${actor}`],
    ['verdict', content.verdict],
  ]);
  const shown = worstSlices(
    content,
    view.slice === undefined ? view : { ...view, limit: content.slices.length },
  );
  const sections: readonly (readonly [string, string])[] = [
    ['Metrics', metricsTable(terminal, content)],
    ['Against the champion', pairedTable(terminal, content)],
    ['Gates', gatesText(terminal, content.gates)],
    ['Calibration', calibrationTable(terminal, content)],
    [
      `Slices, weakest first (${shown.length} of ${content.slices.length})`,
      shown.length === 0 ? '' : slicesTable(terminal, content, shown),
    ],
  ];
  const told = sections.filter(([, text]) => text !== '');
  return [head, ...told.map(([title, text]) => `${terminal.style('bold', title)}\n${text}`)].join('\n\n');
}
