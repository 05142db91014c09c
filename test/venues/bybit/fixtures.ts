import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { venueModule } from "../../../src/venues/bybit/derivative.ts";
import type { ConnectorFixtures } from "../../support/connector-fixtures.ts";
import type { ScriptedRequest } from "../../support/scripted-venue.ts";
import {
  answersTo,
  BTC,
  byEitherId,
  canceled,
  envelope,
  executionRow,
  filled,
  fills,
  get,
  instruments,
  LATER,
  LEVELS,
  ORDER_IDS,
  orderRow,
  post,
  refused,
  rejected,
  SNAPSHOT,
  statuses,
  tickerFrame,
  time,
  wallet,
} from "./answers.ts";
import { bookFrame, flatPosition, frame, instrument, NOW, ticker, wirePosition, wireSettlement } from "./wire.ts";

/** The checklist's fixtures for Bybit. Values are our own. */

const CREDENTIALS = { apiKey: "key-of-the-desk", apiSecret: "secret-of-the-desk-1234" };

function validateAuthCredentialsPresent({ headers, method, target, rawBody }: ScriptedRequest): void {
  const timestamp = headers["x-bapi-timestamp"] ?? "";
  assert.equal(headers["x-bapi-api-key"], CREDENTIALS.apiKey);
  assert.match(timestamp, /^\d{13}$/);
  const payload = `${timestamp}${CREDENTIALS.apiKey}5000${method === "GET" ? (target.split("?")[1] ?? "") : rawBody}`;
  const expected = createHmac("sha256", CREDENTIALS.apiSecret).update(payload).digest("hex");
  assert.equal(headers["x-bapi-sign"], expected);
}

const CANCEL = "/v5/order/cancel";

