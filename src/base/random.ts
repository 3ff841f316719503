import { randomBytes } from 'node:crypto';

/** A stream of pseudo-random numbers, fully determined by its seed. */
export interface Random {
  /** Uniform in [0, 1), 32 bits of resolution. */
  next(): number;
  /** Uniform integer in [0, bound), bound in [1, 2^32]. */
  below(bound: number): number;
}

/**
 * Yields the sfc32 stream of a seed (Chris Doty-Humphrey's PractRand generator): small, fast, and the same on
 * every machine, so that a seed recorded in a step key reproduces the step.
 *
 * @param seed safe integer, any sign
 * @example
 * seededRandom(7).next() === seededRandom(7).next(); // true
 */
export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9 ^ (seed | 0);
  let b = 0x243f6a88 ^ Math.floor(seed / 2 ** 32);
  let c = 0xb7e15162;
  let counter = 1;
  const nextBits = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 15; round++) nextBits();
  return {
    next: () => nextBits() / 2 ** 32,
    below: (bound) => Math.floor((nextBits() / 2 ** 32) * bound),
  };
}

/** Yields `count` bytes that nobody can predict, as lower-case hex; for ids and lease holders, never for statistics. */
export function unpredictableHex(count: number): string {
  return randomBytes(count).toString('hex');
}
