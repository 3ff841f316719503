/** Decides which number of a text is the answer, or that none clearly is. */
import { absolute, compare } from './decimal.ts';
import { findQuantities } from './find-quantities.ts';
import { plainText } from './plain-text.ts';
import type { Quantity } from './find-quantities.ts';
import type { NumberLocale } from './printed-number.ts';

/** The answer's number, or why there is none. */
export type Selection =
  { readonly answer: Quantity } | { readonly none: 'no_number' | 'ambiguous_number'; readonly why: string };

const marker = /(?:\bfinal answer\b|\banswer\b)\s*(?:is\b|[:=])\s*|####\s*|\\boxed\s*\{/gi;

/**
 * Selects the number that a text answers with.
 *
 * After a marker ("answer:", "the answer is", "####", \boxed{}) only the rest of that line counts. Years are set aside
 * while other numbers remain, unless a year is asked for. The same value said twice is one answer; a range or
 * different values are ambiguous.
 *
 * @param text gold or predicted answer
 * @param options locale, and whether a year is wanted
 * @returns the number, or no_number / ambiguous_number with the reason
 * @example
 * 'answer' in selectAnswer('In 2019 it was 5%.', { locale: 'point', wantsYear: false }); // true
 */
export function selectAnswer(
  text: string,
  options: { readonly locale: NumberLocale; readonly wantsYear: boolean },
): Selection {
  const marked = afterMarker(plainText(text));
  const inMarked = marked === undefined ? undefined : findQuantities(marked, options.locale);
  const useMarked = inMarked !== undefined && (inMarked.found.length > 0 || inMarked.unreadable.length > 0);
  const { found, range, unreadable } = useMarked ? inMarked : findQuantities(text, options.locale);
  if (unreadable.length > 0)
    return { none: 'ambiguous_number', why: `"${unreadable.join('", "')}" can be read in two ways` };
  const wanted = found.filter(({ unit }) => (unit.kind === 'year') === options.wantsYear);
  const candidates = distinct(wanted.length > 0 ? wanted : found);
  const [answer] = candidates;
  if (answer === undefined) return { none: 'no_number', why: 'no number' };
  const listed = candidates.map((quantity) => quantity.text).join(', ');
  if (candidates.length === 1) return { answer };
  return { none: 'ambiguous_number', why: range ? `a range: ${listed}` : `several numbers: ${listed}` };
}

function afterMarker(text: string): string | undefined {
  const last = [...text.matchAll(marker)].at(-1);
  if (last === undefined) return undefined;
  const rest = text.slice(last.index + last[0].length).trimStart();
  if (!last[0].startsWith('\\')) return rest.split('\n')[0];
  let depth = 1;
  for (let index = 0; index < rest.length; index++) {
    if (rest[index] === '{') depth++;
    if (rest[index] === '}' && --depth === 0) return rest.slice(0, index);
  }
  return rest;
}

/** More different numbers than this say no more, and comparing them all would take quadratic time. */
const mostCandidates = 8;

/** One of each value; a bracketed repetition of a number is that number, not its negative. */
function distinct(quantities: readonly Quantity[]): Quantity[] {
  const kept: Quantity[] = [];
  for (const quantity of quantities) {
    if (kept.length === mostCandidates) break;
    if (!kept.some((earlier) => sameValue(earlier, quantity))) kept.push(quantity);
  }
  return kept;
}

function sameValue(earlier: Quantity, later: Quantity): boolean {
  if ((earlier.unit.kind === 'percent') !== (later.unit.kind === 'percent')) return false;
  if (compare(earlier.value, later.value) === 0) return true;
  return later.bracketed && compare(absolute(earlier.value), absolute(later.value)) === 0;
}
