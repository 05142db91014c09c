import { describe, expect, it } from "vitest";
import {
  BTC_BUY,
  bought,
  bybitRest,
  bybitSocket,
  LINEAR,
  privateSocket,
  publicSocket,
  rested,
  resultOf,
  rowsTold,
  rowTold,
  type Wire,
} from "../support/bybit-api.ts";
import { DrivenMarket } from "../support/driven-market.ts";
import { accountOf, amount, type Book, bookOf, openVenue } from "../support/paper-venue.ts";
import { SequencedBook } from "../support/sequenced-book.ts";

const BOOK_MOVES = 60;

const isOf = (topic: string) => (frame: Wire) => frame.topic === topic;
const isSame = (left: Book, right: Book) => JSON.stringify(left) === JSON.stringify(right);
const idOf = (wanted: string) => (row: Wire) => row.orderId === wanted;

describe("bybit-api listens to the market", () => {
  it.each([50, 200])(
    "holds the engine's book of %d levels through many updates, none of which is missing",
    async (depth) => {
      const venue = await openVenue({ api: "bybit" });
      const market = new DrivenMarket(venue, "BTC-USD");
      const topic = `orderbook.${depth}.BTCUSDT`;
      const socket = bybitSocket(venue, "/v5/public/linear");
      const book = new SequencedBook();
      const wrong: unknown[] = [];
      socket.client.prependListener("update", (frame: Wire) => {
        try {
          book.apply(frame);
        } catch (error) {
          wrong.push(error);
        }
      });
      socket.client.subscribeV5(topic, "linear");
      await socket.updates.first(isOf(topic), "the first book");
      expect(book.view()).toEqual(bookOf(venue, "BTC-USD", depth));

      const isCurrent = () => isSame(book.view(), bookOf(venue, "BTC-USD", depth));
      for (let move = 0; move < BOOK_MOVES; move++) {
        market.move();
        if (!isCurrent()) await socket.updates.next(isCurrent, `the book after move ${move}`);
      }
      expect(wrong).toEqual([]);
      expect(book.view()).toEqual(bookOf(venue, "BTC-USD", depth));
      const types = socket.updates.items.map(({ type }) => type);
      expect(types.filter((type) => type === "snapshot")).toHaveLength(1);
      expect(types.length).toBeGreaterThan(10);
    },
  );

  it("can tell by the update ids that an update is missing", async () => {
    const venue = await openVenue({ api: "bybit" });
    const market = new DrivenMarket(venue, "BTC-USD");
    const socket = await publicSocket(venue, "orderbook.50.BTCUSDT");
    const book = new SequencedBook();
    book.apply(await socket.updates.first(isOf("orderbook.50.BTCUSDT"), "the first book"));
    venue.faults.set({ breakSequence: 1 });
    const broken = socket.updates.next(isOf("orderbook.50.BTCUSDT"), "a broken update");
    while (isSame(book.view(), bookOf(venue, "BTC-USD", 50))) market.move();
    const frame = await broken;
    expect(() => book.apply(frame)).toThrow(/^update \d+ comes after \d+$/);
  });

  it("gets a whole book again when it subscribes anew", async () => {
    const venue = await openVenue({ api: "bybit", emptyBooks: false, quiet: true });
    const socket = await publicSocket(venue, "orderbook.50.BTCUSDT");
    await socket.updates.first(isOf("orderbook.50.BTCUSDT"), "the first book");
    const gone = socket.responses.next(({ op }) => op === "unsubscribe", "the end of the subscription");
    socket.client.unsubscribeV5("orderbook.50.BTCUSDT", "linear");
    expect(await gone).toMatchObject({ success: true });

    const again = socket.updates.next(isOf("orderbook.50.BTCUSDT"), "the second book");
    socket.client.subscribeV5("orderbook.50.BTCUSDT", "linear");
    const book = new SequencedBook();
    const frame = await again;
    book.apply(frame);
    expect(frame.type).toBe("snapshot");
    expect(book.view()).toEqual(bookOf(venue, "BTC-USD", 50));
  });

  it("gets each trade once, with the taker's side, and the ticker that it makes", async () => {
    const venue = await openVenue({ api: "bybit" });
    const socket = await publicSocket(venue, "publicTrade.BTCUSDT", "tickers.BTCUSDT");
    const snapshot = await socket.updates.first(isOf("tickers.BTCUSDT"), "the first ticker");
    expect(snapshot).toMatchObject({ type: "snapshot", data: { symbol: "BTCUSDT" } });
    expect(snapshot.data).toHaveProperty("fundingRate");

    await bought(venue, bybitRest(venue), "0.1");

    const ticker = await socket.updates.first(
      (frame) => isOf("tickers.BTCUSDT")(frame) && Number(frame.data.volume24h) === 0.1,
      "a ticker after the trade",
    );
    expect([ticker.type, ticker.data.symbol]).toEqual(["delta", "BTCUSDT"]);
    const trades = socket.updates.items.filter(isOf("publicTrade.BTCUSDT")).flatMap(({ data }) => data);
    expect(trades.map(({ s, S, p, v }) => [s, S, Number(p), Number(v)])).toEqual([["BTCUSDT", "Buy", 20_000, 0.1]]);
  });

  it("is told of a topic that there is not, and stays connected", async () => {
    const venue = await openVenue({ api: "bybit" });
    const socket = await publicSocket(venue, "publicTrade.BTCUSDT");
    const refusal = socket.responses.next(({ success }) => success === false, "a refusal");
    socket.client.subscribeV5("publicTrade.XRPUSDT", "linear");
    expect(await refusal).toMatchObject({ success: false, op: "subscribe", req_id: "publicTrade.XRPUSDT" });
    await bought(venue, bybitRest(venue), "0.1");
    await socket.updates.first(isOf("publicTrade.BTCUSDT"), "a trade");
  });

  it("resolves the promise of a subscription, by the id that it sent", async () => {
    const socket = bybitSocket(await openVenue({ api: "bybit" }), "/v5/public/linear", {
      promiseSubscribeRequests: true,
    });
    const answers = await Promise.all(socket.client.subscribeV5(["publicTrade.BTCUSDT", "tickers.BTCUSDT"], "linear"));
    expect(answers.length).toBeGreaterThan(0);
  });
});

