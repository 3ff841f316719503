/** Hands one thing to one holder at a time, in the order of asking. */
export class TurnQueue {
  #last: Promise<void> = Promise.resolve();

  /** Waits for the turn and yields the function that ends it; calling that twice is no error. */
  async take(): Promise<() => void> {
    const previous = this.#last;
    let end: () => void = () => {};
    this.#last = new Promise((resolve) => {
      end = resolve;
    });
    await previous;
    return end;
  }
}
