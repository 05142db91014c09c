import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { example, type FrameObject, type Harness, hasExamples, keys, type Params, startVenue } from "./harness.ts";

/** The examples show some keys that only orders of other types, or rows of a batch that failed, have. */
const OF_OTHER_ORDERS = new Set(["activatePrice", "priceRate", "code", "msg"]);
const withoutOthers = (row: object) => keys(row).filter((key) => !OF_OTHER_ORDERS.has(key));
const first = (json: FrameObject) => (Array.isArray(json) ? json[0] : json);

const MARKET_FILE = "rest-api_MarketDataApiTest";
const ACCOUNT_FILE = "rest-api_AccountApiTest";
const TRADE_FILE = "rest-api_TradeApiTest";

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue({ quiet: false, fundingIntervalMs: 5_000 });
});
afterEach(() => harness.venue.stop());

const call = (method: string, path: string, params: Params = {}) => harness.call(method, `/fapi${path}`, params);
const order = { symbol: "BTCUSDT", side: "BUY", type: "LIMIT", quantity: 0.01, price: 50_000, timeInForce: "GTC" };
const market = { symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: 0.01 };

describe.skipIf(!hasExamples)("a public answer has the documented keys:", () => {
  test.each([
    ["checkServerTime", "/fapi/v1/time", {}],
    ["symbolPriceTicker", "/fapi/v1/ticker/price", { symbol: "BTCUSDT" }],
    ["symbolPriceTickerV2", "/fapi/v2/ticker/price", { symbol: "BTCUSDT" }],
    ["ticker24hrPriceChangeStatistics", "/fapi/v1/ticker/24hr", { symbol: "BTCUSDT" }],
    ["symbolOrderBookTicker", "/fapi/v1/ticker/bookTicker", { symbol: "BTCUSDT" }],
    ["orderBook", "/fapi/v1/depth", { symbol: "BTCUSDT" }],
    ["recentTradesList", "/fapi/v1/trades", { symbol: "BTCUSDT" }],
    ["compressedAggregateTradesList", "/fapi/v1/aggTrades", { symbol: "BTCUSDT" }],
    ["markPrice", "/fapi/v1/premiumIndex", { symbol: "BTCUSDT" }],
    ["getFundingRateInfo", "/fapi/v1/fundingInfo", {}],
    ["getFundingRateHistory", "/fapi/v1/fundingRate", { symbol: "BTCUSDT" }],
    ["openInterest", "/fapi/v1/openInterest", { symbol: "BTCUSDT" }],
  ] as [string, string, Params][])("%s", async (name, path, params) => {
    await harness.world.advance(6_000);
    const { json, status } = await harness.get(path, params);
    expect(status).toBe(200);
    expect(keys(first(json))).toEqual(keys(example(MARKET_FILE, name)));
  });

  test("exchangeInformation", async () => {
    const { json } = await harness.get("/fapi/v1/exchangeInfo");
    const documented = example(MARKET_FILE, "exchangeInformation");
    const { futuresType: _, ...rest } = json;
    expect(keys(rest)).toEqual(keys(documented));
    expect(keys(json.symbols[0])).toEqual(keys(documented.symbols[0]));
    expect(keys(json.assets[0])).toEqual(keys(documented.assets[0]));
    expect(keys(json.rateLimits[0])).toEqual(keys(documented.rateLimits[0]));
    const filterKeys = new Set(json.symbols[0].filters.flatMap((filter: object) => Object.keys(filter)));
    for (const key of keys(documented.symbols[0].filters[0])) expect(filterKeys).toContain(key);
  });
});

describe.skipIf(!hasExamples)("an account answer has the documented keys:", () => {
  test.each([
    ["futuresAccountBalanceV2", "/v2/balance"],
    ["futuresAccountBalanceV3", "/v3/balance"],
    ["futuresAccountConfiguration", "/v1/accountConfig"],
    ["symbolConfiguration", "/v1/symbolConfig"],
    ["getCurrentPositionMode", "/v1/positionSide/dual"],
    ["getCurrentMultiAssetsMode", "/v1/multiAssetsMargin"],
    ["notionalAndLeverageBrackets", "/v1/leverageBracket"],
    ["queryUserRateLimit", "/v1/rateLimit/order"],
  ])("%s", async (name, path) => {
    const { json, status } = await call("GET", path);
    expect(status).toBe(200);
    expect(keys(first(json))).toEqual(keys(example(ACCOUNT_FILE, name)));
  });

  test.each([
    ["accountInformationV2", "/v2/account"],
    ["accountInformationV3", "/v3/account"],
  ])("%s", async (name, path) => {
    await call("POST", "/v1/order", market);
    const { json } = await call("GET", path);
    const documented = example(ACCOUNT_FILE, name);
    expect(keys(json)).toEqual(keys(documented));
    expect(keys(json.assets[0])).toEqual(keys(documented.assets[0]));
    expect(keys(json.positions[0])).toEqual(keys(documented.positions[0]));
  });

  test("userCommissionRate", async () => {
    const { json } = await call("GET", "/v1/commissionRate", { symbol: "BTCUSDT" });
    expect(keys(json)).toEqual(keys(example(ACCOUNT_FILE, "userCommissionRate")));
    expect(json).toMatchObject({ makerCommissionRate: "0.000200", takerCommissionRate: "0.000500" });
  });

  test("getIncomeHistory", async () => {
    await call("POST", "/v1/order", market);
    const { json } = await call("GET", "/v1/income");
    expect(keys(json[0])).toEqual(keys(example(ACCOUNT_FILE, "getIncomeHistory")));
  });

  test("listen keys", async () => {
    const file = "rest-api_UserDataStreamsApiTest";
    const made = await harness.keyed("POST", "/fapi/v1/listenKey");
    expect(keys(made.json)).toEqual(keys(example(file, "startUserDataStream")));
    expect(made.json.listenKey).toHaveLength(64);
    const kept = await harness.keyed("PUT", "/fapi/v1/listenKey");
    expect(kept.json).toEqual(made.json);
  });
});

