/** Time enters Sluice here and nowhere else, so that every test can hold it still. */
export interface Clock {
  /** Wall clock, microseconds since 1970-01-01T00:00:00Z. A safe integer until the year 2255. */
  nowUs(): number;
  /** Monotonic milliseconds from an arbitrary origin, for durations only. */
  elapsedMs(): number;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  nowUs: () => Math.round((performance.timeOrigin + performance.now()) * 1000),
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
