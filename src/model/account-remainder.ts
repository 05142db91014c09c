import type { TradingPair } from "./market.ts";

/**
 * An order that waits at the venue for a price and is in no list of open orders until then: a stop, a take profit, a
 * trailing stop.
 */
export interface ConditionalOrder {
  readonly conditionalOrderId: string;
  /** The venue's name of the market. */
  readonly symbol: string;
  /** Undefined for a market that the connector does not know. */
  readonly tradingPair?: TradingPair | undefined;
}

/** Everything that an account holds besides the open orders and positions of the markets that a connector knows. */
export interface AccountRemainder {
  readonly conditionalOrders: readonly ConditionalOrder[];
  /** Positions and orders on markets that are not known: delisted ones, dated ones, other settle coins. In words. */
  readonly elsewhere: readonly string[];
  /** Lists that the venue did not let be read, and rows that could not be, with the reason. */
  readonly unseen: readonly string[];
}
