import { statfs } from 'node:fs/promises';
import { isSluiceError } from '../../base/errors.ts';
import type { Damage } from '../../ledger/ledger.ts';
import { loadConfig } from '../../pipeline/load-config.ts';
import type { Answer, Command, Invocation } from '../command.ts';
import { count, size, time } from '../format.ts';
import type { Project } from '../open-project.ts';
import { chosenLoop, withStore } from '../open-store.ts';
import { plainJson } from '../plain-json.ts';
import { wrap } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { sluiceVersion } from '../version.ts';

/** `sluice doctor`: is everything in order here? */
export const command: Command = {
  name: 'doctor',
  summary: 'check machine, config, catalog and stored bytes; every finding comes with a remedy',
  options: [['--deep', 'hash every stored byte, not only find the files']],
  example: 'sluice doctor --deep',
  run: examine,
};

/** What one check found. */
interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'error' | 'damage';
  readonly explanation: string;
  readonly remedy: string;
}

async function examine(invocation: Invocation): Promise<Answer> {
  return withStore(invocation, async (project) => {
    const findings = [
      nodeVersion(),
      await engineVersion(project),
      await diskSpace(project),
      ...(await config(invocation)),
      ...(await catalog(invocation, project)),
      ...(await leases(project)),
    ];
    const damages = findings.filter((one) => one.state === 'damage');
    const errors = findings.filter((one) => one.state === 'error');
    const json = { healthy: damages.length + errors.length === 0, findings: plainJson(findings) };
    const exitCode = damages.length > 0 ? 8 : errors.length > 0 ? 2 : 0;
    return { json, text: findings.map((one) => findingText(invocation.terminal, one)).join('\n'), exitCode };
  });
}

const ok = (check: string, explanation: string): Finding => ({ check, state: 'ok', explanation, remedy: '' });

function nodeVersion(): Finding {
  const { node } = process.versions;
  const explanation = `Node ${node} on ${process.platform} ${process.arch}, sluice ${sluiceVersion()}`;
  if (Number(node.split('.')[0]) >= 24) return ok('node', explanation);
  return { check: 'node', state: 'error', explanation, remedy: 'Install Node 24 or later.' };
}

async function engineVersion(project: Project): Promise<Finding> {
  try {
    return ok('engine', (await project.engine()).version);
  } catch (error) {
    return failed('engine', error);
  }
}

function failed(check: string, error: unknown): Finding {
  if (!isSluiceError(error)) throw error;
  const state = error.kind === 'corrupt' ? 'damage' : 'error';
  return { check, state, explanation: error.message, remedy: error.remedy };
}

const leastFreeBytes = 1e9;

async function diskSpace({ storeDirectory }: Project): Promise<Finding> {
  const { bavail, bsize } = await statfs(storeDirectory);
  const freeBytes = bavail * bsize;
  const explanation = `${size(freeBytes)} free where the store is`;
  if (freeBytes >= leastFreeBytes) return ok('disk', explanation);
  const remedy = 'Free space; sluice gc removes bytes that nothing refers to.';
  return { check: 'disk', state: 'warning', explanation, remedy };
}

async function config({ projectDirectory, environment }: Invocation): Promise<readonly Finding[]> {
  try {
    const loop = await loadConfig({ projectDirectory, overrides: [], environment });
    const inline = loop.inlineFunctions.map((name): Finding => ({
      check: 'code',
      state: 'warning',
      explanation: `The function "${name}" is not exported: any change of the config counts as a change of it.`,
      remedy: 'Move it into a file of its own and export it; then only its own code counts.',
    }));
    return [ok('config', `${loop.configFile ?? 'the config'} loads: loop ${loop.spec.name}`), ...inline];
  } catch (error) {
    return [failed('config', error)];
  }
}

const remedies: Readonly<Record<Damage['what'], string>> = {
  blobMissing:
    'Restore .sluice/blobs from a backup; or run again: a step whose bytes are gone is executed anew.',
  blobCorrupt: 'Restore the file from a backup; or delete it and run again, which makes it anew.',
  recordCorrupt: 'Restore .sluice/catalog.db from a backup (sluice backup makes one).',
  edgeDangling: 'Restore .sluice/catalog.db from a backup (sluice backup makes one).',
  aliasDangling: 'Restore .sluice/catalog.db from a backup, or move the alias by a new run.',
};

async function catalog({ options, terminal }: Invocation, { ledger }: Project): Promise<readonly Finding[]> {
  const { catalogVersion } = await ledger.status(await chosenLoop(ledger, options));
  const report = await ledger.storage.verify({
    deep: options['deep'] === true,
    progress: (share, note) => terminal.live(`  checking ${Math.round(share * 100)} % ${note}`),
  });
  terminal.settle();
  const damages = report.damages.map(({ what, digest, explanation }): Finding => ({
    check: 'store',
    state: 'damage',
    explanation: `${what} ${digest}: ${explanation}`,
    remedy: remedies[what],
  }));
  const depth = report.isDeep ? 'every byte hashed' : 'files found; --deep hashes them';
  const looked = `${count(report.versions)} versions, ${count(report.edges)} edges, ${count(report.blobs)} blobs (${depth})`;
  return [
    ok('catalog', `version ${catalogVersion}`),
    ...(damages.length === 0 ? [ok('store', looked)] : damages),
  ];
}

async function leases({ ledger, clock }: Project): Promise<readonly Finding[]> {
  const held = (await ledger.leases.list()).filter((lease) => lease.holder !== null);
  if (held.length === 0) return [ok('leases', 'none held')];
  return held.map(({ name, holder, expiresUs, sinceUs }): Finding => {
    const explanation = `${name} held by ${holder ?? ''} since ${time(sinceUs)}, until ${time(expiresUs)}`;
    if (expiresUs >= clock.nowUs()) return ok('leases', explanation);
    const remedy = 'Its process is gone without a word; the next run takes the lease over.';
    return { check: 'leases', state: 'warning', explanation: `stale: ${explanation}`, remedy };
  });
}

const marks = {
  ok: ['green', '✔'],
  warning: ['yellow', '!'],
  error: ['red', '✘'],
  damage: ['red', '✘'],
} as const;

function findingText(terminal: Terminal, { check, state, explanation, remedy }: Finding): string {
  const [colour, mark] = marks[state];
  const width = terminal.width - 11;
  const [first = '', ...rest] = wrap(explanation, width);
  const mend = remedy === '' ? [] : wrap(`mend: ${remedy}`, width).map((line) => terminal.style('dim', line));
  const indent = ' '.repeat(11);
  return [
    `${terminal.style(colour, mark)} ${check.padEnd(8)} ${first}`,
    ...[...rest, ...mend].map((line) => indent + line),
  ].join('\n');
}
