/**
 * Lower and upper case by simple mappings: each code point gives one code point, without context (no final sigma) and
 * without locale. The tables are those of Unicode 15, as in the engine: letters that got a case later keep their form,
 * whatever the host's own Unicode version.
 */

const ascii = /^[\0-\x7f]*$/;

/** Code points whose case pairs are younger than Unicode 15. */
const younger: readonly (readonly [from: number, to: number])[] = [
  [0x19b, 0x19b],
  [0x264, 0x264],
  [0x1c89, 0x1c8a],
  [0xa7cb, 0xa7cf],
  [0xa7d2, 0xa7d5],
  [0xa7da, 0xa7dc],
  [0x10d50, 0x10d85],
  [0x16ea0, 0x16ed3],
];

/** Yields a text in lower case. */
export function lowerText(text: string): string {
  if (ascii.test(text)) return text.toLowerCase();
  return mapText(text, lowerOne);
}

/** Yields a text in upper case. */
export function upperText(text: string): string {
  if (ascii.test(text)) return text.toUpperCase();
  return mapText(text, upperOne);
}

function mapText(text: string, mapOne: (letter: string) => string): string {
  let out = '';
  for (const letter of text) out += isYounger(letter.codePointAt(0)!) ? letter : mapOne(letter);
  return out;
}

function isYounger(codePoint: number): boolean {
  return codePoint >= 0x19b && younger.some(([from, to]) => codePoint >= from && codePoint <= to);
}

function lowerOne(letter: string): string {
  return letter === 'İ' ? 'i' : single(letter.toLowerCase(), letter);
}

function upperOne(letter: string): string {
  const upper = letter.toUpperCase();
  return single(upper, letter === 'ß' ? 'ẞ' : titleOf(letter, upper));
}

/** Greek letters with iota below map to their title form, 8 or 9 code points on; all others without a pair stay. */
function titleOf(letter: string, upper: string): string {
  const codePoint = letter.codePointAt(0)!;
  if (!upper.endsWith('Ι') || codePoint < 0x1f80 || codePoint > 0x1ff3) return letter;
  if (codePoint < 0x1fb0) return (codePoint & 8) === 0 ? String.fromCodePoint(codePoint + 8) : letter;
  return (codePoint & 0xf) === 3 ? String.fromCodePoint(codePoint + 9) : letter;
}

function single(mapped: string, otherwise: string): string {
  return mapped.length === 1 || (mapped.length === 2 && mapped.codePointAt(0)! > 0xffff) ? mapped : otherwise;
}
