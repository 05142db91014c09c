import { type PerpetualConnectorFixtures, paste, type Route } from "../../../../src/testing/kit/index.ts";
import { venueModule } from "../venue/derivative.ts";

// The venue at rest, as its files guess it. CHECK: with payloads of its documentation.
const START = 1_767_225_600_000;
// <ok>
const ok = (payload: unknown): unknown => ({ code: 0, message: "", data: payload });
// </ok>
const get = (path: string, payload: unknown, params?: Route["params"]): Route => {
  return { method: "GET", path, params, body: ok(payload) };
};
const INSTRUMENT = {
  symbol: "BTCUSDT",
  type: "perpetual",
  status: "trading",
  baseCurrency: "BTC",
  quoteCurrency: "USDT",
  settleCurrency: "USDT",
  tickSize: "0.5",
  // <instrument-sizes>
  stepSize: "0.0001",
  minSize: "0.001",
  maxSize: "1000",
  // </instrument-sizes>
  minNotional: "5",
  fundingIntervalHours: 8,
};
const OTHER = { ...INSTRUMENT, symbol: "ETHUSDT", baseCurrency: "ETH" };
const BOOK = {
  // <levels>
  bids: [
    ["5000.5", "10"],
    ["4995", "5"],
  ],
  asks: [["5001", "6"]],
  // </levels>
  timestamp: START,
  // <book-ids>
  sequence: 100,
  previousSequence: 99,
  // </book-ids>
};
const FUNDING = {
  symbol: INSTRUMENT.symbol,
  indexPrice: "4999.25",
  markPrice: "5000.75",
  fundingRate: "0.000011",
  nextFundingTime: START + 3_600_000,
  timestamp: START,
};
const POSITION = {
  symbol: INSTRUMENT.symbol,
  // <position-side>
  // </position-side>
  size: "0",
  leverage: "10",
};

/**
 * Fixtures of the venue for the kit: documented payloads, and what they mean. Each `paste(...)` says what belongs
 * there; until then the tests that need it are listed as to do. Texts may hold placeholders such as
 * `{clientOrderId}`.
 */