describe("bybit-api listens to its account", () => {
  it("hears of each step of an order and of each fill once", async () => {
    const venue = await openVenue({ api: "bybit" });
    const socket = await privateSocket(venue);
    const { orderId } = await rested(venue, bybitRest(venue), { ...BTC_BUY, orderLinkId: "steps" });

    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.2" });
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.3" });
    await rowTold(socket, "order", "the order is filled", (row) => row.orderStatus === "Filled");
    await socket.updates.first(() => rowsTold(socket, "execution").length >= 2, "both fills");

    const orders = rowsTold(socket, "order").filter(idOf(orderId));
    expect(orders.map((row) => [row.orderStatus, row.cumExecQty, row.leavesQty, row.orderLinkId])).toEqual([
      ["New", "0.000", "0.500", "steps"],
      ["PartiallyFilled", "0.200", "0.300", "steps"],
      ["Filled", "0.500", "0.000", "steps"],
    ]);
    const fills = rowsTold(socket, "execution");
    expect(fills.map((row) => [row.orderId, row.execQty, Number(row.execFee), row.isMaker, row.execType])).toEqual([
      [orderId, "0.200", 0.8, true, "Trade"],
      [orderId, "0.300", 1.2, true, "Trade"],
    ]);
    expect(fills.map(({ execId }) => execId)).toEqual(venue.truth().fills.map(({ fillId }) => fillId));
  });

  it("hears of its position and its wallet as the engine has them after a fill", async () => {
    const venue = await openVenue({ api: "bybit" });
    const socket = await privateSocket(venue);
    await bought(venue, bybitRest(venue), "0.5");
    const position = await rowTold(socket, "position", "the position", ({ size }) => Number(size) === 0.5);
    const { cash, freeCollateral, equity } = accountOf(venue);
    const isAfter = ({ coin }: Wire) => Number(coin[0]?.walletBalance) === amount(cash);
    const wallet = await rowTold(socket, "wallet", "the wallet", isAfter);

    expect(position).toMatchObject({ symbol: "BTCUSDT", side: "Buy", positionIdx: 0, category: "linear" });
    expect(Number(position.entryPrice)).toBe(20_000);
    expect([wallet.totalAvailableBalance, wallet.totalMarginBalance].map(Number)).toEqual([
      amount(freeCollateral),
      amount(equity),
    ]);
    expect(wallet.coin.map(({ coin, walletBalance }: Wire) => [coin, Number(walletBalance)])).toEqual([
      ["USDT", amount(cash)],
    ]);
  });

  it("hears of a cancelled order, of an amended one and of a post-only one that crossed", async () => {
    const venue = await openVenue({ api: "bybit" });
    const rest = bybitRest(venue);
    const socket = await privateSocket(venue, ["order"]);
    const { orderId } = await rested(venue, rest, BTC_BUY);
    await resultOf(rest.amendOrder({ ...LINEAR, orderId, qty: "0.4" }));
    await rowTold(socket, "order", "the amended order", (row) => row.orderId === orderId && row.qty === "0.400");
    await resultOf(rest.cancelOrder({ ...LINEAR, orderId }));
    const canceled = await rowTold(socket, "order", "the end", (row) => row.orderStatus === "Cancelled");
    expect(canceled).toMatchObject({ orderId, cancelType: "CancelByUser", cumExecQty: "0.000", qty: "0.400" });

    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "1" });
    const crossing = await resultOf(rest.submitOrder({ ...BTC_BUY, timeInForce: "PostOnly" }));
    const refused = await rowTold(socket, "order", "its end", idOf(crossing.orderId));
    expect(refused.rejectReason).toBe("EC_PostOnlyWillTakeLiquidity");
    expect(["Cancelled", "Rejected"]).toContain(refused.orderStatus);
  });

  it("hears of the funding that it pays", async () => {
    const venue = await openVenue({ api: "bybit", fundingIntervalMs: 250 });
    const socket = await privateSocket(venue, ["execution"]);
    await bought(venue, bybitRest(venue), "1");
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "1" });
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20001", size: "1" });
    venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: 19_800n * 100_000_000n });
    const isPaid = ({ execType, execFee }: Wire) => execType === "Funding" && Number(execFee) > 0;
    const payment = await rowTold(socket, "execution", "a funding payment", isPaid);
    const truth = venue.truth().fundingPayments.find(({ timeMs }) => Math.floor(timeMs) === Number(payment.execTime));
    expect(Number(payment.execFee)).toBe(-Number(truth?.amount));
    expect(payment).toMatchObject({ symbol: "BTCUSDT", side: "Buy" });
  });

  it.each([
    ["key", { key: "stranger" }],
    ["secret", { secret: "guess" }],
  ])("is refused and dropped when its %s is wrong, and gets nothing private", async (_, credentials) => {
    const venue = await openVenue({ api: "bybit" });
    const socket = bybitSocket(venue, "/v5/private", credentials);
    const refusal = socket.responses.next(({ op, success }) => op === "auth" && success === false, "the refusal");
    socket.client.subscribeV5(["order"], "linear", true);
    expect((await refusal).ret_msg).not.toBe("");
    await rested(venue, bybitRest(venue), BTC_BUY);
    expect(socket.updates.items).toEqual([]);
  });
});

