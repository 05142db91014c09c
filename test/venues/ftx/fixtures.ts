import type { Route } from "../../../src/testing/kit/fixture-shapes.ts";
import type { PerpetualConnectorFixtures } from "../../../src/testing/kit/fixtures.ts";
import { venueModule } from "../../../src/venues/ftx/derivative.ts";

/** The checklist's fixtures for FTX: fields as documented and captured, values of our own. */

const ok = (result: unknown) => ({ success: true, result });
const no = (error: string) => ({ success: false, error });
const get = (path: string, result: unknown): Route => ({ method: "GET", path, body: ok(result) });
const post = (path: string, result: unknown = null): Route => ({ method: "POST", path, body: ok(result) });

const BTC = {
  ...{ name: "BTC-PERP", enabled: true, postOnly: false, type: "future", futureType: "perpetual", restricted: false },
  ...{ priceIncrement: 0.5, sizeIncrement: 0.0001, minProvideSize: 0.001, last: 5000.5, bid: 5000.5, ask: 5001 },
  ...{ price: 5000.5, baseCurrency: null, quoteCurrency: null, underlying: "BTC" },
};
const ETH = { ...BTC, name: "ETH-PERP", underlying: "ETH" };
const NO_PERPETUALS = [
  { ...BTC, name: "BTC/USD", type: "spot", underlying: null, baseCurrency: "BTC", quoteCurrency: "USD" },
  { ...BTC, name: "BTC-0329" },
  { ...BTC, name: "LUNA-PERP", underlying: "LUNA", enabled: false },
];
const MARKETS = get("/markets", [BTC, ETH, ...NO_PERPETUALS]);
const ACCOUNT = {
  ...{ collateral: 10000, freeCollateral: 10000, totalAccountValue: 10000, marginFraction: null, leverage: 10 },
  ...{ openMarginFraction: null, takerFee: 0.0007, makerFee: 0.0002, positions: [] },
};
const BALANCE = { coin: "USD", total: 10000, free: 10000, availableWithoutBorrow: 10000, spotBorrow: 0 };
const BTC_BALANCE = { ...BALANCE, coin: "BTC", total: 15, free: 10 };
const USD_BALANCE = { ...BALANCE, total: 2000, free: 2000 };
const STATS = { volume: 9.5, nextFundingRate: 1.1e-5, nextFundingTime: "2022-09-14T11:00:00+00:00" };
const PRICES = { indexPrice: "4999.25", markPrice: "5000.75" };
const FUTURE = { name: "BTC-PERP", index: 4999.25, mark: 5000.75 };
const FUNDING = [get("/futures/BTC-PERP", FUTURE), get("/futures/BTC-PERP/stats", STATS)];

const MADE_MS = 1_663_150_503_114.205;
/** An order as REST and the orders channel tell it. */
export const ORDER = {
  ...{ id: "{exchangeOrderId:number}", clientId: "{clientOrderId}", market: "{symbol}", type: "limit", side: "{side}" },
  ...{ price: "{price:number}", size: "{amount:number}", status: "open", filledSize: 0, avgFillPrice: null },
  ...{ remainingSize: "{amount:number}", reduceOnly: false, liquidation: false, postOnly: false, ioc: false },
  createdAt: "2022-09-14T10:15:03.114205+00:00",
};
const NEW_ORDER = {
  ...{ market: "BTC-PERP", side: "{side}", price: "{price}", type: "limit", size: "{amount}", reduceOnly: false },
  ...{ ioc: false, postOnly: false, clientId: "{clientOrderId}" },
};
const STATES = { open: "new open", canceled: "closed" };
const CLOSED = { ...ORDER, status: "closed", remainingSize: 0 };
const FILLED = { ...CLOSED, filledSize: "{amount:number}", avgFillPrice: 5000 };
const PARTIALLY_FILLED = { ...ORDER, filledSize: 0.5, remainingSize: 0.5, avgFillPrice: 5000 };
export const FILL = {
  ...{ id: 5230117741, market: "{symbol}", future: "{symbol}", baseCurrency: null, quoteCurrency: null, type: "order" },
  ...{ side: "{side}", price: 5000, size: "{amount:number}", orderId: "{exchangeOrderId:number}", tradeId: 2610447720 },
  ...{ feeRate: 0.0002, fee: 0.5, feeCurrency: "USD", liquidity: "maker", time: "2022-09-14T10:15:09.882310+00:00" },
};
const ORDERS = { channel: "orders", type: "update" };
const FILLS = { channel: "fills", type: "update" };
const BY_ID = "/orders/{exchangeOrderId}";
const BY_CLIENT_ID = "/orders/by_client_id/{clientOrderId}";
const status = (order: unknown) => [get(BY_ID, order), get(BY_CLIENT_ID, order)];
const refused = (method: Route["method"], code: number, error: string): readonly Route[] =>
  [BY_ID, BY_CLIENT_ID].map((path) => ({ method, path, status: code, body: no(error) }));
