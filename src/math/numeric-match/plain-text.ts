/** Brings an answer's many ways of writing a sign, a digit or a dash to one. */

/**
 * Rewrites full-width characters, dashes, minus signs, triangles, special spaces and LaTeX escapes to plain ones.
 *
 * Superscript digits stay (a footnote mark is no digit of the number); triangles, a minus in Japanese reports, become
 * "-"; an em dash, which parts words, gets spaces. Lengths may change.
 *
 * @param text any text
 * @returns the plain text
 * @example
 * plainText('−５'); // '-5'
 */
export function plainText(text: string): string {
  return text
    .replace(/[\uff01-\uff5e]/g, (wide) => String.fromCodePoint(wide.codePointAt(0)! - 0xfee0))
    .replace(/[\u2014\u2015]/g, ' - ')
    .replace(/[\u2010-\u2013\u2212\ufe63\u207b]/g, '-')
    .replace(/[▲△▼▽]\s?/g, '-')
    .replace(/[\u202f\u2009\u2007]/g, '\u00a0')
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/\{,\}/g, ',')
    .replace(/\\text\{([^{}]{0,200})\}/g, '$1')
    .replace(/\\([%$,])/g, '$1')
    .replace(/\*\*|__/g, '');
}

const months =
  '(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)';
const dates = new RegExp(
  [
    `\\b${months}\\.?\\s+\\d{1,2}(?:st|nd|rd|th)?(?:,?\\s+\\d{4})?(?![\\d%]|[.,]\\d)`,
    `\\b\\d{1,2}(?:st|nd|rd|th)?\\s+${months}\\.?(?:,?\\s+\\d{4})?\\b`,
    '\\b\\d{4}-\\d{2}-\\d{2}\\b',
    '\\b\\d{1,2}/\\d{1,2}/\\d{2,4}\\b',
  ].join('|'),
  'g',
);

/**
 * Blanks calendar dates, so that their days are not taken for answers.
 *
 * @param text plain text
 * @returns text of the same length
 * @example
 * withoutDates('On May 5, 2019: 7').trim().endsWith('7'); // true
 */
export function withoutDates(text: string): string {
  return text.replace(dates, (date) => ' '.repeat(date.length));
}

const ones =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const spelled = new RegExp(
  `\\b(?:(?:${tens.join('|')})(?:[ -](?:${ones.slice(1, 10).join('|')}))?|(?:${ones.toReversed().join('|')}))\\b`,
  'gi',
);

const countable =
  /^[\s-]*(?:percent|per cent|basis|points?\b|hundred|thousand|lakh|crore|million|billion|trillion|times|dollars?|euros?|pounds?|cents?|shares?|days?|months?|years?)/i;

/**
 * Replaces spelled whole numbers below one hundred by digits ("twenty-five percent" becomes "25 percent"), where a unit
 * or scale follows or nothing else is said: the "one" of "one reason" stays a word.
 *
 * @param text plain text
 * @returns text with digits
 * @example
 * withSpelledNumbers('minus twenty-five percent'); // 'minus 25 percent'
 */
export function withSpelledNumbers(text: string): string {
  return text.replace(spelled, (word: string, ...groups: unknown[]) => {
    const at = groups.find((group) => typeof group === 'number') ?? 0;
    const after = text.slice(at + word.length);
    const alone = /^\W*$/.test(after) && /^\W*(?:minus|negative)?\W*$/i.test(text.slice(0, at));
    return alone || countable.test(after) ? String(spelledValue(word)) : word;
  });
}

function spelledValue(word: string): number {
  const parts = word.toLowerCase().split(/[ -]/);
  return parts.reduce(
    (sum, part) => sum + (tens.includes(part) ? 10 * (tens.indexOf(part) + 2) : ones.indexOf(part)),
    0,
  );
}
