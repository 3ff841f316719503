import type { Clock } from './clock.ts';
import { unpredictableHex } from './random.ts';

let lastUs = 0;

/**
 * Yields a new id that sorts by creation time within a process: `<prefix>_<13 hex digits of microseconds><10 random hex digits>`.
 *
 * @param prefix names the kind of record: `run`, `step`, `alert`
 */
export function newId(prefix: string, clock: Clock): string {
  lastUs = Math.max(clock.nowUs(), lastUs + 1);
  return `${prefix}_${lastUs.toString(16).padStart(13, '0')}${unpredictableHex(5)}`;
}
