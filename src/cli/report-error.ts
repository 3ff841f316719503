import { isSluiceError } from '../base/errors.ts';
import type { Json } from '../base/canonical-json.ts';
import { wrap } from './table.ts';
import type { Terminal } from './terminal.ts';

/**
 * Yields an error for people: what happened and how to mend it. Only a bug shows its stack.
 *
 * @param width columns at which lines are broken; none, so that a log can be searched, when absent
 */
export function errorText(
  terminal: Terminal,
  error: unknown,
  width: number = Number.POSITIVE_INFINITY,
): string {
  if (!isSluiceError(error)) return bugText(terminal, error);
  const message = `error ${error.message}`.split('\n').flatMap((line) => wrap(line, width));
  const head = message.join('\n').replace('error', terminal.style('red', 'error'));
  const mend = wrap(error.remedy, width - mendIndent.length).join(`\n${mendIndent}`);
  const remedy = error.remedy === '' ? '' : `\n${terminal.style('dim', '  mend')} ${mend}`;
  return `${head}${remedy}\n${terminal.style('dim', `  code ${error.code}, kind ${error.kind}`)}`;
}

const mendIndent = ' '.repeat('  mend '.length);

function bugText(terminal: Terminal, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${terminal.style('red', 'bug')} Sluice failed in a way it should not. Please report this:\n${stack}`;
}

/** Yields an error as the one document of `--json`. */
export function errorJson(error: unknown): Json {
  if (!isSluiceError(error)) {
    return {
      error: { code: 'BUG', kind: 'bug', message: error instanceof Error ? error.message : String(error) },
    };
  }
  const { code, kind, message, remedy } = error;
  return { error: { code, kind, message, remedy, details: { ...error.details } } };
}

/** Yields the exit code of an error: that of its kind; 130 when the user interrupted. */
export function exitCodeOf(error: unknown): number {
  if (isSluiceError(error, 'PIPELINE_INTERRUPTED')) return 130;
  return isSluiceError(error) ? error.exitCode : 1;
}