export const acmeFixtures: PerpetualConnectorFixtures = {
  venueModule,
  connectorName: "acme_perpetual",
  credentials: {
    // <credentials>
    apiKey: "key-of-the-tests",
    apiSecret: "secret-of-the-tests",
    // </credentials>
  },
  tradingPair: "BTC-USDT",
  otherTradingPair: "ETH-USDT",
  // CHECK: the venue's names of markets.
  exchangeSymbolForTokens: "{base}{quote}",
  restBasePath: "",
  startMs: START,
  notOffered: {
    amends: "derivative.ts amends no orders yet.",
    configurePositionModeMismatchResponse: "errors.ts knows no refusal of a position mode yet.",
    // <not-offered-books>
    // </not-offered-books>
    // <not-offered-access>
    listenKey: "The private stream is opened with a login.",
    // </not-offered-access>
    // <not-offered-time>
    // </not-offered-time>
    // <not-offered-modes>
    hedgeMode: "One-way is the only position mode.",
    // </not-offered-modes>
  },
  socket: {
    answers: [
      { to: { op: "ping" }, with: [{ op: "pong" }] },
      // <private-answers>
      // <login-answer>
      { to: { op: "login" }, with: [{ op: "login", success: true }] },
      // </login-answer>
      ...["orders", "fills", "balances", "positions"].map((channel) => {
        return { to: { op: "subscribe", channel }, with: [{ op: "subscribe", channel, success: true }] };
      }),
      // </private-answers>
      {
        to: { op: "*", symbol: "*" },
        with: [{ op: "{frame.op}", channel: "{frame.channel}", symbol: "{frame.symbol}", success: true }],
      },
      // <snapshot-answer>
      {
        to: { op: "subscribe", channel: "orderbook" },
        with: [{ channel: "orderbook", type: "snapshot", symbol: "{frame.symbol}", timestamp: START, data: BOOK }],
      },
      // </snapshot-answer>
      {
        to: { op: "subscribe", channel: "funding" },
        with: [{ channel: "funding", symbol: "{frame.symbol}", data: { ...FUNDING, symbol: "{frame.symbol}" } }],
      },
    ],
    // <private-mark>
    private: { frames: [{ op: "login" }] },
    // </private-mark>
  },
  restingRoutes: [
    get("/v1/instruments", [INSTRUMENT, OTHER]),
    // <sign-of-life>
    get("/v1/time", { serverTime: "{nowMs:number}" }),
    // </sign-of-life>
    get("/v1/funding", FUNDING, { symbol: INSTRUMENT.symbol }),
    get("/v1/funding", { ...FUNDING, symbol: OTHER.symbol }, { symbol: OTHER.symbol }),
    get("/v1/orderbook", BOOK),
    get("/v1/balances", [{ asset: "USDT", total: "10000", available: "10000" }]),
    get("/v1/positions", [POSITION, { ...POSITION, symbol: OTHER.symbol }]),
    get("/v1/fees", { makerFeeRate: "0.0002", takerFeeRate: "0.0005" }),
    ...["/v1/open-orders", "/v1/fills", "/v1/funding-payments"].map((path) => get(path, [])),
    // <position-mode-route>
    // </position-mode-route>
    // <access-route>
    // </access-route>
  ],

  // Markets.
  allSymbolsRequestMockResponse: paste(
    "the instruments: both pairs, and rows that are no open perpetual [market data: instruments, tickers]",
  ),
  allSymbolsIncludingInvalidPairMockResponse: paste(
    "the instruments, where tradingPair alone is valid [market data: instruments, tickers]",
  ),
  latestPricesRequestMockResponse: paste("a ticker [market data: instruments, tickers]"),
  expectedLatestPrice: paste("the last price of that ticker [market data: instruments, tickers]"),
  networkStatusRequestSuccessfulMockResponse: paste(
    "the answer to the sign of life (server time, or ping) [market data: instruments, tickers]",
  ),
  tradingRulesRequestMockResponse: paste("the instruments [market data: instruments, tickers]"),
  tradingRulesRequestErroneousMockResponse: paste(
    "the instruments, where the row of tradingPair lacks its tick [market data: instruments, tickers]",
  ),
  expectedTradingRule: paste(
    "its every field, and fundingIntervalMs; of a market whose contract is no base unit, where the venue has one [market data: instruments, tickers]",
  ),
  expectedLoggedErrorForErroneousTradingRule: paste(
    "what the log says of that row [market data: instruments, tickers]",
  ),
  expectedSupportedOrderTypes: ["limit", "limitMaker", "market"],
  // <position-modes>
  expectedSupportedPositionModes: ["oneWay"],
  // </position-modes>

  // Order book, trades, funding info.
  orderBookSnapshotMockResponse: paste("the order book over REST [market data; WebSocket: public channels]"),
  // <book-changes>
  orderBookDiffEvents: paste(
    "three frames in sequence after that snapshot, with ids in sequence [market data; WebSocket: public channels]",
  ),
  // </book-changes>
  // <book-snapshot>
  orderBookSnapshotEvent: paste("the frame that opens the book's stream [market data; WebSocket: public channels]"),
  // </book-snapshot>
  expectedBook: paste("every level of the snapshot, best first [market data; WebSocket: public channels]"),
  expectedBookAfterDiffs: paste("every level after the three frames [market data; WebSocket: public channels]"),
  tradeEvent: paste("a frame of the trades channel [market data; WebSocket: public channels]"),
  expectedTrade: paste("what that trade was; the side is the taker's [market data; WebSocket: public channels]"),
  expectedSubscriptions: paste("the frames that subscribe tradingPair [market data; WebSocket: public channels]"),
  socketThatRefusesTrades: paste(
    "socket as it is while the venue refuses the trades of tradingPair [market data; WebSocket: public channels]",
  ),
  malformedTradeEvent: paste(
    "a frame of the trades channel that lacks its price [market data; WebSocket: public channels]",
  ),
  // <malformed-change>
  malformedDiffEvent: paste("a frame of the book that lacks its levels [market data; WebSocket: public channels]"),
  // </malformed-change>
  malformedSnapshotMockResponse: paste(
    "the order book over REST, without its levels [market data; WebSocket: public channels]",
  ),
  fundingInfoUrl: "/v1/funding",
  fundingInfoMockResponse: paste(
    "mark price, index price, funding rate and next funding time over REST [market data; WebSocket: public channels]",
  ),
  fundingInfoEvent: paste("the first frame of the funding channel [market data; WebSocket: public channels]"),
  fundingInfoEventForWebsocketUpdate: paste("a later one, with another rate [market data; WebSocket: public channels]"),
  malformedFundingInfoEvent: paste(
    "a frame of the funding channel that lacks its rate [market data; WebSocket: public channels]",
  ),
  fundingInfoUpdate: paste("the same change over REST [market data; WebSocket: public channels]"),
  expectedFundingInfo: paste("what the first of them says [market data; WebSocket: public channels]"),
  expectedUpdatedFundingRate: paste("the rate of the later one [market data; WebSocket: public channels]"),

  // Authentication.
  // <auth>
  auth: {
    headers: ["acme-key", "acme-timestamp", "acme-sign"],
    timestamp: { in: "headers", name: "acme-timestamp" },
  },
  // </auth>
  // <auth-vectors>
  authVectors: paste("signed requests of the documentation: a GET with a query, a POST with a body [signing requests]"),
  // </auth-vectors>
  // <private-stream>
  // <login-vector>
  wsAuthVector: paste(
    "a login frame and its time, made with another tool where the documentation has no example [signing requests]",
  ),
  // </login-vector>
  // <private-subscriptions>
  expectedPrivateSubscriptions: paste("the frames that subscribe the private channels [signing requests]"),
  // </private-subscriptions>
  socketThatRefusesPrivateChannel: paste(
    "socket as it is while the venue refuses one of them, and that one's name [signing requests]",
  ),
  // </private-stream>
  // <server-time>
  serverTime: paste("the server time ({nowMs}), and how a late timestamp is refused [signing requests]"),
  // </server-time>

  // Orders: requests.
  orderCreationRequest: paste(
    "the request of a limit order, good till canceled [trading: place, cancel, query an order]",
  ),
  orderCreationRequestChanges: paste(
    "what the other types, times in force, closing and hedge mode change in it [trading: place, cancel, query an order]",
  ),
  clientOrderIdPattern: paste(
    "a regular expression of the client order ids that the documentation allows, as text: t-[0-9A-Za-z_.-]{1,28} [trading: place, cancel, query an order]",
  ),
  orderCancelationRequest: paste("the request of a cancel [trading: place, cancel, query an order]"),
  orderStatusRequest: paste(
    "the request of an order's status, by the exchange's id [trading: place, cancel, query an order]",
  ),
  orderStatusRequestByClientOrderId: paste("the same by the client's id [trading: place, cancel, query an order]"),
  tradesRequest: paste("the request of an order's fills [trading: place, cancel, query an order]"),

  // <placeholders>
  // Orders: answers, with placeholders of the order ({clientOrderId}, {exchangeOrderId}, {side}, {price}, {amount}).
  // </placeholders>
  orderCreationRequestSuccessfulMockResponse: paste("the answer to an order that is taken [trading: orders, fills]"),
  orderCreationRequestRefusedMockResponse: paste("the answer to an order that is refused [trading: orders, fills]"),
  configureSuccessfulCancelationResponse: paste("the answer to a cancel [trading: orders, fills]"),
  configureErroneousCancelationResponse: paste("the answer to a cancel that is refused [trading: orders, fills]"),
  configureOrderNotFoundCancelationResponse: paste(
    "the answer to the cancel of an order that is not there [trading: orders, fills]",
  ),
  configureOneSuccessfulOneErroneousCancelAllResponse: paste(
    "both of these, of two orders ({other.exchangeOrderId}) [trading: orders, fills]",
  ),
  configureOpenOrderStatusResponse: paste("an open order, by either id [trading: orders, fills]"),
  configureCompletelyFilledOrderStatusResponse: paste("the order when it has filled [trading: orders, fills]"),
  configureCanceledOrderStatusResponse: paste("the order when it is canceled [trading: orders, fills]"),
  configurePartiallyFilledOrderStatusResponse: paste("the order when a part of it has filled [trading: orders, fills]"),
  configureHttpErrorOrderStatusResponse: paste(
    "a failure of the server, with status 500 or more [trading: orders, fills]",
  ),
  configureFailedOrderStatusResponse: paste(
    "the order when the venue took it and closed it again [trading: orders, fills]",
  ),
  expectedEventAfterOrderFailure: "orderFailed",
  configureOrderNotFoundResponse: paste("the answer when the venue does not know the order [trading: orders, fills]"),
  orderStates: paste("a status with the {orderState} in it, and the venue's words by ours [trading: orders, fills]"),
  configureOpenOrdersResponse: paste("the list of open orders with this one in it [trading: orders, fills]"),
  expectedOrderTimestamps: paste(
    "when the order of these payloads was made, and when it changed [trading: orders, fills]",
  ),
  configurePartialFillTradeResponse: paste("the order's fills: one, of a part [trading: orders, fills]"),
  configureFullFillTradeResponse: paste("the order's fills: one, of all [trading: orders, fills]"),
  configureErroneousHttpFillTradeResponse: paste("a failure instead of the fills [trading: orders, fills]"),
  expectedExchangeOrderId: paste("an id as the venue gives it [trading: orders, fills]"),
  expectedExchangeOrderIds: paste("the same and another one [trading: orders, fills]"),
  expectedPartialFillPrice: paste("the price of the fills [trading: orders, fills]"),
  expectedPartialFillAmount: paste("the amount of the part fill [trading: orders, fills]"),
  expectedFillFee: paste("token and amount of the fee of both fills; positive is paid [trading: orders, fills]"),
  expectedFillTradeId: paste("the id of the fills [trading: orders, fills]"),
  expectedFillIsMaker: paste("whether the fills were a maker's [trading: orders, fills]"),
  expectedFillTimestampMs: paste("the time of the fills [trading: orders, fills]"),
  isCancelRequestExecutedSynchronouslyByServer: false,
  isOrderFillHttpUpdateIncludedInStatusUpdate: false,
  isOrderFillHttpUpdateExecutedDuringWebsocketOrderEventProcessing: false,
  fillPages: paste("more fills than one page holds, and their ids [trading: orders, fills]"),
  openOrderPages: paste(
    "more open orders than one page holds, and their ids; not offered where one answer has all [trading: orders, fills]",
  ),
  historyLists: paste(
    "lists of fills and funding payments: parameters of the range, its longest, how far it reaches [trading: orders, fills]",
  ),

  // Orders: frames.
  orderEventForNewOrderWebsocketUpdate: paste("the order when it opens [WebSocket: private channels]"),
  orderEventForCanceledOrderWebsocketUpdate: paste("the order when it is canceled [WebSocket: private channels]"),
  orderEventForFullFillWebsocketUpdate: paste("the order when it has filled [WebSocket: private channels]"),
  orderEventForPartialFillWebsocketUpdate: paste(
    "the order when a part of it has filled [WebSocket: private channels]",
  ),
  orderEventForFailedOrderWebsocketUpdate: paste(
    "the order when the venue took it and closed it again [WebSocket: private channels]",
  ),
  tradeEventForFullFillWebsocketUpdate: paste("the fill of all of it [WebSocket: private channels]"),
  tradeEventForPartialFillWebsocketUpdate: paste("the fill of a part [WebSocket: private channels]"),
  tradeEventForRemainingFillWebsocketUpdate: paste(
    "the fill of what is left after that part, with another id [WebSocket: private channels]",
  ),
  positionEventForFullFillWebsocketUpdate: paste("the position after the fill [WebSocket: private channels]"),
  liquidationEvents: paste("the private frames of a liquidation of tradingPair [WebSocket: private channels]"),
  configureLiquidationResponse: paste("how the account's history lists that liquidation [WebSocket: private channels]"),
  expectedLiquidation: paste("the signed change of the position, and the price [WebSocket: private channels]"),
  deleveragingEvents: paste(
    "the private frames of an auto-deleveraging of tradingPair [WebSocket: private channels; auto-deleveraging]",
  ),
  configureDeleveragingResponse: paste(
    "how the account's history lists it [WebSocket: private channels; auto-deleveraging]",
  ),
  expectedDeleveraging: paste(
    "the signed change of the position, and the price [WebSocket: private channels; auto-deleveraging]",
  ),

  // Account.
  balanceRequestMockResponseForBaseAndQuote: paste(
    "balances: base 15, of which 10 are available; quote 2000 [account: balances, positions, fees, settings]",
  ),
  balanceRequestMockResponseOnlyBase: paste(
    "balances: base 15, of which 10 are available [account: balances, positions, fees, settings]",
  ),
  balanceEventWebsocketUpdate: paste("a frame of the balances channel [account: balances, positions, fees, settings]"),
  expectedBalanceEvent: paste("what it says [account: balances, positions, fees, settings]"),
  tradingFeesRequestMockResponse: paste(
    "the account's fees, other than the default ones [account: balances, positions, fees, settings]",
  ),
  expectedTradingFees: paste("what these are, as fractions [account: balances, positions, fees, settings]"),
  positionsRequestMockResponse: paste(
    "a long position and a short one, of both pairs [account: balances, positions, fees, settings]",
  ),
  expectedPositions: paste("what these are; negative is short [account: balances, positions, fees, settings]"),
  // <hedge-positions>
  // </hedge-positions>
  setLeverageRequest: paste("the request that sets the {leverage} [account: balances, positions, fees, settings]"),
  configureSuccessfulSetLeverage: paste("its answer [account: balances, positions, fees, settings]"),
  configureFailedSetLeverage: paste("how it is refused [account: balances, positions, fees, settings]"),
  // <position-mode>
  // </position-mode>

  // Rows that cannot be read.
  unreadableRows: paste(
    "lists and frames with a row of the other pair in them that cannot be read [account: orders, fills, positions, balances]",
  ),

  // Funding payments.
  fundingPaymentUrl: "/v1/funding-payments",
  fundingPaymentMockResponse: paste("one payment [account: funding payments]"),
  emptyFundingPaymentMockResponse: paste("the answer when there is none [account: funding payments]"),
  expectedFundingPayment: paste("what the payment is; negative was paid [account: funding payments]"),
  fundingPaymentPages: paste("more payments than one page holds, and their ids [account: funding payments]"),

  // Errors.
  errorTable: paste("an answer for every entry of errors.ts, with class and outcome [error codes]"),
};
