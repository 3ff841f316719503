/**
 * Yields a name as an SQL identifier, whatever it holds.
 *
 * @example
 * quoteIdentifier('a "b"'); // '"a ""b"""'
 */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * Yields a text as an SQL string literal. A NUL character, which the engine's parser would take for the end, is joined
 * in with `chr(0)`.
 *
 * @example
 * quoteLiteral("O'Hare"); // "'O''Hare'"
 */
export function quoteLiteral(text: string): string {
  if (!text.includes('\0')) return quotePlain(text);
  return `(${text.split('\0').map(quotePlain).join(' || chr(0) || ')})`;
}

function quotePlain(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
