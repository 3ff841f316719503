import type { Ledger } from '../../ledger/ledger.ts';
import { currentBatches } from '../../pipeline/parts/batches.ts';
import { isKind } from '../../pipeline/step-plan.ts';
import type { Version } from '../../records/version.ts';
import type { Answer, Command, Invocation } from '../command.ts';
import { count, counted, share } from '../format.ts';
import { allOf, chosenLoop, loopOption, withStore } from '../open-store.ts';
import { plainJson } from '../plain-json.ts';
import { pairs, table, wrap } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** `sluice quarantine`: what was kept back, by reason. */
export const command: Command = {
  name: 'quarantine',
  summary: 'count the rows in quarantine by reason over all current batches; quarantine show lists the rows',
  options: [loopOption],
  example: 'sluice quarantine',
  run: summarise,
};

/** A current batch with the newest judgement on it. */
export interface JudgedBatch {
  readonly batch: Version<'batch'>;
  readonly validation: Version<'validation'>;
}

interface Reason {
  readonly reason: string;
  /** `error` keeps rows back, `warn` only counts them. */
  readonly severity: 'error' | 'warn';
  readonly rows: number;
  readonly batches: number;
}

async function summarise(invocation: Invocation): Promise<Answer> {
  const { options, terminal } = invocation;
  return withStore(invocation, async ({ ledger }) => {
    const judged = await judgedBatches(ledger, await chosenLoop(ledger, options));
    const rows = judged.reduce((sum, { validation }) => sum + validation.content.rows, 0);
    const quarantined = judged.reduce((sum, { validation }) => sum + validation.content.quarantinedRows, 0);
    const stopped = judged
      .filter(({ validation }) => validation.content.verdict !== 'pass')
      .map(({ batch, validation }) => ({
        batch: batch.content.name,
        verdict: validation.content.verdict,
        rows: validation.content.rows,
        reasons: validation.content.reasons,
      }));
    const summary = { batches: judged.length, rows, quarantined, reasons: reasonsOf(judged), stopped };
    return { json: plainJson(summary), text: summaryText(terminal, summary) };
  });
}

/** Yields the batches that count, in order of arrival, each with the newest judgement on it. */
export async function judgedBatches(ledger: Ledger, loop: string): Promise<readonly JudgedBatch[]> {
  const batches = await currentBatches(ledger, [...(await allOf(ledger, 'batch', loop))].reverse());
  const judged: JudgedBatch[] = [];
  for (const batch of batches) {
    const step = await ledger.journal.latestStep({ loop, stage: 'validate', subject: batch.content.name });
    for (const digest of step?.outputs ?? []) {
      const validation = await ledger.versions.get(digest);
      if (isKind(validation, 'validation') && validation.content.batch === batch.content.raw)
        judged.push({ batch, validation });
    }
  }
  return judged;
}

function reasonsOf(judged: readonly JudgedBatch[]): readonly Reason[] {
  const found = new Map<string, Reason>();
  for (const { validation } of judged) {
    for (const { id, severity, failures } of validation.content.rules) {
      if (failures === 0) continue;
      const before = found.get(id) ?? { reason: id, severity, rows: 0, batches: 0 };
      found.set(id, { ...before, rows: before.rows + failures, batches: before.batches + 1 });
    }
  }
  return [...found.values()].sort((a, b) => b.rows - a.rows || (a.reason < b.reason ? -1 : 1));
}

interface Summary {
  readonly batches: number;
  readonly rows: number;
  readonly quarantined: number;
  readonly reasons: readonly Reason[];
  readonly stopped: readonly {
    readonly batch: string;
    readonly verdict: string;
    readonly rows: number;
    readonly reasons: readonly string[];
  }[];
}

function summaryText(terminal: Terminal, summary: Summary): string {
  const { batches, rows, quarantined, reasons, stopped } = summary;
  if (batches === 0) return 'No batch has been judged yet: sluice run';
  const head = pairs(terminal, [
    ['batches', `${count(batches)}, ${count(rows)} rows`],
    ['quarantine', `${counted(quarantined, 'row')} (${share(quarantined / (rows || 1))})`],
    ['stopped', stopped.length === 0 ? 'no batch' : counted(stopped.length, 'batch', 'batches')],
  ]);
  const lines = reasons.map((one) => [
    one.reason,
    count(one.rows),
    count(one.batches),
    one.severity === 'warn' ? 'only counted' : '',
  ]);
  const hasNotes = lines.some(([, , , note]) => note !== '');
  const columns = ['reason', 'rows', 'batches', ...(hasNotes ? [''] : [])];
  const shown = lines.map((line) => line.slice(0, columns.length));
  const why = stopped.flatMap(({ batch, reasons: found }) => [
    terminal.style('red', batch),
    ...found.flatMap((reason) => wrap(reason, terminal.width - 2)).map((line) => `  ${line}`),
  ]);
  return [
    head,
    ...(lines.length === 0 ? [] : ['', table(terminal, shown, { head: columns, right: [1, 2] })]),
    ...(why.length === 0 ? [] : ['', ...why]),
    ...(quarantined === 0 ? [] : ['', 'The rows themselves: sluice quarantine show']),
  ].join('\n');
}
