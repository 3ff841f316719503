/** Finds the numbers of a text with their sign, scale, unit and printed precision. */
import { decimalOf, negated, shifted } from './decimal.ts';
import type { Decimal } from './decimal.ts';
import { plainText, withoutDates, withSpelledNumbers } from './plain-text.ts';
import { plainDigits, printedNumber } from './printed-number.ts';
import type { NumberLocale } from './printed-number.ts';
import { currencyBefore, currencyNamed, scalePowers, suffixes } from './units.ts';
import type { Unit } from './units.ts';

/** A number as it was printed. */
export interface Quantity {
  /** Exact value in the base unit: scale applied, percent as a fraction. */
  readonly value: Decimal;
  /** Power of ten of the last printed digit, in the base unit: one unit in the last place is 10^place. */
  readonly place: number;
  /** Printed digits without leading zeros; for zero, all printed digits. */
  readonly significantDigits: number;
  readonly unit: Unit;
  /** Power of ten that a scale word stated; absent without one. */
  readonly scale?: number;
  /** Its only minus is a pair of brackets, which may also just repeat a number ("$1,200 million ($1.2bn)"). */
  readonly bracketed: boolean;
  /** "about", "~", "over" stood before it. */
  readonly approximate: boolean;
  /** As printed, with sign, unit and scale. */
  readonly text: string;
}

/** The numbers of a text, in order, and what keeps it from being one clear number. */
export interface Quantities {
  readonly found: readonly Quantity[];
  /** Two numbers joined to a range ("5-6%", "between 5 and 6"). */
  readonly range: boolean;
  /** Digits that could be read in two ways in this locale ("1,23"), as printed. */
  readonly unreadable: readonly string[];
}

interface Located {
  readonly quantity: Quantity;
  readonly start: number;
  readonly end: number;
}

const longestNumber = 200;
const largestPower = 60;
const lookBack = 24;

/**
 * Finds every number of a text; dates, ordinals, ratios ("3:1") and digits inside names ("10-K", "Q3") are none.
 *
 * Spelled numbers ("five percent") are read only when the text has no digits.
 *
 * @param text any text
 * @param locale how decimals are written; default "point"
 * @returns numbers in order of appearance
 * @example
 * findQuantities('up 3.5% to $1.2bn').found.map((quantity) => quantity.text).join(); // '3.5%,$1.2bn'
 */
export function findQuantities(text: string, locale: NumberLocale = 'point'): Quantities {
  const plain = withoutDates(plainText(text));
  const readable = /\d/.test(plain) ? plain : withSpelledNumbers(plain);
  const located: Located[] = [];
  const unreadable: string[] = [];
  for (const match of readable.matchAll(printedNumber[locale])) {
    const [printed] = match;
    const start = match.index;
    // "1.2 x 10^6" was read as one number.
    if (start < (located.at(-1)?.end ?? 0)) continue;
    if (printed.length > longestNumber || isPartOfName(readable, start, start + printed.length)) continue;
    const digits = plainDigits(printed, locale);
    if (digits === undefined) unreadable.push(printed);
    else {
      const read = readAround(readable, { start, end: start + printed.length, digits });
      if (read !== undefined) located.push(read);
    }
  }
  return { found: located.map(({ quantity }) => quantity), range: hasRange(readable, located), unreadable };
}

