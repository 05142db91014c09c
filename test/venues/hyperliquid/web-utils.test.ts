import { describe, expect, it } from "vitest";
import { BookFrameBuffer } from "../../../src/market-data/book-frame-buffer.ts";
import { ConfigError, NotFoundError } from "../../../src/model/error.ts";
import { WEIGHT_LIMIT_ID } from "../../../src/venues/hyperliquid/constants.ts";
import { orderBookDataSource as source } from "../../../src/venues/hyperliquid/order-book-data-source.ts";
import {
  createWebUtils,
  question,
  rateLimitFeedback,
  unwrapResponse,
} from "../../../src/venues/hyperliquid/web-utils.ts";
import { contextOf, META, marketsOf, NOW } from "./wire.ts";

const markets = marketsOf();
const EXCHANGE = { path: "/exchange", limitId: "actions" };
const answer = (status: number, body: unknown) => ({
  ...{ status, headers: {}, text: typeof body === "string" ? body : JSON.stringify(body) },
});
const unwrapped = (status: number, body: unknown, path = "/exchange") => unwrapResponse(answer(status, body), { path });

describe("answers", () => {
  it("to questions are bare, those to actions have the statuses of their rows", () => {
    expect(unwrapped(200, META, "/info")).toEqual(META);
    expect(unwrapped(200, null, "/info")).toBeNull();
    const ok = (response: object) => unwrapped(200, { status: "ok", response });
    expect(ok({ type: "cancel", data: { statuses: ["success"] } })).toEqual(["success"]);
    expect(ok({ type: "default" })).toEqual([]);
  });

  it.each([
    [200, { status: "err", response: "Invalid nonce: duplicate nonce 1" }, "OrderRejectedError", "unknown"],
    [200, { status: "err", response: "User or API Wallet 0x1 does not exist." }, "AuthError", "definite"],
    [200, { status: "err", response: "words" }, "OrderRejectedError", "unknown"],
    [200, "<html>", "ProtocolError", "unknown"],
    [200, { status: "maybe" }, "ProtocolError", "unknown"],
    [422, "Failed to deserialize the JSON body into the target type", "OrderRejectedError", "definite"],
    [400, "Failed to parse the request body as JSON", "OrderRejectedError", "definite"],
    [429, null, "RateLimitError", "definite"],
    [500, null, "VenueUnavailableError", "unknown"],
    [403, "<html>denied</html>", "RateLimitError", "definite"],
  ])("of %i %j are a %s with an outcome that is %s", (status, body, name, outcome) => {
    expect(() => unwrapped(status, body)).toThrow(expect.objectContaining({ name, outcome }));
  });

  it("that refuse an account for its allowance close its own actions, those of the address everything", () => {
    const text = "Too many cumulative requests sent (10001 > 10000) for cumulative volume traded $0.";
    const refusals = [
      { status: "err", response: text },
      { status: "ok", response: { type: "order", data: { statuses: [{ error: text }] } } },
    ];
    for (const body of refusals) {
      expect(rateLimitFeedback(answer(200, body), EXCHANGE)).toEqual([
        { limitId: "actions", retryAfterMs: 10_000, isRefused: true },
      ]);
    }
    expect(rateLimitFeedback(answer(429, null), EXCHANGE)).toEqual([{ limitId: WEIGHT_LIMIT_ID, isRefused: true }]);
    expect(rateLimitFeedback(answer(200, { status: "ok" }), EXCHANGE)).toEqual([]);
  });

  it("weigh what the documents say", () => {
    const weights = ["clearinghouseState", "orderStatus", "meta", "userRole"].map((type) => question(type).weight);
    expect(weights).toEqual([2, 2, 20, 60]);
    expect(question("meta")).toMatchObject({ method: "POST", isQuestion: true, isAuthRequired: false });
  });

  it("come from the domain's host, or from the user's own", () => {
    const urlOf = (options: Parameters<typeof createWebUtils>[0]) => {
      const { restUrl, webSocketUrls } = createWebUtils(options);
      return [restUrl(question("meta")), webSocketUrls.private];
    };
    expect(urlOf({ domain: "hyperliquid_perpetual_testnet" })).toEqual([
      "https://api.hyperliquid-testnet.xyz/info",
      "wss://api.hyperliquid-testnet.xyz/ws",
    ]);
    const own = { restUrl: "http://localhost:1/", webSocketUrl: "ws://localhost:1/ws/" };
    expect(urlOf({ domain: "hyperliquid_perpetual", ...own })).toEqual([
      "http://localhost:1/info",
      "ws://localhost:1/ws",
    ]);
    expect(() => createWebUtils({ domain: "moon" })).toThrow(ConfigError);
  });
});

