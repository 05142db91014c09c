import { ConfigError } from "../model/error.ts";
import { parseAmount } from "./engine/amount.ts";
import type { Command, EngineEvent, OrderView, Side } from "./engine/types.ts";
import type { ApiKey } from "./protocols/accounts.ts";

export interface TraderOrder {
  /** The engine's name, for example `BTC-USD`. */
  readonly market: string;
  readonly side: Side;
  /** Size in base units, as decimal text. */
  readonly size: string;
  /** Price as decimal text; a market order when absent. */
  readonly price?: string | undefined;
  readonly postOnly?: boolean | undefined;
  readonly timeInForce?: "GTC" | "IOC" | "FOK" | undefined;
  readonly reduceOnly?: boolean | undefined;
}

/**
 * A user of the venue to trade against. Its orders reach the engine at once; it may also log in with its key. What would
 * take from its own quotes is another user's: the venue would end it as a self-trade, and a market has more than one.
 */
export interface PaperTrader {
  readonly accountId: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Returns what happened. Throws `ConfigError` with the engine's words when it refused the order. */
  order(order: TraderOrder): readonly EngineEvent[];
  cancelAll(market?: string): readonly EngineEvent[];
}

const TAKER = "taker@example.com";

export interface TraderPorts {
  execute(command: Command): readonly EngineEvent[];
  openOrders(accountId: string, market: string): readonly OrderView[];
}

export function createTrader(key: ApiKey, venue: TraderPorts, cash: bigint): PaperTrader {
  const accountId = key.username;
  let hasTaker = false;
  const userOf = ({ market, side, price }: TraderOrder): string => {
    const limit = price === undefined ? null : parseAmount(price);
    const isHit = (order: OrderView): boolean =>
      order.side !== side &&
      order.price !== null &&
      (limit === null || (side === "buy" ? order.price <= limit : order.price >= limit));
    if (!venue.openOrders(accountId, market).some(isHit)) return accountId;
    if (!hasTaker) venue.execute({ type: "openAccount", accountId: TAKER, cash, retain: false });
    hasTaker = true;
    return TAKER;
  };
  return {
    accountId,
    apiKey: key.apiKey,
    apiSecret: key.apiSecret,
    order: (order) => {
      const { market, side, size, price, postOnly = false, timeInForce = "GTC", reduceOnly = false } = order;
      const events = venue.execute({
        type: "placeOrder",
        accountId: reduceOnly || postOnly ? accountId : userOf(order),
        market,
        side,
        orderType: price === undefined ? "market" : "limit",
        price: price === undefined ? null : parseAmount(price),
        size: parseAmount(size),
        timeInForce: price === undefined ? "IOC" : timeInForce,
        postOnly,
        reduceOnly,
        clientId: null,
      });
      const refused = events.find((event) => event.type === "refused");
      if (refused !== undefined) throw new ConfigError(`the trader's order was refused: ${refused.message}`);
      return events;
    },
    cancelAll: (market) => {
      const users = hasTaker ? [accountId, TAKER] : [accountId];
      const which = market === undefined ? {} : { market };
      return users.flatMap((user) => venue.execute({ type: "cancelAll", accountId: user, ...which }));
    },
  };
}
