/** Explicit casts. What has no value in the target type is NULL, never an error and never a silent wrap. */
import { int64 } from './int64.ts';
import type { Int64 } from './int64.ts';
import { operator, strict1 } from './operator.ts';
import type { Operator, SqlTemplate } from './operator.ts';

const cast =
  (type: string): SqlTemplate =>
  ([x]) =>
    `${x}::${type}`;

const wholeText = '[+-]?[0-9]+';
const decimalText = '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?';

const wholeForm = new RegExp(`^${wholeText}$`);
const decimalForm = new RegExp(`^${decimalText}$`);

const parsed =
  (pattern: string, type: string): SqlTemplate =>
  ([x]) =>
    `(CASE WHEN regexp_full_match(${x}, '${pattern}') THEN TRY_CAST(${x} AS ${type}) END)`;

const lowest = -(2 ** 63);
const above = 2 ** 63;

/** Half away from zero; NULL for NaN and what int64 cannot hold. */
function doubleToInt64(x: number): Int64 | null {
  if (!(x >= lowest && x < above)) return null;
  const cut = Math.trunc(x);
  const rounded = Math.abs(x - cut) >= 0.5 ? cut + Math.sign(x) : cut;
  return Number.isSafeInteger(rounded) ? rounded + 0 : int64(BigInt(rounded));
}

function textToInt64(text: string): Int64 | null {
  if (!wholeForm.test(text)) return null;
  const exact = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return BigInt.asIntN(64, exact) === exact ? int64(exact) : null;
}

function textToDouble(text: string): number | null {
  return decimalForm.test(text) ? Number(text) : null;
}

/**
 * The shortest digits that read back as the same double, always with a point or an exponent: `0.1`, `2.0`, `1e+16`,
 * `1e-05`, `nan`, `-inf`.
 */
export function doubleText(x: number): string {
  if (Number.isNaN(x)) return 'nan';
  const sign = x < 0 ? '-' : '';
  if (!Number.isFinite(x)) return `${sign}inf`;
  const [mantissa = '', exponentText = ''] = Math.abs(x).toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < 16) return sign + positional(mantissa.replace('.', ''), exponent);
  const digits = String(Math.abs(exponent)).padStart(2, '0');
  return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${digits}`;
}

function positional(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const padded = digits.padEnd(exponent + 2, '0');
  return `${padded.slice(0, exponent + 1)}.${padded.slice(exponent + 1)}`;
}

/** Casts between boolean, int64, double and string. */
export const conversion: readonly Operator[] = [
  operator('toDouble', [
    { takes: ['int64'], gives: 'double', sql: cast('DOUBLE'), compile: strict1(Number) },
    { takes: ['boolean'], gives: 'double', sql: cast('DOUBLE'), compile: strict1(Number) },
    {
      takes: ['string'],
      gives: 'double',
      sql: parsed(decimalText, 'DOUBLE'),
      compile: strict1(textToDouble),
    },
  ]),
  operator('toInt64', [
    { takes: ['boolean'], gives: 'int64', sql: cast('BIGINT'), compile: strict1(Number) },
    {
      takes: ['double'],
      gives: 'int64',
      sql: ([x]) => `TRY_CAST(round(${x}) AS BIGINT)`,
      compile: strict1(doubleToInt64),
    },
    { takes: ['string'], gives: 'int64', sql: parsed(wholeText, 'BIGINT'), compile: strict1(textToInt64) },
  ]),
  operator('toText', [
    { takes: ['boolean'], gives: 'string', sql: cast('VARCHAR'), compile: strict1(String) },
    { takes: ['int64'], gives: 'string', sql: cast('VARCHAR'), compile: strict1(String) },
    {
      takes: ['double'],
      gives: 'string',
      // The engine shows the sign of NaN and of zero, which nothing else in the language can see.
      sql: ([x]) => `replace((${x} + 0e0)::VARCHAR, '-nan', 'nan')`,
      compile: strict1(doubleText),
    },
  ]),
];
