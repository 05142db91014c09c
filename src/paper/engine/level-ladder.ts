const MAX_HEIGHT = 16;

/** One price: its orders in a queue, oldest first. */
export interface Level<Order> {
  /** Tick number, negated for bids, so that a smaller rank is always a better price. */
  readonly rank: number;
  readonly price: bigint;
  /** Remaining size of all orders in the queue. */
  size: bigint;
  first: Order | null;
  last: Order | null;
  /** The next worse level, per height of the skip list; `[0]` is the neighbour. */
  readonly next: (Level<Order> | null)[];
}

/**
 * The levels of one side of a book, best first: a skip list for order and a map for look-up. Finding a level and the
 * best one is O(1), adding and removing one is O(log n). Heights come from a generator of fixed start, so that two engines with the same commands build the same list.
 */
export class LevelLadder<Order> {
  readonly #levels = new Map<number, Level<Order>>();
  readonly #heads: (Level<Order> | null)[] = new Array<Level<Order> | null>(MAX_HEIGHT).fill(null);
  #heightState = 0x9e3779b9;

  get count(): number {
    return this.#levels.size;
  }

  get best(): Level<Order> | null {
    return this.#heads[0] ?? null;
  }

  at(rank: number): Level<Order> | undefined {
    return this.#levels.get(rank);
  }

  insert(rank: number, price: bigint): Level<Order> {
    const height = this.#nextHeight();
    const level: Level<Order> = { rank, price, size: 0n, first: null, last: null, next: new Array(height).fill(null) };
    let links = this.#heads;
    for (let row = MAX_HEIGHT - 1; row >= 0; row--) {
      links = this.#before(links, row, rank);
      if (row >= height) continue;
      level.next[row] = links[row] ?? null;
      links[row] = level;
    }
    this.#levels.set(rank, level);
    return level;
  }

  remove(level: Level<Order>): void {
    let links = this.#heads;
    for (let row = MAX_HEIGHT - 1; row >= 0; row--) {
      links = this.#before(links, row, level.rank);
      if (links[row] === level) links[row] = level.next[row] ?? null;
    }
    this.#levels.delete(level.rank);
  }

  #before(start: (Level<Order> | null)[], row: number, rank: number): (Level<Order> | null)[] {
    let links = start;
    for (let level = links[row] ?? null; level !== null && level.rank < rank; level = links[row] ?? null) {
      links = level.next;
    }
    return links;
  }

  /** Geometric with one half: xorshift32 (Marsaglia 2003). */
  #nextHeight(): number {
    let state = this.#heightState;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#heightState = state >>> 0;
    return Math.min(MAX_HEIGHT, Math.clz32(this.#heightState | 1) + 1);
  }
}
