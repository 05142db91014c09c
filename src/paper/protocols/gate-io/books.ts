import { formatAmount } from "../../engine/amount.ts";
import type { Engine, EngineEvent } from "../../engine/types.ts";
import { type BookLevel, type BookSides, changedLevels, withoutLastLevel } from "../book-levels.ts";
import type { Frame } from "../frame.ts";
import type { PastViews } from "../past-views.ts";
import { findContract, type SizeForm, sizeValue } from "./contracts.ts";
import type { WireIds } from "./ids.ts";
import { type WireObject, type WireValue, wireJson } from "./wire.ts";

export type BookChannel = "order_book_update" | "obu";

/** View of one book, as all of its subscribers hold it. */
export interface BookName {
  readonly channel: BookChannel;
  readonly contract: string;
  readonly depth: number;
  readonly cadenceMs: number;
}

interface View {
  readonly sides: BookSides;
  readonly id: number;
}

/** View that was told, and the prices at which there was a change since, whether or not one is left of it. */
interface Held {
  readonly market: string;
  readonly view: View;
  readonly bids: Set<bigint>;
  readonly asks: Set<bigint>;
}

interface Told extends View {
  readonly firstId: number;
  readonly isFull: boolean;
}

interface PublisherPorts {
  readonly engine: Engine;
  readonly ids: WireIds;
  readonly past: PastViews<View>;
  now(): number;
}

const keyOf = ({ channel, contract, depth, cadenceMs }: BookName): string =>
  `${channel} ${contract} ${depth} ${cadenceMs}`;

/** Books with their ids, which count the changed levels of each, and what was told of them. */
export class BookPublishers {
  readonly #ports: PublisherPorts;
  /** Number of levels of a market that have changed. */
  readonly #changes = new Map<string, number>();
  readonly #told = new Map<string, Held>();

  constructor(ports: PublisherPorts) {
    this.#ports = ports;
  }

  onEvents(events: readonly EngineEvent[]): void {
    for (const event of events) {
      if (event.type !== "bookLevel") continue;
      const { market, side, price } = event;
      this.#changes.set(market, (this.#changes.get(market) ?? 0) + 1);
      for (const held of this.#told.values()) {
        if (held.market === market) (side === "buy" ? held.bids : held.asks).add(price);
      }
    }
  }

  id(market: string): number {
    return this.#ports.ids.bookUpdate(this.#changes.get(market) ?? 0);
  }

  /** Makes the frame of what has changed since the last one; undefined where nothing has. */
  update(name: BookName): ((form: SizeForm) => Frame) | undefined {
    const held = this.#held(name);
    const { view: before } = held;
    const view = this.#view(name);
    if (view.id === before.id) return undefined;
    this.#hold(name, view);
    const deepest = deepestOf(name.contract);
    this.#ports.past.keep(keyOf(deepest), this.#ports.now(), () => this.#view(deepest));
    const isKnown = within(view.sides, name.depth);
    const bids = told(before.sides.bids, view.sides.bids, held.bids, (left, right) => left > right);
    const asks = told(before.sides.asks, view.sides.asks, held.asks, (left, right) => left < right);
    const sides = { bids: bids.filter(isKnown.bid), asks: asks.filter(isKnown.ask) };
    return this.#frames(name, { sides, id: view.id, firstId: before.id + 1, isFull: false });
  }

  /** The whole view for a new subscriber, after the others have got what led to it. */
  full(name: BookName): (form: SizeForm) => Frame {
    const held = this.#held(name);
    const view = this.#ports.past.stale(keyOf(name), this.#ports.now()) ?? held.view;
    return this.#frames(name, { ...view, firstId: view.id, isFull: true });
  }

  /** Snapshot of REST, at most `limit` levels a side. */
  snapshot(contract: string, limit: number, withId: boolean, form: SizeForm): WireObject {
    const { past, now } = this.#ports;
    const name = deepestOf(contract);
    const view = this.#view(name);
    this.#keep(name, view);
    const { sides, id } = past.stale(keyOf(name), now()) ?? view;
    const time = Math.floor(now()) / 1_000;
    const { bids, asks } = this.#rows(name, sides, form);
    const levels = { asks: asks.slice(0, limit), bids: bids.slice(0, limit) };
    return { ...(withId ? { id } : {}), current: time, update: time, ...levels };
  }

  /** Drops a view that nobody holds any more. */
  drop(name: BookName): void {
    this.#told.delete(keyOf(name));
  }

