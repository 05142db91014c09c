import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { venueModule } from "../../../src/venues/ftx/derivative.ts";
import type { ConnectorFixtures, FixtureOrder } from "../../support/connector-fixtures.ts";
import type { ScriptedRequest } from "../../support/scripted-venue.ts";
import {
  account,
  answersTo,
  balance,
  CLOSED,
  canceled,
  closed,
  DATED,
  type Frame,
  failure,
  filled,
  fillsFrame,
  future,
  get,
  markets,
  ordersFrame,
  PARTIAL,
  payment,
  perpetual,
  refusals,
  SPOT,
  stats,
  statusRoutes,
  success,
  TIME,
  UPDATE,
  wireFill,
  wireOrder,
} from "./wire.ts";

export { fillsFrame, ordersFrame, PARTIAL, UPDATE, wireFill, wireOrder } from "./wire.ts";

/** The checklist's fixtures for FTX. Values are our own. */

const CREDENTIALS = { apiKey: "key-of-the-desk", apiSecret: "secret-of-the-desk-1234" };

function validateOrderCreationRequest(order: FixtureOrder, request: ScriptedRequest): void {
  assert.equal(`${request.method} ${request.path}`, "POST /orders");
  assert.deepEqual(request.body, {
    market: "BTC-PERP",
    side: order.side,
    price: order.price,
    type: "limit",
    size: order.amount,
    reduceOnly: false,
    ioc: false,
    postOnly: false,
    clientId: order.clientOrderId,
  });
}

