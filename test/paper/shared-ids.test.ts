import { afterEach, describe, expect, it } from "vitest";
import { parseAmount } from "../../src/paper/index.ts";
import { type Client, startClient } from "./spoken-protocols.ts";

let client: Client;
afterEach(() => client.venue.stop());

const truth = () => client.venue.truth();
const wait = () => client.world.advance(250);

describe.each(["binance", "okx", "gate_io"] as const)(
  "over %s, with ids that each market counts for itself,",
  (name) => {
    it("orders and trades of two markets have the same, and what is told is true", async () => {
      client = await startClient(name, { sharedIds: true });
      const feed = await client.accountFeed();
      for (const market of ["BTC-USD", "ETH-USD"]) {
        const price = market === "BTC-USD" ? "19000" : "1400";
        client.venue.execute({
          ...{ type: "placeOrder", accountId: client.venue.accountId, market, side: "buy", orderType: "limit" },
          ...{ price: parseAmount(price), size: parseAmount("0.1"), timeInForce: "GTC", postOnly: false },
          ...{ reduceOnly: false, clientId: `own-${market}` },
        });
        client.venue.trader.order({ market, side: "sell", size: "0.05", price });
      }
      await wait();
      const { orders, fills } = truth();
      expect(orders.map(({ market }) => market)).toEqual(["BTC-USD", "ETH-USD"]);
      expect(new Set(fills.map(({ tradeId }) => tradeId)).size).toBe(1);
      expect(new Set(orders.map(({ orderId }) => orderId)).size).toBe(name === "binance" ? 1 : 2);
      expect(fills.map(({ orderId }) => orderId)).toEqual(orders.map(({ orderId }) => orderId));
      expect(feed.fills).toEqual(fills.map(({ tradeId }) => String(tradeId)));
    });
  },
);

it("Binance finds, cancels and lists an order by its symbol and such an id", async () => {
  client = await startClient("binance", { sharedIds: true });
  await client.place("a1");
  client.venue.execute({
    ...{ type: "placeOrder", accountId: client.venue.accountId, market: "ETH-USD", side: "buy", orderType: "limit" },
    ...{ price: parseAmount("1400"), size: parseAmount("0.1"), timeInForce: "GTC", postOnly: false },
    ...{ reduceOnly: false, clientId: "eth" },
  });
  await wait();
  const [btc, eth] = truth().orders;
  expect(btc!.orderId).toBe(eth!.orderId);
  expect(client.idsOf(await client.openOrders())).toEqual([btc!.orderId]);
  expect(JSON.parse((await client.cancel("a1")).text)).toMatchObject({ orderId: btc!.orderId, symbol: "BTCUSDT" });
  expect(truth().orders.map(({ status }) => status)).toEqual(["closed", "open"]);
});
