import { closest } from 'fastest-levenshtein';
import { SluiceError } from '../../base/errors.ts';

/**
 * Refuses keys that a definition does not know.
 *
 * @throws CONFIG_KEY with the key's path and the nearest key there is
 */
export function refuseUnknownKeys(path: string, value: object, known: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (!known.includes(key))
      throw new SluiceError('CONFIG_KEY', { path: `${path}.${key}`, nearest: closest(key, [...known]) });
  }
}
