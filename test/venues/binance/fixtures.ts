import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { venueModule } from "../../../src/venues/binance/derivative.ts";
import type { ConnectorFixtures } from "../../support/connector-fixtures.ts";
import type { ScriptedRequest } from "../../support/scripted-venue.ts";
import {
  account,
  accountEvent,
  answersTo,
  BOOK,
  byEitherId,
  canceled,
  depth,
  event,
  filled,
  fills,
  get,
  LATER,
  LISTEN_KEY_PATH,
  listenKey,
  markets,
  markPrice,
  post,
  premiumIndex,
  refused,
  script,
  statuses,
  wireOrder,
} from "./answers.ts";
import { symbolRow, TIME } from "./wire.ts";

/** The checklist's fixtures for Binance USD-M futures. Values are our own. */

const CREDENTIALS = { apiKey: "key-of-the-desk", apiSecret: "secret-of-the-desk-1234" };

function validateAuthCredentialsPresent({ headers, path, target, rawBody }: ScriptedRequest): void {
  assert.equal(headers["x-mbx-apikey"], CREDENTIALS.apiKey);
  if (path === LISTEN_KEY_PATH) return;
  const sent = rawBody === "" ? (target.split("?")[1] ?? "") : rawBody;
  const [payload = "", signature] = sent.split("&signature=");
  assert.match(payload, /recvWindow=5000&timestamp=\d{13}$/);
  assert.equal(signature, createHmac("sha256", CREDENTIALS.apiSecret).update(payload).digest("hex"));
}

/** The parameters of a request without those of its signature. */
function ownParams({ params, rawBody }: ScriptedRequest): Readonly<Record<string, string>> {
  const all = rawBody === "" ? params : Object.fromEntries(new URLSearchParams(rawBody));
  const { recvWindow: _window, timestamp: _timestamp, signature: _signature, ...own } = all;
  return own;
}

