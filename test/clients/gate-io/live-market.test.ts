import { expect, it } from "vitest";
import { type Ccxt, watchUntil } from "../support/ccxt.ts";
import { BTC, ccxtGate, sidesOf } from "../support/ccxt-gate.ts";
import { within } from "../support/inbox.ts";
import { until } from "../support/until.ts";
import { startVenueProcess } from "../support/venue-process.ts";

const MARKETS = ["BTC", "ETH", "SOL", "DOGE"] as const;
const UPDATES_A_BOOK = 20;
const DEPTH = 50;

it("shows a living market as it is, in every book, through the command that users run", async () => {
  const venue = await startVenueProcess("gate_io", "--seed", "1", "--rate-limits", "off");
  const exchange = await ccxtGate(venue);

  await Promise.all(
    MARKETS.map(async (base) => {
      const symbol = `${base}/USDT:USDT`;
      const watch = () => exchange.watchOrderBook(symbol);
      for (let update = 0; update < UPDATES_A_BOOK; update++) await within(watch(), `update ${update} of ${base}`);
      const top = ({ bids, asks }: ReturnType<typeof sidesOf>) =>
        JSON.stringify([bids.slice(0, DEPTH), asks.slice(0, DEPTH)]);
      await until(`the same book of ${base} over both ways`, async () => {
        const rest = top(sidesOf(await exchange.fetchOrderBook(symbol, DEPTH)));
        return top(sidesOf(exchange.orderbooks[symbol])) === rest ? true : undefined;
      });
    }),
  );

  expect(await venue.interrupt()).toBe(0);
});

it("trades in a living market through the command that users run, and knows what the venue knows", async () => {
  const options = ["--seed", "2", "--rate-limits", "off", "--balance", "50000", "--funding-interval", "1"];
  const venue = await startVenueProcess("gate_io", ...options);
  const exchange = await ccxtGate(venue);
  const told = (id: string) => (exchange.orders ?? []).find((order: Ccxt) => order.id === id);
  const first = exchange.watchOrders();
  // Nothing tells when the venue has heard of the subscription but an order that is reported.
  await until("a report of an order", async () => {
    await exchange.createOrder("SOL/USDT:USDT", "limit", "buy", 1, 25);
    return exchange.orders === undefined ? undefined : true;
  });
  await first;

  const bought = await exchange.createOrder(BTC, "market", "buy", 500);
  await watchUntil(
    "the end of the order",
    () => exchange.watchOrders(),
    () => (told(bought.id)?.status === "closed" ? true : undefined),
  );
  const { bid } = await exchange.fetchTicker(BTC);
  const resting = await exchange.createOrder(BTC, "limit", "buy", 10, bid - 500, { postOnly: true });
  expect((await exchange.cancelOrder(resting.id, BTC)).status).toBe("canceled");
  const sold = await exchange.createOrder(BTC, "market", "sell", 200, undefined, { reduceOnly: true });
  expect(sold.status).toBe("closed");
  const [payment] = await until("a funding payment", async () => {
    const history: Ccxt[] = await exchange.fetchFundingHistory(BTC);
    return history.length > 0 ? history : undefined;
  });

  const truth = await venue.truth();
  const trades: Ccxt[] = await exchange.fetchMyTrades(BTC);
  expect(trades.map(({ id }) => id).sort()).toEqual(truth.fills.map(({ fillId }) => fillId).sort());
  expect(truth.positions.filter(({ size }) => size !== "0")).toMatchObject([{ market: "BTC-USD", size: "0.3" }]);
  expect(await exchange.fetchPositions([BTC])).toMatchObject([{ contracts: 300, side: "long" }]);
  const reasons = new Map(truth.orders.map(({ orderId, filled, reason }) => [orderId, [filled, reason]]));
  expect([bought, resting, sold].map(({ id }) => reasons.get(id))).toEqual([
    ["0.5", "filled"],
    ["0", "user"],
    ["0.2", "filled"],
  ]);
  const paid = truth.fundingPayments.find(({ paymentId }) => paymentId === payment.info.id);
  expect(payment.amount).toBe(Number(paid?.amount));
});
