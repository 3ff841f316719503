/** Slots of a categorical feature with `levels` levels: the levels by code, then NULL, then every unseen level. */
export interface Slots {
  readonly null: number;
  readonly unseen: number;
  readonly count: number;
}

/** Yields the slots of a feature with this many levels. */
export function slotsOf(levels: number): Slots {
  return { null: levels, unseen: levels + 1, count: levels + 2 };
}

/** A split by subset, said as a comparison of a number: a row goes left when `rank <= threshold`, or right when `swapped`. */
export interface RankSplit {
  /** Place of the rank column among those of the feature. */
  readonly column: number;
  readonly swapped: boolean;
  /** Ask when all splits are placed: later splits refine the ranks. */
  threshold(): number;
}

interface Block {
  slots: number[];
}

/**
 * Turns splits by subsets of levels into comparisons of ranks. Each column is an order of all slots; a split fits into a
 * column when the slots that go left can be brought before (or behind) those that go right by refining that order. Only
 * the slots that can reach the node count, so nested splits share a column. Exact for every slot that reaches the node.
 */
export class CategoryRanks {
  readonly #slotCount: number;
  readonly #columns: Block[][] = [];

  constructor(slotCount: number) {
    this.#slotCount = slotCount;
  }

  /** How many rank columns the splits placed so far need. */
  get columns(): number {
    return this.#columns.length;
  }

  /**
   * Yields the comparison that stands for a split.
   *
   * @param goesLeft [slots], 1 where the slot goes left
   * @param reaches [slots], 1 where a row with that slot can come to this node
   */
  place(goesLeft: Uint8Array, reaches: Uint8Array): RankSplit {
    const goesRight = goesLeft.map((left) => 1 - left);
    for (let column = this.#columns.length - 1; column >= 0; column--) {
      for (const swapped of [false, true]) {
        const split = this.#fit(column, swapped ? goesRight : goesLeft, reaches);
        if (split !== undefined) return { column, swapped, threshold: split };
      }
    }
    this.#columns.push([{ slots: Array.from({ length: this.#slotCount }, (_, slot) => slot) }]);
    const column = this.#columns.length - 1;
    return { column, swapped: false, threshold: this.#fit(column, goesLeft, reaches) ?? (() => -1) };
  }

  /** Yields the rank of each slot in each column, row-major [slots, columns]. */
  table(): Int32Array {
    const width = this.#columns.length;
    const ranks = new Int32Array(this.#slotCount * width);
    for (const [column, blocks] of this.#columns.entries()) {
      for (const [rank, block] of blocks.entries()) {
        for (const slot of block.slots) ranks[slot * width + column] = rank;
      }
    }
    return ranks;
  }

  /** Refines a column so that the slots marked `first` stand before the others, if its order allows that. */
  #fit(column: number, first: Uint8Array, reaches: Uint8Array): (() => number) | undefined {
    const blocks = this.#columns[column] ?? [];
    let last = -1;
    let cut: Block | undefined;
    for (const [place, block] of blocks.entries()) {
      const kinds = kindsOf(block, first, reaches);
      if ((kinds & hasFirst) !== 0) {
        if (cut !== undefined) return undefined;
        last = place;
      }
      if ((kinds & hasOther) !== 0) cut ??= block;
    }
    const lastBlock = blocks[last];
    if (lastBlock === undefined) return () => -1;
    const boundary = lastBlock === cut ? splitBefore(blocks, last, first) : lastBlock;
    return () => blocks.indexOf(boundary);
  }
}

const hasFirst = 1;
const hasOther = 2;

function kindsOf(block: Block, first: Uint8Array, reaches: Uint8Array): number {
  let kinds = 0;
  for (const slot of block.slots) {
    if (reaches[slot] === 1) kinds |= first[slot] === 1 ? hasFirst : hasOther;
    if (kinds === (hasFirst | hasOther)) break;
  }
  return kinds;
}

/** The old block stays the later half, so that thresholds which point at it still include both halves. */
function splitBefore(blocks: Block[], place: number, first: Uint8Array): Block {
  const block = blocks[place] ?? { slots: [] };
  const earlier: Block = { slots: block.slots.filter((slot) => first[slot] === 1) };
  block.slots = block.slots.filter((slot) => first[slot] !== 1);
  blocks.splice(place, 0, earlier);
  return earlier;
}
