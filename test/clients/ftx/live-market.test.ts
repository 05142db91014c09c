import { expect, it } from "vitest";
import { BTC, type Ccxt, ccxtPro, levelsOf } from "../support/ccxt-ftx.ts";
import { ChecksummedBook } from "../support/checksummed-book.ts";
import { ftxApiRest, ftxApiSocket, subscribed, type Wire } from "../support/ftx-api.ts";
import { within } from "../support/inbox.ts";
import { until } from "../support/until.ts";
import { startVenueProcess } from "../support/venue-process.ts";

const MARKETS = ["BTC", "ETH", "SOL", "DOGE"] as const;
const UPDATES_A_BOOK = 30;
const DEPTH = 100;

const arrays = ({ bids, asks }: Ccxt) => ({ bids: levelsOf(bids), asks: levelsOf(asks) });

it("shows a living market as it is to both clients at once, in every book, through the command that users run", async () => {
  const venue = await startVenueProcess("ftx", "--seed", "1", "--rate-limits", "off");
  const exchange = ccxtPro(venue);
  await exchange.loadMarkets();
  const rest = ftxApiRest(venue);
  const socket = ftxApiSocket(venue);
  const books = new Map<string, ChecksummedBook>(MARKETS.map((base) => [`${base}-PERP`, new ChecksummedBook()]));
  const wrong: unknown[] = [];
  socket.client.on("update", ({ channel, market, data }: Wire) => {
    try {
      if (channel === "orderbook" && data !== undefined) books.get(market)!.apply(data);
    } catch (error) {
      wrong.push(error);
    }
  });
  await subscribed(
    socket,
    MARKETS.map((base) => ({ channel: "orderbook", market: `${base}-PERP` })),
  );

  await Promise.all(
    MARKETS.map(async (base) => {
      const watch = () => exchange.watchOrderBook(`${base}/USD:USD`);
      for (let update = 0; update < UPDATES_A_BOOK; update++) await within(watch(), `update ${update} of ${base}`);
      await until(`the same book of ${base} everywhere`, async () => {
        const live = await within(watch(), `the book of ${base}`);
        const { result: truth } = await rest.getOrderbook({ marketName: `${base}-PERP`, depth: DEPTH });
        const seen = [arrays(live), books.get(`${base}-PERP`)?.view()];
        return seen.every((book) => JSON.stringify(book) === JSON.stringify(truth)) ? true : undefined;
      });
    }),
  );

  expect(wrong).toEqual([]);
  expect(await venue.interrupt()).toBe(0);
});

it("trades in a living market through the command that users run, and both clients know what the venue knows", async () => {
  const venue = await startVenueProcess(
    "ftx",
    "--seed",
    "2",
    "--rate-limits",
    "off",
    "--balance",
    "50000",
    "--funding-interval",
    "1",
  );
  const exchange = ccxtPro(venue);
  const rest = ftxApiRest(venue);
  const socket = await subscribed(ftxApiSocket(venue), ["orders", "fills"]);
  await exchange.loadMarkets();
  const isClosed = (id: string) => (frame: Wire) =>
    frame.channel === "orders" && frame.data?.status === "closed" && String(frame.data.id) === id;

  const bought = await exchange.createOrder(BTC, "market", "buy", 0.5);
  await socket.updates.first(isClosed(bought.id), "the purchase");
  const { bid } = await exchange.fetchTicker(BTC);
  const resting = await exchange.createOrder(BTC, "limit", "buy", 0.01, bid - 500, { postOnly: true });
  await rest.cancelOrder(resting.id);
  await socket.updates.first(isClosed(resting.id), "the cancel");
  const { result: sold } = await rest.placeOrder({
    market: "BTC-PERP",
    side: "sell",
    type: "market",
    price: null as Wire,
    size: 0.2,
    reduceOnly: true,
  });
  await socket.updates.first(isClosed(String(sold.id)), "the sale");
  const payment = await until("a funding payment", async () => (await rest.getFundingPayments()).result[0]);

  const truth = await venue.truth();
  const fillIds = truth.fills.map(({ fillId }) => fillId);
  const trades = await exchange.fetchMyTrades(BTC);
  const frames = socket.updates.items.filter(({ channel, data }) => channel === "fills" && data !== undefined);
  expect(trades.map(({ id }: Ccxt) => Number(id)).sort()).toEqual(fillIds);
  expect(frames.map(({ data }) => data.id)).toEqual(fillIds);
  expect(truth.positions).toMatchObject([{ market: "BTC-USD", size: "0.3" }]);
  expect(await exchange.fetchPositions([BTC])).toMatchObject([{ contracts: 0.3, side: "long" }]);
  expect(truth.orders.map(({ filled, reason }) => [filled, reason])).toEqual([
    ["0.5", "filled"],
    ["0", "user"],
    ["0.2", "filled"],
  ]);
  expect(truth.fundingPayments.map(({ paymentId }) => paymentId)).toContain(payment.id);
});