const QUEUED = { method: "DELETE", body: ok("Order queued for cancellation") } as const;
const CANCELED = [BY_ID, BY_CLIENT_ID].map((path): Route => ({ ...QUEUED, path }));

const MODIFY = `${BY_ID}/modify`;
const FORCED = { ...ORDER, id: 181542119999, clientId: null, type: "market", side: "sell", price: null, size: 0.3 };
const LIQUIDATION = {
  ...FORCED,
  ...{ liquidation: true, status: "closed", remainingSize: 0, filledSize: 0.3, avgFillPrice: 4900 },
};
const FORCED_FILL = { ...FILL, id: 5230117799, orderId: FORCED.id, side: "sell", price: 4900, size: 0.3 };
const BAD_FILL = { ...FILL, id: 5, orderId: 9, market: "ETH-PERP", future: "ETH-PERP", price: "much", size: 1 };
const PART_FILL = { ...FILL, size: 0.5 };
const LAST_PAGE = { ...get("/fills", []), params: { end_time: "1663150509.882310" } };
const OF_MARKET = { channel: "{frame.channel}", market: "{frame.market}" };
const BOOK = { channel: "orderbook", market: "BTC-PERP" };
const BIDS = ["5000.5 10", "4995 5"].map((level) => level.split(" ").map(Number));
const LEVELS = { bids: BIDS, asks: [[5001, 6]] };
const PARTIAL_DATA = { time: 1663150503.1142051, action: "partial", checksum: 941346228, ...LEVELS };
const PARTIAL = { ...BOOK, type: "partial", data: PARTIAL_DATA };
const CHANGE = { time: 1663150503.2142, action: "update", bids: [], asks: [] };
/** Checksums made with Python's `zlib.crc32` over its own printing of floats. */
const UPDATE = { ...BOOK, type: "update", data: { ...CHANGE, checksum: 2933775928, asks: [[5002, 7]] } };
const UPDATES = [
  UPDATE,
  { ...UPDATE, data: { ...CHANGE, checksum: 1612757129, bids: [[5000.5, 4]] } },
  { ...UPDATE, data: { ...CHANGE, checksum: 3443125230, bids: [[4995, 0]], asks: [[5001.5, 2]] } },
] as const;

