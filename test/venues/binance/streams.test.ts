import { describe, expect, test } from "vitest";
import { BookFrameBuffer } from "../../../src/market-data/book-frame-buffer.ts";
import { NotFoundError, ProtocolError } from "../../../src/model/error.ts";
import { orderBookDataSource as source } from "../../../src/venues/binance/order-book-data-source.ts";
import { userStreamDataSource as stream } from "../../../src/venues/binance/user-stream-data-source.ts";
import { contextOf, markets, orderEvent, plain, TIME } from "./wire.ts";

const updates = (message: unknown) => plain(stream.parseUserStreamMessage(markets, message));
const trade = { x: "TRADE", X: "PARTIALLY_FILLED", t: 500001, l: "0.004", z: "0.004", L: "59999.9", ap: "59999.9" };

describe("orders on the private stream", () => {
  test("a fill is a trade and then the order's state; the realised profit is no fee", () => {
    const message = orderEvent({ ...trade, N: "BNB", n: "0.0001", m: true, rp: "-7.5" });
    expect(updates(message)).toMatchObject([
      {
        type: "trade",
        fillId: "500001",
        clientOrderId: "pw-1",
        exchangeOrderId: "91000001",
        price: "59999.9",
        amount: "0.004",
        fee: { flatFees: [{ token: "BNB", amount: "0.0001" }] },
        isMaker: true,
      },
      { type: "order", state: "partiallyFilled", executedAmount: "0.004", averagePrice: "59999.9" },
    ]);
  });

  test("a fill in one-way mode says neither open nor close, one in hedge mode says which", () => {
    const action = (changes: Readonly<Record<string, unknown>>) =>
      stream.parseUserStreamMessage(markets, orderEvent({ ...trade, ...changes }))[0];
    expect(action({ S: "SELL" })).toHaveProperty("positionAction", undefined);
    expect(action({ S: "BUY", ps: "LONG" })).toHaveProperty("positionAction", "open");
    expect(action({ S: "SELL", ps: "LONG" })).toHaveProperty("positionAction", "close");
    expect(action({ S: "SELL", ps: "SHORT" })).toHaveProperty("positionAction", "open");
    expect(action({ S: "BUY", ps: "SHORT" })).toHaveProperty("positionAction", "close");
  });

  test("a fill without commission costs nothing", () => {
    expect(updates(orderEvent(trade))).toMatchObject([{ fee: { percent: "0", flatFees: [] } }, {}]);
  });

  test.each([
    ["AMENDMENT", { x: "AMENDMENT", p: "59000" }, { state: "open", order: { price: "59000" } }],
    ["a cancel", { x: "CANCELED", X: "CANCELED", z: "0.004" }, { state: "canceled", executedAmount: "0.004" }],
    [
      "a post-only order that would take",
      { x: "EXPIRED", X: "EXPIRED", f: "GTX" },
      { state: "expired", inferredReason: "postOnly" },
    ],
    ["the same with its code", { x: "EXPIRED", X: "EXPIRED", f: "GTX", er: "11" }, { reason: "postOnly" }],
    ["the rest of an IOC", { x: "EXPIRED", X: "EXPIRED", f: "IOC", er: "2", z: "0.004" }, { reason: "iocRemainder" }],
    [
      "self-trade prevention",
      { x: "EXPIRED", X: "EXPIRED_IN_MATCH", z: "0.004" },
      { state: "expired", reason: "selfTrade" },
    ],
    ["a conflict of reduce-only orders", { x: "EXPIRED", X: "EXPIRED", er: "4" }, { reason: "reduceOnly" }],
    ["a liquidation of the account", { x: "EXPIRED", X: "EXPIRED", er: "5" }, { reason: "liquidation" }],
  ])("%s", (_name, changes, expected) => {
    expect(updates(orderEvent(changes))).toMatchObject([{ type: "order", ...expected }]);
  });

  test.each([
    ["autoclose-1596107620040000020", "liquidation"],
    ["adl_autoclose", "adl"],
    ["settlement_autoclose-77", "settlement"],
  ])("%s is the venue's own order: it adjusts the position and is never ours", (c, reason) => {
    const changes = { ...trade, x: "CALCULATED", t: 0, c, S: "SELL", N: "USDT", n: "0.5" };
    expect(updates(orderEvent(changes))).toMatchObject([
      {
        type: "positionAdjustment",
        adjustmentId: "BTC-USDT:91000001:0.004",
        reason,
        side: "both",
        amount: "-0.004",
        price: "59999.9",
      },
      { type: "externalOrder", order: { clientOrderId: c } },
    ]);
    expect(updates(orderEvent({ c, X: "NEW" }))).toMatchObject([{ type: "externalOrder" }]);
  });

  test.each([
    ["NEW_ADL", "filled"],
    ["NEW_INSURANCE", "filled"],
    ["SOME_LATER_STATUS", "partiallyFilled"],
  ])("%s of an order of the venue itself hides no adjustment", (X, state) => {
    const changes = { ...trade, x: "CALCULATED", X, c: "autoclose-1", S: "SELL" };
    expect(updates(orderEvent(changes))).toMatchObject([
      { type: "positionAdjustment", amount: "-0.004" },
      { type: "externalOrder", order: { state } },
    ]);
  });

  test("an order that improves prices for retail is post-only", () => {
    expect(updates(orderEvent({ f: "RPI" }))).toMatchObject([{ order: { type: "limitMaker" } }]);
  });

  test("a market that is not a perpetual says nothing; a status that is not documented is no guess", () => {
    expect(updates(orderEvent({ s: "BTCUSDT_270326" }))).toEqual([]);
    expect(() => updates(orderEvent({ X: "LIMBO" }))).toThrow(ProtocolError);
    expect(() => updates(orderEvent({ q: undefined }))).toThrow(ProtocolError);
  });
});