export const binanceFixtures: ConnectorFixtures = {
  connectorName: "binance_perpetual",
  credentials: CREDENTIALS,
  tradingPair: "BTC-USDT",
  otherTradingPair: "ETH-USDT",
  restBasePath: "",
  startMs: TIME,
  socket: {
    answersTo,
    isPrivate: () => false,
    isPrivateTarget: (target) => target.includes("listenKey="),
    carries: (target, frame) => JSON.stringify(frame).includes("@depth") === target.includes("/public/"),
  },
  createExchangeInstance: (urls) => venueModule.createVenue({ domain: "binance_perpetual", ...urls }),
  exchangeSymbolForTokens: (base, quote) => `${base}${quote}`,
  restingRoutes: [
    markets,
    get("v1/fundingInfo", []),
    account(["USDT", "10000", "10000"]),
    get("v3/positionRisk", []),
    get("v1/symbolConfig", [{ symbol: "BTCUSDT", leverage: 10 }]),
    get("v1/commissionRate", { makerCommissionRate: "0.0002", takerCommissionRate: "0.0005" }),
    get("v1/positionSide/dual", { dualSidePosition: false }),
    get("v1/openOrders", []),
    get("v1/userTrades", []),
    get("v1/income", []),
    get("v1/fundingRate", [{ fundingRate: "0.0001" }]),
    listenKey("POST"),
    listenKey("PUT"),
  ],
  script,

  allSymbolsRequestMockResponse: markets,
  allSymbolsIncludingInvalidPairMockResponse: get("v1/exchangeInfo", {
    symbols: [
      symbolRow("BTC"),
      symbolRow("ETH", { baseAsset: "" }),
      symbolRow("BTC", { symbol: "BTCUSDT_270326", contractType: "CURRENT_QUARTER" }),
    ],
  }),
  latestPricesRequestMockResponse: get("v2/ticker/price", { symbol: "BTCUSDT", price: "61003.40", time: TIME }),
  expectedLatestPrice: "61003.4",
  networkStatusRequestSuccessfulMockResponse: get("v1/ping", {}),
  tradingRulesRequestMockResponse: markets,
  tradingRulesRequestErroneousMockResponse: get("v1/exchangeInfo", {
    symbols: [symbolRow("BTC", { filters: [] }), symbolRow("ETH")],
  }),
  expectedTradingRule: {
    tradingPair: "BTC-USDT",
    minOrderSize: "0.001",
    maxOrderSize: "1000",
    minPriceIncrement: "0.1",
    minBaseAmountIncrement: "0.001",
    minNotionalSize: "100",
    minPrice: "556.8",
    maxPrice: "4529764",
    contractSize: "1",
    contractKind: "linear",
    buyOrderCollateralToken: "USDT",
    sellOrderCollateralToken: "USDT",
    supportsMarketOrders: true,
  },
  expectedLoggedErrorForErroneousTradingRule: "Error parsing the trading pair rule BTCUSDT. Skipping.",
  balanceRequestMockResponseForBaseAndQuote: account(["BTC", "15", "10"], ["USDT", "2000", "2000"]),
  balanceRequestMockResponseOnlyBase: account(["BTC", "15", "10"]),
  // Totals only: what is available is read again after it.
  balanceEventWebsocketUpdate: accountEvent([{ a: "USDT", wb: "1999", cw: "1999", bc: "0" }]),
  expectedSupportedOrderTypes: ["limit", "limitMaker", "market"],
  expectedSupportedPositionModes: ["oneWay", "hedge"],

  orderBookSnapshotMockResponse: get("v1/depth", BOOK),
  orderBookSnapshotEvent: undefined,
  orderBookDiffEvent: depth("BTCUSDT", 7_015, 7_020, 7_010, [["60002.0", "7"]]),
  tradeEvent: {
    stream: "btcusdt@aggTrade",
    data: { e: "aggTrade", E: TIME, s: "BTCUSDT", a: 3_300_000_001, p: "60001.0", q: "0.0513", T: TIME, m: false },
  },
  expectedBook: { bestBid: "60000", bestAsk: "60001", asksAfterDiff: 2 },
  expectedTrade: { tradeId: "3300000001", price: "60001", amount: "0.0513" },
  expectedSubscriptions: [
    { method: "SUBSCRIBE", params: ["btcusdt@depth@100ms"], id: 1 },
    { method: "SUBSCRIBE", params: ["btcusdt@aggTrade", "btcusdt@markPrice@1s"], id: 1 },
  ],
  // The listen key in the address is the subscription.
  expectedPrivateSubscriptions: [],
  malformedTradeEvent: { stream: "btcusdt@aggTrade", data: { e: "aggTrade", s: "BTCUSDT", a: 1 } },
  malformedDiffEvent: { stream: "btcusdt@depth@100ms", data: { e: "depthUpdate", s: "BTCUSDT", b: [] } },
  malformedSnapshotMockResponse: get("v1/depth", { ...BOOK, bids: [["x", "1"]] }),

  fundingInfoUrl: "/fapi/v1/premiumIndex",
  fundingInfoMockResponse: [premiumIndex("0.00010000")],
  fundingInfoEvent: markPrice("BTCUSDT"),
  fundingInfoEventForWebsocketUpdate: markPrice("BTCUSDT", { r: "-0.00002", E: LATER }),
  malformedFundingInfoEvent: markPrice("BTCUSDT", { p: "x" }),
  fundingInfoUpdate: [premiumIndex("-0.00002")],
  expectedFundingInfo: {
    indexPrice: "61010.11",
    markPrice: "61005",
    rate: "0.0001",
    nextFundingTimestampMs: TIME + 3_600_000,
  },
  expectedUpdatedFundingRate: "-0.00002",
  fundingPaymentUrl: "/fapi/v1/income",
  fundingPaymentMockResponse: get("v1/income", [
    {
      ...{ symbol: "BTCUSDT", incomeType: "FUNDING_FEE", income: "-0.06100500", asset: "USDT" },
      ...{ time: TIME - 4 * 3_600_000, info: "FUNDING_FEE", tranId: 9_689_322_392, tradeId: "" },
    },
  ]),
  emptyFundingPaymentMockResponse: get("v1/income", []),
  expectedFundingPayment: { amount: "-0.061005", paymentId: "9689322392:BTCUSDT" },

  expectedExchangeOrderId: "91000001",
  expectedExchangeOrderIds: ["91000001", "91000002"],
  expectedPartialFillPrice: "5000",
  expectedPartialFillAmount: "0.5",
  expectedFillFee: { token: "USDT", amount: "0.5" },
  expectedFillTradeId: "500001",
  isCancelRequestExecutedSynchronouslyByServer: true,
  isOrderFillHttpUpdateIncludedInStatusUpdate: false,
  isOrderFillHttpUpdateExecutedDuringWebsocketOrderEventProcessing: false,

  orderCreationRequestSuccessfulMockResponse: (order) => [post("v1/order", wireOrder(order))],
  orderCreationRequestRefusedMockResponse: () => [refused(post("v1/order", {}), -2019, "Margin is insufficient.")],
  configureSuccessfulCancelationResponse: (order) => [
    { method: "DELETE", path: "/fapi/v1/order", body: wireOrder(order, canceled) },
  ],
  configureErroneousCancelationResponse: () => [
    refused({ method: "DELETE", path: "/fapi/v1/order", body: {} }, -1102, "A mandatory parameter was not sent."),
  ],
  configureOneSuccessfulOneErroneousCancelAllResponse: (successful) => [
    {
      method: "DELETE",
      path: "/fapi/v1/batchOrders",
      body: [wireOrder(successful, canceled), { code: -1102, msg: "A mandatory parameter was not sent." }],
    },
  ],
  configureOpenOrderStatusResponse: (order) => statuses(order),
  configureCompletelyFilledOrderStatusResponse: (order) => statuses(order, filled(order)),
  configureCanceledOrderStatusResponse: (order) => statuses(order, canceled),
  configurePartiallyFilledOrderStatusResponse: (order) =>
    statuses(order, { status: "PARTIALLY_FILLED", executedQty: "0.5", avgPrice: "5000" }),
  configureHttpErrorOrderStatusResponse: (order) => byEitherId(order, { ...get("v1/order", "<html>"), status: 503 }),
  configureFailedOrderStatusResponse: (order) => statuses(order, { status: "REJECTED" }),
  expectedEventAfterOrderFailure: "orderFailed",
  configureOrderNotFoundResponse: (order) =>
    byEitherId(order, refused(get("v1/order", {}), -2013, "Order does not exist.")),
  configurePartialFillTradeResponse: (order) => fills(order, "0.5"),
  configureFullFillTradeResponse: (order) => fills(order),
  configureErroneousHttpFillTradeResponse: () => [{ ...get("v1/userTrades", "<html>"), status: 503 }],
  configureSuccessfulSetLeverage: (leverage) => [
    post("v1/leverage", { leverage: Number(leverage), maxNotionalValue: "20000000", symbol: "BTCUSDT" }),
  ],
  configureFailedSetLeverage: () => [refused(post("v1/leverage", {}), -4028, "Leverage 21 is not valid")],
  configureSuccessfulSetPositionMode: () => [post("v1/positionSide/dual", { code: 200, msg: "success" })],
  configureFailedSetPositionMode: () => [
    refused(post("v1/positionSide/dual", {}), -4068, "Position side cannot be changed if there exists position."),
  ],

  orderEventForNewOrderWebsocketUpdate: (order) => event(order),
  orderEventForCanceledOrderWebsocketUpdate: (order) => event(order, { x: "CANCELED", X: "CANCELED" }),
  // State and fill come in one event: this one is as if the fill had been told before.
  orderEventForFullFillWebsocketUpdate: (order) =>
    event(order, { x: "TRADE", X: "FILLED", z: order.amount, ap: "5000" }),
  orderEventForFailedOrderWebsocketUpdate: (order) => event(order, { x: "REJECTED", X: "REJECTED" }),
  tradeEventForFullFillWebsocketUpdate: (order) =>
    event(order, {
      ...{ x: "TRADE", X: "FILLED", z: order.amount, ap: "5000", T: TIME },
      ...{ t: 500001, l: order.amount, L: "5000", N: "USDT", n: "0.5", m: true },
    }),
  positionEventForFullFillWebsocketUpdate: (order) =>
    accountEvent([], [{ s: "BTCUSDT", pa: order.amount, ep: "5000", up: "0", ps: "BOTH" }]),

  validateAuthCredentialsPresent,
  validateOrderCreationRequest(order, request) {
    assert.equal(`${request.method} ${request.path}`, "POST /fapi/v1/order");
    assert.deepEqual(ownParams(request), {
      symbol: "BTCUSDT",
      side: order.side.toUpperCase(),
      type: "LIMIT",
      timeInForce: "GTC",
      quantity: order.amount,
      price: order.price,
      newClientOrderId: order.clientOrderId,
      newOrderRespType: "RESULT",
    });
  },
  validateOrderCancelationRequest({ exchangeOrderId: orderId }, request) {
    assert.equal(`${request.method} ${request.path}`, "DELETE /fapi/v1/order");
    assert.deepEqual(ownParams(request), { symbol: "BTCUSDT", orderId });
  },
  validateOrderStatusRequest({ exchangeOrderId: orderId }, request) {
    assert.equal(`${request.method} ${request.path}`, "GET /fapi/v1/order");
    assert.deepEqual(ownParams(request), { symbol: "BTCUSDT", orderId });
  },
  validateTradesRequest({ exchangeOrderId: orderId }, request) {
    assert.equal(`${request.method} ${request.path}`, "GET /fapi/v1/userTrades");
    const { startTime, endTime, ...own } = ownParams(request);
    assert.deepEqual(own, { symbol: "BTCUSDT", orderId, limit: "1000" });
    assert.ok(Number(endTime) - Number(startTime) < 7 * 86_400_000, "seven days at most");
  },
};