describe("bybit-api stays connected", () => {
  it.each([
    ["public", "/v5/public/linear", "publicTrade.BTCUSDT"],
    ["private", "/v5/private", "order"],
  ])("gets a pong for each ping on a %s socket and never reconnects", async (kind, path, topic) => {
    const venue = await openVenue({ api: "bybit" });
    const socket = bybitSocket(venue, path, { pingInterval: 20, pongTimeout: 1_000 });
    socket.client.subscribeV5(topic, "linear", kind === "private");
    for (let ping = 0; ping < 5; ping++) await socket.log.next((text) => /pong/i.test(text), "a pong");
    expect(socket.states.items).toEqual(["open"]);
  });

  it("reconnects after a restart, logs in and subscribes again, and misses nothing from then on", async () => {
    const venue = await openVenue({ api: "bybit" });
    const socket = await privateSocket(venue);
    const { orderId } = await rested(venue, bybitRest(venue), BTC_BUY);
    await rowTold(socket, "order", "the order rests", idOf(orderId));

    const reconnected = socket.states.next((state) => state === "reconnected", "bybit-api reconnects");
    const subscribed = socket.responses.next(({ op, success }) => op === "subscribe" && success, "its subscriptions");
    await venue.restart(50);
    await reconnected;
    await subscribed;

    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.5" });
    await rowTold(socket, "order", "the order is filled", (row) => row.orderStatus === "Filled");
    await rowTold(socket, "execution", "the fill", idOf(orderId));
    expect(rowsTold(socket, "execution").map(({ execQty }) => execQty)).toEqual(["0.500"]);
  });
});
