import { expect, it } from "vitest";
import { type Ccxt, levelsOf, watchUntil } from "../support/ccxt.ts";
import { BTC, ccxtHyperliquid } from "../support/ccxt-hyperliquid.ts";
import { within } from "../support/inbox.ts";
import { until } from "../support/until.ts";
import { startVenueProcess, type VenueProcess } from "../support/venue-process.ts";

const MARKETS = ["BTC", "ETH", "SOL", "DOGE"] as const;
const UPDATES_A_BOOK = 4;

const connect = ({ host, port, credentials }: VenueProcess) => {
  const { accountAddress: walletAddress = "", privateKey = "" } = credentials.hyperliquid ?? {};
  return ccxtHyperliquid({ host, port, walletAddress, privateKey });
};

it("shows a living market in every book, through the command that users run", async () => {
  const venue = await startVenueProcess("hyperliquid", "--seed", "1", "--rate-limits", "off");
  const exchange = await connect(venue);
  await Promise.all(
    MARKETS.map(async (base) => {
      const symbol = `${base}/USDC:USDC`;
      for (let update = 0; update < UPDATES_A_BOOK; update++) {
        const { bids, asks } = await within<Ccxt>(exchange.watchOrderBook(symbol), `update ${update} of ${base}`);
        const [bid, ask] = [levelsOf(bids), levelsOf(asks)];
        expect([bid.length, ask.length]).toEqual([20, 20]);
        expect(bid[0]![0]).toBeLessThan(ask[0]![0]);
      }
    }),
  );
  expect(await venue.interrupt()).toBe(0);
});

it("trades in a living market through the command that users run, and knows what the venue knows", async () => {
  const options = ["--seed", "2", "--rate-limits", "off", "--balance", "50000", "--funding-interval", "1"];
  const venue = await startVenueProcess("hyperliquid", ...options);
  const exchange = await connect(venue);
  const told = (id: string) => (exchange.orders ?? []).find((order: Ccxt) => order.id === id);
  const first = exchange.watchOrders(BTC);
  await until("a report of an order", async () => {
    const { last } = await exchange.fetchTicker(BTC);
    await exchange.createOrder(BTC, "limit", "buy", 0.001, Math.round(last * 0.9));
    return exchange.orders === undefined ? undefined : true;
  });
  await first;
  const { last } = await exchange.fetchTicker(BTC);
  await exchange.createOrder(BTC, "market", "buy", 0.5, last);
  const resting = await exchange.createOrder(BTC, "limit", "buy", 0.01, Math.round(last * 0.95), { postOnly: true });
  await exchange.cancelOrder(resting.id, BTC);
  await watchUntil(
    "the end of the resting order",
    () => exchange.watchOrders(BTC),
    () => (told(resting.id)?.status === "canceled" ? true : undefined),
  );
  await exchange.createOrder(BTC, "market", "sell", 0.2, last, { reduceOnly: true });
  await until("a funding payment", async () => (await exchange.fetchFundingHistory(BTC))[0]);
  const truth = await venue.truth();
  const fills: Ccxt[] = await exchange.fetchMyTrades(BTC);
  expect(fills.map(({ id, amount, price }) => [id, amount, price])).toEqual(
    truth.fills.map(({ tradeId, size, price }) => [String(tradeId), Number(size), Number(price)]),
  );
  const [position] = await exchange.fetchPositions([BTC]);
  expect(position.contracts).toBe(0.3);
  expect(await venue.interrupt()).toBe(0);
});
