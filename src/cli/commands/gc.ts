import { shortDigest } from '../../base/digest.ts';
import type { Answer, Command, Invocation } from '../command.ts';
import { count, size } from '../format.ts';
import { numberOf, withStore } from '../open-store.ts';
import { plainJson } from '../plain-json.ts';
import { pairs, table } from '../table.ts';

/** `sluice gc`: gives back the room of bytes that nothing refers to. */
export const command: Command = {
  name: 'gc',
  summary: 'remove stored bytes that no version refers to; versions are never deleted',
  options: [
    ['--dry-run', 'only tell what would go'],
    ['--keep-days <n>', 'keep bytes that were first found unreferenced less than so many days ago', '7'],
  ],
  example: 'sluice gc --dry-run',
  run: collect,
};

const shownBlobs = 10;

async function collect(invocation: Invocation): Promise<Answer> {
  const { options, terminal } = invocation;
  const keepDays = numberOf(options, 'keepDays', { preset: 7, least: 0 });
  const dryRun = options['dryRun'] === true;
  return withStore(invocation, async ({ ledger, holder }) => {
    const report = await ledger.storage.collectGarbage({ holder, dryRun, keepDays });
    const rows = report.removed
      .slice(0, shownBlobs)
      .map((one) => [shortDigest(one.digest), size(one.sizeBytes)]);
    const left = report.removed.length - rows.length;
    const facts = pairs(terminal, [
      [
        dryRun ? 'would go' : 'removed',
        `${count(report.removed.length)} blobs, ${size(report.removedBytes)}`,
      ],
      ['waiting', `${count(report.waiting)} unreferenced for less than ${count(keepDays)} days`],
      ['kept', `${count(report.kept)} that versions refer to`],
    ]);
    const listed =
      rows.length === 0 ? [] : ['', table(terminal, rows, { head: ['blob', 'size'], right: [1] })];
    const text = [facts, ...listed, ...(left > 0 ? [`… ${count(left)} more`] : [])].join('\n');
    return { json: plainJson({ ...report, dryRun, keepDays }), text };
  });
}
