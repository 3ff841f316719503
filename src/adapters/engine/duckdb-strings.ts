import type { DuckDBVector } from '@duckdb/node-api';
import { validityBits, wordsOf } from './duckdb-vectors.ts';

/** Longest text, in UTF-8 bytes, that DuckDB keeps inside the 16-byte header instead of behind a pointer. */
const inlineBytes = 12;
const wordsPerString = 4;

/**
 * Gives texts codes in order of first appearance. Texts of at most 12 bytes are recognised by the four words of their
 * header (the engine pads them with zeros, or its own comparison would fail) and decoded once; longer ones lie behind a pointer that only the binding can follow and cost about 1 µs a row.
 */
export class StringCodes {
  readonly dictionary: string[] = [];
  readonly #longCodes = new Map<string, number>();
  /** Hash slot -> code + 1, 0 for free; at most half full. */
  #slots = new Int32Array(1024);
  #shortCount = 0;
  #shortWords = new Int32Array(512 * wordsPerString);
  #shortCodes = new Int32Array(512);

  /** Writes the codes of a vector's rows to `codes` from `offset` on, -1 for NULL. */
  read(vector: DuckDBVector, codes: Int32Array, offset: number): void {
    const words = wordsOf(vector);
    const bits = validityBits(vector);
    for (let row = 0; row < vector.itemCount; row++) {
      if (bits !== undefined && ((bits[row >> 3]! >> (row & 7)) & 1) === 0) codes[offset + row] = -1;
      else if (words[row * wordsPerString]! > inlineBytes) codes[offset + row] = this.#longCode(vector, row);
      else codes[offset + row] = this.#shortCode(words, row);
    }
  }

  #longCode(vector: DuckDBVector, row: number): number {
    const text = String(vector.getItem(row));
    const known = this.#longCodes.get(text);
    if (known !== undefined) return known;
    const code = this.dictionary.push(text) - 1;
    this.#longCodes.set(text, code);
    return code;
  }

  #shortCode(words: Int32Array<ArrayBuffer>, row: number): number {
    const at = row * wordsPerString;
    const mask = this.#slots.length - 1;
    let slot = hashOf(words, at) & mask;
    for (;;) {
      const entry = this.#slots[slot]! - 1;
      if (entry < 0) break;
      const other = entry * wordsPerString;
      const known = this.#shortWords;
      if (
        known[other] === words[at] &&
        known[other + 1] === words[at + 1] &&
        known[other + 2] === words[at + 2] &&
        known[other + 3] === words[at + 3]
      ) {
        return this.#shortCodes[entry]!;
      }
      slot = (slot + 1) & mask;
    }
    return this.#add(shortText(words, at), words.subarray(at, at + wordsPerString), slot);
  }

  #add(text: string, words: Int32Array, slot: number): number {
    const code = this.dictionary.push(text) - 1;
    this.#shortWords.set(words, this.#shortCount * wordsPerString);
    this.#shortCodes[this.#shortCount] = code;
    this.#shortCount += 1;
    this.#slots[slot] = this.#shortCount;
    if (this.#shortCount * 2 >= this.#slots.length) this.#grow();
    return code;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const shortWords = new Int32Array(this.#shortWords.length * 2);
    shortWords.set(this.#shortWords);
    const shortCodes = new Int32Array(this.#shortCodes.length * 2);
    shortCodes.set(this.#shortCodes);
    for (let entry = 0; entry < this.#shortCount; entry++) {
      let slot = hashOf(shortWords, entry * wordsPerString) & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = entry + 1;
    }
    this.#slots = slots;
    this.#shortWords = shortWords;
    this.#shortCodes = shortCodes;
  }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Decodes the bytes that follow the length in a header; plain ASCII, by far the most, without a decoder. */
function shortText(words: Int32Array<ArrayBuffer>, at: number): string {
  const length = words[at]!;
  const bytes = new Uint8Array(words.buffer, words.byteOffset + 4 * at + 4, length);
  let text = '';
  for (let index = 0; index < length; index++) {
    if (bytes[index]! > 0x7f) return utf8.decode(bytes);
    text += String.fromCharCode(bytes[index]!);
  }
  return text;
}

/** Mixes the four words of a header (multiplicative hashing, then MurmurHash3's finaliser). */
function hashOf(words: Int32Array, at: number): number {
  let hash = Math.imul(words[at]!, 0x9e3779b1);
  hash = Math.imul(hash ^ words[at + 1]!, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15) ^ words[at + 2]!, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 13) ^ words[at + 3]!, 0x85ebca6b);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 13);
}
