import type { Json } from '../base/canonical-json.ts';

const secretName =
  /pass(word|phrase|wd)?$|secret|token(?!iz)|api[-_]?key|credential|private[-_]?key|authorization|connection[-_]?string/i;
const secretInUrl = /(\w+:\/\/[^/\s:@]*:)[^@\s]+@/g;

/**
 * Yields a JSON value with secrets replaced by `[redacted]`: values under keys that name one (password, token, apiKey,
 * …), passwords inside URLs, and words after such a flag on a command line.
 *
 * @example
 * redacted({ apiKey: 'x', url: 'pg://me:pw@db' }); // { apiKey: '[redacted]', url: 'pg://me:[redacted]@db' }
 */
export function redacted(value: Json): Json {
  if (typeof value === 'string')
    return value.replaceAll(secretInUrl, '$1[redacted]@').replace(flagWithValue, '$1[redacted]');
  if (Array.isArray(value)) return redactedList(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isSecret(key, item) ? '[redacted]' : redacted(item)]),
  );
}

const flagWithValue = /^(-{0,2}[\w.-]*(?:password|secret|token|api[-_]?key)[\w-]*=).+$/i;

/** A list may be a command line: `--token`, `abc`. */
function redactedList(list: readonly Json[]): Json {
  return list.map((item, i) => {
    const flag = list[i - 1];
    const follows = typeof flag === 'string' && /^--?[\w-]+$/.test(flag) && secretName.test(flag);
    return follows && typeof item === 'string' ? '[redacted]' : redacted(item);
  });
}

/** Numbers and flags under such names (`maxTokens: 100`) are settings, not secrets. */
function isSecret(key: string, value: Json): boolean {
  return secretName.test(key) && typeof value === 'string';
}