const TRADES = { channel: "trades", market: "BTC-PERP", type: "update" };
const TRADE = { id: 4012350071, price: 5000.5, size: 0.0513, side: "sell", liquidation: false, time: ORDER.createdAt };
const SHORT = {
  ...{ future: "BTC-PERP", side: "sell", size: 2, netSize: -2, entryPrice: 5003, recentAverageOpenPrice: 5000 },
  ...{ estimatedLiquidationPrice: 9100, initialMarginRequirement: 0.1, unrealizedPnl: 0 },
};
const LONG = { ...SHORT, side: "buy", size: 3, netSize: 3 };
const EXPECTED_PRICES = { entryPrice: "5000", markPrice: "5003", liquidationPrice: "9100" };
const PAGE_FILLS = [30, 40, 50].map((second, index) => {
  return { ...FILL, side: "buy", size: 1, orderId: 1, id: index + 1, time: `2022-09-14T10:14:${second}+00:00` };
});
const PAID = { paymentId: "88231", asset: "USD", timestampMs: 1_663_149_600_000 };
const PAYMENT = { future: "BTC-PERP", id: 88231, payment: 0.0184, time: "2022-09-14T10:00:00+00:00", rate: 9e-6 };
const EARLIER = { ...PAYMENT, id: 88230, time: "2022-09-14T09:00:00+00:00" };
const SOME_TIME = { start_time: "*", end_time: "*", limit: "*" };
const FROM_AN_HOUR_AGO = { ...SOME_TIME, start_time: "1663146900.000000" };
const VECTOR = { credentials: { apiKey: "key", apiSecret: "test-secret" }, nowMs: 1_700_000_000_000 };
const signed = (sign: string) => ({ headers: { "FTX-KEY": "key", "FTX-TS": "1700000000000", "FTX-SIGN": sign } });
/** Made with `openssl dgst -sha256 -hmac`. */
const GET_SIGNATURE = "75e4195ead83cdbcf1bd229e90bced1fb21e6da0459848766cf41905e539777c";
const POST_SIGNATURE = "ff910e35835ed5803edac26c5c365b53fdd2e07fd0775e19a72f4a08b6e52145";
const LOGIN_SIGNATURE = "439b6e5b0bb7042e1d9913deac0b86160b444d1832ed2bf5eea1ce714df199c2";
const LOGIN_REFUSAL = { type: "error", code: 400, msg: "Invalid login credentials" };
const LOGIN = { key: "key", sign: LOGIN_SIGNATURE, time: VECTOR.nowMs };
const POST_BODY = '{"market":"BTC-PERP","side":"buy","price":60000,"type":"limit","size":0.01}';
const DEFINITE = { status: 400, body: no("{code}"), outcome: "definite", retry: "never" } as const;
const NOT_FOUND = { isOrderNotFoundDuringStatusUpdate: true, isOrderNotFoundDuringCancelation: true };
const TOO_FAR = "Timestamp too far from current time";
const KEY_REFUSALS = ["Invalid login credentials", "Only have permissions for X", "Not authorized for subaccount"];
const POOR = ["Account does not have enough margin for order", "Not enough balances"] as const;
const OVER = ["Order already closed", "Order already queued for cancellation"];
const TOO_MANY = ["Do not send more than 2 orders per 200ms", "Slow down", "Cannot send more than 30 requests", "x"];
const REFUSALS = [
  ...["Size too small for provide", "Invalid price", "Missing parameter price", "Trigger price too high"],
  ...["Not approved to trade this product", "Invalid reduce-only order", "Post-only order would take"],
];
const UNCLEAR = ["Duplicate client order ID", "nothing that the table knows"];
const UNKNOWN = {
  ...DEFINITE,
  status: 500,
  error: "VenueUnavailableError",
  outcome: "unknown",
  retry: "later",
} as const;

const ANY = { longestMs: "any", reachesMs: "any" } as const;
const IN_SECONDS = { begin: "start_time", end: "end_time", format: "seconds", ...ANY } as const;
const SUBSCRIBED = { ...OF_MARKET, type: "subscribed" };
const OF_TRADES = { channel: "trades", market: "BTC-PERP" };
const OF_FILLS = { op: "subscribe", channel: "fills" };
const REFUSAL = { type: "error", code: 400, msg: "Not allowed" };
const OTHER_ANSWERS = [
  { to: { op: "ping" }, with: [{ type: "pong" }] },
  { to: { op: "unsubscribe", market: "*" }, with: [{ ...OF_MARKET, type: "unsubscribed" }] },
  { to: { op: "subscribe", channel: "orderbook" }, with: [{ ...PARTIAL, market: "{frame.market}" }] },
  { to: { op: "subscribe", channel: "fills" }, with: [{ type: "subscribed", channel: "fills" }] },
  { to: { op: "subscribe", channel: "orders" }, with: [{ type: "subscribed", channel: "orders" }] },
];

