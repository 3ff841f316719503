/**
 * Calendar and time: the proleptic Gregorian calendar on integer microseconds. `timestamp` is UTC, `local` a wall
 * clock; both have the same parts, and nothing depends on the session's time zone.
 */
import { SluiceError } from '../../base/errors.ts';
import { floorQuotient, floorRemainder, minus, plus, quotient, times } from './int64.ts';
import type { Int64 } from './int64.ts';
import { call, operator, strict1, strict2 } from './operator.ts';
import type { Operator, Overload, SqlTemplate } from './operator.ts';
import { offsetAtLocal, offsetAtUtc } from './zone.ts';

const microsPerSecond = 1_000_000;
const microsPerMinute = 60 * microsPerSecond;
const microsPerHour = 60 * microsPerMinute;
const microsPerDay = 24 * microsPerHour;

/** The engine's range of timestamps: dates begin there, and the last number of int64 is its infinity. */
const earliest = -9_223_372_022_400_000_000n;
const latest = 9_223_372_036_854_775_806n;

/** Overflows below `earliest`, as the engine's own check does not where it folds no constant. */
const timestampSql = (micros: string): string => `make_timestamp(${micros} - 14454775808 + 14454775808)`;

interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Yields the date of a day number since 1970-01-01 (H. Hinnant, "chrono-compatible low-level date algorithms"). */
function civilOf(days: number): CivilDate {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

const daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

function dayOfYearOf(days: number): number {
  const { year, month, day } = civilOf(days);
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return daysBefore[month - 1]! + day + (leap && month > 2 ? 1 : 0);
}

function dayOf(at: Int64): number {
  return floorQuotient(at, microsPerDay);
}

function partOfDay(at: Int64, unit: number): number {
  return Math.floor(floorRemainder(at, microsPerDay) / unit);
}

type PartKernel = (at: Int64) => number;

function part(name: string, sql: SqlTemplate, kernel: PartKernel): Operator {
  const overload = (type: 'timestamp' | 'local'): Overload => ({
    takes: [type],
    gives: 'int64',
    sql,
    compile: strict1(kernel),
  });
  return operator(name, [overload('timestamp'), overload('local')]);
}

/** Not by date_trunc: the engine rewrites its comparison with a constant so that NULL gives true (1.5.6). */
function startOf(name: string, micros: number): Operator {
  const overload = (type: 'timestamp' | 'local'): Overload => ({
    takes: [type],
    gives: type,
    sql: ([at]) => timestampSql(`epoch_us(${at}) - (epoch_us(${at}) % ${micros} + ${micros}) % ${micros}`),
    compile: strict1((at: Int64) => timestamp(minus(at, floorRemainder(at, micros)))),
  });
  return operator(name, [overload('timestamp'), overload('local')]);
}

/** Refuses what is no timestamp of the engine. @throws EXPRESSION_OVERFLOW */
function timestamp(micros: Int64): Int64 {
  if (micros < earliest || micros > latest) {
    throw new SluiceError('EXPRESSION_OVERFLOW', { value: String(micros), type: 'timestamp' });
  }
  return micros;
}

/** Seconds beyond int64 microseconds overflow even beside a NULL timestamp, as in the engine. */
function shift(name: string, symbol: '+' | '-'): Operator {
  const move = symbol === '+' ? plus : minus;
  return operator(name, [
    {
      takes: ['timestamp', 'int64'],
      gives: 'timestamp',
      sql: ([at, seconds]) => timestampSql(`epoch_us(${at}) ${symbol} ${seconds} * 1000000`),
      compile: ([at, seconds]) => {
        const micros = strict1((count: Int64) => times(count, microsPerSecond))([seconds!], {});
        return strict2((from: Int64, by: Int64) => timestamp(move(from, by)))([at!, micros], {});
      },
    },
  ]);
}

/** The calendar, time arithmetic and zones. */
export const calendar: readonly Operator[] = [
  part('year', call('year'), (at) => civilOf(dayOf(at)).year),
  part('quarter', call('quarter'), (at) => Math.ceil(civilOf(dayOf(at)).month / 3)),
  part('month', call('month'), (at) => civilOf(dayOf(at)).month),
  part('day', call('day'), (at) => civilOf(dayOf(at)).day),
  part('dayOfYear', call('dayofyear'), (at) => dayOfYearOf(dayOf(at))),
  part('weekday', call('isodow'), (at) => ((((dayOf(at) + 3) % 7) + 7) % 7) + 1),
  part('hour', call('hour'), (at) => partOfDay(at, microsPerHour)),
  part('minute', call('minute'), (at) => partOfDay(at, microsPerMinute) % 60),
  part('second', call('second'), (at) => partOfDay(at, microsPerSecond) % 60),
  part(
    'minuteOfDay',
    ([at]) => `(epoch_us(${at}::TIME) // 60000000)`,
    (at) => partOfDay(at, microsPerMinute),
  ),
  startOf('startOfDay', microsPerDay),
  startOf('startOfHour', microsPerHour),
  shift('plusSeconds', '+'),
  shift('minusSeconds', '-'),
  operator('secondsSince', [
    {
      takes: ['timestamp', 'timestamp'],
      gives: 'int64',
      sql: ([a, b]) => `((epoch_us(${a}) - epoch_us(${b})) // 1000000)`,
      compile: strict2((a: Int64, b: Int64) => quotient(minus(a, b), microsPerSecond)),
    },
  ]),
  operator('toMicroseconds', [
    { takes: ['timestamp'], gives: 'int64', sql: call('epoch_us'), compile: strict1((at: Int64) => at) },
  ]),
  operator('asTimestamp', [
    { takes: ['int64'], gives: 'timestamp', sql: ([x]) => timestampSql(x!), compile: strict1(timestamp) },
  ]),
  operator('inZone', [
    {
      takes: ['local', 'string'],
      gives: 'timestamp',
      // epoch_us instead of timezone('UTC', ...): half the time, and no session's zone either.
      sql: ([at, zone]) => `make_timestamp(epoch_us(timezone(${zone}, ${at})))`,
      compile: strict2((at: Int64, zone: string) =>
        minus(at, offsetAtLocal(zone, floorQuotient(at, microsPerSecond)) * microsPerSecond),
      ),
    },
  ]),
  operator('toLocal', [
    {
      takes: ['timestamp', 'string'],
      gives: 'local',
      sql: ([at, zone]) => `timezone(${zone}, make_timestamptz(epoch_us(${at})))`,
      compile: strict2((at: Int64, zone: string) =>
        plus(at, offsetAtUtc(zone, floorQuotient(at, microsPerSecond)) * microsPerSecond),
      ),
    },
  ]),
];
