import type { Lane } from "./rest-request.ts";

/**
 * The place of a waiting request before others: cancels, questions that have waited for their tenth, creates, snapshots
 * of books, polls. Within a rank the first come goes first.
 */
export type Rank = 0 | 1 | 2 | 3 | 4;

export const RANK_OF_LANE: Readonly<Record<Lane, Rank>> = { cancel: 0, create: 2, book: 3, poll: 4 };
export const RANKS: readonly Rank[] = [0, 1, 2, 3, 4];
/** A question that has waited for its tenth. */
export const PROMOTED: Rank = 1;

/** A pool and what one request takes of it. */
export interface DemandOf<Pool> {
  readonly pool: Pool;
  readonly weight: number;
}

/** A request that waits. The first one of a queue stands in the line of the pool that holds it up the longest. */
export interface WaiterOf<Pool> {
  readonly sequence: number;
  readonly lane: Lane;
  rank: Rank;
  /** Every pool that it needs, its limit's own first. */
  demands: readonly DemandOf<Pool>[];
  /** Pool in whose line it stands. */
  parkedAt: Pool | undefined;
  /** Pools in which its place is kept meanwhile. */
  kept: readonly DemandOf<Pool>[];
  /** Time when places that were lent so far have to be kept; infinite when there are none. */
  wakeMs: number;
  /** Round of the last look at it; there is no second look before a request has left. */
  round: number;
  /** Lets it go: its promise resolves and its place is free. */
  leave(): void;
  /** Leaves as `leave` does, and the next ones of its queue are looked at. */
  grant(): void;
  refuse(error: Error): void;
  previous: WaiterOf<Pool> | undefined;
  next: WaiterOf<Pool> | undefined;
}

export function isBefore(
  left: Pick<WaiterOf<unknown>, "rank" | "sequence">,
  right: Pick<WaiterOf<unknown>, "rank" | "sequence">,
): boolean {
  return left.rank === right.rank ? left.sequence < right.sequence : left.rank < right.rank;
}

/** First in, first out, with removal from the middle (an abort) in constant time. */
export class WaiterQueue<Pool> {
  #first: WaiterOf<Pool> | undefined;
  #last: WaiterOf<Pool> | undefined;
  #length = 0;

  get first(): WaiterOf<Pool> | undefined {
    return this.#first;
  }

  get length(): number {
    return this.#length;
  }

  push(waiter: WaiterOf<Pool>): void {
    this.#length += 1;
    waiter.previous = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
  }

  remove(waiter: WaiterOf<Pool>): void {
    this.#length -= 1;
    if (waiter.previous === undefined) this.#first = waiter.next;
    else waiter.previous.next = waiter.next;
    if (waiter.next === undefined) this.#last = waiter.previous;
    else waiter.next.previous = waiter.previous;
    waiter.previous = undefined;
    waiter.next = undefined;
  }

  /** Iterates from the first to the last. */
  *[Symbol.iterator](): Generator<WaiterOf<Pool>> {
    for (let waiter = this.#first; waiter !== undefined; waiter = waiter.next) yield waiter;
  }
}

/** Waiters in order of sequence. Mostly appended to and taken from the front. */
export class WaiterLine<Pool> {
  readonly #waiters: WaiterOf<Pool>[] = [];

  get first(): WaiterOf<Pool> | undefined {
    return this.#waiters[0];
  }

  add(waiter: WaiterOf<Pool>): void {
    this.#waiters.splice(this.#placeOf(waiter.sequence), 0, waiter);
  }

  remove(waiter: WaiterOf<Pool>): void {
    const place = this.#placeOf(waiter.sequence);
    if (this.#waiters[place] === waiter) this.#waiters.splice(place, 1);
  }

  #placeOf(sequence: number): number {
    let low = 0;
    let high = this.#waiters.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#waiters[middle]?.sequence ?? 0) < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
