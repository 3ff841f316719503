import { stripVTControlCharacters } from 'node:util';
import { cut, shownWidth, type Terminal } from './terminal.ts';

/** Which columns hold numbers, to be set right. */
export interface TableOptions {
  readonly head: readonly string[];
  readonly right?: readonly number[];
}

/**
 * Yields rows as an aligned table that fits the terminal: the widest text column gives way first, and on a terminal too
 * narrow for any table each row becomes a short list.
 */
export function table(
  terminal: Terminal,
  rows: readonly (readonly string[])[],
  options: TableOptions,
): string {
  const { head, right = [] } = options;
  const widths = head.map((name, i) =>
    Math.max(shownWidth(name), ...rows.map((row) => shownWidth(row[i] ?? ''))),
  );
  const fitting = fit(widths, terminal.width - 2 * (head.length - 1));
  if (fitting === null) return rows.map((row) => listOf(row, head, terminal)).join('\n\n');
  const line = (cells: readonly string[]): string =>
    fitting
      .map((width, i) => aligned(cut(cells[i] ?? '', width), width, right.includes(i)))
      .join('  ')
      .trimEnd();
  return [terminal.style('dim', line(head)), ...rows.map(line)].join('\n');
}

const narrowestColumn = 12;

function fit(widths: readonly number[], available: number): readonly number[] | null {
  const out = [...widths];
  let over = out.reduce((sum, width) => sum + width, 0) - available;
  while (over > 0) {
    const widest = out.indexOf(Math.max(...out));
    if ((out[widest] ?? 0) <= narrowestColumn) return null;
    out[widest] = (out[widest] ?? 0) - 1;
    over--;
  }
  return out;
}

function aligned(text: string, width: number, isRight: boolean): string {
  const space = ' '.repeat(Math.max(0, width - shownWidth(text)));
  return isRight ? space + text : text + space;
}

function listOf(row: readonly string[], head: readonly string[], terminal: Terminal): string {
  return head
    .map((name, i) => `${terminal.style('dim', name)} ${row[i] ?? ''}`)
    .filter((_, i) => (row[i] ?? '') !== '')
    .map((line) => cut(line, terminal.width))
    .join('\n');
}

/** Yields names and values in two columns; a long value goes on below itself. */
export function pairs(terminal: Terminal, entries: readonly (readonly [string, string])[]): string {
  const width = Math.min(24, Math.max(0, ...entries.map(([name]) => shownWidth(name))));
  const indent = ' '.repeat(width + 2);
  return entries
    .map(([name, value]) => {
      const lines = value.split('\n').flatMap((line) => wrap(line, terminal.width - width - 2));
      const space = ' '.repeat(Math.max(0, width - shownWidth(name)));
      return `${terminal.style('dim', name)}${space}  ${lines.join(`\n${indent}`)}`;
    })
    .join('\n');
}

/**
 * Yields a text as lines of at most `width` columns, broken between words; a word that is longer is cut into pieces.
 *
 * @example
 * wrap('one two three', 12); // ['one two', 'three']
 */
export function wrap(text: string, width: number): readonly string[] {
  const room = Math.max(12, width);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => pieces(one, room))) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (shownWidth(joined) <= room) line = joined;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

function pieces(word: string, width: number): readonly string[] {
  if (shownWidth(word) <= width) return [word];
  const signs = Array.from(stripVTControlCharacters(word));
  return Array.from({ length: Math.ceil(signs.length / width) }, (_, i) =>
    signs.slice(i * width, (i + 1) * width).join(''),
  );
}
