import { shortDigest } from '../../base/digest.ts';
import { isSluiceError, SluiceError } from '../../base/errors.ts';
import type { Impact, Ledger } from '../../ledger/ledger.ts';
import type { Version } from '../../records/version.ts';
import type { Answer, Command, Invocation } from '../command.ts';
import { counted, minute, size, time } from '../format.ts';
import { withStore } from '../open-store.ts';
import { plainJson } from '../plain-json.ts';
import { versionRow } from '../reports/version-line.ts';
import { pairs, table } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** `sluice impact`: everything that rests on a batch. */
export const command: Command = {
  name: 'impact',
  summary: 'list every dataset, model, evaluation, decision and alias change that rests on a batch',
  args: [['<batch>', 'name of the file, digest of its bytes or of its batch (a unique prefix will do)']],
  example: 'sluice impact data/orders-01.csv',
  run: impact,
};

async function impact(invocation: Invocation): Promise<Answer> {
  const { args, terminal } = invocation;
  return withStore(invocation, async ({ ledger }) => {
    const found = await impactOf(ledger, args[0] ?? '');
    return { json: plainJson(found), text: impactText(terminal, found) };
  });
}

async function impactOf(ledger: Ledger, asked: string): Promise<Impact> {
  try {
    return await ledger.impact(asked);
  } catch (error) {
    if (!isSluiceError(error, 'LEDGER_VERSION_MISSING')) throw error;
    const newest = await ledger.versions.find({ kind: 'batch', limit: 6 });
    const known = newest.map((one) => one.content.name).join(', ') || 'none';
    throw new SluiceError('CLI_BATCH', { batch: asked, known }, { cause: error });
  }
}

function impactText(terminal: Terminal, found: Impact): string {
  const { batch, aliasEvents } = found;
  const { name, raw, sizeBytes } = batch.content;
  const groups: readonly (readonly Version[])[] = [
    found.validations,
    found.datasets,
    found.trainingSets,
    found.models,
    found.evaluations,
    found.decisions,
  ];
  const versions = groups.flat();
  const head = pairs(terminal, [
    ['batch', `${name}, ${size(sizeBytes)}, arrived ${time(batch.atUs)}`],
    ['bytes', raw],
    ['version', batch.digest],
    ['rests on it', `${counted(versions.length, 'version')}, ${counted(aliasEvents.length, 'alias change')}`],
  ]);
  if (versions.length === 0) return `${head}\n\nNothing rests on this batch.`;
  const listed = table(terminal, versions.map(versionRow), { head: ['kind', 'version', 'what', 'when'] });
  const moves = aliasEvents.map((event) => [
    event.alias,
    shortDigest(event.model),
    event.reason,
    minute(event.atUs),
  ]);
  const aliases = table(terminal, moves, { head: ['alias', 'model', 'reason', 'when'] });
  return [head, '', listed, ...(moves.length === 0 ? [] : ['', aliases])].join('\n');
}
