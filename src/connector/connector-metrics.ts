import type { Percentiles } from "../market-data/latency-histogram.ts";
import type { OrderBookTrackerMetrics } from "../market-data/order-book-tracker.ts";
import type { BookMessageCounters } from "../market-data/public-message-dispatcher.ts";
import type { RateLimitUsage } from "../net/throttler.ts";
import type { ConnectorNetwork, RequestCounters } from "./connector-network.ts";
import type { MarketSide } from "./market-side.ts";
import type { TradingSide } from "./trading-side.ts";
import type { UnreadableRows } from "./unreadable-rows.ts";

/** Figures about a running connector. Times are milliseconds. */
export interface ConnectorMetrics {
  readonly requests: Readonly<RequestCounters>;
  readonly rateLimits: readonly RateLimitUsage[];
  /** Time from sending a request that changes orders, or now and then a setting, to its answer; NaN before the first. */
  readonly orderRoundTripMs: Percentiles;
  /** Public messages by kind. */
  readonly messages: Readonly<Record<string, number>>;
  readonly books: OrderBookTrackerMetrics;
  /**
   * Messages of books by how they were read. `parsed` ones, over `JSON.parse`, are snapshots and those that are written
   * otherwise than the venue's `bookWire` says: where they are many, a message takes several times as long.
   */
  readonly bookMessages: BookMessageCounters;
  /** Rows that could not be read and were left out, by what they were to be. */
  readonly unreadableRows: Readonly<Record<string, number>>;
  readonly orders?: { readonly active: number; readonly unknown: number; readonly lost: number } | undefined;
}

export function connectorMetrics(
  network: ConnectorNetwork,
  market: MarketSide,
  trading: TradingSide | undefined,
  unreadable: UnreadableRows,
): ConnectorMetrics {
  return {
    requests: { ...network.counters },
    rateLimits: network.factory.throttler.usage(),
    orderRoundTripMs: network.orderRoundTrips.percentiles(),
    messages: market.messages,
    books: market.books.metrics(),
    bookMessages: market.bookMessages,
    unreadableRows: unreadable.counters,
    orders:
      trading === undefined
        ? undefined
        : {
            active: trading.tracker.activeOrders.length,
            unknown: trading.tracker.unknownOrders.length,
            lost: trading.tracker.lostOrders.length,
          },
  };
}
