/** The units that an answer may carry, and the words and signs that say so. All scales are powers of ten. */

/** What a number counts. Percent covers percent, percentage points and basis points; all are kept as fractions. */
export type Unit =
  | { readonly kind: 'none' | 'percent' | 'multiple' | 'year' }
  | { readonly kind: 'currency' | 'count'; readonly of: string };

/**
 * Scale words and their power of ten.
 *
 * @example
 * scalePowers['crore']; // 7
 */
export const scalePowers: Readonly<Record<string, number>> = {
  hundred: 2,
  hundreds: 2,
  k: 3,
  thousand: 3,
  thousands: 3,
  lakh: 5,
  lakhs: 5,
  lac: 5,
  m: 6,
  mm: 6,
  mn: 6,
  mln: 6,
  mio: 6,
  million: 6,
  millions: 6,
  cr: 7,
  crore: 7,
  crores: 7,
  b: 9,
  bn: 9,
  bln: 9,
  billion: 9,
  billions: 9,
  t: 12,
  tn: 12,
  trn: 12,
  trillion: 12,
  trillions: 12,
};

const currencies: Readonly<Record<string, string>> = {
  $: 'dollar',
  dollar: 'dollar',
  dollars: 'dollar',
  us$: 'USD',
  usd: 'USD',
  a$: 'AUD',
  aud: 'AUD',
  c$: 'CAD',
  cad: 'CAD',
  hk$: 'HKD',
  hkd: 'HKD',
  s$: 'SGD',
  sgd: 'SGD',
  '€': 'EUR',
  eur: 'EUR',
  euro: 'EUR',
  euros: 'EUR',
  '£': 'GBP',
  gbp: 'GBP',
  pound: 'GBP',
  pounds: 'GBP',
  '¥': 'yen or yuan',
  jpy: 'JPY',
  yen: 'JPY',
  cny: 'CNY',
  rmb: 'CNY',
  yuan: 'CNY',
  '₹': 'INR',
  inr: 'INR',
  rs: 'INR',
  'rs.': 'INR',
  rupee: 'INR',
  rupees: 'INR',
  chf: 'CHF',
};

/** Signs that stand for several currencies, and which. */
const generic: Readonly<Record<string, readonly string[]>> = {
  dollar: ['USD', 'AUD', 'CAD', 'HKD', 'SGD'],
  'yen or yuan': ['JPY', 'CNY'],
};

const counted = 'share|unit|employee|person|customer|store|day|week|month|quarter|year|hour|minute';
const measures = 'kg|km|mw|gw|kwh|mwh|gwh|twh|hr|yr|bbl|boe';

/**
 * Patterns of what may follow a number; sticky: set `lastIndex` to where it should stand.
 *
 * @example
 * suffixes.percent.sticky; // true
 */
export const suffixes: {
  readonly percent: RegExp;
  readonly points: RegExp;
  readonly basisPoints: RegExp;
  readonly multiple: RegExp;
  readonly scale: RegExp;
  readonly scaleLetter: RegExp;
  readonly cents: RegExp;
  readonly currency: RegExp;
  readonly count: RegExp;
} = {
  points: /\s?(?:pp|ppts?|p\.p\.|percentage[ -]points?|percent points?|%[ -]points?)(?![a-z])/iy,
  percent: /[\s-]?(?:%|percent|per cent|pct)(?![a-z])/iy,
  basisPoints: /\s?(?:bps?|basis[ -]points?)(?![a-z])/iy,
  multiple: /(?:\s?[x×](?![a-z\d])|\stimes(?![a-z]))/iy,
  scale:
    /[\s-]?(hundreds?|thousands?|millions?|billions?|trillions?|lakhs?|lac|crores?|cr|mm|mn|mln|mio|bn|bln|tn|trn)(?![a-z])/iy,
  scaleLetter: /([kmbt])(?![a-z\d])/iy,
  cents: /\s?(?:cents?|¢)(?![a-z])/iy,
  currency:
    /\s?(us\$|usd|aud|cad|hkd|sgd|eur|euros?|€|gbp|pounds?|£|jpy|yen|cny|rmb|yuan|inr|rupees?|₹|chf|dollars?)(?![a-z])/iy,
  count: new RegExp(`(?:\\s(${counted}|people)|\\s?(${measures}))s?(?![a-z])`, 'iy'),
};

/**
 * Currency written before a number, at the end of the text before it.
 *
 * @example
 * currencyBefore.test('costs US$'); // true
 */
export const currencyBefore: RegExp =
  /(?:(?<![a-z])(?:us|a|c|hk|s)\$|[$€£¥₹]|(?<![a-z])(?:usd|aud|cad|hkd|sgd|eur|gbp|jpy|cny|rmb|inr|chf|rs\.?))\s?$/i;

/**
 * Names the currency that a sign, code or word stands for.
 *
 * @param text for example "$", "USD", "euros"
 * @returns ISO code, or "dollar" / "yen or yuan" for a sign that several share
 * @example
 * currencyNamed('€'); // 'EUR'
 */
export function currencyNamed(text: string): string {
  const word = text.trim().toLowerCase();
  return currencies[word] ?? word;
}

/**
 * Says how the units of a gold answer and a prediction stand to each other.
 *
 * A unit that only one side states is no conflict, except percent: dropping it silently would make 50 equal 50 %.
 *
 * @param gold unit of the gold answer
 * @param predicted unit of the prediction
 * @returns agree, percent_unstated (percent on one side, nothing on the other) or conflict
 * @example
 * unitRelation({ kind: 'percent' }, { kind: 'none' }); // 'percent_unstated'
 */
export function unitRelation(gold: Unit, predicted: Unit): 'agree' | 'percent_unstated' | 'conflict' {
  const [left, right] = [withoutYear(gold), withoutYear(predicted)];
  if (left.kind === 'none' || right.kind === 'none') {
    return left.kind === 'percent' || right.kind === 'percent' ? bothOr(left, right) : 'agree';
  }
  if (left.kind !== right.kind) return 'conflict';
  if (!('of' in left && 'of' in right)) return 'agree';
  return sameThing(left.of, right.of) ? 'agree' : 'conflict';
}

function bothOr(left: Unit, right: Unit): 'agree' | 'percent_unstated' {
  return left.kind === right.kind ? 'agree' : 'percent_unstated';
}

/** A bare year is a bare number to the units; what it may be compared with is decided elsewhere. */
function withoutYear(unit: Unit): Unit {
  return unit.kind === 'year' ? { kind: 'none' } : unit;
}

function sameThing(left: string, right: string): boolean {
  // "cents" belong to any currency.
  if (left === right || left === '' || right === '') return true;
  return (generic[left]?.includes(right) ?? false) || (generic[right]?.includes(left) ?? false);
}

/**
 * Names a unit for an explanation.
 *
 * @param unit any unit
 * @returns a word or two
 * @example
 * unitName({ kind: 'currency', of: 'EUR' }); // 'EUR'
 */
export function unitName(unit: Unit): string {
  if (unit.kind === 'none') return 'no unit';
  return 'of' in unit ? unit.of || unit.kind : unit.kind;
}
