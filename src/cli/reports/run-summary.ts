import type { Ledger } from '../../ledger/ledger.ts';
import type { RunResult } from '../../pipeline/runner.ts';
import { isKind } from '../../pipeline/step-plan.ts';
import { shortDigest } from '../../base/digest.ts';
import type { Version } from '../../records/version.ts';
import { figure } from '../format.ts';
import { pairs } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** Yields what a person wants to know when a run has ended: what was decided and why, and what to look at next. */
export async function summaryOf(terminal: Terminal, result: RunResult, ledger: Ledger): Promise<string> {
  const all = [...result.versions.values()].flat();
  const decision = all.findLast((one) => isKind(one, 'decision'));
  const evaluation = all.findLast((one) => isKind(one, 'evaluation'));
  const champion = await ledger.aliases.current(result.run.loop, 'champion');
  const candidate = await ledger.aliases.current(result.run.loop, 'candidate');
  const lines = [
    ...(evaluation === undefined ? [] : [metricsLine(evaluation)]),
    ...(decision === undefined ? [] : decisionLines(terminal, decision)),
    pairs(terminal, [
      ['champion', champion === null ? 'none yet' : shortDigest(champion.model)],
      ['candidate', candidate === null ? 'none' : shortDigest(candidate.model)],
      ['run', result.run.id],
    ]),
  ];
  return ['', ...lines].join('\n');
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

function decisionLines(terminal: Terminal, { content }: Version<'decision'>): readonly string[] {
  const model = shortDigest(content.model);
  const head =
    content.outcome === 'refused'
      ? terminal.style('red', `model ${model} refused`)
      : terminal.style('green', `model ${model} is now ${content.outcome}`);
  return [`${head} (${content.rule})`, ...content.reasons.map((reason) => `  ${reason}`)];
}
