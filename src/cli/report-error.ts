import { isSluiceError } from '../base/errors.ts';
import type { Json } from '../base/canonical-json.ts';
import type { Terminal } from './terminal.ts';

/** Yields an error for people: what happened and how to mend it. Only a bug shows its stack. */
export function errorText(terminal: Terminal, error: unknown): string {
  if (!isSluiceError(error)) return bugText(terminal, error);
  const head = `${terminal.style('red', 'error')} ${error.message}`;
  const remedy = error.remedy === '' ? '' : `\n${terminal.style('dim', '  mend')} ${error.remedy}`;
  return `${head}${remedy}\n${terminal.style('dim', `  code ${error.code}, kind ${error.kind}`)}`;
}

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
