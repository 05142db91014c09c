import { describe, expect, it } from "vitest";
import { PublicMessageDispatcher } from "../../../src/market-data/public-message-dispatcher.ts";
import { createVenueMarkets } from "../../../src/model/venue-markets.ts";
import { RecordingLogger } from "../../../src/testing/kit/recording.ts";
import { derivative } from "../../../src/venues/ftx/derivative.ts";
import { orderBookDataSource } from "../../../src/venues/ftx/order-book-data-source.ts";
import { userStreamDataSource } from "../../../src/venues/ftx/user-stream-data-source.ts";
import { ftxFixtures } from "./fixtures.ts";
import { fillsFrame, ordersFrame, wireFill, wireOrder } from "./wire.ts";

const { orderBookSnapshotEvent: PARTIAL, orderBookDiffEvents } = ftxFixtures;
const [UPDATE] = orderBookDiffEvents;
const FIXTURE = {
  clientOrderId: "pw-1",
  exchangeOrderId: "181542119006",
  side: "buy",
  amount: "1",
  price: "5000",
} as const;
const rows = (ftxFixtures.allSymbolsRequestMockResponse.body as { result: unknown[] }).result;
const markets = createVenueMarkets("ftx_perpetual", "ftx_perpetual", derivative.parseExchangeInfo(rows).markets);

describe("public frames", () => {
  it.each([
    ["the first book", PARTIAL, "orderBookSnapshot"],
    ["a change of the book", UPDATE, "orderBookDiff"],
    ["trades", ftxFixtures.tradeEvent, "trade"],
    ["a ticker", { channel: "ticker", type: "update", market: "BTC-PERP", data: {} }, "ignored"],
    ["subscribed", { type: "subscribed", channel: "trades", market: "BTC-PERP" }, "subscribed"],
    ["unsubscribed", { type: "unsubscribed", channel: "trades", market: "BTC-PERP" }, "unsubscribed"],
    ["pong", { type: "pong" }, "pong"],
    ["an error", { type: "error", code: 404, msg: "No such market: BTC-PERPX" }, "error"],
    ["the server restarts", { type: "info", code: 20_001, msg: "bye" }, "reconnect"],
    ["other news", { type: "info", code: 20_002, msg: "hello" }, "ignored"],
    ["an unknown channel", { type: "update", channel: "weather", data: {} }, "unknown"],
    ["an unknown type", { type: "oracle" }, "unknown"],
    ["no object", 7, "unknown"],
    ["null", null, "unknown"],
  ])("%s", (_, frame, kind) => {
    expect(orderBookDataSource.channelOriginatingMessage(frame)).toBe(kind);
  });

  it("name their market, an error only in its text", () => {
    expect(orderBookDataSource.tradingPairOf(markets, UPDATE)).toBe("BTC-USD");
    expect(orderBookDataSource.tradingPairOf(markets, { type: "error", msg: "No such market: ETH-PERP" })).toBe(
      "ETH-USD",
    );
    expect(orderBookDataSource.tradingPairOf(markets, { type: "error", msg: "Already subscribed" })).toBeUndefined();
    expect(orderBookDataSource.tradingPairOf(markets, { market: "BTC/USD" })).toBeUndefined();
  });

  it("that are unknown or about unknown markets are counted and kill nothing", () => {
    const logger = new RecordingLogger();
    const heard: string[] = [];
    const dispatcher = new PublicMessageDispatcher({
      venue: orderBookDataSource,
      markets: () => markets,
      logger,
      handlers: {
        onBookFrame: (frame) => heard.push(frame.tradingPair),
        onTrade: (trade) => heard.push(trade.tradeId),
        onFundingInfo: () => undefined,
      },
    });
    for (const frame of [{ type: "oracle" }, { type: "oracle" }, { ...UPDATE, market: "MOON-PERP" }, UPDATE]) {
      dispatcher.dispatch(JSON.stringify(frame));
    }
    dispatcher.dispatch("{");
    expect(dispatcher.counters).toMatchObject({ unknown: 2, unknownMarket: 1, malformed: 1, orderBookDiff: 2 });
    expect(heard).toEqual(["BTC-USD"]);
    expect(logger.at("warn")).toHaveLength(3);
  });
});

describe("private frames", () => {
  it.each([
    ["a fill", fillsFrame(wireFill(FIXTURE)), "update"],
    ["an order", ordersFrame(wireOrder(FIXTURE)), "update"],
    ["another private channel", { channel: "ftxpay", type: "update", data: {} }, "unknown"],
    ["subscribed", { type: "subscribed", channel: "fills" }, "subscribed"],
    ["a refused login", { type: "error", code: 400, msg: "Invalid login credentials" }, "authFailed"],
    ["no login", { type: "error", code: 400, msg: "Not logged in" }, "authFailed"],
    ["another error", { type: "error", code: 400, msg: "Already subscribed" }, "error"],
    ["the server restarts", { type: "info", code: 20_001 }, "reconnect"],
    ["pong", { type: "pong" }, "pong"],
    ["an unknown type", { type: "oracle" }, "unknown"],
    ["no object", "x", "unknown"],
  ])("%s", (_, frame, kind) => {
    expect(userStreamDataSource.channelOriginatingMessage(frame)).toBe(kind);
  });

  it("carry no market of their own: the one inside counts", () => {
    const frame = fillsFrame(wireFill(FIXTURE));
    expect(Object.keys(frame)).not.toContain("market");
    expect(userStreamDataSource.parseUserStreamMessage(markets, frame)).toMatchObject([
      { type: "trade", tradingPair: "BTC-USD", fillId: "5230117741" },
    ]);
    const spot = fillsFrame(wireFill(FIXTURE, { market: "BTC/USD", future: null }));
    expect(userStreamDataSource.parseUserStreamMessage(markets, spot)).toEqual([]);
  });

  it("tell orders as REST does, without `future`", () => {
    expect(userStreamDataSource.parseUserStreamMessage(markets, ordersFrame(wireOrder(FIXTURE)))).toMatchObject([
      { type: "order", clientOrderId: "pw-1", exchangeOrderId: "181542119006", state: "open" },
    ]);
  });
});
