import { expect, it } from "vitest";
import { type Ccxt, watchUntil } from "../support/ccxt.ts";
import { BTC, ccxtOkx, sidesOf } from "../support/ccxt-okx.ts";
import { within } from "../support/inbox.ts";
import { until } from "../support/until.ts";
import { startVenueProcess } from "../support/venue-process.ts";

const MARKETS = ["BTC", "ETH", "SOL", "DOGE"] as const;
const UPDATES_A_BOOK = 20;
const DEPTH = 400;

it("shows a living market as it is, in every book, through the command that users run", async () => {
  const venue = await startVenueProcess("okx", "--seed", "1", "--rate-limits", "off");
  const exchange = await ccxtOkx(venue);

  await Promise.all(
    MARKETS.map(async (base) => {
      const symbol = `${base}/USDT:USDT`;
      const watch = () => exchange.watchOrderBook(symbol);
      for (let update = 0; update < UPDATES_A_BOOK; update++) await within(watch(), `update ${update} of ${base}`);
      await until(`the same book of ${base} over both ways`, async () => {
        const rest = sidesOf(await exchange.fetchOrderBook(symbol, DEPTH));
        const seen = sidesOf(exchange.orderbooks[symbol]);
        return JSON.stringify(seen) === JSON.stringify(rest) ? true : undefined;
      });
    }),
  );

  expect(await venue.interrupt()).toBe(0);
});

it("trades in a living market through the command that users run, and knows what the venue knows", async () => {
  const options = ["--seed", "2", "--rate-limits", "off", "--balance", "50000", "--funding-interval", "1"];
  const venue = await startVenueProcess("okx", ...options);
  const exchange = await ccxtOkx(venue);
  const told = (id: string) => (exchange.orders ?? []).find((order: Ccxt) => order.id === id);
  const ended = (id: string) =>
    watchUntil(
      `the end of ${id}`,
      () => exchange.watchOrders(),
      () => (["closed", "canceled"].includes(told(id)?.status) ? told(id) : undefined),
    );
  // Nothing tells when the venue has heard of the subscription but an order that is reported.
  const first = exchange.watchOrders();
  await until("a report of an order", async () => {
    await exchange.createOrder("SOL/USDT:USDT", "limit", "buy", 0.1, 25);
    return exchange.orders === undefined ? undefined : true;
  });
  await first;

  const bought = await exchange.createOrder(BTC, "market", "buy", 50);
  expect((await ended(bought.id)).status).toBe("closed");
  const { bid } = await exchange.fetchTicker(BTC);
  const resting = await exchange.createOrder(BTC, "limit", "buy", 1, bid - 500, { postOnly: true });
  await exchange.cancelOrder(resting.id, BTC);
  expect((await ended(resting.id)).status).toBe("canceled");
  const sold = await exchange.createOrder(BTC, "market", "sell", 20, undefined, { reduceOnly: true });
  expect((await ended(sold.id)).status).toBe("closed");
  const [payment] = await until("a funding payment", async () => {
    const history: Ccxt[] = await exchange.fetchFundingHistory(BTC);
    return history.length > 0 ? history : undefined;
  });

  const truth = await venue.truth();
  const trades: Ccxt[] = await exchange.fetchMyTrades(BTC);
  expect(trades.map(({ id }) => id).sort()).toEqual(truth.fills.map(({ fillId }) => fillId).sort());
  expect(truth.positions.filter(({ size }) => size !== "0")).toMatchObject([{ market: "BTC-USD", size: "0.3" }]);
  expect(await exchange.fetchPositions([BTC])).toMatchObject([{ contracts: 30, side: "long" }]);
  const reasons = new Map(truth.orders.map(({ orderId, filled, reason }) => [orderId, [filled, reason]]));
  expect([bought, resting, sold].map(({ id }) => reasons.get(id))).toEqual([
    ["0.5", "filled"],
    ["0", "user"],
    ["0.2", "filled"],
  ]);
  const paid = truth.fundingPayments.find(({ paymentId }) => paymentId === payment.id);
  expect(payment.amount).toBe(Number(paid?.amount));
});
