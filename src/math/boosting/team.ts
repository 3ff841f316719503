/**
 * The threads that train one forest together. All run the same program and meet at barriers; a team of one never waits,
 * so the same program is a plain function in tests.
 */
export interface Team {
  /** Place of this thread, 0 to size - 1. */
  readonly index: number;
  readonly size: number;
  /** Three shared counters: arrived, generation, unused. */
  readonly gate: Int32Array;
}

/** Turns around the gate's counter before a thread sleeps: about ten microseconds, less than a futex costs. */
const spins = 400;

/** Yields the gate of a new team, in shared memory. */
export function newGate(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(12));
}

/** Waits until every thread of the team has come here; what any wrote before is then visible to all. */
export function meet(team: Team): void {
  if (team.size === 1) return;
  const gate = team.gate;
  const generation = Atomics.load(gate, 1);
  if (Atomics.add(gate, 0, 1) === team.size - 1) {
    Atomics.store(gate, 0, 0);
    Atomics.add(gate, 1, 1);
    Atomics.notify(gate, 1);
    return;
  }
  for (let spin = 0; spin < spins; spin++) {
    if (Atomics.load(gate, 1) !== generation) return;
  }
  while (Atomics.load(gate, 1) === generation) Atomics.wait(gate, 1, generation);
}

/** Yields where the share of thread `index` of `size` begins within `count` items; the share ends where the next begins. */
export function shareStart(count: number, index: number, size: number): number {
  return Math.floor((count * index) / size);
}
