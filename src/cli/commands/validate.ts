import { isSluiceError, type SluiceError } from '../../base/errors.ts';
import type { CompiledLoop } from '../../pipeline/compiled-loop.ts';
import { validateFile } from '../../pipeline/scratch/validate-file.ts';
import type { Dataset } from '../../records/dataset.ts';
import type { Validation } from '../../records/validation.ts';
import { combineVerdicts } from '../../records/verdict.ts';
import { listDeliveries, namedFile, type DeliveredFile } from '../../stages/ingest/deliveries.ts';
import { verdictExitCode, type Answer, type Command, type Invocation } from '../command.ts';
import { scratchContext, withScratch } from '../open-scratch.ts';
import type { Project } from '../open-project.ts';
import { allOf, withLoop } from '../open-store.ts';
import { plainJson } from '../plain-json.ts';
import { errorJson, errorText } from '../report-error.ts';
import { validationText } from '../reports/validation-text.ts';
import { count } from '../format.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';

/** `sluice validate`: files against the contract, leaving no trace. */
export const command: Command = {
  name: 'validate',
  summary: 'judge files by the contract without keeping anything: verdict, broken rules, profile',
  args: [
    ['[files...]', 'files in the format that the source declares; those its globs match when none is given'],
  ],
  example: 'sluice validate data/orders-2026-01-05.csv',
  run: validate,
};

/** One file, judged or unreadable. */
interface Judged {
  readonly name: string;
  readonly found: Validation | SluiceError;
}

async function validate(invocation: Invocation): Promise<Answer> {
  const { args, terminal, projectDirectory } = invocation;
  return withLoop(invocation, async (project, loop) => {
    const files =
      args.length === 0
        ? await listDeliveries({ source: loop.spec.source, projectDirectory })
        : await Promise.all(args.map((file) => namedFile(file, projectDirectory)));
    const judged = await judgeAll(invocation, project, { loop, files });
    const validations = judged.flatMap(({ found }) => (isSluiceError(found) ? [] : [found]));
    const errors = judged.flatMap(({ found }) => (isSluiceError(found) ? [found] : []));
    const verdict = validations.length === 0 ? null : combineVerdicts(validations.map((one) => one.verdict));
    const json = {
      verdict: errors.length > 0 ? null : verdict,
      files: judged.map(({ name, found }) => ({
        name,
        ...(isSluiceError(found) ? (errorJson(found) as object) : { validation: plainJson(found) }),
      })),
    };
    const exitCode = errors[0]?.exitCode ?? verdictExitCode(verdict);
    return { json, text: validateText(terminal, judged), exitCode };
  });
}

/** An unreadable file does not keep the others from being judged. */
async function judgeAll(
  invocation: Invocation,
  project: Project,
  { loop, files }: { readonly loop: CompiledLoop; readonly files: readonly DeliveredFile[] },
): Promise<readonly Judged[]> {
  const dataset = await newestDataset(project, loop);
  return withScratch(project, async (scratch) => {
    const context = await scratchContext(invocation, project, { scratch, spec: loop.spec });
    const judged: Judged[] = [];
    for (const file of files) {
      invocation.signal.throwIfAborted();
      invocation.terminal.live(`  ${judged.length + 1} of ${files.length} ${file.name}`);
      judged.push({ name: file.name, found: await judgeOne(context, { loop, file, dataset }) });
    }
    invocation.terminal.settle();
    return judged;
  });
}

async function judgeOne(...call: Parameters<typeof validateFile>): Promise<Validation | SluiceError> {
  try {
    return await validateFile(...call);
  } catch (error) {
    if (isSluiceError(error) && error.code.startsWith('INGEST_')) return error;
    throw error;
  }
}

async function newestDataset({ ledger }: Project, { spec }: CompiledLoop): Promise<Dataset | null> {
  const [newest] = await allOf(ledger, 'dataset', spec.name);
  return newest?.content ?? null;
}

function validateText(terminal: Terminal, judged: readonly Judged[]): string {
  const [first] = judged;
  if (judged.length === 1 && first !== undefined && !isSluiceError(first.found))
    return validationText(terminal, first.name, first.found);
  const rows = judged.flatMap(({ name, found }) =>
    isSluiceError(found)
      ? [[name, 'unreadable', '', '', found.code]]
      : [[name, found.verdict, count(found.rows), count(found.quarantinedRows), brokenText(found)]],
  );
  const errors = judged.flatMap(({ found }) => (isSluiceError(found) ? [errorText(terminal, found)] : []));
  if (judged.length === 1) return errors.join('\n');
  const listed = table(terminal, rows, {
    head: ['file', 'verdict', 'rows', 'bad', 'broken rules'],
    right: [2, 3],
  });
  return [listed, ...errors].join('\n\n');
}

function brokenText({ rules, reasons }: Validation): string {
  const broken = rules
    .filter((rule) => rule.failures > 0)
    .map(({ id, failures }) => `${id} ${count(failures)}`);
  return [...reasons, ...broken].join(', ');
}