/** Digits glued to letters, to a hyphenated word, to a slash, colon or hash are names, dates or ratios. */
function isPartOfName(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - lookBack), start);
  const after = text.slice(end, end + lookBack);
  const currency = currencyBefore.test(before);
  if (!currency && /(?:[a-z_#^]|[a-z]-|\d[/:]|10\s?\^\s?-?)$/i.test(before)) return true;
  return /^(?:[/:]\d|-[a-z]+(?<!-(?:thousand|million|billion|trillion|percent))\b|st\b|nd\b|rd\b|th\b|_)/i.test(
    after,
  );
}

interface Printed {
  readonly start: number;
  readonly end: number;
  readonly digits: string;
}

function readAround(text: string, { start, end, digits }: Printed): Located | undefined {
  const before = readBefore(text.slice(Math.max(0, start - lookBack), start));
  const power = powerOfTen(text, end);
  if (Math.abs(power.power) > largestPower) return undefined;
  const after = readAfter(text, power.end, before);
  if (after === undefined) return undefined;
  const bracketed = before.bracket && after.closed;
  const negative = before.negative || bracketed;
  const unit = unitOf({ before, after, digits, text: text.slice(start, end) });
  const isYear = unit.kind === 'year';
  const shift = power.power + after.scale + after.unitPower;
  const magnitude = shifted(decimalOf(digits), shift);
  const from =
    start - (before.bracket && !after.closed ? before.length - before.bracketLength : before.length);
  const quantity: Quantity = {
    value: negative && !isYear ? negated(magnitude) : magnitude,
    place: magnitude.exponent,
    significantDigits: significantDigits(digits),
    unit,
    ...(after.scaled ? { scale: after.scale } : {}),
    bracketed: bracketed && !before.negative,
    approximate: before.approximate,
    text: text.slice(from, after.end).trim(),
  };
  return { quantity, start: from, end: after.end };
}

interface Before {
  readonly negative: boolean;
  readonly bracket: boolean;
  readonly bracketLength: number;
  readonly currency?: string;
  readonly approximate: boolean;
  /** Characters of sign, bracket and currency. */
  readonly length: number;
}

const signBefore = /(?<=^|[\s(=:~<>≈,;"'[|$€£¥₹])(?:[-+]|(?:minus|negative)\s+)$/i;
const roughly =
  /(?:[~≈]|\b(?:approx(?:imately|\.)?|about|around|roughly|circa|ca\.|nearly|almost|over|under|(?:more|less) than|at (?:least|most)))\s*$/i;

/** Reads leftwards: any order of sign, currency and opening bracket, each once. */
function readBefore(text: string): Before {
  let rest = text;
  let negative = false;
  let signed = false;
  let bracketLength = 0;
  let currency: string | undefined;
  for (let step = 0; step < 4; step++) {
    const sign = signed ? null : signBefore.exec(rest);
    const money = currency === undefined ? currencyBefore.exec(rest) : null;
    if (sign !== null) {
      signed = true;
      negative = !sign[0].startsWith('+');
      rest = rest.slice(0, sign.index);
    } else if (money !== null) {
      currency = currencyNamed(money[0]);
      rest = rest.slice(0, money.index);
    } else if (bracketLength === 0 && /\(\s?$/.test(rest)) {
      const shorter = rest.replace(/\(\s?$/, '');
      bracketLength = rest.length - shorter.length;
      rest = shorter;
    } else break;
  }
  const approximate = roughly.test(rest);
  const length = text.length - rest.length;
  const bracket = bracketLength > 0;
  return {
    negative,
    bracket,
    bracketLength,
    ...(currency === undefined ? {} : { currency }),
    approximate,
    length,
  };
}

/** "1.2e6", "1.2 x 10^6". */
function powerOfTen(text: string, end: number): { readonly power: number; readonly end: number } {
  const pattern = /(?:e([+-]?\d{1,4})|\s?[x×*]\s?10\s?\^\s?\{?([+-]?\d{1,4})\}?)(?![\da-z])/iy;
  pattern.lastIndex = end;
  const match = pattern.exec(text);
  if (match === null) return { power: 0, end };
  return { power: Number(match[1] ?? match[2]), end: pattern.lastIndex };
}

interface After {
  readonly unit?: Unit;
  readonly unitPower: number;
  readonly scale: number;
  readonly scaled: boolean;
  readonly closed: boolean;
  readonly end: number;
}

/** Reads rightwards: scale words, unit and closing bracket in any order; undefined for a name such as "3Q". */
function readAfter(text: string, from: number, before: Before): After | undefined {
  let end = from;
  let unit: Unit | undefined;
  let unitPower = 0;
  let scale = 0;
  let scaled = false;
  let closed = false;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = end;
    const match = pattern.exec(text);
    if (match !== null) end = pattern.lastIndex;
    return match;
  };
  for (let step = 0; step < 5; step++) {
    const word =
      take(suffixes.scale) ?? (scaled ? null : (take(suffixes.scaleLetter) ?? spacedLetter(take, before)));
    if (word !== null) {
      scaled = true;
      scale += scalePowers[(word[1] ?? '').toLowerCase()] ?? 0;
      continue;
    }
    if (before.bracket && !closed && take(/\s?\)/y) !== null) {
      closed = true;
      continue;
    }
    const stated: { unit: Unit; power: number } | undefined =
      unit === undefined ? unitAfter(take) : undefined;
    if (stated === undefined) break;
    unit = stated.unit;
    unitPower = stated.power;
  }
  if (end === from && /[a-z]/i.test(text.charAt(end))) return undefined;
  return { ...(unit === undefined ? {} : { unit }), unitPower, scale, scaled, closed, end };
}

/** "£5 m" is money; "5 m" may be metres. */
function spacedLetter(
  take: (pattern: RegExp) => RegExpExecArray | null,
  before: Before,
): RegExpExecArray | null {
  return before.currency === undefined ? null : take(/\s([kmb])(?![a-z\d'])/iy);
}

function unitAfter(
  take: (pattern: RegExp) => RegExpExecArray | null,
): { unit: Unit; power: number } | undefined {
  if (take(suffixes.points) !== null || take(suffixes.percent) !== null)
    return { unit: { kind: 'percent' }, power: -2 };
  if (take(suffixes.basisPoints) !== null) return { unit: { kind: 'percent' }, power: -4 };
  if (take(suffixes.multiple) !== null) return { unit: { kind: 'multiple' }, power: 0 };
  if (take(suffixes.cents) !== null) return { unit: { kind: 'currency', of: '' }, power: -2 };
  const money = take(suffixes.currency);
  if (money !== null) return { unit: { kind: 'currency', of: currencyNamed(money[1] ?? '') }, power: 0 };
  const count = take(suffixes.count);
  if (count !== null)
    return { unit: { kind: 'count', of: (count[1] ?? count[2] ?? '').toLowerCase() }, power: 0 };
  return undefined;
}

/** A bare whole number of four digits from 1900 to 2100 is a year. */
function unitOf(read: { before: Before; after: After; digits: string; text: string }): Unit {
  const { before, after, digits, text } = read;
  const money: Unit | undefined =
    before.currency === undefined ? undefined : { kind: 'currency', of: before.currency };
  const unit = money ?? after.unit;
  if (money !== undefined && after.unit?.kind === 'percent') return after.unit;
  if (unit !== undefined) return unit;
  const bare = !before.negative && !after.scaled && text === digits && /^\d{4}$/.test(digits);
  const year = bare && Number(digits) >= 1900 && Number(digits) <= 2100;
  return year ? { kind: 'year' } : { kind: 'none' };
}

function significantDigits(digits: string): number {
  const all = digits.replace('.', '');
  const significant = all.replace(/^0+/, '');
  return significant === '' ? all.length : significant.length;
}

function hasRange(text: string, located: readonly Located[]): boolean {
  return located.some((left, index) => {
    const right = located[index + 1];
    if (right === undefined) return false;
    const between = text.slice(left.end, right.start);
    if (/^\s*(?:-+|to|through|±|\+\/-)\s*$/i.test(between)) return true;
    return /^\s+and\s*$/i.test(between) && /\bbetween\s*$/i.test(text.slice(0, left.start));
  });
}
