import type { Ledger } from '../../ledger/ledger.ts';
import type { RunResult } from '../../pipeline/runner.ts';
import { isKind } from '../../pipeline/step-plan.ts';
import { shortDigest } from '../../base/digest.ts';
import type { Stage } from '../../records/step.ts';
import type { Version } from '../../records/version.ts';
import { figure } from '../format.ts';
import { pairs, wrap } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** What a summary is made from. */
export interface SummaryRequest {
  readonly terminal: Terminal;
  readonly result: RunResult;
  readonly ledger: Ledger;
  /** The globs of the source. */
  readonly files: readonly string[];
  /** The stages that were asked for; null for all. */
  readonly stages: readonly Stage[] | null;
}

/**
 * Yields what a person wants to know when a run has ended: what was stopped, what was decided and why. It speaks of what
 * this run's own stages made, not of what they recalled of others.
 */
export async function summaryOf(request: SummaryRequest): Promise<string> {
  const { terminal, result, ledger } = request;
  const ran = new Set(result.steps.map((step) => step.stage));
  const all = [...result.versions].flatMap(([stage, versions]) => (ran.has(stage) ? versions : []));
  const decision = all.findLast((one) => isKind(one, 'decision'));
  const evaluation = all.findLast((one) => isKind(one, 'evaluation'));
  const isDecidedNow = result.steps.some((step) => step.stage === 'register' && step.state !== 'reused');
  const champion = await ledger.aliases.current(result.run.loop, 'champion');
  const candidate = await ledger.aliases.current(result.run.loop, 'candidate');
  const words = [
    ...deliveryLines(request, ran),
    ...stoppedLines(request, all),
    ...(evaluation === undefined ? [] : [metricsLine(evaluation)]),
    ...(decision === undefined ? [] : decisionLines(terminal, decision, isDecidedNow)),
  ];
  const lines = [
    ...words.flatMap((line) => broken(line, terminal)),
    pairs(terminal, [
      ['champion', champion === null ? 'none yet' : shortDigest(champion.model)],
      ['candidate', candidate === null ? 'none' : shortDigest(candidate.model)],
      ['run', result.run.id],
    ]),
  ];
  return ['', ...lines].join('\n');
}

/** Breaks a line between words; what is indented stays so. */
function broken(line: string, { width }: Terminal): readonly string[] {
  const indent = /^ */.exec(line)?.[0] ?? '';
  return wrap(line.slice(indent.length), width - indent.length).map((part) => `${indent}${part}`);
}

/** A misspelt glob must not pass for a day without deliveries. */
function deliveryLines({ files, stages }: SummaryRequest, ran: ReadonlySet<Stage>): readonly string[] {
  if (ran.has('ingest') || stages?.includes('ingest') === false) return [];
  return [`no file matches ${files.join(', ')} now; the run rests on the batches that came before`];
}

/** Batches that are kept out, why, and what would let them in. */
function stoppedLines({ terminal, result }: SummaryRequest, all: readonly Version[]): readonly string[] {
  const stopped = result.steps.filter((step) => step.stage === 'validate' && step.verdict === 'fail');
  const shown = stopped.slice(-3).flatMap(({ subject, outputs }) => {
    const validation = all.find((one) => isKind(one, 'validation') && outputs.includes(one.digest));
    const reasons =
      validation !== undefined && isKind(validation, 'validation') ? validation.content.reasons : [];
    return [terminal.style('red', `batch ${subject} stopped`), ...reasons.map((reason) => `  ${reason}`)];
  });
  if (stopped.length === 0) return [];
  const more = stopped.length > 3 ? [`  and ${stopped.length - 3} more: sluice quarantine`] : [];
  return [
    ...shown,
    ...more,
    '  It stays out until a file of the same name passes: sluice quarantine show has its rows.',
  ];
}

function metricsLine({ content }: Version<'evaluation'>): string {
  const shown = ['auc', 'logLoss', 'logLossSkill', 'cost', 'rSquared', 'rootMeanSquaredError'];
  return shown
    .flatMap((name) => {
      const metric = content.metrics[name];
      if (metric === undefined) return [];
      if (metric.value === null) return [`${name} undefined (${metric.reason ?? ''})`];
      const interval = metric.lower === null ? '' : ` [${figure(metric.lower)}, ${figure(metric.upper)}]`;
      return [`${name} ${figure(metric.value)}${interval}`];
    })
    .join(' · ');
}

function decisionLines(
  terminal: Terminal,
  { content }: Version<'decision'>,
  isDecidedNow: boolean,
): readonly string[] {
  const model = shortDigest(content.model);
  const head =
    content.outcome === 'refused'
      ? terminal.style('red', `model ${model} ${isDecidedNow ? '' : 'was '}refused`)
      : terminal.style('green', `model ${model} ${isDecidedNow ? 'is now' : 'became'} ${content.outcome}`);
  return [`${head} (${content.rule})`, ...content.reasons.map((reason) => `  ${reason}`)];
}
