/** Exact decimal arithmetic: printed digits decide verdicts, so no binary float may stand between them. */

/** The number coefficient x 10^exponent. */
export interface Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
}

/**
 * Zero.
 *
 * @example
 * decimalText(zero); // '0'
 */
export const zero: Decimal = { coefficient: 0n, exponent: 0 };

/**
 * Reads plain decimal digits.
 *
 * @param text digits with at most one point, no sign, for example "12.50" or ".5"
 * @returns the exact value; its exponent is minus the number of printed decimals
 * @example
 * decimalOf('12.50').exponent; // -2
 */
export function decimalOf(text: string): Decimal {
  const [whole = '', fraction = ''] = text.split('.');
  return { coefficient: BigInt(whole + fraction), exponent: 0 - fraction.length };
}

/**
 * Multiplies by a power of ten.
 *
 * @param value any decimal
 * @param power whole, any sign
 * @returns value x 10^power
 * @example
 * shifted(decimalOf('12'), -2).exponent; // -2
 */
export function shifted(value: Decimal, power: number): Decimal {
  return { coefficient: value.coefficient, exponent: value.exponent + power };
}

/**
 * Turns the sign.
 *
 * @param value any decimal
 * @returns -value
 * @example
 * compare(negated(decimalOf('2')), decimalOf('1')); // -1
 */
export function negated(value: Decimal): Decimal {
  return { coefficient: -value.coefficient, exponent: value.exponent };
}

/**
 * Drops the sign.
 *
 * @param value any decimal
 * @returns |value|
 * @example
 * compare(absolute(negated(decimalOf('2'))), decimalOf('2')); // 0
 */
export function absolute(value: Decimal): Decimal {
  return value.coefficient < 0n ? negated(value) : value;
}

/**
 * Subtracts exactly.
 *
 * @param left minuend
 * @param right subtrahend
 * @returns left - right
 * @example
 * compare(subtract(decimalOf('0.3'), decimalOf('0.1')), decimalOf('0.2')); // 0
 */
export function subtract(left: Decimal, right: Decimal): Decimal {
  const exponent = Math.min(left.exponent, right.exponent);
  return { coefficient: widened(left, exponent) - widened(right, exponent), exponent };
}

/**
 * Multiplies exactly.
 *
 * @param left factor
 * @param right factor
 * @returns left x right
 * @example
 * compare(multiply(decimalOf('0.5'), decimalOf('4')), decimalOf('2')); // 0
 */
export function multiply(left: Decimal, right: Decimal): Decimal {
  return { coefficient: left.coefficient * right.coefficient, exponent: left.exponent + right.exponent };
}

/**
 * Compares exactly; trailing zeros do not count.
 *
 * @param left any decimal
 * @param right any decimal
 * @returns -1, 0 or 1
 * @example
 * compare(decimalOf('1.50'), decimalOf('1.5')); // 0
 */
export function compare(left: Decimal, right: Decimal): -1 | 0 | 1 {
  const { coefficient } = subtract(left, right);
  return coefficient === 0n ? 0 : coefficient < 0n ? -1 : 1;
}

/**
 * Writes a decimal without exponent.
 *
 * @param value any decimal
 * @returns digits with a point where needed
 * @example
 * decimalText(shifted(decimalOf('12'), -3)); // '0.012'
 */
export function decimalText(value: Decimal): string {
  const sign = value.coefficient < 0n ? '-' : '';
  const digits = absolute(value).coefficient.toString();
  if (value.exponent >= 0) return sign + digits + (digits === '0' ? '' : '0'.repeat(value.exponent));
  const padded = digits.padStart(1 - value.exponent, '0');
  return `${sign}${padded.slice(0, value.exponent)}.${padded.slice(value.exponent)}`;
}

function widened(value: Decimal, exponent: number): bigint {
  return value.coefficient * 10n ** BigInt(value.exponent - exponent);
}
