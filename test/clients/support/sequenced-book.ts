import type { Book, Levels } from "./paper-venue.ts";

type TextLevels = readonly (readonly [price: string, size: string])[];

/** A frame of Bybit's `orderbook.*` topics. */
export interface SequencedFrame {
  readonly type: "snapshot" | "delta";
  readonly data: { readonly u: number; readonly seq: number; readonly b: TextLevels; readonly a: TextLevels };
}

/** A book as a user of bybit-api keeps it, for the client has none: Bybit's documented rules, none of the venue's code. */
export class SequencedBook {
  readonly #bids = new Map<number, number>();
  readonly #asks = new Map<number, number>();
  #updateId = 0;
  #sequence = 0;

  /** Throws when an update is missing, or when a delta takes away what is not there. */
  apply({ type, data: { u, seq, b, a } }: SequencedFrame): void {
    if (type === "snapshot") {
      this.#bids.clear();
      this.#asks.clear();
    } else if (u !== this.#updateId + 1) throw new Error(`update ${u} comes after ${this.#updateId}`);
    if (seq < this.#sequence) throw new Error(`sequence ${seq} comes after ${this.#sequence}`);
    this.#updateId = u;
    this.#sequence = seq;
    change(this.#bids, b);
    change(this.#asks, a);
  }

  view(): Book {
    const bids: Levels = [...this.#bids].sort(([left], [right]) => right - left);
    const asks: Levels = [...this.#asks].sort(([left], [right]) => left - right);
    return { bids, asks };
  }
}

function change(side: Map<number, number>, levels: TextLevels): void {
  for (const [price, size] of levels) {
    if (Number(size) !== 0) side.set(Number(price), Number(size));
    else if (!side.delete(Number(price))) throw new Error(`the venue removes a level at ${price} that it never sent`);
  }
}