describe("public frames", () => {
  const book = (coin: unknown, levels: unknown, time: unknown = NOW) => ({
    channel: "l2Book",
    data: { coin, time, levels },
  });
  const frameOf = (message: unknown) => {
    const frame = new BookFrameBuffer();
    frame.reset("snapshot");
    return { isKnown: source.parseOrderBookSnapshotMessage(markets, message, frame), frame };
  };

  it("of a book are all of it; an empty one is a book, and one of no market here is none", () => {
    const { frame, isKnown } = frameOf(book("BTC", [[{ px: "60003.0", sz: "6.87634", n: 45 }], []]));
    expect([isKnown, frame.kind, frame.timestampMs, frame.bids.count, frame.asks.count]).toEqual([
      true,
      "snapshot",
      NOW,
      1,
      0,
    ]);
    expect(frameOf(book("BTC", [[], []])).isKnown).toBe(true);
    expect(frameOf(book("@107", [[], []])).isKnown).toBe(false);
  });

  it.each([
    ["without a time", book("BTC", [[], []], null)],
    ["with one side", book("BTC", [[]])],
    ["without data", { channel: "l2Book" }],
  ])("of a book %s cannot be read", (_, message) => {
    expect(() => frameOf(message)).toThrow("an order book without coin, time or levels");
  });

  it("of a market without a book tell its mark price and rate all the same", () => {
    const ctx = { funding: "0.0", premium: null, oraclePx: "0.3754", markPx: "0.37621", midPx: null, impactPxs: null };
    const told = source.parseFundingInfoMessage(markets, { channel: "activeAssetCtx", data: { coin: "ETH", ctx } });
    expect(told).toMatchObject({ tradingPair: "ETH-USD", kind: "predicted" });
    expect(told).not.toHaveProperty("timestampMs");
  });

  it("are answered channel by channel, by an echo with defaults or an error that quotes the request", () => {
    const channel = { name: "orderBook", tradingPair: "ETH-USD" };
    const subscription = { type: "l2Book", coin: "ETH", nSigFigs: null, mantissa: null };
    const told = (frame: object) => source.subscriptionAnswer?.(markets, frame);
    expect(told({ channel: "subscriptionResponse", data: { method: "subscribe", subscription } })).toEqual({
      ...{ isAccepted: true, operation: "subscribe", channels: [channel] },
    });
    const error = (data: string) => told({ channel: "error", data });
    const quoted = JSON.stringify({ type: "l2Book", coin: "ETH" });
    expect(error(`Already unsubscribed: ${quoted}`)).toMatchObject({ isAccepted: true, operation: "unsubscribe" });
    expect(error(`Invalid subscription ${quoted}`)).toMatchObject({ isAccepted: false, channels: [channel] });
    expect(error("Cannot send more than 2000 messages per minute.")).toMatchObject({ isLimit: true, channels: [] });
    expect(error('Error parsing JSON into valid websocket request: {"type":"')).toMatchObject({ channels: [] });
  });
});

describe("funding info", () => {
  const ctx = { funding: "0.0000125", oraclePx: "60010.5", markPx: "60003.0" };

  it("of a market stands in its place among all, and is paid at the next full hour", async () => {
    const others = META.universe.map(({ name }) => (name === "ETH" ? ctx : {}));
    const { context } = contextOf({ metaAndAssetCtxs: [META, others] });
    const info = await source.fetchFundingInfo(context, "ETH-USD");
    expect(info.markPrice.toFixed()).toBe("60003");
    expect(info.nextFundingTimestampMs % 3_600_000).toBe(0);
    expect(info.nextFundingTimestampMs - NOW).toBeGreaterThan(0);
    expect(info.nextFundingTimestampMs - NOW).toBeLessThanOrEqual(3_600_000);
    await expect(source.fetchFundingInfo(context, "BTC-USD")).rejects.toThrow("not whole");
  });

  it("and the book of a market that is not there are not found", async () => {
    const { context } = contextOf({ metaAndAssetCtxs: [{ universe: [] }, []], l2Book: null });
    await expect(source.fetchFundingInfo(context, "BTC-USD")).rejects.toThrow(NotFoundError);
    const frame = new BookFrameBuffer();
    await expect(source.requestOrderBookSnapshot(context, "BTC-USD", frame)).rejects.toThrow(NotFoundError);
  });

  it("is not the last price: that is the newest trade's, of whatever order", async () => {
    const trade = (px: string, time: number) => ({ coin: "BTC", side: "A", px, sz: "1.0", time, tid: 1 });
    const { context } = contextOf({ recentTrades: [trade("2.0", NOW), trade("3.0", NOW + 1), trade("1.0", NOW - 1)] });
    expect((await source.fetchLastTradedPrices(context, ["BTC-USD"])).get("BTC-USD")).toBe("3");
    const { context: quiet } = contextOf({ recentTrades: null });
    expect((await source.fetchLastTradedPrices(quiet, ["BTC-USD"])).size).toBe(0);
  });
});
