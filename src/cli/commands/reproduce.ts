import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { shortDigest } from '../../base/digest.ts';
import { SluiceError } from '../../base/errors.ts';
import { withCommit, type CommitProject } from '../../pipeline/scratch/commit-worktree.ts';
import { loadConfig } from '../../pipeline/load-config.ts';
import {
  originOf,
  recordedOverrides,
  reproduce,
  type ReproducedArtifact,
} from '../../pipeline/scratch/reproduce.ts';
import type { Version } from '../../records/version.ts';
import type { Answer, Command, Invocation } from '../command.ts';
import { openProject } from '../open-project.ts';
import { withScratch, withScratchLedger } from '../open-scratch.ts';
import { chosenLoop, loopOption, withStore } from '../open-store.ts';
import { plainJson } from '../plain-json.ts';
import { kindNames } from '../reports/version-line.ts';
import { openRunDisplay } from '../run-display.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** `sluice reproduce`: proof that a model is what its record says. */
export const command: Command = {
  name: 'reproduce',
  summary: 'make a model again from its raw batches, in a place of its own, and compare every digest',
  args: [['<model>', 'champion, candidate, or a digest or unique prefix of it']],
  options: [
    [
      '--at-commit',
      'with code and config of the git commit on record, in a worktree that is removed afterwards',
    ],
    loopOption,
  ],
  example: 'sluice reproduce champion',
  run: prove,
};

/** What `--json` prints. */
interface Proof {
  readonly model: string;
  readonly reproduced: boolean;
  readonly artifacts: readonly ReproducedArtifact[];
  readonly commit: string | null;
}

async function prove(invocation: Invocation): Promise<Answer> {
  const { args, options, terminal } = invocation;
  const model = await withStore(invocation, async ({ ledger }) =>
    ledger.aliases.resolve((await chosenLoop(ledger, options)) || 'of this store', args[0] ?? ''),
  );
  const proof = await (options['atCommit'] === true
    ? proveAtCommit(invocation, model)
    : proveHere(invocation, model));
  return { json: plainJson(proof), text: proofText(terminal, proof), exitCode: proof.reproduced ? 0 : 3 };
}

async function proveHere(invocation: Invocation, model: Version<'model'>): Promise<Proof> {
  const { projectDirectory, signal, terminal } = invocation;
  const loop = await loadConfig({ projectDirectory, overrides: recordedOverrides(model), environment: {} });
  const project = await openProject({ projectDirectory, engine: loop.spec.engine });
  const display = openRunDisplay(terminal);
  try {
    const origin = await originOf(project.ledger, model);
    const artifacts = await withScratch(project, (scratch) =>
      withScratchLedger(project, scratch, (surroundings) =>
        reproduce({ loop, origin, scratch: surroundings, signal, onEvent: display.onEvent }),
      ),
    );
    return { model: model.digest, reproduced: artifacts.every((one) => one.isSame), artifacts, commit: null };
  } finally {
    display.finish();
    await project.close();
  }
}

async function proveAtCommit(invocation: Invocation, model: Version<'model'>): Promise<Proof> {
  return withStore(invocation, async (project) => {
    const { blob, projectDirectory, storeDirectory } = project;
    const origin = await originOf(project.ledger, model);
    return withScratch(project, async (scratch) => {
      const directory = path.join(scratch.directory, 'worktree');
      return withCommit({ projectDirectory, storeDirectory, directory, origin, blob }, (at) =>
        proveThere({ at, model, signal: invocation.signal }),
      );
    });
  });
}

interface There {
  readonly at: CommitProject;
  readonly model: Version<'model'>;
  readonly signal: AbortSignal;
}

/** The tree's own command line when Sluice is in it, else this one. */
async function proveThere({ at, model, signal }: There): Promise<Proof> {
  const own = path.join(at.root, 'src', 'cli', 'main.ts');
  const here = fileURLToPath(new URL(`../main${path.extname(import.meta.url)}`, import.meta.url));
  const words = ['reproduce', model.digest, '--json', '--project', at.projectDirectory];
  const printed = await new Promise<string>((resolve, reject) => {
    const options = { maxBuffer: 64 * 1024 * 1024, signal };
    execFile(process.execPath, [existsSync(own) ? own : here, ...words], options, (error, stdout) => {
      if (stdout === '')
        reject(error ?? new SluiceError('REPRODUCE_AT_COMMIT', { commit: at.commit, reason: 'no answer' }));
      else resolve(stdout);
    });
  });
  const answer = JSON.parse(printed) as Partial<Proof> & { readonly error?: { readonly message: string } };
  if (answer.error !== undefined || answer.artifacts === undefined)
    throw new SluiceError('REPRODUCE_AT_COMMIT', {
      commit: at.commit,
      reason: answer.error?.message ?? printed,
    });
  return {
    model: model.digest,
    reproduced: answer.reproduced === true,
    artifacts: answer.artifacts,
    commit: at.commit,
  };
}

function proofText(terminal: Terminal, { model, reproduced, artifacts, commit }: Proof): string {
  const rows = artifacts.map(({ kind, recorded, found, isSame, differing }) => [
    kindNames[kind],
    shortDigest(recorded),
    found === null ? 'nothing' : shortDigest(found),
    isSame ? 'same' : `differs in ${differing.join(', ')}`,
  ]);
  const where = commit === null ? '' : `, with code and config of commit ${commit.slice(0, 12)}`;
  const end = reproduced
    ? terminal.style('green', `The model ${shortDigest(model)} is reproduced, bit for bit${where}.`)
    : terminal.style('red', `The model ${shortDigest(model)} is not reproduced${where}.`);
  return `${table(terminal, rows, { head: ['artifact', 'recorded', 'made again', ''] })}\n\n${end}`;
}
