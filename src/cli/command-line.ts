import path from 'node:path';
import { Command as Program, CommanderError } from 'commander';
import { SluiceError } from '../base/errors.ts';
import { nearest } from '../expression/nearest.ts';
import type { Answer, Command, Options } from './command.ts';
import { commandTable } from './command-table.ts';
import { errorJson, errorText, exitCodeOf } from './report-error.ts';
import { openTerminal, type Terminal } from './terminal.ts';
import { sluiceVersion } from './version.ts';

/** Parses the words of a command line, runs the command, prints its answer. Yields the exit code; throws nothing. */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  outliveReaders();
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  let exitCode = 0;
  const program = await programFor(words, async (command, args, options) => {
    exitCode = await runOne({ command, args, options, signal: stop.signal });
  });
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return answerUsage(error, words);
    throw error;
  }
  return exitCode;
}

/** Commander has printed its message, but for `--json`; --help and --version end with code 0. */
function answerUsage(error: CommanderError, words: readonly string[]): number {
  if (error.exitCode === 0) return 0;
  const reason = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  if (asksForJson(words))
    process.stdout.write(`${JSON.stringify(errorJson(new SluiceError('CLI_USAGE', { reason })))}\n`);
  return 2;
}

const asksForJson = (words: readonly string[]): boolean => words.includes('--json');

/**
 * `sluice runs | head` closes the pipe early. That ends the output and nothing else: a run whose log nobody reads any more
 * goes on, and the exit code stays that of the command. Output that cannot be written for another reason is no success.
 */
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code !== 'EPIPE' && code !== 'ERR_STREAM_DESTROYED') process.exitCode = 5;
    });
  }
}

type Runner = (command: Command, args: readonly string[], options: Options) => Promise<void>;

async function programFor(words: readonly string[], run: Runner): Promise<Program> {
  const program = new Program('sluice')
    .description('The golden pipeline for machine-learning systems in production.')
    .version(sluiceVersion())
    .exitOverride()
    .configureOutput(asksForJson(words) ? { writeErr: () => undefined } : {})
    .showSuggestionAfterError(true)
    .addHelpText(
      'after',
      '\nEach command has --help with an example. Start with: sluice init, or sluice demo',
    );
  // Loading every command for its help text costs too much; for a known command only its own module loads.
  const wanted = Object.keys(commandTable).filter((name) =>
    name.split(' ').every((part, i) => words[i] === part),
  );
  const deepest = wanted.at(-1);
  const names = Object.keys(commandTable).filter(
    (name) => deepest === undefined || name === deepest || name.startsWith(`${deepest} `),
  );
  for (const name of names) addCommand(program, (await commandTable[name]!()).command, run);
  return program;
}

function addCommand(program: Program, command: Command, run: Runner): void {
  const words = command.name.split(' ');
  const parent = words
    .slice(0, -1)
    .reduce((at, word) => at.commands.find((one) => one.name() === word) ?? groupOf(at, word), program);
  const one = parent
    .command(words.at(-1) ?? '')
    .description(command.summary)
    .exitOverride();
  for (const [name, description] of command.args ?? []) one.argument(name, description);
  for (const [flags, description, preset] of command.options ?? []) one.option(flags, description, preset);
  one
    .option('--json', 'print one JSON document')
    .option('--project <folder>', 'the project folder', '.')
    .option('--no-color', 'plain text')
    .option('--quiet', 'no progress')
    .addHelpText('after', `\nExample:\n  ${command.example}`)
    .allowExcessArguments(hasParts(command))
    .action(async (...given: readonly unknown[]) => {
      const args = given
        .slice(0, -2)
        .flat()
        .filter((word): word is string => typeof word === 'string');
      if (hasParts(command)) refuseUnknownPart(one);
      await run(command, args, one.opts<Options>());
    });
}

const hasParts = ({ name }: Command): boolean =>
  Object.keys(commandTable).some((other) => other.startsWith(`${name} `));

/** A command with subcommands takes no arguments itself, so a surplus word is a misspelt subcommand. */
function refuseUnknownPart(program: Program): void {
  const [word] = program.args;
  if (word === undefined) return;
  const near = nearest(
    word,
    program.commands.map((one) => one.name()),
  );
  const hint = near === undefined ? '' : `\n(Did you mean ${near}?)`;
  program.error(`error: unknown command '${program.name()} ${word}'${hint}`, { exitCode: 2 });
}

function groupOf(parent: Program, word: string): Program {
  return parent.command(word).exitOverride();
}

interface Call {
  readonly command: Command;
  readonly args: readonly string[];
  readonly options: Options;
  readonly signal: AbortSignal;
}

async function runOne({ command, args, options, signal }: Call): Promise<number> {
  const isJson = options['json'] === true;
  const terminal = openTerminal({
    output: process.stdout,
    errors: process.stderr,
    hasColour:
      options['color'] !== false && !isJson && process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
    showsProgress: !isJson && options['quiet'] !== true,
  });
  try {
    const projectDirectory = path.resolve(String(options['project'] ?? '.'));
    // Trainers and scripts are named relative to the project.
    if (projectDirectory !== process.cwd()) enterProject(projectDirectory);
    const answer = await command.run({
      args,
      options,
      terminal,
      signal,
      projectDirectory,
      environment: process.env,
    });
    printAnswer(terminal, answer, isJson);
    return answer.exitCode ?? 0;
  } catch (error) {
    terminal.settle();
    if (isJson) terminal.print(JSON.stringify(errorJson(error)));
    else terminal.complain((width) => errorText(terminal, error, width));
    return signal.aborted ? 130 : exitCodeOf(error);
  }
}

function enterProject(directory: string): void {
  try {
    process.chdir(directory);
  } catch (cause) {
    throw new SluiceError(
      'CLI_PROJECT',
      { directory, reason: cause instanceof Error ? cause.message : String(cause) },
      { cause },
    );
  }
}

function printAnswer(terminal: Terminal, answer: Answer, isJson: boolean): void {
  if (isJson) terminal.print(JSON.stringify(answer.json, null, 2));
  else if (answer.text !== '') terminal.print(answer.text);
}