describe("the account on the private stream", () => {
  const account = (a: unknown) => ({ e: "ACCOUNT_UPDATE", E: TIME + 4, T: TIME, a });
  const B = [{ a: "USDT", wb: "9999.88", cw: "9999.88", bc: "-0.12" }];
  const P = [{ s: "BTCUSDT", pa: "-0.010", ep: "60000", up: "10.05", mt: "cross", ps: "SHORT" }];

  test("balances without what is available, and positions", () => {
    expect(updates(account({ m: "ORDER", B, P }))).toEqual([
      { type: "balance", asset: "USDT", total: "9999.88", timestampMs: TIME },
      {
        type: "position",
        tradingPair: "BTC-USDT",
        side: "short",
        marginMode: "cross",
        amount: "-0.01",
        entryPrice: "60000",
        unrealizedPnl: "10.05",
        timestampMs: TIME,
      },
    ]);
  });

  test("a funding fee makes no payment, for it has no id: the payments are due to be asked for", () => {
    const due = { type: "fundingDue", timestampMs: TIME };
    expect(updates(account({ m: "FUNDING_FEE", S: "BTCUSDT", B }))).toEqual([
      expect.objectContaining({ type: "balance" }),
      due,
    ]);
    expect(updates(account({ m: "FUNDING_FEE", B: [], P }))).toEqual([
      expect.objectContaining({ type: "position" }),
      due,
    ]);
  });

  test("leverage of a market", () => {
    const message = { e: "ACCOUNT_CONFIG_UPDATE", E: TIME, T: TIME, ac: { s: "BTCUSDT", l: 20 } };
    expect(updates(message)).toEqual([
      { type: "settings", tradingPair: "BTC-USDT", leverage: "20", timestampMs: TIME },
    ]);
    expect(updates({ e: "ACCOUNT_CONFIG_UPDATE", T: TIME, ai: { j: true } })).toEqual([]);
  });

  test.each([
    ["ORDER_TRADE_UPDATE", "update"],
    ["ACCOUNT_UPDATE", "update"],
    ["listenKeyExpired", "listenKeyExpired"],
    ["TRADE_LITE", "ignored"],
    ["ALGO_UPDATE", "ignored"],
    ["SOMETHING_NEW", "unknown"],
  ])("%s is %s, bare or wrapped", (e, kind) => {
    expect(stream.channelOriginatingMessage({ e })).toBe(kind);
    expect(stream.channelOriginatingMessage({ stream: "key", data: { e } })).toBe(kind);
    expect(stream.channelOriginatingMessage([e])).toBe("unknown");
  });
});

