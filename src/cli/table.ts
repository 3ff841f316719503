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

const narrowestColumn = 8;

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

/** Yields names and values in two columns. */
export function pairs(terminal: Terminal, entries: readonly (readonly [string, string])[]): string {
  const width = Math.min(24, Math.max(0, ...entries.map(([name]) => name.length)));
  return entries.map(([name, value]) => `${terminal.style('dim', name.padEnd(width))}  ${value}`).join('\n');
}
