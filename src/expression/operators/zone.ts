/**
 * Time zones in closures, by the rules of the host's time-zone data (`Intl`). Each zone's transitions are found once per
 * year by bisection and kept, so that a row costs a table look-up.
 *
 * A wall clock reading that occurs twice (clocks set back) is the later of the two instants; one that does not occur
 * (clocks set forward) is read with the offset before the change. That is what ICU does by default, and with it DuckDB.
 */
import { SluiceError } from '../../base/errors.ts';

interface Span {
  /** First second of the span, UTC; the first span of a table begins at -Infinity. */
  readonly from: number;
  /** Seconds to add to UTC to get the wall clock. */
  readonly offset: number;
}

interface Zone {
  readonly format: Intl.DateTimeFormat;
  readonly years: Map<number, readonly Span[]>;
}

const zones = new Map<string, Zone>();
const secondsPerDay = 86_400;
const secondsPerYear = 31_556_952;
/** Before any zone's first change: the local mean time holds. */
const firstYear = 1800;

/**
 * Yields the offset of a zone at an instant.
 *
 * @param zone IANA name
 * @param utcSeconds whole seconds since 1970
 * @returns seconds to add to UTC to get the wall clock
 * @throws EXPRESSION_ZONE for an unknown name
 */
export function offsetAtUtc(zone: string, utcSeconds: number): number {
  return spanAt(spansOf(zone, yearOf(utcSeconds)), utcSeconds).offset;
}

/**
 * Yields the offset with which a wall clock reading is to be read.
 *
 * @param zone IANA name
 * @param localSeconds whole seconds since 1970-01-01 00:00 on the wall clock
 * @returns seconds to subtract from the reading to get UTC
 * @throws EXPRESSION_ZONE for an unknown name
 */
export function offsetAtLocal(zone: string, localSeconds: number): number {
  const spans = spansOf(zone, yearOf(localSeconds));
  for (let i = spans.length - 1; i > 0; i--) {
    const { from, offset } = spans[i]!;
    if (localSeconds - offset >= from) return offset;
  }
  return spans[0]!.offset;
}

function spanAt(spans: readonly Span[], utcSeconds: number): Span {
  let found = spans[0]!;
  for (const span of spans) if (span.from <= utcSeconds) found = span;
  return found;
}

/** An index of year-long windows, not the calendar's year; the windows overlap by more than any offset. */
function yearOf(seconds: number): number {
  return Math.max(firstYear, 1970 + Math.floor(seconds / secondsPerYear));
}

function spansOf(name: string, year: number): readonly Span[] {
  const zone = zones.get(name) ?? openZone(name);
  let spans = zone.years.get(year);
  if (spans === undefined) {
    spans = findSpans(zone.format, year);
    zone.years.set(year, spans);
  }
  return spans;
}

function openZone(name: string): Zone {
  const zone = { format: formatOf(name), years: new Map<number, readonly Span[]>() };
  zones.set(name, zone);
  return zone;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  // Offsets such as +05:00 are no IANA names, and the SQL side does not know them.
  if (!/^[A-Za-z]/.test(timeZone)) throw new SluiceError('EXPRESSION_ZONE', { zone: timeZone });
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (cause) {
    throw new SluiceError('EXPRESSION_ZONE', { zone: timeZone }, { cause });
  }
}

/** Looks at the offset every five days and bisects where it differs; no zone changed twice within less. */
function findSpans(format: Intl.DateTimeFormat, year: number): readonly Span[] {
  const start = (year - 1970) * secondsPerYear - 3 * secondsPerDay;
  const end = start + secondsPerYear + 6 * secondsPerDay;
  let offset = observe(format, start);
  const spans: Span[] = [{ from: -Infinity, offset }];
  for (let at = start; at < end; at += 5 * secondsPerDay) {
    const next = Math.min(at + 5 * secondsPerDay, end);
    if (observe(format, next) === offset) continue;
    const from = bisect(format, at, next);
    offset = observe(format, from);
    spans.push({ from, offset });
  }
  return spans;
}

function bisect(format: Intl.DateTimeFormat, low: number, high: number): number {
  const before = observe(format, low);
  let [same, different] = [low, high];
  while (different - same > 1) {
    const middle = Math.floor((same + different) / 2);
    if (observe(format, middle) === before) same = middle;
    else different = middle;
  }
  return different;
}

function observe(format: Intl.DateTimeFormat, utcSeconds: number): number {
  const fields: Record<string, number> = {};
  for (const { type, value } of format.formatToParts(utcSeconds * 1000)) fields[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields;
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - utcSeconds;
}
