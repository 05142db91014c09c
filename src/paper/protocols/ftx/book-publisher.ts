import { type BookLevel, type BookSides, changedSides, withoutLastLevel } from "../book-levels.ts";
import type { Frame } from "../frame.ts";
import { bookChecksum } from "./checksum.ts";
import { epochSeconds, frameJson, type WireObject } from "./wire.ts";

const EMPTY: BookSides = { bids: [], asks: [] };

/** Source of a book's frames: the keys that lead each frame, and a way to take the view. */
export interface BookSource {
  readonly channel: string;
  readonly market: string;
  readonly head: WireObject;
  view(): BookSides;
  /** A view that the market's snapshot shows in the place of the present one. */
  stale(): BookSides | undefined;
  now(): number;
}

/**
 * One view of one book, as all its subscribers hold it. Each update is the difference of two successive views, so that
 * a level that leaves the best 100 is sent with size 0 and one that comes in with its size; a level that nobody holds
 * is never sent with size 0, for FTX's own client fails on that.
 */
export class BookPublisher {
  readonly #source: BookSource;
  #sent: BookSides = EMPTY;

  constructor(source: BookSource) {
    this.#source = source;
  }

  /** Takes a new view and returns the frame for those who hold the last one; undefined when nothing changed. */
  update(): Frame | undefined {
    const book = this.#source.view();
    const changes = changedSides(this.#sent, book);
    if (changes === undefined) return undefined;
    this.#sent = book;
    return this.#frame("update", changes, book);
  }

  /** The whole view, as the last update left it. */
  partial(): Frame {
    const book = this.#source.stale() ?? this.#sent;
    return this.#frame("partial", book, book);
  }

  #frame(type: "partial" | "update", sides: BookSides, whole: BookSides): Frame {
    const { channel, market, head, now } = this.#source;
    const time = epochSeconds(now());
    const sum = bookChecksum(whole);
    const text = ({ bids, asks }: BookSides, checksum = sum) =>
      frameJson({ channel, market, ...head, type, data: { time, checksum, bids, asks, action: type } });
    return {
      channel,
      market,
      book: type === "partial" ? "snapshot" : "change",
      text: text(sides),
      corrupted: () => text(withoutLastLevel(sides)),
      miscounted: () => text(sides, sum ^ 1),
    };
  }
}

/** Levels in steps of `grouping`: bids rounded down, asks up. */
export function groupLevels(book: BookSides, grouping: bigint): BookSides {
  const down = (price: bigint) => price - (price % grouping);
  const up = (price: bigint) => (price % grouping === 0n ? price : down(price) + grouping);
  return { bids: groupSide(book.bids, down), asks: groupSide(book.asks, up) };
}

function groupSide(levels: readonly BookLevel[], group: (price: bigint) => bigint): readonly BookLevel[] {
  const sizes = new Map<bigint, bigint>();
  for (const [price, size] of levels) sizes.set(group(price), (sizes.get(group(price)) ?? 0n) + size);
  return [...sizes];
}
