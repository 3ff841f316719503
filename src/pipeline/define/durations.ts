import { SluiceError } from '../../base/errors.ts';

/** A length of time as people write it: `90s`, `15m`, `3h`, `7d`, `2w`. */
export type Duration = `${number}${'s' | 'm' | 'h' | 'd' | 'w'}`;

const secondsPer: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/**
 * Yields a duration in whole seconds.
 *
 * @throws CONFIG_VALUE for anything else
 * @example
 * durationSeconds('3h', 'windows'); // 10800
 */
export function durationSeconds(text: string, path: string): number {
  const [, count = '', unit = ''] = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text) ?? [];
  const seconds = Number(count) * (secondsPer[unit] ?? Number.NaN);
  if (Number.isInteger(seconds) && seconds > 0) return seconds;
  throw new SluiceError('CONFIG_VALUE', {
    path,
    value: text,
    reason: 'write a whole number and a unit: 90s, 15m, 3h, 7d, 2w',
  });
}

/** Yields an instant as UTC microseconds. @throws CONFIG_VALUE for a text that is no ISO date */
export function instantUs(text: string, path: string): number {
  const iso = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z)?$/.test(text);
  const ms = iso ? Date.parse(text) : Number.NaN;
  // 30 February would quietly become 2 March.
  if (!Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text.slice(0, 10))) return ms * 1000;
  throw new SluiceError('CONFIG_VALUE', {
    path,
    value: text,
    reason: 'write a UTC date (2001-03-01) or time (2001-03-01T12:00:00Z)',
  });
}
