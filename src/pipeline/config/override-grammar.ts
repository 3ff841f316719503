import type { Json } from '../../base/canonical-json.ts';
import { SluiceError } from '../../base/errors.ts';

/** One parsed override: what to do at a path, and the values to try (more than one is a sweep). */
export interface Override {
  /** `set` needs the key to exist, `add` needs it absent, `force` takes either, `delete` removes it. */
  readonly action: 'set' | 'add' | 'force' | 'delete';
  readonly path: readonly string[];
  readonly values: readonly Json[];
  /** The words as typed, for messages and records. */
  readonly text: string;
}

/**
 * Parses an override in Hydra's grammar: `a.b=c` sets, `+a.b=c` adds, `++a.b=c` adds or sets, `~a.b` deletes. Values are
 * null, booleans, numbers (with `_`), quoted or bare texts, `[lists]`, `{maps: 1}`; `a=1,2`, `choice(1,2)` and
 * `range(1,4)` sweep.
 *
 * @throws CONFIG_OVERRIDE naming the place where the text stopped making sense
 * @example
 * parseOverride('train.params.leaves=31,63').values; // [31, 63]
 */
export function parseOverride(text: string): Override {
  const match = /^(\+\+|\+|~)?([^=]+?)(?:=(.*))?$/s.exec(text);
  if (match === null) throw refuse(text, 'expected key=value');
  const [, sign = '', key = '', value] = match;
  const action = ({ '': 'set', '+': 'add', '++': 'force', '~': 'delete' } as const)[
    sign as '' | '+' | '++' | '~'
  ];
  if (value === undefined && action !== 'delete') throw refuse(text, 'expected "=" after the key');
  const path = key.trim().split('.');
  if (path.some((part) => part === '')) throw refuse(text, 'the key has an empty part');
  return { action, path, values: value === undefined ? [] : new ValueReader(value, text).sweep(), text };
}

function refuse(text: string, reason: string): SluiceError {
  return new SluiceError('CONFIG_OVERRIDE', { override: text, reason });
}

/** Reads the value side; one instance per value. */
class ValueReader {
  readonly #value: string;
  readonly #text: string;
  #at = 0;

  constructor(value: string, text: string) {
    this.#value = value;
    this.#text = text;
  }

  /** Yields the values of a sweep: one without a top-level comma. */
  sweep(): readonly Json[] {
    const call = /^\s*(choice|range)\((.*)\)\s*$/s.exec(this.#value);
    if (call !== null) {
      const items = new ValueReader(call[2] ?? '', this.#text).#all();
      return call[1] === 'choice' ? items : rangeOf(items, this.#text);
    }
    return this.#all();
  }

  /** Reads values up to the end, and nothing may be left over. */
  #all(): Json[] {
    const items = this.items('');
    if (this.#peek() === '') return items;
    throw refuse(this.#text, `"${this.#value.slice(this.#at)}" follows the end of a value`);
  }

  /** Reads values separated by commas up to `close` (or the end). */
  items(close: string): Json[] {
    const items: Json[] = [];
    this.#skipSpace();
    if (close !== '' && this.#peek() === close) return items;
    for (;;) {
      items.push(this.#element(close));
      this.#skipSpace();
      if (this.#peek() !== ',') return items;
      this.#at++;
    }
  }

  #element(close: string): Json {
    this.#skipSpace();
    const next = this.#peek();
    if (next === '[') return this.#bracketed(']', () => this.items(']'));
    if (next === '{') return this.#bracketed('}', () => this.#members());
    if (next === '"' || next === "'") return this.#quoted(next);
    return bareValue(this.#bare(close));
  }

  #bracketed<T>(close: string, read: () => T): T {
    this.#at++;
    const value = read();
    this.#skipSpace();
    if (this.#peek() !== close) throw refuse(this.#text, `expected "${close}" at the end of the value`);
    this.#at++;
    return value;
  }

  #members(): Readonly<Record<string, Json>> {
    const members: Record<string, Json> = {};
    this.#skipSpace();
    while (this.#peek() !== '}' && this.#peek() !== '') {
      const colon = this.#value.indexOf(':', this.#at);
      if (colon < 0) throw refuse(this.#text, 'expected "key: value" inside {}');
      const name = this.#value.slice(this.#at, colon).trim();
      this.#at = colon + 1;
      members[name] = this.#element('}');
      this.#skipSpace();
      if (this.#peek() === ',') this.#at++;
      this.#skipSpace();
    }
    return members;
  }

  #quoted(quote: string): string {
    let out = '';
    for (this.#at++; this.#at < this.#value.length; this.#at++) {
      const char = this.#value[this.#at] ?? '';
      if (char === quote) {
        this.#at++;
        return out;
      }
      if (char === '\\') this.#at++;
      out += this.#value[this.#at] ?? '';
    }
    throw refuse(this.#text, `the quote ${quote} is never closed`);
  }

  #bare(close: string): string {
    const start = this.#at;
    while (this.#peek() !== '' && this.#peek() !== ',' && (close === '' || this.#peek() !== close))
      this.#at++;
    return this.#value.slice(start, this.#at).trim();
  }

  #peek(): string {
    return this.#value[this.#at] ?? '';
  }

  #skipSpace(): void {
    while (this.#peek() === ' ') this.#at++;
  }
}

function bareValue(word: string): Json {
  const lower = word.toLowerCase();
  if (lower === 'null') return null;
  if (lower === 'true' || lower === 'false') return lower === 'true';
  return /^[+-]?(\d[\d_]*)(\.\d*)?(e[+-]?\d+)?$/i.test(word) ? Number(word.replaceAll('_', '')) : word;
}

function rangeOf(items: readonly Json[], text: string): readonly number[] {
  if (!items.every((item) => typeof item === 'number') || items.length === 0 || items.length > 3) {
    throw refuse(text, 'range takes 1 to 3 numbers: range([start,] stop [, step])');
  }
  const numbers = items;
  const [start, stop, step] =
    numbers.length === 1 ? [0, numbers[0] ?? 0, 1] : [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 1];
  if (step === 0) throw refuse(text, 'the step of a range must not be 0');
  const count = Math.max(0, Math.ceil((stop - start) / step));
  if (count === 0 || count > 10_000)
    throw refuse(text, `this range has ${count} values; allowed are 1 to 10000`);
  return Array.from({ length: count }, (_, i) => start + i * step);
}