describe.skipIf(!hasExamples)("a trading answer has the documented keys:", () => {
  test("newOrder, queryOrder, queryCurrentOpenOrder, lists, modifyOrder and cancelOrder", async () => {
    const placed = await call("POST", "/v1/order", { ...order, newClientOrderId: "c-1" });
    expect(keys(placed.json)).toEqual(keys(example(TRADE_FILE, "newOrder")));
    const name = { symbol: "BTCUSDT", origClientOrderId: "c-1" };
    const rows = [
      (await call("GET", "/v1/order", name)).json,
      (await call("GET", "/v1/openOrder", name)).json,
      first((await call("GET", "/v1/openOrders")).json),
      first((await call("GET", "/v1/allOrders", { symbol: "BTCUSDT" })).json),
    ];
    for (const row of rows) expect(keys(row)).toEqual(withoutOthers(example(TRADE_FILE, "queryOrder")));
    const changed = await call("PUT", "/v1/order", { ...order, modifyId: 5, ...name, price: 50_001 });
    expect(keys(changed.json)).toEqual(keys(example(TRADE_FILE, "modifyOrder")));
    const canceled = await call("DELETE", "/v1/order", name);
    expect(keys(canceled.json)).toEqual(withoutOthers(example(TRADE_FILE, "cancelOrder")));
  });

  test("accountTradeList, positionInformationV2 and V3", async () => {
    await call("POST", "/v1/order", market);
    for (const [name, path] of [
      ["accountTradeList", "/v1/userTrades"],
      ["positionInformationV2", "/v2/positionRisk"],
      ["positionInformationV3", "/v3/positionRisk"],
    ] as const) {
      const { json } = await call("GET", path, { symbol: "BTCUSDT" });
      expect(keys(json[0]), name).toEqual(keys(example(TRADE_FILE, name)));
    }
  });

  test("placeMultipleOrders, modifyMultipleOrders and cancelMultipleOrders", async () => {
    const batchOrders = JSON.stringify([{ ...order, newClientOrderId: "b-1" }]);
    const placed = await call("POST", "/v1/batchOrders", { batchOrders });
    expect(keys(placed.json[0])).toEqual(withoutOthers(example(TRADE_FILE, "placeMultipleOrders")));
    const changes = JSON.stringify([{ ...order, modifyId: 5, origClientOrderId: "b-1", price: 50_001 }]);
    const changed = await call("PUT", "/v1/batchOrders", { batchOrders: changes });
    expect(keys(changed.json[0])).toEqual(withoutOthers(example(TRADE_FILE, "modifyMultipleOrders")));
    const names = { symbol: "BTCUSDT", origClientOrderIdList: '["b-1"]' };
    const canceled = await call("DELETE", "/v1/batchOrders", names);
    expect(keys(canceled.json[0])).toEqual(withoutOthers(example(TRADE_FILE, "cancelMultipleOrders")));
  });

  test("the settings and the cancels of all", async () => {
    const symbol = "BTCUSDT";
    const leverage = await call("POST", "/v1/leverage", { symbol, leverage: 21 });
    expect(keys(leverage.json)).toEqual(keys(example(TRADE_FILE, "changeInitialLeverage")));
    const marginType = await call("POST", "/v1/marginType", { symbol, marginType: "ISOLATED" });
    expect(marginType.json).toEqual({ code: 200, msg: "success" });
    await call("POST", "/v1/order", market);
    const margin = await call("POST", "/v1/positionMargin", { symbol, amount: 5, type: 1 });
    expect(margin.json).toEqual({ amount: 5, code: 200, msg: "Successfully modify position margin.", type: 1 });
    const countdown = await call("POST", "/v1/countdownCancelAll", { symbol, countdownTime: 100_000 });
    expect(countdown.json).toEqual({ symbol, countdownTime: "100000" });
    const all = await call("DELETE", "/v1/allOpenOrders", { symbol });
    expect(all.json).toEqual(example(TRADE_FILE, "cancelAllOpenOrders"));
  });
});

describe.skipIf(!hasExamples)("a stream's messages have the documented keys:", () => {
  const MARKET = "websocket-streams_MarketApiTest";
  const PUBLIC = "websocket-streams_PublicApiTest";

  test.each([
    ["/market", "btcusdt@aggTrade", "aggregateTradeStreams", MARKET],
    ["/market", "btcusdt@markPrice@1s", "markPriceStream", MARKET],
    ["/market", "!markPrice@arr@1s", "markPriceStreamForAllMarket", MARKET],
    ["/market", "btcusdt@ticker", "individualSymbolTickerStreams", MARKET],
    ["/market", "btcusdt@miniTicker", "individualSymbolMiniTickerStream", MARKET],
    ["/market", "!ticker@arr", "allMarketTickersStreams", MARKET],
    ["/market", "!miniTicker@arr", "allMarketMiniTickersStream", MARKET],
    ["/public", "btcusdt@bookTicker", "individualSymbolBookTickerStreams", PUBLIC],
    ["/public", "btcusdt@depth@100ms", "diffBookDepthStreams", PUBLIC],
    ["/public", "btcusdt@depth10@100ms", "partialBookDepthStreams", PUBLIC],
  ])("%s %s", async (place, name, documented, file) => {
    const socket = await harness.connect(`${place}/ws/${name}`);
    await harness.world.advance(4_000);
    expect(socket.frames.length).toBeGreaterThan(0);
    expect(keys(first(socket.frames[0]))).toEqual(keys(example(file, documented)));
  });
});
