import { formatAmount } from "../../engine/amount.ts";
import type { Engine } from "../../engine/types.ts";
import { type BookLevel, type BookSides, withoutLastLevel } from "../book-levels.ts";
import type { Frame } from "../frame.ts";
import type { PastViews } from "../past-views.ts";
import { ToldBook, type ToldView } from "../told-book.ts";
import { contractsText, findInstrument } from "./instruments.ts";
import { timeText, type WireObject, type WireValue, wireJson } from "./wire.ts";

export type BookChannel = "books" | "books5" | "bbo-tbt";

interface BookRules {
  readonly depth: number;
  readonly cadenceMs: number;
  /** True where it sends changes; else each message is a whole view. */
  readonly isIncremental: boolean;
}

/** Depth and cadence of each channel (docs v5, order book channel). */
export const BOOK_CHANNELS: Readonly<Record<BookChannel, BookRules>> = {
  books: { depth: 400, cadenceMs: 100, isIncremental: true },
  books5: { depth: 5, cadenceMs: 100, isIncremental: false },
  "bbo-tbt": { depth: 1, cadenceMs: 10, isIncremental: false },
};

interface PublisherPorts {
  readonly engine: Engine;
  readonly past: PastViews<ToldView<number>>;
  /** Counter of book messages: it grows with the engine, and a restart lets it start anew. */
  sequence(): number;
  now(): number;
}

/** Content of a message: levels and the numbers that they are told with. */
interface Shown {
  readonly sides: BookSides;
  readonly seqId: number;
  readonly prevSeqId?: number;
}

/** One view of one book, as all its subscribers hold it. */
class BookPublisher {
  readonly #ports: PublisherPorts;
  readonly channel: BookChannel;
  readonly instId: string;
  readonly #book: ToldBook<number>;

