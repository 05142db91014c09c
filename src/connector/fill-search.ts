import type { OrderUpdate, PositionAdjustment, TradeUpdate } from "../model/account-update.ts";
import { describeError, isAbort } from "../model/error.ts";
import type { TradingPair } from "../model/market.ts";
import { CLOCKS_DIFFER_MS } from "../model/time.ts";
import type { VenueContext } from "../net/venue-api.ts";
import type { Logger } from "../runtime/logger.ts";
import type { ApplyEffect } from "../trading/client-order-tracker.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import { wholeReading } from "./account-reading.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";
import { SharedRun } from "./shared-run.ts";

export interface FillSearchOptions {
  readonly venue: PerpetualVenue;
  readonly context: () => VenueContext;
  readonly logger: Logger;
  readonly apply: (update: OrderUpdate | TradeUpdate) => ApplyEffect;
  /** Receiver of the venue's own trades that a search brings along. */
  readonly applyAdjustment: (adjustment: PositionAdjustment) => void;
  readonly isOurs: (clientOrderId: string) => boolean;
}

/** An order that is searched, from before it was made, and whether its fills could be told from all others. */
interface Missing {
  readonly order: InFlightOrder;
  readonly sinceMs: number;
  isSearched: boolean;
}

interface Market {
  readonly run: SharedRun;
  missing: Missing[];
}

/** Orders that are asked about in one search for a missing one; where there are more, the next search goes on. */
const MAX_ASKED = 20;
const MAX_STRANGERS = 1_000;

/**
 * Searches missing orders among the account's fills, for a venue may forget an id and keep the fills. Orders of one
 * market share a search that begins after each of them came: after an outage thirty orders took Binance's limits of
 * five minutes, one by one.
 */
export class FillSearch {
  readonly #options: FillSearchOptions;
  readonly #markets = new Map<TradingPair, Market>();
  /** Exchange order ids of others, so that each is asked about once. */
  readonly #strangers = new Set<string>();

  constructor(options: FillSearchOptions) {
    this.#options = options;
  }

  /**
   * Asks for the account's fills since the order was made (venue's time) and applies what is found. Those of unknown
   * orders that may be this one are asked about by their exchange order id. Resolves to false when that could not be
   * done: then nothing is proven.
   */
  async search(order: InFlightOrder, madeAtMs: number, signal: AbortSignal): Promise<boolean> {
    const market = this.#marketOf(order.tradingPair);
    const missing: Missing = { order, sinceMs: madeAtMs - CLOCKS_DIFFER_MS, isSearched: false };
    market.missing.push(missing);
    try {
      await market.run.run(signal);
      return missing.isSearched;
    } catch (error) {
      if (isAbort(error)) throw error;
      const { clientOrderId } = order;
      const text = describeError(error);
      this.#options.logger.warn("the fills of a missing order could not be searched", { clientOrderId, error: text });
      return false;
    } finally {
      market.missing = market.missing.filter((each) => each !== missing);
    }
  }

  #marketOf(tradingPair: TradingPair): Market {
    const known = this.#markets.get(tradingPair);
    if (known !== undefined) return known;
    const market: Market = {
      run: new SharedRun((signal) => this.#searchAll(tradingPair, market.missing.splice(0), signal)),
      missing: [],
    };
    this.#markets.set(tradingPair, market);
    return market;
  }

  async #searchAll(tradingPair: TradingPair, missing: readonly Missing[], signal: AbortSignal): Promise<void> {
    if (missing.length === 0) return;
    const { venue, context, apply, applyAdjustment } = this.#options;
    const sinceMs = Math.min(...missing.map((each) => each.sinceMs));
    const reading = wholeReading(context(), signal);
    const trades = await venue.derivative.tradesSince(reading.context, sinceMs, [tradingPair]);
    const unclaimed: TradeUpdate[] = [];
    for (const trade of trades) {
      if (trade.type === "positionAdjustment") {
        applyAdjustment(trade);
        continue;
      }
      const { kind } = apply(trade);
      const isNobodys = trade.tradingPair === tradingPair && trade.clientOrderId === undefined;
      if (isNobodys && (kind === "external" || kind === "parked")) unclaimed.push(trade);
    }
    const identified = new Set<string>();
    for (const each of missing) {
      const isIdentified = await this.#identify(each, unclaimed, identified, signal);
      each.isSearched = reading.isWhole() && isIdentified;
    }
    for (const trade of unclaimed) {
      const { exchangeOrderId } = trade;
      if (identified.has(exchangeOrderId) && !this.#strangers.has(exchangeOrderId)) apply(trade);
    }
  }

  /** Asks whose the unclaimed fills are that may be this order's; false while some have not been asked about. */
  async #identify(
    { order, sinceMs }: Missing,
    unclaimed: readonly TradeUpdate[],
    identified: Set<string>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { venue, context, apply, isOurs } = this.#options;
    const mayBe = unclaimed.filter((trade) => trade.side === order.side && trade.timestampMs >= sinceMs);
    const ids = new Set(mayBe.map(({ exchangeOrderId }) => exchangeOrderId));
    const unknown = [...ids].filter((id) => !this.#strangers.has(id) && !identified.has(id));
    for (const exchangeOrderId of unknown.slice(0, MAX_ASKED)) {
      const reference = { ...order.reference(), exchangeOrderId };
      const update = await venue.derivative.requestOrderStatus({ ...context(), signal }, reference);
      identified.add(exchangeOrderId);
      // A row without its client order id proves nothing for the next search.
      if (update.clientOrderId === undefined) continue;
      if (isOurs(update.clientOrderId)) apply(update);
      else this.#noteStranger(exchangeOrderId);
    }
    return unknown.length <= MAX_ASKED;
  }

  #noteStranger(exchangeOrderId: string): void {
    this.#strangers.add(exchangeOrderId);
    const [oldest] = this.#strangers;
    if (this.#strangers.size > MAX_STRANGERS && oldest !== undefined) this.#strangers.delete(oldest);
  }
}
