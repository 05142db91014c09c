import type { EngineEvent, Side } from "../../engine/types.ts";
import type { BookIds } from "./book-ids.ts";
import { type ListedSymbol, priceText, quantityText } from "./symbols.ts";
import { type WireObject, wireTime } from "./wire.ts";

export type BookLevel = readonly [price: bigint, size: bigint];

export interface BookSides {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** The message that goes out, and the same as a fault spoils it. */
export interface BookMessage {
  readonly message: WireObject;
  readonly corrupted: () => WireObject;
}

export function levelTexts(listed: ListedSymbol, levels: readonly BookLevel[]): readonly (readonly string[])[] {
  return levels.map(([price, size]) => [priceText(listed, price), quantityText(listed, size)]);
}

/** One diff stream: the levels that changed since its last message, with the ids that they took. */
export class BookFeed {
  readonly #listed: ListedSymbol;
  readonly #stopListening: () => void;
  #published: number;
  #pendingFirst: number | undefined;
  #pendingLast: number;
  #changedMs = 0;
  readonly #bids = new Map<bigint, bigint>();
  readonly #asks = new Map<bigint, bigint>();

  constructor(listed: ListedSymbol, ids: BookIds) {
    this.#listed = listed;
    this.#published = ids.current(listed.spec.market);
    this.#pendingLast = this.#published;
    this.#stopListening = ids.listen(listed.spec.market, (first, last) => {
      this.#pendingFirst ??= first;
      this.#pendingLast = last;
    });
  }

  onEvents(events: readonly EngineEvent[], nowMs: number): void {
    for (const event of events) {
      if (event.type !== "bookLevel" || event.market !== this.#listed.spec.market) continue;
      this.#side(event.side).set(event.price, event.size);
      this.#changedMs = nowMs;
    }
  }

  /** The message with all that changed; undefined when no level did. */
  diff(nowMs: number): BookMessage | undefined {
    if (this.#bids.size === 0 && this.#asks.size === 0) return undefined;
    return this.#message({ bids: [...this.#bids], asks: [...this.#asks] }, nowMs);
  }

  /** The message of a stream that sends the best levels whole. */
  whole(sides: BookSides, nowMs: number): BookMessage {
    return this.#message(sides, nowMs);
  }

  stop(): void {
    this.#stopListening();
  }

  #side(side: Side): Map<bigint, bigint> {
    return side === "buy" ? this.#bids : this.#asks;
  }

  #message({ bids, asks }: BookSides, nowMs: number): BookMessage {
    const [pu, U, u] = [this.#published, this.#pendingFirst ?? this.#pendingLast, this.#pendingLast];
    const b = levelTexts(this.#listed, bids);
    const a = levelTexts(this.#listed, asks);
    const message = {
      e: "depthUpdate",
      E: wireTime(nowMs),
      T: wireTime(this.#changedMs === 0 ? nowMs : this.#changedMs),
      s: this.#listed.symbol,
      U,
      u,
      pu,
      b,
      a,
      ps: this.#listed.symbol,
      st: 1,
    };
    this.#published = u;
    this.#pendingFirst = undefined;
    this.#bids.clear();
    this.#asks.clear();
    // Its levels are lost, and it claims to come after them: whoever starts anew with it has them from the snapshot.
    return { message, corrupted: () => ({ ...message, U: u + 1, u: u + 1, pu: u, b: [], a: [] }) };
  }
}