export const ftxFixtures: ConnectorFixtures = {
  connectorName: "ftx_perpetual",
  credentials: CREDENTIALS,
  tradingPair: "BTC-USD",
  otherTradingPair: "ETH-USD",
  restBasePath: "/api",
  startMs: Date.UTC(2022, 8, 14, 10, 15),
  socket: {
    answersTo,
    isPrivate: (frame) =>
      ["fills", "orders"].includes((frame as Frame).channel ?? "") || (frame as Frame).op === "login",
  },
  createExchangeInstance: (urls) => venueModule.createVenue({ domain: "ftx_perpetual", ...urls }),
  exchangeSymbolForTokens: (base) => `${base}-PERP`,
  restingRoutes: [
    markets,
    account(),
    get("/wallet/balances", [balance("USD", 10000, 10000)]),
    get("/positions", []),
    get("/orders", []),
    get("/fills", []),
    get("/funding_payments", []),
    future(5000.75),
    stats(1.1e-5),
    get("/futures/ETH-PERP", { name: "ETH-PERP", index: 4999.25, mark: 5000.75 }),
    get("/futures/ETH-PERP/stats", { nextFundingRate: 1e-5, nextFundingTime: "2022-09-14T11:00:00+00:00" }),
  ],

  allSymbolsRequestMockResponse: markets,
  allSymbolsIncludingInvalidPairMockResponse: get("/markets", [
    perpetual("BTC"),
    perpetual("ETH", { underlying: null }),
    SPOT,
    DATED,
    CLOSED,
  ]),
  latestPricesRequestMockResponse: get("/markets/BTC-PERP", perpetual("BTC", { last: 5000.5 })),
  expectedLatestPrice: "5000.5",
  networkStatusRequestSuccessfulMockResponse: { method: "GET", path: "/", body: success(true) },
  tradingRulesRequestMockResponse: markets,
  tradingRulesRequestErroneousMockResponse: get("/markets", [
    { ...perpetual("BTC"), priceIncrement: undefined },
    perpetual("ETH"),
  ]),
  expectedTradingRule: {
    tradingPair: "BTC-USD",
    minOrderSize: "0.0001",
    minMakerSize: "0.001",
    minPriceIncrement: "0.5",
    minBaseAmountIncrement: "0.0001",
    minNotionalSize: "0",
    minPrice: "0.5",
    contractSize: "1",
    contractKind: "linear",
    buyOrderCollateralToken: "USD",
    sellOrderCollateralToken: "USD",
    supportsMarketOrders: true,
  },
  expectedLoggedErrorForErroneousTradingRule: "Error parsing the trading pair rule BTC-PERP. Skipping.",
  balanceRequestMockResponseForBaseAndQuote: get("/wallet/balances", [
    balance("BTC", 15, 10),
    balance("USD", 2000, 2000),
  ]),
  balanceRequestMockResponseOnlyBase: get("/wallet/balances", [balance("BTC", 15, 10)]),
  // FTX had no balance channel.
  balanceEventWebsocketUpdate: undefined,
  expectedSupportedOrderTypes: ["limit", "limitMaker", "market"],
  expectedSupportedPositionModes: ["oneWay"],

  orderBookSnapshotMockResponse: get("/markets/BTC-PERP/orderbook", {
    bids: [
      [5000.5, 10],
      [4995, 5],
    ],
    asks: [[5001, 6]],
  }),
  orderBookSnapshotEvent: PARTIAL,
  orderBookDiffEvent: UPDATE,
  tradeEvent: {
    channel: "trades",
    market: "BTC-PERP",
    type: "update",
    data: [{ id: 4012350071, price: 5000.5, size: 0.0513, side: "buy", liquidation: false, time: TIME }],
  },
  expectedBook: { bestBid: "5000.5", bestAsk: "5001", asksAfterDiff: 2 },
  expectedTrade: { tradeId: "4012350071", price: "5000.5", amount: "0.0513" },
  expectedSubscriptions: [
    { op: "subscribe", channel: "orderbook", market: "BTC-PERP" },
    { op: "subscribe", channel: "trades", market: "BTC-PERP" },
  ],
  expectedPrivateSubscriptions: [
    { op: "subscribe", channel: "fills" },
    { op: "subscribe", channel: "orders" },
  ],
  malformedTradeEvent: { channel: "trades", market: "BTC-PERP", type: "update", data: [{ id: 1 }] },
  malformedDiffEvent: { channel: "orderbook", market: "BTC-PERP", type: "update", data: { bids: [] } },
  malformedSnapshotMockResponse: get("/markets/BTC-PERP/orderbook", { bids: [["x", 1]] }),

  fundingInfoUrl: "/futures/BTC-PERP",
  fundingInfoMockResponse: [future(5000.75), stats(1.1e-5)],
  // FTX had no funding channel: mark, index and rate are polled.
  fundingInfoEvent: undefined,
  fundingInfoEventForWebsocketUpdate: undefined,
  malformedFundingInfoEvent: undefined,
  fundingInfoUpdate: [future(5002), stats(-2e-5)],
  expectedFundingInfo: {
    indexPrice: "4999.25",
    markPrice: "5000.75",
    rate: "0.000011",
    nextFundingTimestampMs: Date.UTC(2022, 8, 14, 11),
  },
  expectedUpdatedFundingRate: "-0.00002",
  fundingPaymentUrl: "/funding_payments",
  fundingPaymentMockResponse: get("/funding_payments", [payment]),
  emptyFundingPaymentMockResponse: get("/funding_payments", []),
  // Positive on the wire is paid; ours is negative then.
  expectedFundingPayment: { amount: "-0.0184", paymentId: "88231" },

  expectedExchangeOrderId: "181542119006",
  expectedExchangeOrderIds: ["181542119006", "181542119007"],
  expectedPartialFillPrice: "5000",
  expectedPartialFillAmount: "0.5",
  expectedFillFee: { token: "USD", amount: "0.5" },
  expectedFillTradeId: "5230117741",
  isCancelRequestExecutedSynchronouslyByServer: false,
  isOrderFillHttpUpdateIncludedInStatusUpdate: false,
  isOrderFillHttpUpdateExecutedDuringWebsocketOrderEventProcessing: false,

  orderCreationRequestSuccessfulMockResponse: (order) => [
    { method: "POST", path: "/orders", body: success(wireOrder(order, { status: "new" })) },
  ],
  orderCreationRequestRefusedMockResponse: () => [
    { method: "POST", path: "/orders", status: 400, body: failure("Account does not have enough margin for order") },
  ],
  configureSuccessfulCancelationResponse: canceled,
  configureErroneousCancelationResponse: (order) => refusals(order, "DELETE", 400, "Invalid parameter order_id"),
  configureOneSuccessfulOneErroneousCancelAllResponse: (successful, erroneous) => [
    ...canceled(successful),
    ...refusals(erroneous, "DELETE", 400, "Invalid parameter order_id"),
  ],
  configureOpenOrderStatusResponse: (order) => statusRoutes(order),
  configureCompletelyFilledOrderStatusResponse: (order) => statusRoutes(order, filled(order)),
  configureCanceledOrderStatusResponse: (order) => statusRoutes(order, closed),
  configurePartiallyFilledOrderStatusResponse: (order) => statusRoutes(order, { filledSize: 0.5, avgFillPrice: 5000 }),
  configureHttpErrorOrderStatusResponse: (order) => refusals(order, "GET", 500, "Internal Error"),
  configureFailedOrderStatusResponse: (order) => statusRoutes(order, closed),
  expectedEventAfterOrderFailure: "orderCanceled",
  configureOrderNotFoundResponse: (order) => refusals(order, "GET", 404, "Order not found"),
  configurePartialFillTradeResponse: (order) => [get("/fills", [wireFill(order, { size: 0.5 })])],
  configureFullFillTradeResponse: (order) => [get("/fills", [wireFill(order)])],
  configureErroneousHttpFillTradeResponse: () => [
    { method: "GET", path: "/fills", status: 500, body: failure("Internal Error") },
  ],
  configureSuccessfulSetLeverage: () => [{ method: "POST", path: "/account/leverage", body: success(null) }],
  configureFailedSetLeverage: () => [
    { method: "POST", path: "/account/leverage", status: 400, body: failure("Invalid parameter leverage") },
  ],
  // One-way is the only mode: there is nothing to ask of the venue.
  configureSuccessfulSetPositionMode: undefined,
  configureFailedSetPositionMode: undefined,

  orderEventForNewOrderWebsocketUpdate: (order) => ordersFrame(wireOrder(order, { status: "new" })),
  orderEventForCanceledOrderWebsocketUpdate: (order) => ordersFrame(wireOrder(order, closed)),
  orderEventForFullFillWebsocketUpdate: (order) => ordersFrame(wireOrder(order, filled(order))),
  orderEventForFailedOrderWebsocketUpdate: (order) => ordersFrame(wireOrder(order, closed)),
  tradeEventForFullFillWebsocketUpdate: (order) => fillsFrame(wireFill(order)),
  // FTX had no position channel: positions are read again after each fill.
  positionEventForFullFillWebsocketUpdate: undefined,

  validateAuthCredentialsPresent({ headers, method, target, rawBody }) {
    const timestamp = headers["ftx-ts"] ?? "";
    assert.equal(headers["ftx-key"], CREDENTIALS.apiKey);
    assert.match(timestamp, /^\d{13}$/);
    const payload = `${timestamp}${method}${target}${rawBody}`;
    const expected = createHmac("sha256", CREDENTIALS.apiSecret).update(payload).digest("hex");
    assert.equal(headers["ftx-sign"], expected);
  },
  validateOrderCreationRequest,
  validateOrderCancelationRequest(order, request) {
    assert.equal(`${request.method} ${request.path}`, `DELETE /orders/${order.exchangeOrderId}`);
    assert.equal(request.rawBody, "");
  },
  validateOrderStatusRequest(order, request) {
    assert.equal(`${request.method} ${request.path}`, `GET /orders/${order.exchangeOrderId}`);
  },
  validateTradesRequest(order, request) {
    assert.equal(`${request.method} ${request.path}`, "GET /fills");
    assert.equal(request.params.orderId, order.exchangeOrderId);
    for (const name of ["start_time", "end_time"]) assert.match(request.params[name] ?? "", /^\d+\.\d{6}$/);
  },
};
