import { SluiceError } from '../../base/errors.ts';
import type { Cell } from '../../ports/engine.ts';
import { readQuarantine, type QuarantinedRow } from '../../stages/validate/quarantine.ts';
import type { Answer, Command, Invocation } from '../command.ts';
import { figure, time } from '../format.ts';
import { chosenLoop, limitOf, loopOption, withStore } from '../open-store.ts';
import { plainJson } from '../plain-json.ts';
import { wrap } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { judgedBatches, type JudgedBatch } from './quarantine.ts';

/** `sluice quarantine show`: the rows that were kept back, with every reason. */
export const command: Command = {
  name: 'quarantine show',
  summary: 'list quarantined rows with every reason and their values',
  args: [
    [
      '[batch]',
      'name of the file, or digest of its bytes (a unique prefix will do); all current batches when absent',
    ],
  ],
  options: [
    ['--reason <rule>', 'only rows that break this rule'],
    ['--limit <n>', 'at most so many rows', '20'],
    loopOption,
  ],
  example: 'sluice quarantine show --reason range:price',
  run: showQuarantine,
};

interface ShownRow extends QuarantinedRow {
  readonly batch: string;
  readonly raw: string;
}

async function showQuarantine(invocation: Invocation): Promise<Answer> {
  const { args, options, terminal } = invocation;
  const limit = limitOf(options, 20);
  return withStore(invocation, async (project) => {
    const { ledger, blob } = project;
    const all = await judgedBatches(ledger, await chosenLoop(ledger, options));
    const chosen = args[0] === undefined ? all : [batchOf(all, args[0])];
    const reason = typeof options['reason'] === 'string' ? options['reason'] : undefined;
    if (reason !== undefined) refuseUnknown(all, reason);
    const rows: ShownRow[] = [];
    for (const { batch, validation } of chosen.filter((one) => one.validation.content.quarantinedRows > 0)) {
      if (rows.length >= limit) break;
      const query = { limit: limit - rows.length, ...(reason === undefined ? {} : { reason }) };
      const context = { blob, engine: await project.engine() };
      const found = await readQuarantine(context, validation.content, query);
      rows.push(...found.map((row) => ({ batch: batch.content.name, raw: batch.content.raw, ...row })));
    }
    const types = new Map(
      chosen.flatMap(({ validation }) => validation.content.profile.map((one) => [one.name, one.type])),
    );
    const text =
      rows.length === 0
        ? 'No row is in quarantine.'
        : rows.map((row) => rowText(terminal, row, types)).join('\n');
    return { json: { rows: plainJson(rows) }, text };
  });
}

/** @throws CLI_BATCH naming some there are, LEDGER_AMBIGUOUS */
function batchOf(all: readonly JudgedBatch[], asked: string): JudgedBatch {
  const found = all.filter(({ batch: { digest, content } }) => {
    const isName = content.name === asked || content.name.endsWith(`/${asked}`);
    return (
      isName || (/^[0-9a-f]+$/.test(asked) && (content.raw.startsWith(asked) || digest.startsWith(asked)))
    );
  });
  const [first, second] = found;
  const names = (list: readonly JudgedBatch[]): string =>
    list
      .slice(0, 6)
      .map(({ batch }) => batch.content.name)
      .join(', ');
  if (first === undefined)
    throw new SluiceError('CLI_BATCH', { batch: asked, known: names(all.toReversed()) || 'none' });
  if (second === undefined) return first;
  throw new SluiceError('LEDGER_AMBIGUOUS', { prefix: asked, candidates: names(found) });
}

function refuseUnknown(all: readonly JudgedBatch[], reason: string): void {
  const rules = all.flatMap(({ validation }) => validation.content.rules);
  if (all.length === 0 || rules.some(({ id }) => id === reason)) return;
  const known = [...new Set(rules.filter(({ failures }) => failures > 0).map(({ id }) => id))];
  throw new SluiceError('CLI_RULE', { rule: reason, known: known.join(', ') || 'none' });
}

function rowText(terminal: Terminal, row: ShownRow, types: ReadonlyMap<string, string>): string {
  const head = `${row.batch} row ${row.row} ${terminal.style('yellow', row.reasons.join(', '))}`;
  const values = Object.entries(row.values).map(([name, cell]) => {
    const unreadable = row.unreadable[name];
    return `${name}=${unreadable === undefined ? cellText(cell, types.get(name)) : `${JSON.stringify(unreadable)} (unreadable)`}`;
  });
  const details = [...(row.notes === null ? [] : [row.notes]), values.join(' ')];
  const lines = details.flatMap((line) => wrap(line, terminal.width - 2)).map((line) => `  ${line}`);
  return [...wrap(head, terminal.width), ...lines].join('\n');
}

function cellText(cell: Cell, type: string | undefined): string {
  if (cell === null) return 'NULL';
  if (typeof cell !== 'number') return String(cell);
  return type === 'timestamp' || type === 'local' ? time(cell).replace(' ', 'T') : figure(cell);
}