export const ftxFixtures = {
  venueModule,
  ...{ connectorName: "ftx_perpetual", tradingPair: "BTC-USD", otherTradingPair: "ETH-USD", restBasePath: "/api" },
  ...{ exchangeSymbolForTokens: "{base}-PERP", startMs: 1_663_150_500_000 },
  credentials: { apiKey: "key-of-the-desk", apiSecret: "secret-of-the-desk-1234" },
  socket: {
    answers: [{ to: { op: "subscribe", market: "*" }, with: [SUBSCRIBED] }, ...OTHER_ANSWERS],
    private: { frames: [{ op: "login" }] },
  },
  socketThatRefusesTrades: {
    answers: [
      { to: { op: "subscribe", market: "*" }, unless: OF_TRADES, with: [SUBSCRIBED] },
      { to: { op: "subscribe", ...OF_TRADES }, with: [REFUSAL] },
      ...OTHER_ANSWERS,
    ],
    private: { frames: [{ op: "login" }] },
  },
  socketThatRefusesPrivateChannel: {
    channel: "fills",
    socket: {
      answers: [
        { to: { op: "subscribe", market: "*" }, with: [SUBSCRIBED] },
        { to: OF_FILLS, with: [REFUSAL] },
        ...OTHER_ANSWERS.map((answer) => ({ ...answer, unless: OF_FILLS })),
      ],
      private: { frames: [{ op: "login" }] },
    },
  },
  restingRoutes: [
    MARKETS,
    get("/account", ACCOUNT),
    get("/wallet/balances", [BALANCE]),
    ...["/positions", "/orders", "/fills", "/funding_payments"].map((path) => get(path, [])),
    ...[...FUNDING, get("/futures/ETH-PERP", { ...FUTURE, name: "ETH-PERP" })],
    get("/futures/ETH-PERP/stats", { ...STATS, nextFundingRate: 1e-5 }),
  ],
  notOffered: {
    balanceChannel: "FTX had no balance channel: balances are read again after each fill.",
    fundingInfoChannel: "FTX had no funding channel: mark, index and rate are polled.",
    positionChannel: "FTX had no position channel: positions are read again after each fill.",
    hedgeMode: "FTX had one position a market: one-way is its only mode.",
    ...{ listenKey: "FTX logged in on the socket.", openOrderPages: "FTX listed all open orders at once." },
    serverTime: "FTX's main API had no server time endpoint.",
    autoDeleveraging: "FTX's API told of no auto-deleveraging.",
    amendsInPlace: "An amend canceled the order and made a new one.",
  },

  allSymbolsRequestMockResponse: MARKETS,
  allSymbolsIncludingInvalidPairMockResponse: get("/markets", [BTC, { ...ETH, underlying: null }, ...NO_PERPETUALS]),
  latestPricesRequestMockResponse: get("/markets/BTC-PERP", BTC),
  networkStatusRequestSuccessfulMockResponse: get("/", true),
  tradingRulesRequestMockResponse: MARKETS,
  tradingRulesRequestErroneousMockResponse: get("/markets", [{ ...BTC, priceIncrement: undefined }, ETH]),
  expectedTradingRule: {
    ...{ tradingPair: "BTC-USD", minOrderSize: "0.0001", minMakerSize: "0.001", minPriceIncrement: "0.5" },
    ...{ minBaseAmountIncrement: "0.0001", minNotionalSize: "0", minPrice: "0.5", contractSize: "1" },
    ...{ contractKind: "linear", buyOrderCollateralToken: "USD", sellOrderCollateralToken: "USD" },
    ...{ supportsMarketOrders: true, fundingIntervalMs: 3_600_000 },
  },
  expectedLoggedErrorForErroneousTradingRule: "Error parsing the trading pair rule BTC-PERP. Skipping.",
  expectedSupportedOrderTypes: ["limit", "limitMaker", "market"],
  expectedSupportedPositionModes: ["oneWay"],

  orderBookSnapshotMockResponse: get("/markets/BTC-PERP/orderbook", LEVELS),
  orderBookSnapshotEvent: PARTIAL,
  orderBookDiffEvents: UPDATES,
  expectedBook: { bids: "5000.5 x 10, 4995 x 5", asks: "5001 x 6" },
  expectedBookAfterDiffs: { bids: "5000.5 x 4", asks: "5001 x 6, 5001.5 x 2, 5002 x 7" },
  tradeEvent: { ...TRADES, data: [TRADE] },
  expectedTrade: { tradeId: "4012350071", price: "5000.5", amount: "0.0513", side: "sell", timestampMs: MADE_MS },
  expectedSubscriptions: ["orderbook", "trades"].map((channel) => ({ op: "subscribe", channel, market: "BTC-PERP" })),
  malformedTradeEvent: { ...TRADES, data: [{ id: 1 }] },
  malformedDiffEvent: { ...UPDATE, data: { bids: [] } },
  malformedSnapshotMockResponse: get("/markets/BTC-PERP/orderbook", { bids: [["x", 1]] }),
  ...{ fundingInfoUrl: "/futures/BTC-PERP", expectedLatestPrice: "5000.5" },
  fundingInfoMockResponse: FUNDING,
  fundingInfoUpdate: [get("/futures/BTC-PERP/stats", { ...STATS, nextFundingRate: -2e-5 })],
  expectedFundingInfo: { ...PRICES, rate: "0.000011", nextFundingTimestampMs: 1_663_153_200_000 },
  expectedUpdatedFundingRate: "-0.00002",
  auth: { headers: ["ftx-key", "ftx-ts", "ftx-sign"], timestamp: { in: "headers", name: "ftx-ts" } },
  authVectors: [
    { ...VECTOR, method: "GET", url: "http://x/api/fills?market=BTC-PERP&limit=5", expected: signed(GET_SIGNATURE) },
    { ...VECTOR, method: "POST", url: "http://x/api/orders", body: POST_BODY, expected: signed(POST_SIGNATURE) },
  ],
  wsAuthVector: { ...VECTOR, expected: { op: "login", args: LOGIN }, refusal: LOGIN_REFUSAL },
  expectedPrivateSubscriptions: ["fills", "orders"].map((channel) => ({ op: "subscribe", channel })),

  orderCreationRequest: { method: "POST", path: "/orders", body: NEW_ORDER },
  orderCreationRequestChanges: {
    ...{ limitMaker: { postOnly: true }, market: { type: "market", price: null, ioc: true }, IOC: { ioc: true } },
    ...{ reduceOnly: { reduceOnly: true }, close: { reduceOnly: true } },
  },
  clientOrderIdPattern: ".+",
  orderCancelationRequest: { method: "DELETE", path: BY_ID },
  orderStatusRequest: { method: "GET", path: BY_ID },
  orderStatusRequestByClientOrderId: { method: "GET", path: BY_CLIENT_ID },
  tradesRequest: { method: "GET", path: "/fills", params: { ...SOME_TIME, orderId: "{exchangeOrderId}" } },

  orderCreationRequestSuccessfulMockResponse: [{ ...post("/orders"), body: ok({ ...ORDER, status: "new" }) }],
  orderCreationRequestRefusedMockResponse: [{ ...post("/orders"), status: 400, body: no(POOR[0]) }],
  configureSuccessfulCancelationResponse: CANCELED,
  configureErroneousCancelationResponse: refused("DELETE", 400, "Invalid parameter order_id"),
  configureOrderNotFoundCancelationResponse: refused("DELETE", 400, "Order already closed"),
  configureOneSuccessfulOneErroneousCancelAllResponse: [
    ...CANCELED,
    { method: "DELETE", path: "/orders/{other.exchangeOrderId}", status: 400, body: no("Invalid parameter order_id") },
  ],
  configureOpenOrderStatusResponse: status(ORDER),
  configureCompletelyFilledOrderStatusResponse: status(FILLED),
  configureCanceledOrderStatusResponse: status(CLOSED),
  configurePartiallyFilledOrderStatusResponse: status(PARTIALLY_FILLED),
  configureHttpErrorOrderStatusResponse: refused("GET", 500, "Internal Error"),
  configureFailedOrderStatusResponse: status(CLOSED),
  expectedEventAfterOrderFailure: "orderCanceled",
  configureOrderNotFoundResponse: refused("GET", 404, "Order not found"),
  orderStates: { routes: status({ ...ORDER, status: "{orderState}" }), states: STATES },
  configureOpenOrdersResponse: [get("/orders", [ORDER])],
  expectedOrderTimestamps: { createdMs: MADE_MS, updatedMs: MADE_MS },
  configurePartialFillTradeResponse: [get("/fills", [{ ...FILL, size: 0.5 }])],
  configureFullFillTradeResponse: [get("/fills", [FILL])],
  configureErroneousHttpFillTradeResponse: [{ method: "GET", path: "/fills", status: 500, body: no("Internal Error") }],
  ...{ expectedExchangeOrderId: "181542119006", expectedPartialFillPrice: "5000", expectedPartialFillAmount: "0.5" },
  expectedExchangeOrderIds: ["181542119006", "181542119007"],
  expectedFillFee: { token: "USD", amount: "0.5" },
  ...{ expectedFillTradeId: "5230117741", expectedFillIsMaker: true, expectedFillTimestampMs: 1_663_150_509_882.31 },
  ...{ isCancelRequestExecutedSynchronouslyByServer: false, isOrderFillHttpUpdateIncludedInStatusUpdate: false },
  isOrderFillHttpUpdateExecutedDuringWebsocketOrderEventProcessing: false,
  fillPages: {
    request: { method: "GET", path: "/fills", params: FROM_AN_HOUR_AGO },
    routes: [
      get("/fills", [PAGE_FILLS[2], PAGE_FILLS[1]]),
      { ...get("/fills", [PAGE_FILLS[1], PAGE_FILLS[0]]), params: { end_time: "1663150480.000000" } },
      { ...get("/fills", [PAGE_FILLS[0]]), params: { end_time: "1663150470.000000" } },
    ],
    expectedIds: ["1", "2", "3"],
  },

  amendRequest: { method: "POST", path: MODIFY, body: { price: "{price}", clientId: "{clientOrderId}-*" } },
  // The size is that of the new order.
  amendAmountRequest: { method: "POST", path: MODIFY, body: { size: "0.3", clientId: "{clientOrderId}-*" } },
  configureSuccessfulAmendResponse: [post(MODIFY, { ...ORDER, status: "new" })],
  configureRefusedAmendResponse: [{ ...post(MODIFY), status: 400, body: no("Invalid price") }],

  orderEventForNewOrderWebsocketUpdate: { ...ORDERS, data: { ...ORDER, status: "new" } },
  orderEventForCanceledOrderWebsocketUpdate: { ...ORDERS, data: CLOSED },
  orderEventForFullFillWebsocketUpdate: { ...ORDERS, data: FILLED },
  orderEventForPartialFillWebsocketUpdate: { ...ORDERS, data: PARTIALLY_FILLED },
  orderEventForFailedOrderWebsocketUpdate: { ...ORDERS, data: CLOSED },
  tradeEventForFullFillWebsocketUpdate: { ...FILLS, data: FILL },
  tradeEventForPartialFillWebsocketUpdate: { ...FILLS, data: PART_FILL },
  tradeEventForRemainingFillWebsocketUpdate: { ...FILLS, data: { ...PART_FILL, id: 5230117743 } },

  balanceRequestMockResponseForBaseAndQuote: [
    get("/wallet/balances", [BTC_BALANCE, USD_BALANCE]),
    get("/account", { ...ACCOUNT, freeCollateral: 2000 }),
  ],
  balanceRequestMockResponseOnlyBase: [
    get("/wallet/balances", [BTC_BALANCE]),
    get("/account", { ...ACCOUNT, freeCollateral: 0 }),
  ],
  tradingFeesRequestMockResponse: [get("/account", { ...ACCOUNT, makerFee: 0.0001, takerFee: 0.00065 })],
  expectedTradingFees: { maker: "0.0001", taker: "0.00065" },
  positionsRequestMockResponse: [get("/positions", [SHORT, { ...LONG, future: "ETH-PERP" }])],
  expectedPositions: [
    { ...{ tradingPair: "BTC-USD", side: "both", amount: "-2" }, ...EXPECTED_PRICES, unrealizedPnl: "-6" },
    { ...{ tradingPair: "ETH-USD", side: "both", amount: "3" }, ...EXPECTED_PRICES, unrealizedPnl: "9" },
  ],
  setLeverageRequest: { method: "POST", path: "/account/leverage", body: { leverage: "{leverage:number}" } },
  configureSuccessfulSetLeverage: [post("/account/leverage")],
  configureFailedSetLeverage: [{ ...post("/account/leverage"), status: 400, body: no("Invalid parameter leverage") }],

  liquidationEvents: [
    { ...ORDERS, data: LIQUIDATION },
    { ...FILLS, data: FORCED_FILL },
  ],
  configureLiquidationResponse: [get("/fills", [FORCED_FILL]), get("/orders/history", [LIQUIDATION])],
  expectedLiquidation: { amount: "-0.3", price: "4900" },
  unreadableRows: {
    openOrders: [get("/orders", [ORDER, { ...ORDER, id: 9, clientId: "hand-9", status: "dreaming" }])],
    fills: [get("/fills", [PART_FILL, BAD_FILL]), LAST_PAGE],
    positions: [get("/positions", [SHORT, { ...SHORT, future: "ETH-PERP", netSize: null }])],
    balances: [
      get("/wallet/balances", [USD_BALANCE, { ...BTC_BALANCE, total: "much" }]),
      get("/account", { ...ACCOUNT, freeCollateral: 2000 }),
    ],
    frames: [
      { ...FILLS, data: BAD_FILL },
      { ...FILLS, data: PART_FILL },
    ],
  },

  fundingPaymentUrl: "/funding_payments",
  fundingPaymentMockResponse: get("/funding_payments", [PAYMENT]),
  emptyFundingPaymentMockResponse: get("/funding_payments", []),
  // Positive on the wire is paid; ours is negative then.
  expectedFundingPayment: { ...PAID, amount: "-0.0184", rate: "0.000009" },
  fundingPaymentPages: {
    request: { method: "GET", path: "/funding_payments", params: FROM_AN_HOUR_AGO },
    routes: [
      get("/funding_payments", [PAYMENT]),
      { ...get("/funding_payments", [PAYMENT, EARLIER]), params: { end_time: "1663149600.000000" } },
      { ...get("/funding_payments", [EARLIER]), params: { end_time: "1663146000.000000" } },
    ],
    expectedIds: ["88230", "88231"],
  },

  historyLists: [
    { ...IN_SECONDS, of: "fills", path: "/fills" },
    { ...IN_SECONDS, of: "fundingPayments", path: "/funding_payments" },
  ],
  errorTable: [
    { ...DEFINITE, status: 401, codes: ["Not logged in: Invalid signature"], error: "AuthError" },
    { ...DEFINITE, status: 401, codes: [TOO_FAR], error: "AuthError", isAboutTime: true },
    { ...DEFINITE, codes: [TOO_FAR], error: "AuthError", isAboutTime: true },
    { ...DEFINITE, codes: [...KEY_REFUSALS], error: "AuthError" },
    { ...DEFINITE, codes: POOR, error: "InsufficientMarginError" },
    { ...DEFINITE, status: 404, body: no("Order not found"), error: "NotFoundError", ...NOT_FOUND },
    { ...DEFINITE, status: 404, body: no("No such market: BTC-PERPX"), error: "NotFoundError" },
    { ...DEFINITE, codes: OVER, error: "OrderRejectedError", isOrderNotFoundDuringCancelation: true },
    { ...DEFINITE, status: 429, codes: TOO_MANY, error: "RateLimitError", retry: "later" },
    { ...UNKNOWN, codes: ["Please retry request", "Try again", "Internal Error"] },
    { ...UNKNOWN, status: 200, body: no("An unexpected error occurred, please try again later (ABCD).") },
    { ...UNKNOWN, status: 400, body: no("Order took too long to process") },
    { ...UNKNOWN, status: 502, body: "<html>bad gateway</html>" },
    { ...DEFINITE, codes: REFUSALS, error: "OrderRejectedError" },
    { ...DEFINITE, codes: UNCLEAR, error: "OrderRejectedError", outcome: "unknown" },
  ],
} satisfies PerpetualConnectorFixtures;
