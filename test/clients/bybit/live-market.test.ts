import { expect, it } from "vitest";
import { bybitRest, bybitSocket, LINEAR, privateSocket, resultOf, rowTold, type Wire } from "../support/bybit-api.ts";
import { levelsOf } from "../support/ccxt.ts";
import { BTC, ccxtBybit } from "../support/ccxt-bybit.ts";
import { within } from "../support/inbox.ts";
import { SequencedBook } from "../support/sequenced-book.ts";
import { until } from "../support/until.ts";
import { startVenueProcess } from "../support/venue-process.ts";

const MARKETS = ["BTC", "ETH", "SOL", "DOGE"] as const;
const UPDATES_A_BOOK = 30;
const DEPTH = 50;

it("shows a living market as it is to both clients at once, in every book, through the command that users run", async () => {
  const venue = await startVenueProcess("bybit", "--seed", "1", "--rate-limits", "off");
  const exchange = await ccxtBybit(venue);
  const rest = bybitRest(venue);
  const socket = bybitSocket(venue, "/v5/public/linear");
  const books = new Map<string, SequencedBook>(MARKETS.map((base) => [`${base}USDT`, new SequencedBook()]));
  const wrong: unknown[] = [];
  socket.client.on("update", (frame: Wire) => {
    try {
      books.get(frame.data.s)!.apply(frame);
    } catch (error) {
      wrong.push(error);
    }
  });
  socket.client.subscribeV5(
    MARKETS.map((base) => `orderbook.${DEPTH}.${base}USDT`),
    "linear",
  );

  await Promise.all(
    MARKETS.map(async (base) => {
      const symbol = `${base}USDT` as const;
      const watch = () => exchange.watchOrderBook(`${base}/USDT:USDT`);
      for (let update = 0; update < UPDATES_A_BOOK; update++) await within(watch(), `update ${update} of ${base}`);
      await until(`the same book of ${base} everywhere`, async () => {
        const { b, a } = await resultOf(rest.getOrderbook({ category: "linear", symbol, limit: DEPTH }));
        const { bids, asks } = exchange.orderbooks[`${base}/USDT:USDT`];
        const truth = { bids: numbers(b), asks: numbers(a) };
        const seen = [{ bids: levelsOf(bids), asks: levelsOf(asks) }, books.get(symbol)!.view()];
        return seen.every((book) => JSON.stringify(book) === JSON.stringify(truth)) ? true : undefined;
      });
    }),
  );

  expect(wrong).toEqual([]);
  expect(await venue.interrupt()).toBe(0);
});

const numbers = (side: Wire[]) => side.map(([price, size]) => [Number(price), Number(size)]);

it("trades in a living market through the command that users run, and both clients know what the venue knows", async () => {
  const options = ["--seed", "2", "--rate-limits", "off", "--balance", "50000", "--funding-interval", "1"];
  const venue = await startVenueProcess("bybit", ...options);
  const exchange = await ccxtBybit(venue);
  const rest = bybitRest(venue);
  const socket = await privateSocket(venue);
  const ended = (id: string) =>
    rowTold(socket, "order", `the end of ${id}`, ({ orderId, orderStatus }) => {
      return orderId === id && ["Filled", "Cancelled"].includes(orderStatus);
    });

  const bought = await exchange.createOrder(BTC, "market", "buy", 0.5);
  expect(await ended(bought.id)).toMatchObject({ orderStatus: "Filled" });
  const { bid } = await exchange.fetchTicker(BTC);
  const resting = await exchange.createOrder(BTC, "limit", "buy", 0.01, bid - 500, { postOnly: true });
  await resultOf(rest.cancelOrder({ ...LINEAR, orderId: resting.id }));
  expect(await ended(resting.id)).toMatchObject({ orderStatus: "Cancelled" });
  const sale = { ...LINEAR, side: "Sell", orderType: "Market", qty: "0.2", reduceOnly: true } as const;
  const sold = await resultOf(rest.submitOrder(sale));
  expect(await ended(sold.orderId)).toMatchObject({ orderStatus: "Filled" });
  const isFunding = ({ execType }: Wire) => execType === "Funding";
  const payment = await rowTold(socket, "execution", "a funding payment", isFunding);

  const truth = await venue.truth();
  const fillIds = truth.fills.map(({ fillId }) => fillId);
  const trades = await exchange.fetchMyTrades(BTC, undefined, undefined, { execType: "Trade" });
  const told = socket.updates.items.filter(({ topic }) => topic === "execution").flatMap(({ data }) => data);
  expect(trades.map(({ id }: Wire) => id).sort()).toEqual(fillIds.toSorted());
  expect(told.filter(({ execType }) => execType === "Trade").map(({ execId }) => execId)).toEqual(fillIds);
  expect(truth.positions.filter(({ size }) => size !== "0")).toMatchObject([{ market: "BTC-USD", size: "0.3" }]);
  expect(await exchange.fetchPositions([BTC])).toMatchObject([{ contracts: 0.3, side: "long" }]);
  expect(truth.orders.map(({ filled, reason }) => [filled, reason])).toEqual([
    ["0.5", "filled"],
    ["0", "user"],
    ["0.2", "filled"],
  ]);
  const paid = truth.fundingPayments.find(({ timeMs }) => Math.floor(timeMs) === Number(payment.execTime));
  expect(Number(payment.execFee)).toBe(-Number(paid?.amount));
});
