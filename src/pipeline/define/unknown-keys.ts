import { closest } from 'fastest-levenshtein';
import { SluiceError } from '../../base/errors.ts';

/**
 * Refuses what is no object, and keys that a definition does not know.
 *
 * @throws CONFIG_VALUE, CONFIG_KEY with the key's path and the nearest key there is
 */
export function refuseUnknownKeys(path: string, value: unknown, known: readonly string[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const shown = value === undefined ? 'nothing' : (JSON.stringify(value) ?? typeof value);
    throw new SluiceError('CONFIG_VALUE', { path, value: shown, reason: `it takes {${known.join(', ')}}` });
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key))
      throw new SluiceError('CONFIG_KEY', { path: `${path}.${key}`, nearest: closest(key, [...known]) });
  }
}
