import { describe, expect, it } from "vitest";
import { BookFrameBuffer } from "../../../src/market-data/book-frame-buffer.ts";
import { BookReplayer } from "../../../src/market-data/book-replayer.ts";
import { FundingInfoTracker } from "../../../src/market-data/funding-info.ts";
import { ProtocolError } from "../../../src/model/error.ts";
import { manifest } from "../../../src/venues/bybit/manifest.ts";
import { orderBookDataSource as source } from "../../../src/venues/bybit/order-book-data-source.ts";
import { capturedTexts } from "../../market-data/captures.ts";
import { bookFrame, contextOf, markets, NOW, ticker } from "./wire.ts";

const kindOf = (message: unknown) => source.channelOriginatingMessage(message);
const tickerFrame = (data: object, ts = NOW) => ({ topic: "tickers.BTCUSDT", type: "delta", data, cs: 1, ts });

describe("public channels", () => {
  it("are subscribed with one message a socket: 200 levels, trades and tickers", () => {
    const channels = source.channels(markets, "BTC-USDT");
    expect(channels.map(({ socket }) => socket)).toEqual(["public", "public", "public"]);
    const args = ["orderbook.200.BTCUSDT", "publicTrade.BTCUSDT", "tickers.BTCUSDT"];
    expect(source.subscribeChannels(markets, channels)).toEqual([{ op: "subscribe", args }]);
    expect(source.unsubscribeChannels(markets, channels.slice(0, 1))).toEqual([
      { op: "unsubscribe", args: ["orderbook.200.BTCUSDT"] },
    ]);
    expect(source.subscribeChannels(markets, [])).toEqual([]);
  });

  it.each([
    [bookFrame("snapshot", 5, [], []), "orderBookSnapshot"],
    [bookFrame("delta", 5, [], []), "orderBookDiff"],
    [{ topic: "publicTrade.BTCUSDT", type: "snapshot", data: [] }, "trade"],
    [tickerFrame({ symbol: "BTCUSDT", markPrice: "1" }), "fundingInfo"],
    [tickerFrame({ symbol: "BTCUSDT", lastPrice: "1", fundingRate: "" }), "fundingInfoUnchanged"],
    [{ topic: "kline.1.BTCUSDT", type: "snapshot" }, "unknown"],
    [{ success: true, ret_msg: "subscribe", op: "subscribe", req_id: "1" }, "subscribed"],
    [{ success: true, ret_msg: "", op: "unsubscribe" }, "unsubscribed"],
    [{ success: false, ret_msg: "Invalid topic: orderbook.7.X", op: "subscribe" }, "error"],
    [{ success: true, ret_msg: "pong", op: "ping" }, "pong"],
    [{ op: "pong", args: ["1790000000000"] }, "pong"],
    [{ success: false, ret_msg: "error" }, "error"],
    ["text", "unknown"],
    [{}, "unknown"],
  ] as const)("%j is %s", (message, kind) => {
    expect(kindOf(message)).toBe(kind);
  });

  it("name their market in data and in error frames", () => {
    expect(source.tradingPairOf(markets, bookFrame("delta", 1, [], []))).toBe("BTC-USDT");
    const refused = { success: false, ret_msg: "Invalid topic: tickers.ETHUSDT", op: "subscribe" };
    expect(source.tradingPairOf(markets, refused)).toBe("ETH-USDT");
    expect(source.tradingPairOf(markets, { ret_msg: "no topic" })).toBeUndefined();
  });
});

