/** Which strings of digits and separators are numbers, and which only look like one. */

/** How decimals and thousands are written; declared, not guessed where it would be ambiguous. */
export type NumberLocale = 'point' | 'comma';

const plain = /^(?:\d+(?:\.\d+)?|\.\d+)$/;
const westernGroups = /^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;
const indianGroups = /^\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d+)?$/;
const spacedGroups = /^\d{1,3}(?:[ ']\d{3})+(?:[.,]\d+)?$/;
const pointGroupsCommaDecimal = /^\d{1,3}(?:\.\d{3})+,\d+$/;
const pointGroups = /^\d{1,3}(?:\.\d{3})+$/;
const repeatedPointGroups = /^\d{1,3}(?:\.\d{3}){2,}$/;
const commaDecimal = /^\d+,\d+$/;

/**
 * Runs of digits with single separators inside; a plain space separates only in the `comma` locale.
 *
 * @example
 * '5 and 1,234.5'.match(printedNumber.point); // ['5', '1,234.5']
 */
export const printedNumber: Readonly<Record<NumberLocale, RegExp>> = {
  point: /(?<![\d.,])\.\d+|\d+(?:[.,'\u00a0]\d+)*/g,
  comma: /(?<![\d.,])\.\d+|\d{1,3}(?: \d{3})+(?:,\d+)?(?!\d)|\d+(?:[.,'\u00a0]\d+)*/g,
};

/**
 * Turns a printed number into plain digits with a point.
 *
 * In the `point` locale "1,234.5" and "12,34,567" are grouped, "1.234,5" and "1.234.567" can only be continental and
 * are read so, "1,23" is refused. In the `comma` locale "1.234" is 1234 and "1,23" is 1.23.
 *
 * @param printed digits and separators as matched by `printedNumber`
 * @param locale declared writing
 * @returns digits with at most one point, or undefined when it is not one number
 * @example
 * plainDigits('1,234.50', 'point'); // '1234.50'
 */
export function plainDigits(printed: string, locale: NumberLocale): string | undefined {
  const text = printed.replaceAll('\u00a0', ' ');
  if (spacedGroups.test(text)) return text.replace(/[ ']/g, '').replace(',', '.');
  if (pointGroupsCommaDecimal.test(text) || repeatedPointGroups.test(text)) return continental(text);
  if (locale === 'comma') {
    if (pointGroups.test(text) || commaDecimal.test(text)) return continental(text);
    const unambiguous = text.includes(',') && text.includes('.') && westernGroups.test(text);
    if (unambiguous) return text.replaceAll(',', '');
    return plain.test(text) ? text : undefined;
  }
  if (plain.test(text)) return text;
  if (westernGroups.test(text) || indianGroups.test(text)) return text.replaceAll(',', '');
  return undefined;
}

function continental(text: string): string {
  return text.replaceAll('.', '').replace(',', '.');
}
