/** MD5 (RFC 1321) of short texts, for stable buckets that agree with every engine; not for security. */

const shifts = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
const sines = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0);
/** Which word of the block each step takes. */
const places = Uint8Array.from({ length: 64 }, (_, i) => wordOf(i >> 4, i));
const encoder = new TextEncoder();

/**
 * Yields the four 32-bit words (little-endian, unsigned) of the MD5 of a text's UTF-8 bytes.
 *
 * @example
 * md5Words('')[0].toString(16); // 'd98c1dd4'
 */
export function md5Words(text: string): readonly [number, number, number, number] {
  const blocks = padded(encoder.encode(text));
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  for (let at = 0; at < blocks.length; at += 16) addBlock(state, blocks, at);
  return [state[0]! >>> 0, state[1]! >>> 0, state[2]! >>> 0, state[3]! >>> 0];
}

/**
 * Yields the first 15 hex digits of the MD5, taken as a 60-bit integer, modulo `buckets` (1 to 2^20, so that every
 * product stays below 2^53).
 */
export function md5Bucket(text: string, buckets: number): number {
  const [first, second] = md5Words(text);
  const high = swapBytes(first);
  const low = swapBytes(second) >>> 4;
  return ((high % buckets) * (2 ** 28 % buckets) + low) % buckets;
}

function swapBytes(word: number): number {
  return (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

function padded(bytes: Uint8Array): Int32Array {
  const words = new Int32Array((((bytes.length + 8) >> 6) + 1) * 16);
  for (let i = 0; i < bytes.length; i++) words[i >> 2]! |= bytes[i]! << ((i & 3) * 8);
  words[bytes.length >> 2]! |= 0x80 << ((bytes.length & 3) * 8);
  words[words.length - 2] = bytes.length << 3;
  words[words.length - 1] = bytes.length >>> 29;
  return words;
}

function addBlock(state: Int32Array, words: Int32Array, at: number): void {
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  for (let i = 0; i < 64; i++) {
    const round = i >> 4;
    let mixed: number;
    if (round === 0) mixed = (b & c) | (~b & d);
    else if (round === 1) mixed = (b & d) | (c & ~d);
    else mixed = round === 2 ? b ^ c ^ d : c ^ (b | ~d);
    const sum = (a + mixed + sines[i]! + words[at + places[i]!]!) | 0;
    const shift = shifts[round * 4 + (i & 3)]!;
    a = d;
    d = c;
    c = b;
    b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
}

function wordOf(round: number, i: number): number {
  if (round === 0) return i;
  if (round === 1) return (5 * i + 1) & 15;
  return round === 2 ? (3 * i + 5) & 15 : (7 * i) & 15;
}