describe("the listen key", () => {
  test("is created and kept alive with the key header, and lost when the account has another", async () => {
    const { context, requests } = contextOf(({ method }) =>
      method === "POST" ? { listenKey: "K1" } : { listenKey: "K2" },
    );
    expect(await stream.listenKey?.fetchListenKey(context)).toBe("K1");
    await stream.listenKey?.pingListenKey(context, "K2");
    await expect(stream.listenKey?.pingListenKey(context, "K1")).rejects.toThrow(NotFoundError);
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /fapi/v1/listenKey",
      "PUT /fapi/v1/listenKey",
      "PUT /fapi/v1/listenKey",
    ]);
    const { context: older } = contextOf(() => ({}));
    await stream.listenKey?.pingListenKey(older, "K1");
  });
});

describe("public channels", () => {
  test("are on their sockets, with symbols in lower case", () => {
    const channels = source.channels(markets, "币安人生-USDT");
    expect(channels.map(({ name, socket }) => [name, socket])).toEqual([
      ["orderBook", "public"],
      ["trades", "market"],
      ["fundingInfo", "market"],
    ]);
    const params = ["币安人生usdt@depth@100ms", "币安人生usdt@aggTrade", "币安人生usdt@markPrice@1s"];
    expect(source.subscribeChannels(markets, channels)).toEqual([{ method: "SUBSCRIBE", params, id: 1 }]);
    expect(source.unsubscribeChannels(markets, channels)).toEqual([{ method: "UNSUBSCRIBE", params, id: 2 }]);
    expect(source.subscribeChannels(markets, [])).toEqual([]);
  });

  test.each([
    [{ result: null, id: 1 }, "subscribed"],
    [{ result: null, id: 2 }, "unsubscribed"],
    [{ error: { code: 2, msg: "Invalid request" }, id: 1 }, "error"],
    [{ stream: "btcusdt@depth@100ms", data: { e: "depthUpdate" } }, "orderBookDiff"],
    [{ e: "aggTrade" }, "trade"],
    [{ e: "markPriceUpdate" }, "fundingInfo"],
    [{ e: "somethingNew" }, "unknown"],
    [{}, "unknown"],
    ["text", "unknown"],
  ])("%o is %s", (message, kind) => {
    expect(source.channelOriginatingMessage(message)).toBe(kind);
  });

  test("a diff keeps its three ids", () => {
    const frame = new BookFrameBuffer();
    frame.reset("diff");
    const data = {
      e: "depthUpdate",
      E: 5,
      T: 4,
      s: "BTCUSDT",
      U: 7006,
      u: 7010,
      pu: 7005,
      b: [["1.5", "2"]],
      a: [["1.6", "0"]],
    };
    expect(source.parseOrderBookDiffMessage(markets, { stream: "x", data }, frame)).toBe(true);
    expect(frame).toMatchObject({
      tradingPair: "BTC-USDT",
      firstUpdateId: 7006,
      updateId: 7010,
      previousUpdateId: 7005,
    });
    expect([frame.bids.count, frame.asks.count, frame.timestampMs]).toEqual([1, 1, 5]);
    expect(source.parseOrderBookDiffMessage(markets, { ...data, s: "BTCUSDT_270326" }, frame)).toBe(false);
    expect(() => source.parseOrderBookDiffMessage(markets, { ...data, pu: undefined }, frame)).toThrow(ProtocolError);
  });

  test("the mark price stream and REST tell the same of funding", async () => {
    const event = {
      e: "markPriceUpdate",
      E: 9,
      s: "BTCUSDT",
      p: "61005",
      ap: "61004",
      i: "61010.11",
      P: "61012",
      r: "0.0001",
      T: 1_790_006_400_000,
    };
    const streamed = source.parseFundingInfoMessage(markets, { stream: "x", data: event });
    const { context } = contextOf(() => ({
      symbol: "BTCUSDT",
      markPrice: "61005.00000000",
      indexPrice: "61010.11000000",
      lastFundingRate: "0.00010000",
      nextFundingTime: 1_790_006_400_000,
      time: 9,
    }));
    expect(plain(await source.fetchFundingInfo(context, "BTC-USDT"))).toEqual(plain(streamed));
    expect(plain(streamed)).toMatchObject({
      rate: "0.0001",
      kind: "predicted",
      nextFundingTimestampMs: 1_790_006_400_000,
    });
  });
});
