import type { ConnectorEvents, ExternalOrderGoneEvent } from "../model/event.ts";
import type { TradingPair } from "../model/market.ts";
import { isTerminal, type VenueOrder } from "../model/order.ts";
import { MAX_COPY_DELAY_MS } from "../model/time.ts";
import type { TypedEmitter } from "../model/typed-emitter.ts";
import type { Clock } from "../runtime/runtime.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";

export interface ExternalOrdersOptions {
  readonly events: TypedEmitter<ConnectorEvents>;
  readonly clock: Clock;
  /** Tells news now, or at the end of a unit of work that is under way. Default: now. */
  tell?(news: () => void): void;
}

interface Known {
  readonly order: VenueOrder;
  /** All of it that a change of would be told. */
  readonly words: string;
  /** Monotonic time when it was last heard of. */
  readonly heardMs: number;
  /** Monotonic time as of which it is so: when its list was requested, or when a stream told it. */
  readonly asOfMs: number;
}

/** Ended ones are kept so that each end is told once. */
const MAX_ENDED = 10_000;

/**
 * Orders of the account that are not this connector's: another program's, or a hand's on the venue's website. Each
 * change is told once.
 */
export class ExternalOrders {
  readonly #options: ExternalOrdersOptions;
  /** Open orders by market and id, those heard of last at the end. */
  readonly #open = new Map<string, Known>();
  /** Ended orders by market and id, those heard of last at the end. */
  readonly #ended = new Map<string, Known>();

  constructor(options: ExternalOrdersOptions) {
    this.#options = options;
  }

  /** Orders that are open, as far as the venue has told. */
  get open(): readonly VenueOrder[] {
    return [...this.#open.values()].map(({ order }) => order);
  }

  has(order: VenueOrder): boolean {
    return this.#open.has(keyOf(order));
  }

  /** An order turned out to be ours: a message without its client id had come before the answer that names it. */
  claim({ tradingPair, exchangeOrderId }: Pick<InFlightOrder, "tradingPair" | "exchangeOrderId">): void {
    if (this.#open.size === 0 || exchangeOrderId === undefined) return;
    this.#drop(keyOf({ tradingPair, exchangeOrderId }), "ours");
  }

  /** The market is not followed any more: no list tells of its orders. */
  removeTradingPair(tradingPair: TradingPair): void {
    for (const [key, { order }] of this.#open) if (order.tradingPair === tradingPair) this.#drop(key, "notFollowed");
  }

  #drop(key: string, reason: ExternalOrderGoneEvent["reason"]): void {
    const { events, tell = (news) => news() } = this.#options;
    const order = this.#open.get(key)?.order;
    if (order === undefined) return;
    this.#open.delete(key);
    tell(() => events.emit("externalOrderGone", { order, reason }));
  }

  /** `askedMs`: when the list that tells it was asked for, monotonic; a stream tells it where absent. */
  report(order: VenueOrder, askedMs = Number.POSITIVE_INFINITY): void {
    const { clock, events } = this.#options;
    const key = keyOf(order);
    const words = [order.state, order.executedAmount.toFixed(), order.amount.toFixed(), order.price?.toFixed()].join(
      "|",
    );
    const isOver = isTerminal(order.state);
    // An order that a poll lists although its end was told before is as old as the poll.
    if (!isOver && this.#ended.has(key)) return;
    const known = this.#open.get(key) ?? this.#ended.get(key);
    // A stream, or a later list, has told of it since.
    if (known !== undefined && known.asOfMs > askedMs) return;
    this.#open.delete(key);
    this.#ended.delete(key);
    const heardMs = clock.monotonic();
    const orders = isOver ? this.#ended : this.#open;
    orders.set(key, { order, words, heardMs, asOfMs: Math.min(heardMs, askedMs) });
    const oldest = this.#ended.keys().next().value;
    if (this.#ended.size > MAX_ENDED && oldest !== undefined) this.#ended.delete(oldest);
    if (known?.words !== words) events.emit("externalOrder", { type: "externalOrder", order });
  }

  /**
   * A list of open orders of these markets, asked for at `askedMs`, is whole: what is not in it is not open any more. What a
   * stream told just before may be missing all the same, for the list may come from a copy of the venue's books that is
   * behind: such orders stay, and are returned, for the stream may have lost their end.
   */
  listed(orders: readonly VenueOrder[], tradingPairs: readonly TradingPair[], askedMs: number): readonly VenueOrder[] {
    const unheard: [key: string, known: Known][] = [];
    for (const entry of this.#open) {
      if (entry[1].heardMs >= askedMs) break;
      unheard.push(entry);
    }
    const doubtful: VenueOrder[] = [];
    if (unheard.length === 0) return doubtful;
    const markets = new Set(tradingPairs);
    const open = new Set(orders.map(keyOf));
    for (const [key, { order, heardMs, asOfMs }] of unheard) {
      if (open.has(key) || (markets.size > 0 && !markets.has(order.tradingPair))) continue;
      const isPushed = asOfMs === heardMs;
      if (isPushed && heardMs > askedMs - MAX_COPY_DELAY_MS) doubtful.push(order);
      else this.#drop(key, "notListed");
    }
    return doubtful;
  }
}

function keyOf({ tradingPair, exchangeOrderId }: Pick<VenueOrder, "tradingPair" | "exchangeOrderId">): string {
  return `${tradingPair}|${exchangeOrderId}`;
}
