import type { Json } from '../base/canonical-json.ts';
import type { Terminal } from './terminal.ts';

/** Values of options by their long name in camel case. */
export type Options = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** What a command was called with. */
export interface Invocation {
  readonly args: readonly string[];
  readonly options: Options;
  readonly terminal: Terminal;
  /** Fires on Ctrl-C and on SIGTERM. */
  readonly signal: AbortSignal;
  /** The project folder: `--project`, else the current one. */
  readonly projectDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What a command answers: the same facts for machines and for people. */
export interface Answer {
  /** The one document that `--json` prints; its shape is stable. */
  readonly json: Json;
  /** What a person reads; lines, without a final line break. */
  readonly text: string;
  /** 0 when absent. */
  readonly exitCode?: number;
}

/** One command of the command line; one per file. */
export interface Command {
  /** `run`, `models show`; the words as typed. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** `<required>` or `[optional]`, `[many...]`. */
  readonly args?: readonly (readonly [name: string, description: string])[];
  /** Commander's flags with a description. */
  readonly options?: readonly (readonly [flags: string, description: string, preset?: string])[];
  /** A line that works as typed. */
  readonly example: string;
  readonly run: (invocation: Invocation) => Promise<Answer>;
}

/** Yields the exit code of a verdict: 0 pass or none, 3 fail, 4 inconclusive. */
export function verdictExitCode(verdict: 'pass' | 'fail' | 'inconclusive' | null): number {
  return verdict === 'fail' ? 3 : verdict === 'inconclusive' ? 4 : 0;
}
