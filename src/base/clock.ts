/** Time enters Sluice here and nowhere else, so that every test can hold it still. */
export interface Clock {
  /** Wall clock, microseconds since 1970-01-01T00:00:00Z. A safe integer until the year 2255. */
  nowUs(): number;
  /** Monotonic milliseconds from an arbitrary origin, for durations only. */
  elapsedMs(): number;
}

/** How far the fine clock may run away from the wall clock before it is set anew. */
const toleratedDriftMs = 20;

let originMs = performance.timeOrigin;

/**
 * The machine's own clock. The fine clock stands still while a laptop sleeps and ignores a wall clock that is set, so it is
 * set anew whenever the two drift apart.
 */
export const systemClock: Clock = {
  nowUs: () => {
    const driftMs = Date.now() - (originMs + performance.now());
    if (Math.abs(driftMs) > toleratedDriftMs) originMs += driftMs;
    return Math.round((originMs + performance.now()) * 1000);
  },
  elapsedMs: () => performance.now(),
};

/** A clock that moves only when told to. */
export interface ManualClock extends Clock {
  advanceUs(stepUs: number): void;
}

/**
 * Yields a clock that stands at `startUs` until it is advanced.
 *
 * @example
 * const clock = manualClock(1_000);
 * clock.advanceUs(500);
 * clock.nowUs(); // 1500
 */
export function manualClock(startUs: number): ManualClock {
  let nowUs = startUs;
  return {
    nowUs: () => nowUs,
    elapsedMs: () => nowUs / 1000,
    advanceUs: (stepUs) => {
      nowUs += stepUs;
    },
  };
}
