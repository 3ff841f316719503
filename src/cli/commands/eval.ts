import { shortDigest } from '../../base/digest.ts';
import type { Answer, Command, Invocation } from '../command.ts';
import { count, minute } from '../format.ts';
import { allOf, limitOf, withStore } from '../open-store.ts';
import { plainJson } from '../plain-json.ts';
import { leadMetric, leadText } from '../reports/version-line.ts';
import { table } from '../table.ts';

/** `sluice eval`: every evaluation. */
export const command: Command = {
  name: 'eval',
  summary: 'list the evaluations, newest first; eval show tells one in full',
  options: [
    ['--limit <n>', 'at most so many', '20'],
    ['--loop <name>', 'only evaluations of this loop'],
  ],
  example: 'sluice eval',
  run: listEvaluations,
};

async function listEvaluations(invocation: Invocation): Promise<Answer> {
  const { options, terminal } = invocation;
  const limit = limitOf(options, 20);
  return withStore(invocation, async ({ ledger }) => {
    const loop = typeof options['loop'] === 'string' ? options['loop'] : '';
    const found = (await allOf(ledger, 'evaluation', loop)).slice(0, limit);
    const json = {
      evaluations: found.map(({ digest, content, atUs }) => {
        const { model, champion, verdict, rows, blocks, attempt, metrics } = content;
        const lead = { metric: leadMetric(metrics), ...metrics[leadMetric(metrics)] };
        return plainJson({ digest, model, champion, verdict, rows, blocks, attempt, lead, atUs });
      }),
    };
    if (found.length === 0) return { json, text: 'There is no evaluation yet: sluice run' };
    const rows = found.map(({ digest, content, atUs }) => [
      shortDigest(digest),
      shortDigest(content.model),
      leadText(content),
      content.verdict,
      `${count(content.gates.filter((gate) => gate.verdict === 'pass').length)} of ${count(content.gates.length)}`,
      count(content.rows),
      minute(atUs),
    ]);
    const head = ['evaluation', 'model', 'lead', 'verdict', 'gates', 'rows', 'when'];
    return { json, text: table(terminal, rows, { head, right: [5] }) };
  });
}