  #held(name: BookName): Held {
    return this.#told.get(keyOf(name)) ?? this.#hold(name, this.#view(name));
  }

  #hold(name: BookName, view: View): Held {
    const { market } = this.#market(name.contract).spec;
    const held = { market, view, bids: new Set<bigint>(), asks: new Set<bigint>() };
    this.#told.set(keyOf(name), held);
    this.#keep(name, view);
    return held;
  }

  #keep(name: BookName, view: View): void {
    this.#ports.past.keep(keyOf(name), this.#ports.now(), () => view);
  }

  #view({ contract, depth }: BookName): View {
    const { market } = this.#market(contract).spec;
    return { sides: this.#ports.engine.book(market, depth), id: this.id(market) };
  }

  #market(contract: string) {
    const market = findContract(this.#ports.engine, contract);
    if (market === undefined) throw new TypeError(`there is no ${contract}`);
    return market;
  }

  #frames(name: BookName, told: Told): (form: SizeForm) => Frame {
    const { channel, contract } = name;
    return (form) => {
      const text = (other: Told) => wireJson(this.#message(name, other, form));
      const frame = { channel, market: contract, text: text(told) };
      if (told.isFull) return { ...frame, book: "snapshot" };
      return { ...frame, book: "change", corrupted: () => text(broken(told)) };
    };
  }

  /** The second form of the books has neither an event nor a time of its own, and its sizes are always text. */
  #message(name: BookName, { sides, id, firstId, isFull }: Told, form: SizeForm): WireObject {
    const nowMs = Math.floor(this.#ports.now());
    const full = isFull ? { full: true } : {};
    if (name.channel === "obu") {
      const { bids: b, asks: a } = this.#pairs(name, sides);
      const ids = isFull ? { u: id } : { U: firstId, u: id };
      const result = { t: nowMs, ...full, s: `ob.${name.contract}.${name.depth}`, ...ids, b, a };
      return { channel: "futures.obu", result, time_ms: nowMs };
    }
    const { bids: b, asks: a } = this.#rows(name, sides, form);
    const result = { t: nowMs, s: name.contract, U: firstId, u: id, ...full, b, a, l: String(name.depth) };
    return envelope("order_book_update", "update", result, nowMs);
  }

  #rows({ contract }: BookName, { bids, asks }: BookSides, form: SizeForm) {
    const market = this.#market(contract);
    const row = ([price, size]: BookLevel) => ({ p: formatAmount(price), s: sizeValue(size, market, form) });
    return { bids: bids.map(row), asks: asks.map(row) };
  }

  #pairs({ contract }: BookName, { bids, asks }: BookSides) {
    const market = this.#market(contract);
    const row = ([price, size]: BookLevel) => [formatAmount(price), sizeValue(size, market, "decimal")];
    return { bids: bids.map(row), asks: asks.map(row) };
  }
}

/** The deepest book that REST tells. */
const MAX_LEVELS = 300;

/** The view that REST tells. */
const deepestOf = (contract: string): BookName => ({
  ...{ channel: "order_book_update", contract, depth: MAX_LEVELS, cadenceMs: 0 },
});

/** A push of the channel. */
export function envelope(channel: string, event: string, result: WireValue, nowMs: number): WireObject {
  const time = Math.floor(nowMs / 1_000);
  return { time, time_ms: Math.floor(nowMs), channel: `futures.${channel}`, event, result };
}

/**
 * Lists what differs from the last view, and each level that was changed since, even where it is again what it was: a
 * snapshot from in between has it as it was then. Best first.
 */
function told(
  before: readonly BookLevel[],
  after: readonly BookLevel[],
  touched: ReadonlySet<bigint>,
  isBetter: (left: bigint, right: bigint) => boolean,
): readonly BookLevel[] {
  const levels = new Map(changedLevels(before, after, isBetter));
  const sizes = new Map(after);
  for (const price of touched) levels.set(price, sizes.get(price) ?? 0n);
  return [...levels].sort(([left], [right]) => (isBetter(left, right) ? -1 : 1));
}

/** A level that was pushed out of the window is not told: only what lies in it is. */
function within({ bids, asks }: BookSides, depth: number) {
  const lowest = bids.length < depth ? 0n : (bids.at(-1)?.[0] ?? 0n);
  const highest = asks.length < depth ? undefined : asks.at(-1)?.[0];
  return {
    bid: ([price]: BookLevel): boolean => price >= lowest,
    ask: ([price]: BookLevel): boolean => highest === undefined || price <= highest,
  };
}

/**
 * Loses a level, and begins after its own end: it follows neither the frame before it nor a snapshot, which has the level
 * where it is as new. With ids of its own it would be taken after a snapshot, and the loss never noticed.
 */
function broken({ sides, id, isFull }: Told): Told {
  return { sides: withoutLastLevel(sides), id, firstId: id + 1, isFull };
}