  constructor(ports: PublisherPorts, channel: BookChannel, instId: string) {
    this.#ports = ports;
    this.channel = channel;
    this.instId = instId;
    this.#book = new ToldBook({
      name: `${channel} ${instId}`,
      past: ports.past,
      now: ports.now,
      view: () => ports.engine.book(this.#market().spec.market, BOOK_CHANNELS[channel].depth),
      stampAfter: () => ports.sequence(),
    });
  }

  get isIncremental(): boolean {
    return BOOK_CHANNELS[this.channel].isIncremental;
  }

  /** Takes a new view; the frame for those who hold the last one, or undefined when nothing changed. */
  update(): Frame | undefined {
    const prevSeqId = this.#book.told.stamp;
    const sides = this.#book.update();
    return sides === undefined ? undefined : this.#step(sides, prevSeqId);
  }

  /** The numbers start anew: one message whose `seqId` is smaller than its `prevSeqId`. */
  reset(): Frame {
    const prevSeqId = this.#book.told.stamp;
    this.#book.renumber();
    return this.#step({ bids: [], asks: [] }, prevSeqId);
  }

  /** Says that the book is as it was; `prevSeqId` and `seqId` are equal. Channels of whole views repeat theirs. */
  heartbeat(): Frame {
    return this.#step({ bids: [], asks: [] }, this.#book.told.stamp);
  }

  /** The whole view for a new listener. */
  first(): Frame {
    return this.#whole(this.#book.shown());
  }

  /** The REST form, at most `limit` levels a side. */
  object(limit: number): WireObject {
    const { sides, stamp } = this.#book.shown();
    const { bids, asks } = sides;
    return this.#data({ sides: { bids: bids.slice(0, limit), asks: asks.slice(0, limit) }, seqId: stamp });
  }

  #step(sides: BookSides, prevSeqId: number): Frame {
    const { told } = this.#book;
    return this.isIncremental ? this.#frame("update", { sides, seqId: told.stamp, prevSeqId }) : this.#whole(told);
  }

  #whole({ sides, stamp }: ToldView<number>): Frame {
    const shown = { sides, seqId: stamp };
    return this.isIncremental ? this.#frame("snapshot", { ...shown, prevSeqId: -1 }) : this.#frame(undefined, shown);
  }

  #frame(action: "snapshot" | "update" | undefined, shown: Shown): Frame {
    const arg = { channel: this.channel, instId: this.instId };
    const text = (other: Shown) =>
      wireJson({ arg, ...(action === undefined ? {} : { action }), data: [this.#row(other)] });
    const frame = { channel: this.channel, market: this.instId, text: text(shown) };
    if (action === undefined) return frame;
    // Nothing would tell of a broken snapshot.
    if (action === "snapshot") return { ...frame, book: "snapshot" };
    return { ...frame, book: "change", corrupted: () => text(broken(shown)) };
  }

  /** OKX has stopped to compute the checksum: it is 0 in all messages. Only the channel of changes has one. */
  #row(shown: Shown): WireObject {
    const row = this.#data(shown);
    return shown.prevSeqId === undefined
      ? { ...row, instId: this.instId }
      : { ...row, checksum: 0, prevSeqId: shown.prevSeqId };
  }

  /** The third column is deprecated and always 0; the fourth, the number of orders, is not kept here. */
  #data({ sides, seqId }: Shown): WireObject {
    const market = this.#market();
    const row = ([price, size]: BookLevel): WireValue => [
      formatAmount(price),
      contractsText(size, market),
      "0",
      size === 0n ? "0" : "1",
    ];
    return { asks: sides.asks.map(row), bids: sides.bids.map(row), ts: timeText(this.#ports.now()), seqId };
  }

  #market() {
    const market = findInstrument(this.#ports.engine, this.instId);
    if (market === undefined) throw new TypeError(`there is no ${this.instId}`);
    return market;
  }
}

type SetPorts = PublisherPorts & { onFrame(channel: BookChannel, instId: string, frame: Frame): void };

/** The views of all books; they go on while nobody listens. */
export class BookPublishers {
  readonly #ports: SetPorts;
  readonly #publishers = new Map<string, BookPublisher>();

  constructor(ports: SetPorts) {
    this.#ports = ports;
  }

  /** Sends what has changed to those who listen. */
  flush(channel: BookChannel, instId: string): void {
    const frame = this.#publisher(channel, instId).update();
    if (frame !== undefined) this.#ports.onFrame(channel, instId, frame);
  }

  /** The first frame for a new listener, after the others have got what led to it. */
  first(channel: BookChannel, instId: string): Frame {
    this.flush(channel, instId);
    return this.#publisher(channel, instId).first();
  }

  heartbeat(channel: BookChannel, instId: string): Frame {
    return this.#publisher(channel, instId).heartbeat();
  }

  /** All count anew. What has changed goes out first, so that the message with the new number changes no level. */
  restart(renumber: () => void): void {
    const incremental = [...this.#publishers.values()].filter(({ isIncremental }) => isIncremental);
    for (const { channel, instId } of incremental) this.flush(channel, instId);
    renumber();
    this.#ports.past.clear();
    for (const publisher of incremental) {
      this.#ports.onFrame(publisher.channel, publisher.instId, publisher.reset());
    }
  }

  /** Takes a snapshot for REST, which counts with the channel of changes. */
  snapshot(instId: string, limit: number): WireObject {
    this.flush("books", instId);
    return this.#publisher("books", instId).object(limit);
  }

  #publisher(channel: BookChannel, instId: string): BookPublisher {
    const name = `${channel} ${instId}`;
    let publisher = this.#publishers.get(name);
    if (publisher === undefined) {
      publisher = new BookPublisher(this.#ports, channel, instId);
      this.#publishers.set(name, publisher);
    }
    return publisher;
  }
}

/**
 * Loses a level, and continues a message after itself, which nobody has: it follows neither the message before it nor a
 * snapshot over REST. One that continued a message of long ago was taken after such a snapshot, and the loss never noticed.
 */
function broken({ sides, seqId, prevSeqId }: Shown): Shown {
  const left = withoutLastLevel(sides);
  if (prevSeqId === undefined) return { sides: left, seqId };
  return { sides: left, seqId, prevSeqId: seqId + 1 };
}
