/**
 * The portable subset of regular expressions: what RE2 (the engine's) and JavaScript's read alike, after `.` and `\s`
 * are spelled out. Existence of a match does not depend on greed or order of alternatives, so the two agree on it.
 * Refused: lookaround, back-references, named groups, flags, Unicode classes, `\B`, and an unbounded repetition of a group
 * that itself repeats or branches, which lets a backtracking matcher take exponential time.
 */
import { SluiceError } from '../../base/errors.ts';

const maxLength = 1000;
const maxRepeat = 1000;

interface Frame {
  /** Something inside repeats a variable number of times, or branches. */
  ambiguous: boolean;
  /** The current alternative holds nothing yet. */
  empty: boolean;
}

/** What a quantifier would apply to. */
type Atom = 'none' | 'simple' | 'ambiguous group';

interface Reader {
  readonly pattern: string;
  at: number;
  out: string;
  atom: Atom;
  readonly frames: Frame[];
}

/** Says why a pattern is refused, or undefined. */
export function refusePattern(pattern: unknown): string | undefined {
  if (typeof pattern !== 'string') return 'pattern must be a string';
  const read = translate(pattern);
  return 'refusal' in read ? read.refusal : undefined;
}

/**
 * Yields a JavaScript regular expression for a pattern of the subset.
 *
 * @throws EXPRESSION_REGEX for what the subset refuses
 * @example
 * compilePattern('^K[A-Z]{3}$').test('KJFK'); // true
 */
export function compilePattern(pattern: string): RegExp {
  const read = translate(pattern);
  if ('refusal' in read) throw new SluiceError('EXPRESSION_REGEX', { pattern, reason: read.refusal });
  return read.regex;
}

class Refusal {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

function translate(pattern: string): { readonly regex: RegExp } | { readonly refusal: string } {
  if (pattern.length > maxLength) return { refusal: `it is longer than ${maxLength} characters` };
  if (!pattern.isWellFormed()) return { refusal: 'it holds half of a surrogate pair' };
  const reader: Reader = {
    pattern,
    at: 0,
    out: '',
    atom: 'none',
    frames: [{ ambiguous: false, empty: true }],
  };
  try {
    while (reader.at < pattern.length) readOne(reader);
    if (reader.frames.length > 1) return { refusal: 'a group is not closed' };
    refuseEmpty(reader.frames[0]!);
    return { regex: new RegExp(reader.out, 'u') };
  } catch (error) {
    if (error instanceof Refusal) return { refusal: error.reason };
    if (error instanceof SyntaxError) return { refusal: error.message };
    throw error;
  }
}

function readOne(reader: Reader): void {
  const char = String.fromCodePoint(reader.pattern.codePointAt(reader.at)!);
  reader.at += char.length;
  if (char === '\\') emit(reader, readEscape(reader));
  else if (char === '[') emit(reader, readClass(reader));
  else if (char === '.') emit(reader, '[^\\n]');
  else if (char === '^' || char === '$') emit(reader, char, 'none');
  else if (char === '(') openGroup(reader);
  else if (char === ')') closeGroup(reader);
  else if (char === '|') branch(reader);
  else if ('*+?{'.includes(char)) readQuantifier(reader, char);
  else if (char === ']' || char === '}') refuse(`write \\${char} for a literal ${char}`);
  else emit(reader, char);
}

function refuse(reason: string): never {
  throw new Refusal(reason);
}

/** The engine's optimizer takes a pattern that may be empty for a comparison of the whole text. */
function refuseEmpty({ empty }: Frame): void {
  if (empty) refuse('an alternative is empty; write ? after a group that may be absent');
}

function emit(reader: Reader, text: string, atom: Atom = 'simple'): void {
  reader.out += text;
  reader.frames.at(-1)!.empty = false;
  reader.atom = text === '\\b' ? 'none' : atom;
}

function readEscape(reader: Reader): string {
  const char = reader.pattern[reader.at] ?? refuse('it ends in a backslash');
  reader.at++;
  if (char === 's') return '[\\t\\n\\f\\r ]';
  if (char === 'S') return '[^\\t\\n\\f\\r ]';
  if (char === 'x') return readHex(reader);
  if ('dDwWbtnrfv^$\\.*+?()[]{}|/'.includes(char)) return `\\${char}`;
  if (char >= '1' && char <= '9') refuse('back-references are not portable');
  return refuse(`the escape \\${char} is not portable`);
}

function readHex(reader: Reader): string {
  const digits = reader.pattern.slice(reader.at, reader.at + 2);
  if (!/^[0-9A-Fa-f]{2}$/.test(digits)) refuse('\\x takes two hex digits');
  reader.at += 2;
  return `\\x${digits}`;
}

function openGroup(reader: Reader): void {
  const { pattern, at } = reader;
  if (pattern[at] === '?') {
    if (pattern[at + 1] !== ':') refuse('of the groups that begin with (? only (?: is portable');
    reader.at += 2;
  }
  reader.out += '(?:';
  reader.atom = 'none';
  reader.frames.at(-1)!.empty = false;
  reader.frames.push({ ambiguous: false, empty: true });
}

function closeGroup(reader: Reader): void {
  const frame = reader.frames.pop()!;
  refuseEmpty(frame);
  const outer = reader.frames.at(-1) ?? refuse('a group is closed that was not opened');
  outer.ambiguous ||= frame.ambiguous;
  emit(reader, ')', frame.ambiguous ? 'ambiguous group' : 'simple');
}

function branch(reader: Reader): void {
  const frame = reader.frames.at(-1)!;
  refuseEmpty(frame);
  emit(reader, '|', 'none');
  frame.ambiguous = true;
  frame.empty = true;
}

function readQuantifier(reader: Reader, char: string): void {
  if (reader.atom === 'none') refuse(`nothing stands before ${char} that could repeat`);
  const { text, least, most } = char === '{' ? readBraces(reader) : simpleQuantifier(char);
  if (most === Infinity && reader.atom === 'ambiguous group') {
    refuse('an unbounded repetition of a group that itself repeats or branches can take exponential time');
  }
  if (least !== most) reader.frames.at(-1)!.ambiguous = true;
  const lazy = reader.pattern[reader.at] === '?';
  if (lazy) reader.at++;
  emit(reader, lazy ? `${text}?` : text, 'none');
}

interface Quantifier {
  readonly text: string;
  readonly least: number;
  readonly most: number;
}

function simpleQuantifier(char: string): Quantifier {
  return { text: char, least: char === '+' ? 1 : 0, most: char === '?' ? 1 : Infinity };
}

function readBraces(reader: Reader): Quantifier {
  const found = /^(\d{1,4})(?:(,)(\d{0,4}))?\}/.exec(reader.pattern.slice(reader.at));
  if (found === null) return refuse('write \\{ for a literal {');
  const [all, from, comma, to] = found;
  reader.at += all.length;
  const least = Number(from);
  const most = comma === undefined ? least : to === '' ? Infinity : Number(to);
  if (least > maxRepeat || (most !== Infinity && most > maxRepeat)) {
    refuse(`a repetition is above ${maxRepeat}`);
  }
  if (most < least) refuse(`the repetition {${all} runs backwards`);
  return { text: `{${all}`, least, most };
}