export const bybitFixtures: ConnectorFixtures = {
  connectorName: "bybit_perpetual",
  credentials: CREDENTIALS,
  tradingPair: "BTC-USDT",
  otherTradingPair: "ETH-USDT",
  restBasePath: "",
  startMs: NOW,
  socket: { answersTo, isPrivate: (message) => (message as { op?: string }).op === "auth" },
  createExchangeInstance: (urls) => venueModule.createVenue({ domain: "bybit_perpetual", ...urls }),
  exchangeSymbolForTokens: (base, quote) => `${base}${quote}`,
  restingRoutes: [
    instruments,
    get("/v5/account/wallet-balance", wallet("10000", { coin: "USDT", walletBalance: "10000" })),
    get("/v5/account/fee-rate", { symbol: "BTCUSDT", takerFeeRate: "0.00055", makerFeeRate: "0.0002" }),
    get("/v5/position/list"),
    ...["BTCUSDT", "ETHUSDT"].map((symbol) => ({
      ...get("/v5/position/list", flatPosition({ symbol })),
      params: { symbol },
    })),
    get("/v5/order/realtime"),
    get("/v5/order/history"),
    get("/v5/execution/list"),
    get("/v5/account/transaction-log"),
  ],
  script: (server, now) => server.on("GET", "/v5/market/time", () => ({ body: time(now()).body })),

  allSymbolsRequestMockResponse: instruments,
  allSymbolsIncludingInvalidPairMockResponse: get(
    "/v5/market/instruments-info",
    instrument("BTC"),
    instrument("ETH", "USDT", { baseCoin: "" }),
    instrument("SOL", "USDT", { symbol: "SOLUSDT-25DEC26", contractType: "LinearFutures" }),
    instrument("LUNA", "USDT", { status: "Closed" }),
  ),
  latestPricesRequestMockResponse: get("/v5/market/tickers", ticker()),
  expectedLatestPrice: "61003.4",
  networkStatusRequestSuccessfulMockResponse: time(NOW),
  tradingRulesRequestMockResponse: instruments,
  tradingRulesRequestErroneousMockResponse: get(
    "/v5/market/instruments-info",
    instrument("BTC", "USDT", { priceFilter: {} }),
    instrument("ETH"),
  ),
  expectedTradingRule: {
    tradingPair: "BTC-USDT",
    minOrderSize: "0.001",
    maxOrderSize: "1190",
    minPriceIncrement: "0.1",
    minBaseAmountIncrement: "0.001",
    minNotionalSize: "5",
    minPrice: "0.1",
    maxPrice: "1999999.8",
    contractSize: "1",
    contractKind: "linear",
    buyOrderCollateralToken: "USDT",
    sellOrderCollateralToken: "USDT",
    supportsMarketOrders: true,
  },
  expectedLoggedErrorForErroneousTradingRule: "Error parsing the trading pair rule BTCUSDT. Skipping.",
  balanceRequestMockResponseForBaseAndQuote: get(
    "/v5/account/wallet-balance",
    wallet("2000", BTC, { coin: "USDT", walletBalance: "2000" }),
  ),
  balanceRequestMockResponseOnlyBase: get("/v5/account/wallet-balance", wallet("0", BTC)),
  balanceEventWebsocketUpdate: {
    ...frame("wallet", wallet("1999", BTC, { coin: "USDT", walletBalance: "1999" })),
    creationTime: LATER,
  },
  expectedSupportedOrderTypes: ["limit", "limitMaker", "market"],
  expectedSupportedPositionModes: ["oneWay", "hedge"],

  orderBookSnapshotMockResponse: {
    method: "GET",
    path: "/v5/market/orderbook",
    body: envelope({ s: "BTCUSDT", ...LEVELS, ts: NOW, u: 1_000, seq: 7961639724, cts: NOW - 2 }),
  },
  orderBookSnapshotEvent: SNAPSHOT,
  orderBookDiffEvent: bookFrame("delta", 1_001, [], [["60000.20", "7"]]),
  tradeEvent: {
    topic: "publicTrade.BTCUSDT",
    type: "snapshot",
    ts: NOW,
    data: [{ T: NOW, s: "BTCUSDT", S: "Buy", v: "0.0513", p: "60000.10", i: "20f43950-0000-5b31-9112-000000000001" }],
  },
  expectedBook: { bestBid: "59999.9", bestAsk: "60000.1", asksAfterDiff: 2 },
  expectedTrade: { tradeId: "20f43950-0000-5b31-9112-000000000001", price: "60000.1", amount: "0.0513" },
  expectedSubscriptions: [
    { op: "subscribe", args: ["orderbook.200.BTCUSDT", "publicTrade.BTCUSDT", "tickers.BTCUSDT"] },
  ],
  expectedPrivateSubscriptions: [{ op: "subscribe", args: ["order", "execution", "position", "wallet"] }],
  malformedTradeEvent: { topic: "publicTrade.BTCUSDT", type: "snapshot", ts: NOW, data: [{ i: "1" }] },
  malformedDiffEvent: { topic: "orderbook.200.BTCUSDT", type: "delta", ts: NOW, data: { s: "BTCUSDT", b: [] } },
  malformedSnapshotMockResponse: {
    method: "GET",
    path: "/v5/market/orderbook",
    body: envelope({ s: "BTCUSDT", b: [["x", "1"]], a: [], ts: NOW, u: 1_000 }),
  },

  fundingInfoUrl: "/v5/market/tickers",
  fundingInfoMockResponse: [get("/v5/market/tickers", ticker())],
  fundingInfoEvent: tickerFrame({}),
  // A delta tells only what has changed.
  fundingInfoEventForWebsocketUpdate: {
    topic: "tickers.BTCUSDT",
    type: "delta",
    data: { symbol: "BTCUSDT", fundingRate: "-0.00002" },
    cs: 2,
    ts: LATER,
  },
  malformedFundingInfoEvent: tickerFrame({ markPrice: "x" }),
  fundingInfoUpdate: [get("/v5/market/tickers", ticker({ fundingRate: "-0.00002" }))],
  expectedFundingInfo: {
    indexPrice: "61010.11",
    markPrice: "61005",
    rate: "0.0001",
    nextFundingTimestampMs: 1_790_006_400_000,
  },
  expectedUpdatedFundingRate: "-0.00002",
  fundingPaymentUrl: "/v5/account/transaction-log",
  fundingPaymentMockResponse: get("/v5/account/transaction-log", wireSettlement()),
  emptyFundingPaymentMockResponse: get("/v5/account/transaction-log"),
  expectedFundingPayment: { amount: "-0.061005", paymentId: "592324_BTCUSDT_161440249321" },

  expectedExchangeOrderId: ORDER_IDS[0],
  expectedExchangeOrderIds: ORDER_IDS,
  expectedPartialFillPrice: "5000",
  expectedPartialFillAmount: "0.5",
  expectedFillFee: { token: "USDT", amount: "0.5" },
  expectedFillTradeId: "e-1",
  isCancelRequestExecutedSynchronouslyByServer: false,
  isOrderFillHttpUpdateIncludedInStatusUpdate: false,
  isOrderFillHttpUpdateExecutedDuringWebsocketOrderEventProcessing: false,

  orderCreationRequestSuccessfulMockResponse: ({ exchangeOrderId: orderId, clientOrderId: orderLinkId }) => [
    post("/v5/order/create", { orderId, orderLinkId }),
  ],
  orderCreationRequestRefusedMockResponse: () => [refused("/v5/order/create", 110007, "ab not enough for new order")],
  configureSuccessfulCancelationResponse: ({ exchangeOrderId: orderId }) => [post(CANCEL, { orderId })],
  configureErroneousCancelationResponse: () => [refused(CANCEL, 10001, "params error")],
  configureOneSuccessfulOneErroneousCancelAllResponse: (successful, erroneous) => {
    const rows = [successful, erroneous].map(({ exchangeOrderId: orderId }) => ({ orderId }));
    const codes = [
      { code: 0, msg: "OK" },
      { code: 10001, msg: "params error" },
    ];
    const body = envelope({ list: rows }, 0, "OK", { list: codes });
    return [{ method: "POST", path: "/v5/order/cancel-batch", body }];
  },
  configureOpenOrderStatusResponse: (order) => statuses(order),
  configureCompletelyFilledOrderStatusResponse: (order) => statuses(order, filled(order)),
  configureCanceledOrderStatusResponse: (order) => statuses(order, canceled),
  configurePartiallyFilledOrderStatusResponse: (order) =>
    statuses(order, { orderStatus: "PartiallyFilled", cumExecQty: "0.5", avgPrice: "5000" }),
  configureHttpErrorOrderStatusResponse: (order) =>
    byEitherId(order, { method: "GET", path: "/v5/order/realtime", status: 500, body: {} }),
  configureFailedOrderStatusResponse: (order) => statuses(order, rejected),
  expectedEventAfterOrderFailure: "orderFailed",
  // Neither list has it: there is no code for that.
  configureOrderNotFoundResponse: (order) => byEitherId(order, get("/v5/order/realtime")),
  configurePartialFillTradeResponse: (order) => fills(order, { execQty: "0.5" }),
  configureFullFillTradeResponse: (order) => fills(order),
  configureErroneousHttpFillTradeResponse: () => [
    { method: "GET", path: "/v5/execution/list", body: envelope({}, 10016, "Internal System Error.") },
  ],
  configureSuccessfulSetLeverage: () => [post("/v5/position/set-leverage", {})],
  configureFailedSetLeverage: () => [refused("/v5/position/set-leverage", 110013, "cannot set leverage")],
  configureSuccessfulSetPositionMode: () => [post("/v5/position/switch-mode", {})],
  configureFailedSetPositionMode: () => [refused("/v5/position/switch-mode", 110024, "there are positions")],

  orderEventForNewOrderWebsocketUpdate: (order) => frame("order", orderRow(order)),
  orderEventForCanceledOrderWebsocketUpdate: (order) => frame("order", orderRow(order, canceled)),
  orderEventForFullFillWebsocketUpdate: (order) => frame("order", orderRow(order, filled(order))),
  orderEventForFailedOrderWebsocketUpdate: (order) => frame("order", orderRow(order, rejected)),
  tradeEventForFullFillWebsocketUpdate: (order) => frame("execution", executionRow(order)),
  positionEventForFullFillWebsocketUpdate: (order) => ({
    ...frame("position", wirePosition({ size: order.amount, entryPrice: "5000" })),
    creationTime: LATER,
  }),

  validateAuthCredentialsPresent,
  validateOrderCreationRequest(order, request) {
    assert.equal(`${request.method} ${request.path}`, "POST /v5/order/create");
    assert.deepEqual(request.body, {
      category: "linear",
      symbol: "BTCUSDT",
      side: order.side === "buy" ? "Buy" : "Sell",
      orderType: "Limit",
      qty: order.amount,
      price: order.price,
      timeInForce: "GTC",
      positionIdx: 0,
      orderLinkId: order.clientOrderId,
      reduceOnly: false,
    });
  },
  validateOrderCancelationRequest({ exchangeOrderId: orderId }, request) {
    assert.equal(`${request.method} ${request.path}`, `POST ${CANCEL}`);
    assert.deepEqual(request.body, { category: "linear", symbol: "BTCUSDT", orderId });
  },
  validateOrderStatusRequest({ exchangeOrderId: orderId }, request) {
    assert.equal(`${request.method} ${request.path}`, "GET /v5/order/realtime");
    assert.deepEqual(request.params, { category: "linear", symbol: "BTCUSDT", orderId });
  },
  validateTradesRequest({ exchangeOrderId: orderId }, request) {
    assert.equal(`${request.method} ${request.path}`, "GET /v5/execution/list");
    assert.deepEqual(request.params, { category: "linear", orderId, limit: "100" });
  },
};
