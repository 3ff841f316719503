import { stripVTControlCharacters, styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Where a command writes: plain text for pipes, colours and live lines for people. */
export interface Terminal {
  /** Columns, at least 40. */
  readonly width: number;
  /** True when a person watches: progress bars may redraw. */
  readonly isLive: boolean;
  style(style: Style, text: string): string;
  /** Writes a line to standard output. */
  print(text: string): void;
  /** Writes a line to standard error, for what is not the answer. */
  note(text: string): void;
  /** Writes why a command failed to standard error, also when notes are silenced; told the columns where a person watches. */
  complain(write: (width?: number) => string): void;
  /** Shows a line that the next call replaces; nothing where nobody watches. */
  live(text: string): void;
  /** Removes the live line. */
  settle(): void;
}

/** Which streams a terminal writes to. */
export interface TerminalOptions {
  readonly output: NodeJS.WriteStream;
  readonly errors: NodeJS.WriteStream;
  readonly hasColour: boolean;
  /** False silences progress and notes, for `--json` and `--quiet`. */
  readonly showsProgress: boolean;
}

const narrowest = 40;

/** Yields the terminal of this process. */
export function openTerminal({ output, errors, hasColour, showsProgress }: TerminalOptions): Terminal {
  const isLive = showsProgress && errors.isTTY;
  let liveText = '';
  // Colours are for the screen that standard output is on; standard error may go to a file all the same.
  const onErrors = (text: string): string => (errors.isTTY ? text : stripVTControlCharacters(text));
  const settle = (): void => {
    if (liveText !== '') errors.write('\r\x1b[2K');
    liveText = '';
  };
  return {
    get width() {
      return Math.max(narrowest, output.columns ?? errors.columns ?? 100);
    },
    isLive,
    style: (style, text) => (hasColour ? styleText(style, text, { validateStream: false }) : text),
    print: (text) => {
      settle();
      output.write(`${text}\n`);
    },
    note: (text) => {
      settle();
      if (showsProgress) errors.write(`${onErrors(text)}\n`);
    },
    complain: (write) => {
      settle();
      const text = errors.isTTY ? write(Math.max(narrowest, errors.columns)) : write();
      errors.write(`${onErrors(text)}\n`);
    },
    live: (text) => {
      if (!isLive) return;
      const columns = errors.columns ?? narrowest;
      liveText = cut(text, columns - 1);
      errors.write(`\r\x1b[2K${liveText}`);
    },
    settle,
  };
}

/** Yields the width of a text as people see it. */
export function shownWidth(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length;
}

/** Yields a text of at most `width` columns; one that is longer loses its colours and ends in an ellipsis. */
export function cut(text: string, width: number): string {
  if (shownWidth(text) <= width) return text;
  return `${Array.from(stripVTControlCharacters(text))
    .slice(0, Math.max(0, width - 1))
    .join('')}…`;
}
