import { crc32 } from "node:zlib";
import type { Book, Levels } from "./paper-venue.ts";

const CHECKED_DEPTH = 100;

/** The data of an `orderbook` frame. */
export interface BookFrameData {
  readonly action: "partial" | "update";
  readonly checksum: number;
  readonly bids: Levels;
  readonly asks: Levels;
}

/** A book as a user of ftx-api keeps it, for the client has none: FTX's documented rules, none of the venue's code. */
export class ChecksummedBook {
  readonly #bids = new Map<number, number>();
  readonly #asks = new Map<number, number>();

  /** Throws when the venue removes a level that is not there, or when the checksum does not fit. */
  apply({ action, checksum, bids, asks }: BookFrameData): void {
    if (action === "partial") {
      this.#bids.clear();
      this.#asks.clear();
    }
    change(this.#bids, bids);
    change(this.#asks, asks);
    const own = crc32(this.#checkedText());
    if (own !== checksum) throw new Error(`the checksum is ${own} here and ${checksum} at the venue`);
  }

  view(): Book {
    const bids = [...this.#bids].sort(([left], [right]) => right - left);
    const asks = [...this.#asks].sort(([left], [right]) => left - right);
    return { bids, asks };
  }

  #checkedText(): string {
    const { bids, asks } = this.view();
    const levels = Array.from({ length: CHECKED_DEPTH }, (_, index) => [bids[index], asks[index]]).flat();
    return levels.flatMap((level) => level?.map(pythonFloat) ?? []).join(":");
  }
}

function change(side: Map<number, number>, levels: Levels): void {
  for (const [price, size] of levels) {
    if (size !== 0) side.set(price, size);
    else if (!side.delete(price)) throw new Error(`the venue removes a level at ${price} that it never sent`);
  }
}

/** As Python's `repr` writes it: the text that FTX's checksum is taken of. */
function pythonFloat(value: number): string {
  if (value >= 1e-4 && value < 1e16) return Number.isInteger(value) ? value.toFixed(1) : String(value);
  const [mantissa, exponent = ""] = value.toExponential().split("e");
  return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}
