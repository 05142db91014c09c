import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { BookFrameBuffer } from "../../../src/market-data/book-frame-buffer.ts";
import { createVenueMarkets } from "../../../src/model/venue-markets.ts";
import { parseJson } from "../../../src/net/json.ts";
import type { VenueContext } from "../../../src/net/venue-api.ts";
import { derivative } from "../../../src/venues/binance/derivative.ts";
import { orderBookDataSource as source } from "../../../src/venues/binance/order-book-data-source.ts";
import { userStreamDataSource as stream } from "../../../src/venues/binance/user-stream-data-source.ts";
import { getCurrentServerTime, unwrapResponse } from "../../../src/venues/binance/web-utils.ts";
import { orderToPlace, reference, symbolRow } from "./wire.ts";

/** The examples of the venue's own generated client, kept beside the project. */
const FOLDER = new URL("../../../../shared/data/examples/binance-usdm/", import.meta.url);

interface Example {
  readonly describe: string;
  readonly body: unknown;
}

const examplesOf = (file: string): readonly Example[] =>
  JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as readonly Example[];

function example(file: string, name: string): unknown {
  const found = examplesOf(file).find((each) => each.describe === `${name}()`);
  if (found === undefined) return expect.unreachable(`${file} has no ${name}()`);
  // As the connector gets it: text, read without losing a digit, unwrapped.
  const text = JSON.stringify(found.body);
  parseJson(text);
  return unwrapResponse({ status: 200, headers: {}, text });
}

const { markets: listed } = derivative.parseExchangeInfo({
  symbols: ["BTC", "BNB", "ETH", "ADA", "BLZ"].map((base) => symbolRow(base)),
});
const markets = createVenueMarkets("binance_perpetual", "binance_perpetual", listed);
const contextOf = (payload: unknown, other: unknown = []): VenueContext => ({
  markets,
  now: () => 1_720_736_417_660,
  api: { send: async (request) => (request.path.endsWith("symbolConfig") ? other : payload) },
});
const frameOf = () => {
  const frame = new BookFrameBuffer();
  frame.reset("diff");
  return frame;
};

const MARKET = "rest-api_MarketDataApiTest.json";
const ACCOUNT = "rest-api_AccountApiTest.json";
const TRADE = "rest-api_TradeApiTest.json";
const KEYS = "rest-api_UserDataStreamsApiTest.json";
const PUBLIC = "websocket-streams_PublicApiTest.json";
const MARKET_STREAM = "websocket-streams_MarketApiTest.json";

/** What of an example is shortened so far that no venue could send it, with what is done about it. */
const SHORTENED = {
  exchangeInformation: "all filters are folded into one object: they are unfolded by type",
  depth: "a level has its price and no amount: an amount is added",
  batch: "a row is an order and a refusal at once, where the venue sends one of the two: the refusal counts",
  income: "the one row is a transfer: it is shown as a funding fee of a market",
};

