import { expect, it } from "vitest";
import { type Ccxt, levelsOf, watchUntil } from "../support/ccxt.ts";
import { BTC, ccxtHyperliquid, loginOf } from "../support/ccxt-hyperliquid.ts";
import { bookOf, openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

const connect = async (options: Parameters<typeof openVenue>[0] = {}) => {
  const venue = await openVenue({ api: "hyperliquid", ...options });
  return { venue, exchange: await ccxtHyperliquid(loginOf(venue)) };
};

it("ccxt holds the book of a living market as the engine has it", async () => {
  const { venue, exchange } = await connect({ emptyBooks: false, quiet: true });
  await exchange.watchOrderBook(BTC);
  venue.trader.order({ market: "BTC-USD", side: "buy", price: "19995", size: "5" });
  await watchUntil(
    "the new level",
    () => exchange.watchOrderBook(BTC),
    () => {
      const { bids, asks } = exchange.orderbooks[BTC];
      const seen = { bids: levelsOf(bids), asks: levelsOf(asks) };
      return JSON.stringify(seen) === JSON.stringify(bookOf(venue, "BTC-USD", 20)) ? true : undefined;
    },
  );
});

it("ccxt watches trades, tickers and candles", async () => {
  const { venue, exchange } = await connect();
  const [trades, ticker, candles] = [
    exchange.watchTrades(BTC),
    exchange.watchTicker(BTC),
    exchange.watchOHLCV(BTC, "1m"),
  ];
  await ticker;
  venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.5" });
  await exchange.createOrder(BTC, "limit", "buy", 0.5, 20_000);
  expect((await trades)[0]).toMatchObject({ price: 20_000, amount: 0.5, side: "buy", symbol: BTC });
  expect((await candles).at(-1).slice(1)).toEqual([20_000, 20_000, 20_000, 20_000, 0.5]);
});

it("ccxt watches its orders, fills and balance, and acts over the socket", async () => {
  const { venue, exchange } = await connect();
  const told = (id: string) => (exchange.orders ?? []).find((order: Ccxt) => order.id === id);
  const first = exchange.watchOrders(BTC);
  const fills = exchange.watchMyTrades(BTC);
  const balance = exchange.watchBalance();
  await balance;
  const { id } = await exchange.createOrderWs(BTC, "limit", "buy", 0.01, 19_000);
  await first;
  expect(await until("the order", () => told(id))).toMatchObject({ status: "open", amount: 0.01 });
  venue.trader.order({ market: "BTC-USD", side: "sell", price: "19000", size: "0.01" });
  const [fill] = await fills;
  expect(fill).toMatchObject({ order: id, amount: 0.01, price: 19_000, side: "buy" });
  await watchUntil(
    "the end of it",
    () => exchange.watchOrders(BTC),
    () => (told(id)?.status === "closed" ? true : undefined),
  );
  const second = await exchange.createOrderWs(BTC, "limit", "buy", 0.01, 18_000);
  await exchange.editOrderWs(second.id, BTC, "limit", "buy", 0.02, 18_100);
  const [edited] = await exchange.fetchOpenOrders(BTC);
  expect(edited).toMatchObject({ amount: 0.02, price: 18_100 });
  await exchange.cancelOrderWs(edited.id, BTC);
  expect(await exchange.fetchOpenOrders(BTC)).toEqual([]);
  expect(venue.truth().fills).toHaveLength(1);
});
