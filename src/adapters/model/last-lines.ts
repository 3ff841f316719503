/** Keeps the end of a stream of text in bounded memory. */
export interface LastLines {
  add(chunk: Buffer | string): void;
  /** Yields the last lines, oldest first, without terminal colours and control characters. */
  lines(): readonly string[];
  /**
   * Yields the end of those lines in at most `limit` characters: what ended a program stands last. The stack frames of
   * JavaScript come after the message and are left out.
   */
  tail(limit: number): string;
}

const longestLine = 1000;

/**
 * Yields a keeper of the last `count` lines; a longer line is cut to its first thousand characters.
 *
 * @param count > 0
 */
export function lastLines(count: number): LastLines {
  let done: string[] = [];
  let open = '';
  const lines = (): readonly string[] =>
    [...done, open]
      .map(plain)
      .filter((line) => line !== '')
      .slice(-count);
  return {
    add(chunk) {
      const parts = (open + chunk.toString()).split('\n');
      open = (parts.pop() ?? '').slice(0, longestLine);
      done = [...done, ...parts.slice(-count).map((line) => line.slice(0, longestLine))].slice(-count);
    },
    lines,
    tail(limit) {
      const text = lines()
        .filter((line) => !/^\s+at |^Node\.js v/.test(line))
        .join('\n');
      if (text === '') return '(it wrote nothing)';
      return text.length <= limit ? text : `…${text.slice(1 - limit)}`;
    },
  };
}

function plain(line: string): string {
  // oxlint-disable-next-line no-control-regex -- colours are control characters
  return line.replaceAll(/\u001b\[[0-9;]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f]/g, '').trimEnd();
}
