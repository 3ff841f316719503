/** Yields a count with separators: `1,477,911`. */
export const count = (value: number): string => value.toLocaleString('en-US');

/**
 * Yields a count with its noun.
 *
 * @example
 * counted(1, 'version'); // '1 version'
 * counted(2, 'batch', 'batches'); // '2 batches'
 */
export const counted = (value: number, noun: string, plural: string = `${noun}s`): string =>
  `${count(value)} ${value === 1 ? noun : plural}`;

/** Yields a figure with four significant digits. */
export const figure = (value: number | null): string =>
  value === null ? '–' : String(Number(value.toPrecision(4)));

/** Yields a share as a percentage for people; records keep rates in [0, 1]. */
export const share = (value: number): string => `${Number((value * 100).toPrecision(3))} %`;

/** Yields a duration: `850 ms`, `12.3 s`, `4 min 05 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** Yields an instant in UTC to the second; nothing for null. */
export const time = (us: number | null): string =>
  us === null ? '' : `${new Date(us / 1000).toISOString().slice(0, 19).replace('T', ' ')}Z`;

/** Yields an instant in UTC to the minute, for lists; nothing for null. */
export const minute = (us: number | null): string =>
  us === null ? '' : `${new Date(us / 1000).toISOString().slice(0, 16).replace('T', ' ')}Z`;

/** Yields a size: `13.5 MB`. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes === 0 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power] ?? ''}`;
}
