import type { Book, Levels } from "./paper-venue.ts";

type Texts = readonly (readonly [price: string, quantity: string])[];

/** A `depthUpdate`. */
export interface DepthUpdate {
  readonly U: number;
  readonly u: number;
  readonly pu: number;
  readonly b: Texts;
  readonly a: Texts;
}

/** What `GET /fapi/v1/depth` answers. */
export interface DepthSnapshot {
  readonly lastUpdateId: number;
  readonly bids: Texts;
  readonly asks: Texts;
}

/**
 * A book as a user of the SDK keeps it, for the client has none: the steps of "How to manage a local order book
 * correctly" in Binance's documentation, none of the venue's code.
 */
export class BinanceBook {
  readonly #buffer: DepthUpdate[] = [];
  readonly #bids = new Map<number, number>();
  readonly #asks = new Map<number, number>();
  #snapshotId: number | undefined;
  #lastId: number | undefined;

  /** Throws when an update does not continue the one before it. */
  apply(update: DepthUpdate): void {
    if (this.#snapshotId === undefined) {
      this.#buffer.push(update);
      return;
    }
    if (this.#lastId === undefined) {
      if (update.u < this.#snapshotId) return;
      if (update.U > this.#snapshotId) {
        throw new Error(`the first update is ${update.U} to ${update.u}, the snapshot ${this.#snapshotId}`);
      }
    } else if (update.pu !== this.#lastId) throw new Error(`pu is ${update.pu} after ${this.#lastId}`);
    this.#lastId = update.u;
    change(this.#bids, update.b);
    change(this.#asks, update.a);
  }

  /** Takes the snapshot, then what was buffered meanwhile. */
  start({ lastUpdateId, bids, asks }: DepthSnapshot): void {
    this.#snapshotId = lastUpdateId;
    change(this.#bids, bids);
    change(this.#asks, asks);
    for (const update of this.#buffer.splice(0)) this.apply(update);
  }

  view(): Book {
    return {
      bids: [...this.#bids].sort(([left], [right]) => right - left),
      asks: [...this.#asks].sort(([left], [right]) => left - right),
    };
  }
}

/** Sizes are absolute; removing what is not there is normal. */
function change(side: Map<number, number>, levels: Texts): void {
  for (const [price, quantity] of numbers(levels)) {
    if (quantity === 0) side.delete(price);
    else side.set(price, quantity);
  }
}

export function numbers(levels: Texts): Levels {
  return levels.map(([price, quantity]) => [Number(price), Number(quantity)] as const);
}