describe.skipIf(!existsSync(FOLDER))("every documented example of an endpoint in use parses", () => {
  test(`GET exchangeInfo (${SHORTENED.exchangeInformation}) with GET fundingInfo`, () => {
    const info = example(MARKET, "exchangeInformation") as { symbols: { filters: Record<string, unknown>[] }[] };
    const types = ["PRICE_FILTER", "LOT_SIZE", "MIN_NOTIONAL"];
    const symbols = info.symbols.map((row) => ({
      ...row,
      filters: types.map((filterType) => ({ ...row.filters[0], filterType })),
    }));
    const fundingInfo = example(MARKET, "getFundingRateInfo");
    const { markets: read, skipped } = derivative.parseExchangeInfo({ ...info, symbols, fundingInfo });
    expect(skipped).toEqual([]);
    expect(read).toMatchObject([{ tradingPair: "BLZ-USDT", fundingIntervalMs: 8 * 3_600_000 }]);
  });

  test("GET time, depth, premiumIndex, ticker price and fundingRate", async () => {
    expect(await getCurrentServerTime(contextOf(example(MARKET, "checkServerTime")))).toBe(1_499_827_319_559);
    const frame = frameOf();
    await source.requestOrderBookSnapshot(contextOf(example(MARKET, "orderBook")), "BTC-USDT", frame);
    expect(frame.updateId).toBe(1_027_024);
    const info = await source.fetchFundingInfo(contextOf(example(MARKET, "markPrice")), "BTC-USDT");
    expect(info.rate.toFixed()).toBe("0.00038246");
    const prices = await source.fetchLastTradedPrices(contextOf(example(MARKET, "symbolPriceTickerV2")), ["BTC-USDT"]);
    expect(prices.get("BTC-USDT")).toBe("6000.01");
    expect(example(MARKET, "getFundingRateHistory")).toMatchObject([{ fundingRate: "-0.03750000" }]);
  });

  test.each(["newOrder", "modifyOrder"])("an order taken: %s", (name) => {
    const { parse } = derivative.placeOrder(markets, orderToPlace());
    expect(parse(example(TRADE, name)).update).toMatchObject({ state: "open" });
  });

  test("an order canceled and an order asked for", async () => {
    expect(derivative.placeCancel(markets, reference()).parse(example(TRADE, "cancelOrder"))).toMatchObject({
      state: "canceled",
      exchangeOrderId: "283194212",
    });
    const update = await derivative.requestOrderStatus(contextOf(example(TRADE, "queryOrder")), reference());
    expect(update).toMatchObject({ clientOrderId: "abc", exchangeOrderId: "1573346959" });
  });

  test(`batches (${SHORTENED.batch})`, () => {
    const created = derivative.placeOrders?.(markets, [orderToPlace()]).parse(example(TRADE, "placeMultipleOrders"));
    expect(created).toMatchObject([{ ok: false, error: { venueCode: "-2022" } }]);
    const canceled = derivative.placeCancels?.(markets, [reference()]).parse(example(TRADE, "cancelMultipleOrders"));
    expect(canceled).toMatchObject([{ ok: false, error: { venueCode: "-2011" } }]);
  });

  test("open orders, fills, and acknowledgements of cancel-all, dead-man switch, leverage and mode", async () => {
    expect(await derivative.fetchOpenOrders(contextOf(example(TRADE, "currentAllOpenOrders")), [])).toHaveLength(1);
    const trades = await derivative.tradesSince(contextOf(example(TRADE, "accountTradeList")), 1_720_700_000_000, [
      "BTC-USDT",
    ]);
    expect(trades).toMatchObject([{ fillId: "698759", side: "sell", positionAction: "open" }]);
    expect(
      derivative.cancelAllAfter?.(markets, 1, "BTC-USDT").parse(example(TRADE, "autoCancelAllOpenOrders")),
    ).toBeUndefined();
    expect(example(TRADE, "changeInitialLeverage")).toMatchObject({ leverage: 21 });
    expect(example(TRADE, "changePositionMode")).toMatchObject({ code: 200 });
  });

  test("a forced order of the history is listed with a client id of the venue's own", () => {
    const rows = example(TRADE, "usersForceOrders") as readonly unknown[];
    expect(derivative.placeOrder(markets, orderToPlace()).parse(rows[0]).update).toMatchObject({ state: "filled" });
  });

  test("balances, positions with leverage, mode, fees", async () => {
    const balances = await derivative.fetchBalances(contextOf(example(ACCOUNT, "accountInformationV3")));
    expect(balances.find((each) => each.type === "balance")).toMatchObject({ asset: "USDT" });
    const positions = contextOf(example(TRADE, "positionInformationV3"), example(ACCOUNT, "symbolConfiguration"));
    expect(await derivative.fetchPositions(positions, [])).toMatchObject([
      { type: "settings", tradingPair: "BTC-USDT" },
      { type: "position", tradingPair: "ADA-USDT", side: "both" },
    ]);
    const mode = contextOf(example(ACCOUNT, "getCurrentPositionMode"));
    expect(await derivative.fetchPositionMode?.(mode, [])).toBe("hedge");
    const fees = await derivative.tradingFees(contextOf(example(ACCOUNT, "userCommissionRate")), ["BTC-USDT"]);
    expect(fees instanceof Map && fees.has("BTC-USDT")).toBe(true);
  });

  test(`income (${SHORTENED.income})`, async () => {
    const rows = example(ACCOUNT, "getIncomeHistory") as readonly Readonly<Record<string, unknown>>[];
    const now = contextOf(rows);
    expect(await derivative.fetchFundingPayments(now, now.now() - 1_000, [])).toEqual([]);
    const shown = contextOf(rows.map((row) => ({ ...row, symbol: "BTCUSDT", incomeType: "FUNDING_FEE" })));
    expect(await derivative.fetchFundingPayments(shown, now.now() - 1_000, [])).toMatchObject([
      { paymentId: "9689322392:BTCUSDT", asset: "USDT" },
    ]);
  });

  test("listen keys", async () => {
    const created = await stream.listenKey?.fetchListenKey(contextOf(example(KEYS, "startUserDataStream")));
    expect(created).toMatch(/^pqia91ma/);
    const kept = "3HBntNTepshgEdjIwSUIBgB9keLyOCg5qv3n6bYAtktG8ejcaW5HXz9Vx1JgIieg";
    await stream.listenKey?.pingListenKey(contextOf(example(KEYS, "keepaliveUserDataStream")), kept);
  });

  test(`diffs of the book (${SHORTENED.depth})`, () => {
    const event = example(PUBLIC, "diffBookDepthStreams") as { b: string[][]; a: string[][] };
    const whole = { ...event, b: event.b.map(([price]) => [price, "10"]), a: event.a.map(([price]) => [price, "0"]) };
    const frame = frameOf();
    expect(source.channelOriginatingMessage(whole)).toBe("orderBookDiff");
    expect(source.parseOrderBookDiffMessage(markets, whole, frame)).toBe(true);
    expect(frame).toMatchObject({ tradingPair: "BNB-USDT", updateId: 160, firstUpdateId: 157, previousUpdateId: 149 });
  });

  test("trades and mark prices", () => {
    const trade = example(MARKET_STREAM, "aggregateTradeStreams");
    expect(source.channelOriginatingMessage(trade)).toBe("trade");
    expect(source.parseTradeMessage(markets, trade)).toMatchObject([{ tradeId: "5933014", side: "sell" }]);
    const mark = example(MARKET_STREAM, "markPriceStream");
    expect(source.channelOriginatingMessage(mark)).toBe("fundingInfo");
    const [told] = [source.parseFundingInfoMessage(markets, mark) ?? []].flat();
    expect(told?.rate?.toFixed()).toBe("0.00038167");
  });
});