/** A bracket expression; `-` is literal only first or last, an unescaped `[` is refused. */
function readClass(reader: Reader): string {
  const { pattern } = reader;
  let out = '[';
  if (pattern[reader.at] === '^') {
    out += '^';
    reader.at++;
  }
  const first = reader.at;
  let afterRange = false;
  while (pattern[reader.at] !== ']') {
    const dash = pattern[reader.at] === '-' && reader.at > first && pattern[reader.at + 1] !== ']';
    if (dash && afterRange) refuse('write a literal - first or last in a class');
    if (dash) reader.at++;
    const item = readClassItem(reader);
    if (dash && item.shorthand) refuse('a range must end in a character');
    out += dash ? `-${item.text}` : item.text;
    afterRange = dash || item.shorthand;
  }
  if (reader.at === first) refuse('a class is empty');
  reader.at++;
  return `${out}]`;
}

interface ClassItem {
  readonly text: string;
  /** Stands for several characters, so it cannot bound a range. */
  readonly shorthand: boolean;
}

function readClassItem(reader: Reader): ClassItem {
  if (reader.at >= reader.pattern.length) refuse('a class is not closed');
  const char = String.fromCodePoint(reader.pattern.codePointAt(reader.at)!);
  reader.at += char.length;
  if (char === '[') refuse('write \\[ for a literal [ in a class');
  if (char !== '\\') return { text: char === '-' || char === '^' ? `\\${char}` : char, shorthand: false };
  const next = reader.pattern[reader.at];
  if (next === 's') {
    reader.at++;
    return { text: '\\t\\n\\f\\r ', shorthand: true };
  }
  if (next === '-') {
    reader.at++;
    return { text: '\\-', shorthand: false };
  }
  if (next === 'S' || next === 'b') refuse(`\\${next} in a class is not portable`);
  return { text: readEscape(reader), shorthand: next !== undefined && 'dDwW'.includes(next) };
}
