import { ConfigError } from "../model/error.ts";
import type { ApiKey } from "./api/accounts.ts";
import { parseAmount } from "./engine/amount.ts";
import type { Command, EngineEvent, Side } from "./engine/types.ts";

export interface TraderOrder {
  /** The engine's name, for example `BTC-USD`. */
  readonly market: string;
  readonly side: Side;
  /** In base units, as decimal text. */
  readonly size: string;
  /** As decimal text; a market order when absent. */
  readonly price?: string | undefined;
  readonly postOnly?: boolean | undefined;
  readonly timeInForce?: "GTC" | "IOC" | "FOK" | undefined;
  readonly reduceOnly?: boolean | undefined;
}

/** A user of the venue to trade against. Its orders reach the engine at once; it may also log in with its key. */
export interface PaperTrader {
  readonly accountId: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Returns what happened. Throws `ConfigError` with the engine's words when it refused the order. */
  order(order: TraderOrder): readonly EngineEvent[];
  cancelAll(market?: string): readonly EngineEvent[];
}

export function createTrader(key: ApiKey, venue: { execute(command: Command): readonly EngineEvent[] }): PaperTrader {
  const accountId = key.username;
  return {
    accountId,
    apiKey: key.apiKey,
    apiSecret: key.apiSecret,
    order: ({ market, side, size, price, postOnly = false, timeInForce = "GTC", reduceOnly = false }) => {
      const events = venue.execute({
        type: "placeOrder",
        accountId,
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
    cancelAll: (market) => venue.execute({ type: "cancelAll", accountId, ...(market === undefined ? {} : { market }) }),
  };
}
