import type { Random } from "../../../runtime/runtime.ts";
import type { EngineEvent } from "../../engine/types.ts";

/** Somebody who counts a market's updates; `first` to `last` were taken. */
export type IdListener = (first: number, last: number) => void;

const MAX_HOLE = 9;

/**
 * The update ids of the books. Each market's run on with holes, for on Binance all symbols share one counter: in real
 * captures `pu` equals the `u` before it and `U` never is one more.
 */
export class BookIds {
  readonly #random: Random;
  readonly #firstId: number;
  readonly #current = new Map<string, number>();
  readonly #listeners = new Map<string, Set<IdListener>>();

  constructor(random: Random, firstId: number) {
    this.#random = random;
    this.#firstId = firstId;
  }

  current(market: string): number {
    return this.#current.get(market) ?? this.#firstId;
  }

  /** Calls back whenever ids of the market are taken, until the returned function is called. */
  listen(market: string, listener: IdListener): () => void {
    const listeners = this.#listeners.get(market) ?? new Set();
    this.#listeners.set(market, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /**
   * An id for a snapshot. It has one of its own, so that the next diff of the running streams straddles it
   * (`U <= lastUpdateId <= u`) even where the book stood still since their last one.
   */
  take(market: string): number {
    return this.#advance(market, 1);
  }

  onEvents(events: readonly EngineEvent[]): void {
    const changes = new Map<string, number>();
    for (const event of events) {
      if (event.type === "bookLevel") changes.set(event.market, (changes.get(event.market) ?? 0) + 1);
    }
    for (const [market, count] of changes) this.#advance(market, count);
  }

  #advance(market: string, count: number): number {
    const first = this.current(market) + 2 + this.#random.integer(MAX_HOLE);
    const last = first + count - 1;
    this.#current.set(market, last);
    for (const listener of this.#listeners.get(market) ?? []) listener(first, last);
    return last;
  }
}
