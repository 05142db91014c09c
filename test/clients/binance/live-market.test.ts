import { expect, it } from "vitest";
import { BinanceBook, numbers } from "../support/binance-book.ts";
import { binanceRest, binanceSocket, listening, subscribed, type Wire } from "../support/binance-sdk.ts";
import { type Ccxt, levelsOf } from "../support/ccxt.ts";
import { BTC, ccxtBinance } from "../support/ccxt-binance.ts";
import { within } from "../support/inbox.ts";
import { until } from "../support/until.ts";
import { startVenueProcess } from "../support/venue-process.ts";

const MARKETS = ["BTC", "ETH", "SOL", "DOGE"] as const;
const UPDATES_A_BOOK = 20;
const WHOLE_BOOK = 1_000;

const arrays = ({ bids, asks }: Ccxt) => ({ bids: levelsOf(bids), asks: levelsOf(asks) });

it("shows a living market as it is to both clients at once, in every book, through the command that users run", async () => {
  const venue = await startVenueProcess("binance", "--seed", "1", "--rate-limits", "off");
  const exchange = await ccxtBinance(venue);
  const rest = binanceRest(venue);
  const socket = binanceSocket(venue);
  const books = new Map<string, BinanceBook>(MARKETS.map((base) => [`${base}USDT`, new BinanceBook()]));
  const wrong: unknown[] = [];
  socket.client.on("message", ({ s, ...message }: Wire) => {
    try {
      books.get(s)!.apply(message);
    } catch (error) {
      wrong.push(error);
    }
  });
  await subscribed(
    socket,
    MARKETS.map((base) => `${base.toLowerCase()}usdt@depth@100ms`),
  );
  const depth = (symbol: string): Promise<Wire> => rest.getOrderBook({ symbol, limit: WHOLE_BOOK });

  await Promise.all(
    MARKETS.map(async (base) => {
      const symbol = `${base}USDT`;
      await socket.messages.first(({ s }) => s === symbol, `an update of ${base}`);
      books.get(symbol)!.start(await depth(symbol));
      const watch = () => exchange.watchOrderBook(`${base}/USDT:USDT`);
      for (let update = 0; update < UPDATES_A_BOOK; update++) await within(watch(), `update ${update} of ${base}`);
      await until(`the same book of ${base} everywhere`, async () => {
        const { bids, asks } = await depth(symbol);
        const truth = JSON.stringify({ bids: numbers(bids), asks: numbers(asks) });
        const seen = [arrays(exchange.orderbooks[`${base}/USDT:USDT`]), books.get(symbol)!.view()];
        return seen.every((book) => JSON.stringify(book) === truth) ? true : undefined;
      });
    }),
  );

  expect(wrong).toEqual([]);
  expect(await venue.interrupt()).toBe(0);
});

it("trades in a living market through the command that users run, and both clients know what the venue knows", async () => {
  const options = ["--seed", "2", "--rate-limits", "off", "--balance", "50000", "--funding-interval", "1"];
  const venue = await startVenueProcess("binance", ...options);
  const exchange = await ccxtBinance(venue);
  const rest = binanceRest(venue);
  const socket = await listening(binanceSocket(venue));
  const ended = (id: string, status: string) =>
    socket.messages.first(
      ({ e, o }) => e === "ORDER_TRADE_UPDATE" && String(o.i) === id && o.X === status,
      `order ${id} is ${status}`,
    );

  const bought = await exchange.createOrder(BTC, "market", "buy", 0.5);
  await ended(bought.id, "FILLED");
  const { bid } = (await exchange.fetchBidsAsks([BTC]))[BTC];
  const resting = await exchange.createOrder(BTC, "limit", "buy", 0.1, bid - 500, { postOnly: true });
  await rest.cancelOrder({ symbol: "BTCUSDT", orderId: Number(resting.id) });
  await ended(resting.id, "CANCELED");
  const sold = await rest.submitNewOrder({
    symbol: "BTCUSDT",
    side: "SELL",
    type: "MARKET",
    quantity: 0.2,
    reduceOnly: "true",
  });
  await ended(String(sold.orderId), "FILLED");
  const payment = await until("a funding payment", async () => {
    const rows: Wire = await rest.getIncomeHistory({ incomeType: "FUNDING_FEE" });
    return rows[0];
  });

  const truth = await venue.truth();
  const fillIds = truth.fills.map(({ fillId }) => fillId);
  expect((await exchange.fetchMyTrades(BTC)).map(({ id }: Ccxt) => Number(id))).toEqual(fillIds);
  const told = socket.messages.items.filter(({ e, o }) => e === "ORDER_TRADE_UPDATE" && o.x === "TRADE");
  expect(told.map(({ o }) => o.t)).toEqual(fillIds);
  expect(truth.positions).toMatchObject([{ market: "BTC-USD", size: "0.3" }]);
  expect(await exchange.fetchPositions([BTC])).toMatchObject([{ contracts: 0.3, side: "long" }]);
  expect(truth.orders.map(({ filled, reason }) => [filled, reason])).toEqual([
    ["0.5", "filled"],
    ["0", "user"],
    ["0.2", "filled"],
  ]);
  expect(truth.fundingPayments.map(({ paymentId }) => paymentId)).toContain(payment.tranId);
});
