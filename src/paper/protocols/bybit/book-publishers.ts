import type { Engine } from "../../engine/types.ts";
import { type BookLevel, type BookSides, changedLevels } from "../book-levels.ts";
import type { Frame } from "../frame.ts";
import type { PastViews } from "../past-views.ts";
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

/** A book as it was told, and the numbers that it was told with. */
interface View {
  readonly sides: BookSides;
  readonly update: number;
  readonly sequence: number;
  readonly changedMs: number;
}

interface PublisherPorts {
  readonly engine: Engine;
  readonly past: PastViews<View>;
  sequence(engineSequence: number): number;
  now(): number;
}

/** One view of one book, as all its subscribers hold it; `u` grows by one with each update. */
class BookPublisher {
  readonly #ports: PublisherPorts;
  readonly #symbol: string;
  readonly #depth: BookDepth;
  #told: View;

  constructor(ports: PublisherPorts, symbol: string, depth: BookDepth) {
    this.#ports = ports;
    this.#symbol = symbol;
    this.#depth = depth;
    // 1 says that the service has started anew.
    const view = this.#view(1);
    this.#told = view;
    ports.past.keep(this.#name, ports.now(), () => view);
  }

  /** Takes a new view; the frame for those who hold the last one, or undefined when nothing changed. */
  update(): Frame | undefined {
    const { sides, update } = this.#told;
    const view = this.#view(update + 1);
    const bids = changedLevels(sides.bids, view.sides.bids, (left, right) => left > right);
    const asks = changedLevels(sides.asks, view.sides.asks, (left, right) => left < right);
    if (bids.length === 0 && asks.length === 0) return undefined;
    this.#told = view;
    this.#ports.past.keep(this.#name, this.#ports.now(), () => view);
    return this.#depth === 1 ? this.snapshot() : this.#frame("delta", { ...view, sides: { bids, asks } });
  }

  /** The whole view, as the last update left it. */
  snapshot(): Frame {
    return this.#frame("snapshot", this.#told);
  }

  /** The same for a new listener. */
  first(): Frame {
    return this.#frame("snapshot", this.#shown());
  }

  /** The REST form, at most `limit` levels a side. */
  object(limit: number): WireObject {
    const view = this.#shown();
    const sides = { bids: view.sides.bids.slice(0, limit), asks: view.sides.asks.slice(0, limit) };
    const { s, b, a, u, seq } = this.#data({ ...view, sides });
    return { s, b, a, ts: this.#nowMs(), u, seq, cts: Math.floor(view.changedMs) };
  }

  get #name(): string {
    return `${this.#depth} ${this.#symbol}`;
  }

  #shown(): View {
    return this.#ports.past.stale(this.#name, this.#ports.now()) ?? this.#told;
  }

  #frame(type: "snapshot" | "delta", view: View): Frame {
    const topic = `orderbook.${this.#depth}.${this.#symbol}`;
    const ts = this.#nowMs();
    const cts = Math.floor(view.changedMs);
    const text = (shown: View) => wireJson({ topic, type, ts, data: this.#data(shown), cts });
    return {
      channel: "orderbook",
      market: this.#symbol,
      ...(this.#depth === 1 ? {} : { book: type === "delta" ? "change" : "snapshot" }),
      text: text(view),
      // A level is lost and with it an update: the next `u` does not follow. Nothing would tell of a broken snapshot.
      ...(type === "delta"
        ? { corrupted: () => text({ ...view, sides: withoutLastLevel(view.sides), update: view.update + 1 }) }
        : {}),
    };
  }

  #data({ sides: { bids, asks }, update, sequence }: View) {
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

  #view(update: number): View {
    const { engine, now } = this.#ports;
    const levels = this.#depth === "rpi" ? RPI_LEVELS : this.#depth;
    const sides = engine.book(knownMarket(engine, this.#symbol).spec.market, levels);
    return { sides, update, sequence: engine.sequence(), changedMs: now() };
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

function withoutLastLevel({ bids, asks }: BookSides): BookSides {
  return asks.length > 0 ? { bids, asks: asks.slice(0, -1) } : { bids: bids.slice(0, -1), asks };
}
