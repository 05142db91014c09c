import type { Engine } from "../../engine/types.ts";
import { type BookLevel, type BookSides, withoutLastLevel } from "../book-levels.ts";
import type { Frame } from "../frame.ts";
import type { PastViews } from "../past-views.ts";
import { ToldBook, type ToldView } from "../told-book.ts";
import { knownMarket } from "./market-names.ts";
import { stepText, type WireObject, type WireValue, wireJson } from "./wire.ts";

/** Levels of a book, or the 50 of the one that tells apart retail price improvement (docs v5, RPI orderbook). */
export type BookDepth = number | "rpi";
/** The depths of the `orderbook` topics and how often each is sent, in milliseconds (docs v5, orderbook). */
export const BOOK_CADENCE_MS: ReadonlyMap<BookDepth, number> = new Map<BookDepth, number>([
  [1, 10],
  [50, 20],
  [200, 100],
  [1_000, 200],
  ["rpi", 100],
]);
const RPI_LEVELS = 50;
/** The REST snapshot's `u` counts with this topic (docs v5, market orderbook). */
const REST_DEPTH = 1_000;

/** Numbers that a book is told with. */
interface Stamp {
  /** Grows by one with each update; 1 says that the service has started anew. */
  readonly update: number;
  readonly sequence: number;
  readonly changedMs: number;
}

interface PublisherPorts {
  readonly engine: Engine;
  readonly past: PastViews<ToldView<Stamp>>;
  sequence(engineSequence: number): number;
  now(): number;
}

/** One view of one book, as all its subscribers hold it. */
class BookPublisher {
  readonly #ports: PublisherPorts;
  readonly #symbol: string;
  readonly #depth: BookDepth;
  readonly #book: ToldBook<Stamp>;

  constructor(ports: PublisherPorts, symbol: string, depth: BookDepth) {
    const { engine, past, now } = ports;
    this.#ports = ports;
    this.#symbol = symbol;
    this.#depth = depth;
    this.#book = new ToldBook({
      ...{ name: `${depth} ${symbol}`, past, now },
      view: () => engine.book(knownMarket(engine, symbol).spec.market, depth === "rpi" ? RPI_LEVELS : depth),
      stampAfter: (last) => ({ update: (last?.update ?? 0) + 1, sequence: engine.sequence(), changedMs: now() }),
    });
  }

  /** Takes a new view; the frame for those who hold the last one, or undefined when nothing changed. */
  update(): Frame | undefined {
    const sides = this.#book.update();
    if (sides === undefined) return undefined;
    return this.#depth === 1 ? this.snapshot() : this.#frame("delta", { sides, stamp: this.#book.told.stamp });
  }

  /** The whole view, as the last update left it. */
  snapshot(): Frame {
    return this.#frame("snapshot", this.#book.told);
  }

  /** The same for a new listener. */
  first(): Frame {
    return this.#frame("snapshot", this.#book.shown());
  }

  /** The REST form, at most `limit` levels a side. */
  object(limit: number): WireObject {
    const { sides, stamp } = this.#book.shown();
    const { bids, asks } = sides;
    const { s, b, a, u, seq } = this.#data({ bids: bids.slice(0, limit), asks: asks.slice(0, limit) }, stamp);
    return { s, b, a, ts: this.#nowMs(), u, seq, cts: Math.floor(stamp.changedMs) };
  }

  #frame(type: "snapshot" | "delta", { sides, stamp }: ToldView<Stamp>): Frame {
    const topic = `orderbook.${this.#depth}.${this.#symbol}`;
    const ts = this.#nowMs();
    const cts = Math.floor(stamp.changedMs);
    const text = (shown: BookSides, numbers: Stamp) =>
      wireJson({ topic, type, ts, data: this.#data(shown, numbers), cts });
    const frame = { channel: "orderbook", market: this.#symbol, text: text(sides, stamp) };
    if (this.#depth === 1) return frame;
    if (type === "snapshot") return { ...frame, book: "snapshot" };
    // A level is lost and with it an update: the next `u` does not follow. Nothing would tell of a broken snapshot.
    const corrupted = () => text(withoutLastLevel(sides), { ...stamp, update: stamp.update + 1 });
    return { ...frame, book: "change", corrupted };
  }

  #data({ bids, asks }: BookSides, { update, sequence }: Stamp) {
    const { spec } = knownMarket(this.#ports.engine, this.#symbol);
    const row = ([price, size]: BookLevel): WireValue => [
      stepText(price, spec.tick),
      size === 0n ? "0" : stepText(size, spec.lot),
      // No order of retail price improvement is taken here.
      ...(this.#depth === "rpi" ? ["0"] : []),
    ];
    const seq = this.#ports.sequence(sequence);
    return { s: this.#symbol, b: bids.map(row), a: asks.map(row), u: update, seq };
  }

  #nowMs(): number {
    return Math.floor(this.#ports.now());
  }
}

/** The views of all books; they go on counting while nobody listens. */
export class BookPublishers {
  readonly #ports: PublisherPorts & { onUpdate(depth: BookDepth, symbol: string, frame: Frame): void };
  readonly #publishers = new Map<string, BookPublisher>();

  constructor(ports: PublisherPorts & { onUpdate(depth: BookDepth, symbol: string, frame: Frame): void }) {
    this.#ports = ports;
  }

  /** Sends what has changed to those who listen. */
  flush(depth: BookDepth, symbol: string): void {
    const frame = this.#publisher(depth, symbol).update();
    if (frame !== undefined) this.#ports.onUpdate(depth, symbol, frame);
  }

  /** The first frame for a new listener, after the others have got what led to it. */
  first(depth: BookDepth, symbol: string): Frame {
    this.flush(depth, symbol);
    return this.#publisher(depth, symbol).first();
  }

  /** The same frame again. */
  repeat(depth: BookDepth, symbol: string): Frame {
    return this.#publisher(depth, symbol).snapshot();
  }

  /** Takes a snapshot for REST. */
  snapshot(symbol: string, limit: number, depth: BookDepth = REST_DEPTH): WireObject {
    this.flush(depth, symbol);
    return this.#publisher(depth, symbol).object(limit);
  }

  /** All count from 1 again. */
  restart(): void {
    this.#publishers.clear();
    this.#ports.past.clear();
  }

  #publisher(depth: BookDepth, symbol: string): BookPublisher {
    const name = `${depth} ${symbol}`;
    let publisher = this.#publishers.get(name);
    if (publisher === undefined) {
      publisher = new BookPublisher(this.#ports, symbol, depth);
      this.#publishers.set(name, publisher);
    }
    return publisher;
  }
}
