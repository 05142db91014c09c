import type { Lane } from "./venue-api.ts";

/** A request that waits for capacity; a node of the list it waits in. */
export interface Waiter {
  readonly sequence: number;
  readonly lane: Lane;
  /** Replaces the limit's own weight. */
  readonly weight: number | undefined;
  granted: boolean;
  grant(): void;
  refuse(error: Error): void;
  previous: Waiter | undefined;
  next: Waiter | undefined;
}

/** First in, first out, with removal from the middle (an abort) in constant time. */
export class WaiterQueue {
  #first: Waiter | undefined;
  #last: Waiter | undefined;

  get first(): Waiter | undefined {
    return this.#first;
  }

  push(waiter: Waiter): void {
    waiter.previous = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.next = waiter;
    this.#last = waiter;
  }

  remove(waiter: Waiter): void {
    if (waiter.previous === undefined) this.#first = waiter.next;
    else waiter.previous.next = waiter.next;
    if (waiter.next === undefined) this.#last = waiter.previous;
    else waiter.next.previous = waiter.previous;
    waiter.previous = undefined;
    waiter.next = undefined;
  }
}