describe("order book messages", () => {
  const replayer = () => new BookReplayer({ venue: source, markets: () => markets, rule: manifest.continuity });
  const apply = (to: BookReplayer, message: unknown) => to.applyText(JSON.stringify(message), NOW);

  it("are joined by contiguous update ids", () => {
    const books = replayer();
    apply(books, bookFrame("snapshot", 18521288, [["61003.40", "3.4"]], [["61003.50", "1.2"]]));
    apply(
      books,
      bookFrame(
        "delta",
        18521289,
        [
          ["61003.40", "0"],
          ["61003.30", "1.1"],
        ],
        [],
      ),
    );
    const book = books.orderBooks.get("BTC-USDT");
    expect(book?.bestBid?.price.toFixed()).toBe("61003.3");
    expect(book?.bestAsk?.amount.toFixed()).toBe("1.2");
    apply(books, bookFrame("delta", 18521291, [["61003.20", "1"]], []));
    expect(book?.isValid).toBe(false);
    expect(books.counters.gaps).toBe(1);
  });

  it("a later snapshot replaces the book", () => {
    const books = replayer();
    apply(books, bookFrame("snapshot", 5, [["1", "1"]], [["3", "1"]]));
    apply(books, bookFrame("snapshot", 900, [["2", "4"]], [["3", "1"]]));
    apply(books, bookFrame("delta", 901, [["2", "5"]], []));
    expect(books.orderBooks.get("BTC-USDT")?.bidCount).toBe(1);
    expect(books.orderBooks.get("BTC-USDT")?.bestBid?.amount.toFixed()).toBe("5");
  });

  it.each(["snapshot", "delta"] as const)("update id 1 in a %s is a restart that replaces the book", (type) => {
    const books = replayer();
    apply(books, bookFrame("snapshot", 5, [["1", "1"]], [["3", "1"]]));
    apply(books, bookFrame(type, 1, [["2", "4"]], [["3", "2"]]));
    apply(books, bookFrame("delta", 2, [], [["2.5", "1"]]));
    const book = books.orderBooks.get("BTC-USDT");
    expect([book?.isValid, book?.bidCount, book?.bestAsk?.price.toFixed()]).toEqual([true, 1, "2.5"]);
    expect(books.counters.gaps).toBe(0);
  });

  it("of an unknown market fill nothing, and malformed ones throw", () => {
    const buffer = new BookFrameBuffer();
    const other = { ...bookFrame("delta", 2, [], []), data: { s: "NEWUSDT", b: [], a: [], u: 2 } };
    expect(source.parseOrderBookDiffMessage(markets, other, buffer)).toBe(false);
    const broken = { ...bookFrame("delta", 2, [], []), data: { s: "BTCUSDT", b: [] } };
    expect(() => source.parseOrderBookDiffMessage(markets, broken, buffer)).toThrow(ProtocolError);
  });
});

const capture = capturedTexts("bybit-2024-12-01-XRPUSDT-ob500.ndjson");

describe.skipIf(capture === undefined)("a recording of Bybit's 500 levels", () => {
  it("is applied in full, without a gap, and its book never crosses", () => {
    const books = new BookReplayer({ venue: source, markets: () => markets, rule: manifest.continuity });
    for (const { t, text } of capture ?? []) {
      books.applyText(text, t);
      const book = books.orderBooks.get("XRP-USDT");
      expect(book?.isValid).toBe(true);
      expect(book?.bestBid?.price.lt(book.bestAsk?.price ?? 0)).toBe(true);
    }
    const { applied, gaps, rejected } = books.counters;
    expect({ applied, gaps, rejected }).toEqual({ applied: 50, gaps: 0, rejected: 0 });
  });
});

describe("tickers", () => {
  it("are merged from partial messages: what is absent or empty stays", () => {
    const tracker = new FundingInfoTracker(["BTC-USDT"]);
    const apply = (data: object, ts: number) => {
      const told = source.parseFundingInfoMessage(markets, tickerFrame(data, ts));
      for (const update of [told ?? []].flat()) tracker.apply({ timestampMs: Number.NaN, ...update });
    };
    apply(ticker(), NOW);
    apply({ symbol: "BTCUSDT", markPrice: "61006.10", fundingRate: "" }, NOW + 1);
    apply({ symbol: "BTCUSDT", fundingRate: "-0.0002", nextFundingTime: "1790035200000" }, NOW + 2);
    const info = tracker.fundingInfo("BTC-USDT");
    expect(info.markPrice.toFixed()).toBe("61006.1");
    expect(info.indexPrice.toFixed()).toBe("61010.11");
    expect(info.rate.toFixed()).toBe("-0.0002");
    expect([info.nextFundingTimestampMs, info.kind, info.timestampMs]).toEqual([1790035200000, "predicted", NOW + 2]);
  });

  it("over REST bring all of it at once", async () => {
    const context = contextOf(() => [ticker()]);
    const info = await source.fetchFundingInfo(context, "BTC-USDT");
    expect(info.rate.toFixed()).toBe("0.0001");
    expect(info.nextFundingTimestampMs).toBe(1790006400000);
    expect(context.requests[0]?.params).toEqual({ category: "linear", symbol: "BTCUSDT" });
    const dated = contextOf(() => [ticker({ fundingRate: "", nextFundingTime: "" })]);
    await expect(source.fetchFundingInfo(dated, "BTC-USDT")).rejects.toThrow("has no funding");
  });

  it("tell the last prices of many markets in one request", async () => {
    const context = contextOf(() => [
      ticker(),
      ticker({ symbol: "ETHUSDT", lastPrice: "3000.10" }),
      ticker({ symbol: "Z" }),
    ]);
    const prices = await source.fetchLastTradedPrices(context, ["BTC-USDT", "ETH-USDT"]);
    expect([...prices]).toEqual([
      ["BTC-USDT", "61003.4"],
      ["ETH-USDT", "3000.1"],
    ]);
    expect(context.requests).toHaveLength(1);
  });
});
