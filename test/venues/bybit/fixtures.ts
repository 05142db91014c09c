import type { PerpetualConnectorFixtures } from "../../../src/testing/kit/fixtures.ts";
import { venueModule } from "../../../src/venues/bybit/derivative.ts";
import { abilityFixtures } from "./ability-fixtures.ts";

/** Bybit v5, linear perpetuals: the fields of the documents' examples, with values of our own. */
const SETTLED = Date.UTC(2026, 8, 20, 16);
const [START, NEXT] = [SETTLED + 5_000, Date.UTC(2026, 8, 21, 16)];
const [LATER, OK] = [START + 30_000, { retCode: 0, retMsg: "OK", retExtInfo: {}, time: START }];
const NONE = { ...OK, result: { category: "linear", list: [], nextPageCursor: "" } };
const [DONE, CURSOR] = [{ ...OK, result: {} }, "132766%3A2%2C132766%3A2"];
const NEXT_PAGE = { params: { cursor: "132766:2,132766:2" } };
const COINS = { baseCoin: "BTC", quoteCoin: "USDT", settleCoin: "USDT", fundingInterval: 480 };
const INSTRUMENT = {
  ...{ ...COINS, symbol: "BTCUSDT", contractType: "LinearPerpetual", status: "Trading" },
  priceFilter: { minPrice: "0.10", maxPrice: "1999999.80", tickSize: "0.10" },
  lotSizeFilter: {
    minOrderQty: "0.002",
    maxOrderQty: "1190.000",
    maxMktOrderQty: "500.000",
    qtyStep: "0.001",
    minNotionalValue: "5",
  },
};
const ETH = { ...INSTRUMENT, symbol: "ETHUSDT", baseCoin: "ETH" };
const DATED = { ...ETH, symbol: "ETHUSDT-25DEC26", contractType: "LinearFutures" };
const CLOSED = { ...INSTRUMENT, symbol: "LUNAUSDT", baseCoin: "LUNA", status: "Closed" };
const ONE_VALID = { list: [INSTRUMENT, { ...ETH, baseCoin: "" }, DATED, CLOSED] };
const ONE_ERRONEOUS = { list: [{ ...INSTRUMENT, priceFilter: {} }, ETH] };
const INSTRUMENTS = { method: "GET", path: "/v5/market/instruments-info" } as const;
const ALL_SYMBOLS = { ...INSTRUMENTS, body: { ...OK, result: { list: [INSTRUMENT, ETH, DATED, CLOSED] } } };
const IDS = { category: "linear", symbol: "{symbol}", orderId: "{exchangeOrderId}", orderLinkId: "{clientOrderId}" };
const TERMS = { side: "{side}", orderType: "{orderType}", price: "{price}", qty: "{amount}", timeInForce: "GTC" };
const TIMES = { createdTime: `${START}`, updatedTime: `${START + 1_000}`, positionIdx: "{positionIdx}" };
const UNFILLED = { cumExecQty: "0.000", avgPrice: "", cancelType: "UNKNOWN", rejectReason: "EC_NoError" };
const ORDER = { ...IDS, ...TERMS, ...TIMES, ...UNFILLED, orderStatus: "New", reduceOnly: false };
const FILLED = { ...ORDER, orderStatus: "Filled", cumExecQty: "{amount}", avgPrice: "4999.5" };
const PARTIAL = { ...ORDER, orderStatus: "PartiallyFilled", cumExecQty: "0.5", avgPrice: "4999.5" };
const CANCELED = { ...ORDER, orderStatus: "Cancelled" };
const LIVE = { open: "New Untriggered Triggered", partiallyFilled: "PartiallyFilled", filled: "Filled" };
const STATES = { ...LIVE, canceled: "Cancelled PartiallyFilledCanceled Deactivated", failed: "Rejected" };
const ANY_STATE = { ...OK, result: { list: [{ ...ORDER, orderStatus: "{orderState}" }] } };
const REJECTED = { ...ORDER, orderStatus: "Rejected", rejectReason: "EC_Others" };
// A maker's rebate is a negative fee.
const REBATE = { execFee: "-0.5", feeRate: "-0.0001", feeCurrency: "", isMaker: true, execTime: `${START + 500}` };
const TRADED = { execId: "e-1", execType: "Trade", execPrice: "4999.5", execQty: "{amount}" };
const EXECUTION = { createType: "CreateByUser", ...IDS, ...REBATE, ...TRADED, side: "{side}", orderType: "Limit" };
const PART_FILL = { ...EXECUTION, execQty: "0.5" };
const LISTED = { ...EXECUTION, symbol: "BTCUSDT", orderId: "o-1", orderLinkId: "", side: "Buy", execQty: "0.1" };
const NEWER_FILL = { ...LISTED, execId: "e-2", execTime: `${START + 600}` };
const FUNDING = { funding: "-0.061005", cashFlow: "0", feeRate: "0.0001", currency: "USDT", type: "SETTLEMENT" };
const FUNDED_MARKET = { symbol: "BTCUSDT", category: "linear", side: "Buy", tradeId: "" };
const FUNDED = { ...FUNDING, ...FUNDED_MARKET, transactionTime: `${SETTLED}` };
const SETTLEMENT = { ...FUNDED, id: "592324_BTCUSDT_161440249321" };
const NEWER_SETTLEMENT = { ...SETTLEMENT, id: "592324_BTCUSDT_161440249400", transactionTime: `${SETTLED + 1}` };
const STATUS_IDS = [{ orderId: "{exchangeOrderId}" }, { orderLinkId: "{clientOrderId}" }];
const STATUS = { method: "GET", path: "/v5/order/realtime", params: STATUS_IDS } as const;
const HISTORY = { method: "GET", path: "/v5/order/history", params: STATUS_IDS } as const;
const OPEN_ORDERS = { ...STATUS, params: { settleCoin: "USDT" } };
const LAST_OPEN = { ...STATUS, params: { ...NEXT_PAGE.params, settleCoin: "USDT" } };
const FIRST_PAGE = { ...OPEN_ORDERS, body: { ...OK, result: { list: [ORDER], nextPageCursor: CURSOR } } };
const LAST_PAGE = { ...LAST_OPEN, body: { ...OK, result: { list: [{ ...ORDER, orderId: "o-0" }] } } };
const UNLISTED = { ...STATUS, body: NONE };
const EXECUTIONS = { method: "GET", path: "/v5/execution/list" } as const;
const LOG = { method: "GET", path: "/v5/account/transaction-log" } as const;
const LAST_FILLS = { ...EXECUTIONS, body: { ...OK, result: { list: [NEWER_FILL], nextPageCursor: CURSOR } } };
const FIRST_FILLS = { ...EXECUTIONS, ...NEXT_PAGE, body: { ...OK, result: { list: [LISTED] } } };
const LAST_LOG = { ...LOG, body: { ...OK, result: { list: [NEWER_SETTLEMENT], nextPageCursor: CURSOR } } };
const FIRST_LOG = { ...LOG, ...NEXT_PAGE, body: { ...OK, result: { list: [SETTLEMENT] } } };
const PAID = { paymentId: `${SETTLEMENT.id}:Buy`, amount: "-0.061005", asset: "USDT", rate: "0.0001" };
const post = (action: string) => ({ method: "POST", path: `/v5/order/${action}` }) as const;
const [CREATE, CANCEL, AMEND] = [post("create"), post("cancel"), post("amend")] as const;
const PLACED = { ...IDS, orderId: undefined, ...TERMS, orderType: "Limit", positionIdx: 0, reduceOnly: false };
const CREATED = { ...OK, result: { orderId: "{exchangeOrderId}", orderLinkId: "{clientOrderId}" } };
const BATCH_IDS = { list: [{ orderId: "{exchangeOrderId}" }, { orderId: "{other.exchangeOrderId}" }] };
const ROW_REFUSED = { code: 10001, msg: "params error" };
const BATCH = { ...OK, result: BATCH_IDS, retExtInfo: { list: [{ code: 0, msg: "OK" }, ROW_REFUSED] } };
const POSITIONS = { method: "GET", path: "/v5/position/list" } as const;
const BTC_POSITIONS = { ...POSITIONS, params: { symbol: "BTCUSDT" } };
const AT_MARK = { leverage: "10", markPrice: "5010.00", liqPrice: "", unrealisedPnl: "", category: "linear" };
const FLAT = { ...AT_MARK, positionIdx: 0, symbol: "BTCUSDT", side: "", size: "0", avgPrice: "0" };
const MODE_ROW = { ...FLAT, positionIdx: "{modeIdx}" };
const IN_MODE = { ...OK, result: { list: [MODE_ROW] } };
const LONG = { ...FLAT, side: "Buy", size: "0.010", avgPrice: "5000", liqPrice: "4520", unrealisedPnl: "0.1" };
const SHORT = { ...FLAT, side: "Sell", size: "0.020", avgPrice: "5020", liqPrice: "5500", unrealisedPnl: "0.2" };
const ETH_SHORT = { ...SHORT, symbol: "ETHUSDT" };
const HEDGE_LONG = { ...LONG, positionIdx: 1 };
const HEDGE_SHORT = { ...SHORT, positionIdx: 2 };
const PUSHED_POSITION = { ...LONG, side: "{side}", size: "{amount}", avgPrice: undefined, entryPrice: "4999.5" };
const MARKED = { leverage: "10", markPrice: "5010" };
const IS_LONG = { ...MARKED, entryPrice: "5000", unrealizedPnl: "0.1", liquidationPrice: "4520" };
const IS_SHORT = { ...MARKED, entryPrice: "5020", unrealizedPnl: "0.2", liquidationPrice: "5500" };
const BOTH_LEVERAGES = { buyLeverage: "{leverage}", sellLeverage: "{leverage}" };
const LEVERAGE = { method: "POST", path: "/v5/position/set-leverage" } as const;
const MODE = { method: "POST", path: "/v5/position/switch-mode" } as const;
const BALANCES = { method: "GET", path: "/v5/account/wallet-balance" } as const;
const BTC_COIN = { coin: "BTC", walletBalance: "15", totalOrderIM: "0", locked: "5" };
const USDT_COIN = { coin: "USDT", walletBalance: "2000", totalOrderIM: "0", locked: "0" };
const TOTALS = { totalMarginBalance: "10000", totalAvailableBalance: "10000", totalMaintenanceMargin: "0" };
const WALLET = { accountType: "UNIFIED", ...TOTALS, coin: [{ ...USDT_COIN, walletBalance: "10000" }] };
const BOTH_COINS = { ...WALLET, totalAvailableBalance: "2000", coin: [BTC_COIN, USDT_COIN] };
const BTC_ONLY = { ...WALLET, totalAvailableBalance: "0", coin: [BTC_COIN] };
const PUSHED_WALLET = { ...WALLET, totalAvailableBalance: "1950", coin: [{ ...USDT_COIN, walletBalance: "1999" }] };
const FEES = { method: "GET", path: "/v5/account/fee-rate" } as const;
const FEE_RATE = { symbol: "BTCUSDT", takerFeeRate: "0.0006", makerFeeRate: "0.0001" };
const TICKERS = { method: "GET", path: "/v5/market/tickers" } as const;
const PRICES = { lastPrice: "61003.40", indexPrice: "61010.11", markPrice: "61005.00" };
const TICKER = { symbol: "BTCUSDT", ...PRICES, fundingRate: "0.0001", nextFundingTime: `${NEXT}` };
const TICKER_FRAME = { topic: "tickers.BTCUSDT", type: "snapshot", data: TICKER, cs: 1, ts: START };
const ETH_TICKER_FRAME = { ...TICKER_FRAME, topic: "tickers.ETHUSDT", data: { ...TICKER, symbol: "ETHUSDT" } };
const NEW_RATE = { symbol: "BTCUSDT", fundingRate: "-0.00002" };
const NEXT_BID = ["59999.80", "1"];
const TOPICS = ["orderbook.200.BTCUSDT", "publicTrade.BTCUSDT", "tickers.BTCUSDT"];
const BOOK = { s: "BTCUSDT", b: [["59999.90", "3.4"], NEXT_BID], a: [["60000.10", "1.2"]], u: 1_000, seq: 7_961_638 };
const BOOK_FRAME = { topic: "orderbook.200.BTCUSDT", type: "snapshot", ts: START, data: BOOK, cts: START - 2 };
const ETH_BOOK_FRAME = { ...BOOK_FRAME, topic: "orderbook.200.ETHUSDT", data: { ...BOOK, s: "ETHUSDT" } };
const DELTA = { ...BOOK_FRAME, type: "delta", ts: START + 100 };
const SNAPSHOT = { method: "GET", path: "/v5/market/orderbook" } as const;
const TRADE = { T: START, s: "BTCUSDT", S: "Buy", v: "0.0513", p: "60000.10", i: "20f43950-0000-5b31-9112-1" };
const TRADE_FRAME = { topic: "publicTrade.BTCUSDT", type: "snapshot", ts: START, data: [TRADE] };
const PUSH = { id: "f-1", creationTime: START + 1_000 };
const AMEND_OF = { category: "linear", symbol: "{symbol}", orderId: "{exchangeOrderId}" };
const AMENDED = { ...ORDER, updatedTime: "{updatedMs:text}" };
const TAKEN_OVER = { execType: "BustTrade", createType: "CreateByTakeOver_PassThrough" };
const LIQUIDATION = { ...LISTED, ...TAKEN_OVER, execId: "e-7", orderId: "o-7", side: "Sell", execQty: "0.3" };
const FORCED = { ...LIQUIDATION, execPrice: "4900" };
const DELEVERAGED = { ...FORCED, execType: "AdlTrade", createType: "CreateByAdl_PassThrough", execFee: "0" };
const HAND_ORDER = { ...ORDER, symbol: "ETHUSDT", orderId: "o-9", orderLinkId: "hand-9", orderStatus: "Dreaming" };
const BAD_FILL = { ...LISTED, symbol: "ETHUSDT", execId: "e-9", orderId: "o-9", execType: "Dream" };
const ANOTHER_MODE = { retCode: 10001, retMsg: "position idx not match position mode" };
const OF_TRADES = { op: "subscribe", args: ["publicTrade.BTCUSDT"] };
const NO_TRADES = { success: false, ret_msg: "error:handler not found,topic:publicTrade.BTCUSDT", conn_id: "c-1" };
const OF_WALLET = { op: "subscribe", args: ["wallet"] };
const NO_WALLET = { ...NO_TRADES, ret_msg: "error:handler not found,topic:wallet" };
const ACCEPTED = { success: true, ret_msg: "", conn_id: "c-1" };
const FIRST_FRAMES = [
  { to: { op: "subscribe", args: ["tickers.BTCUSDT"] }, with: [TICKER_FRAME] },
  { to: { op: "subscribe", args: ["tickers.ETHUSDT"] }, with: [ETH_TICKER_FRAME] },
  { to: { op: "subscribe", args: ["orderbook.200.BTCUSDT"] }, with: [BOOK_FRAME] },
  { to: { op: "subscribe", args: ["orderbook.200.ETHUSDT"] }, with: [ETH_BOOK_FRAME] },
];
const TIME = { method: "GET", path: "/v5/market/time" } as const;
const CLOCK = { ...OK, result: { timeSecond: "{nowMs:seconds}", timeNano: "{nowMs:ns}" } };
const KEY = { credentials: { apiKey: "KEY123", apiSecret: "SECRET456" }, nowMs: 1_790_000_000_000 };
const GET_SIGNED = { headers: { "X-BAPI-SIGN": "3ec3e06863536c05e18bcec14ac0330d16062a41d5b6d984462818830e46ecdc" } };
const POSTED = '{"symbol":"BTCUSDT","qty":"0.01"}';
const POST_SIGNED = { headers: { "X-BAPI-SIGN": "1df143c890d55f3481cc88ad99aca9137bda57d261272cc2635e82775c46a023" } };
const LOGIN = ["KEY123", 1_790_000_010_000, "9b3785640bebfdf4cb86782a5b5a254c91793c9408362ca91bab807bab24514c"];
const REFUSED = { body: { ...DONE, retCode: "{code:number}", retMsg: "words" }, outcome: "definite" } as const;
const NOT_FOUND = { isOrderNotFoundDuringStatusUpdate: true, isOrderNotFoundDuringCancelation: true };
const REJECTED_CODES = [10001, 10017, 10029, 30228, 110003, 110009, 110017, 110024, 110028, 110029, 110065, 110094];

const SEVEN_DAYS = {
  ...{ begin: "startTime", end: "endTime", longestMs: 604_800_000, reachesMs: 63_072_000_000 },
  refusal: { body: { ...DONE, retCode: 10001, retMsg: "The time range between startTime and endTime is too long" } },
};
const SET_LEVERAGE = { ...LEVERAGE, body: { category: "linear", symbol: "{symbol}", ...BOTH_LEVERAGES } };
const FORGOTTEN = [UNLISTED, { ...HISTORY, body: { ...OK, result: { list: [CANCELED] } } }];

export const bybitFixtures: PerpetualConnectorFixtures = {
  ...abilityFixtures,
  credentials: { apiKey: "key-of-the-desk", apiSecret: "secret-of-the-desk-1234" },
  ...{ venueModule, tradingPair: "BTC-USDT", otherTradingPair: "ETH-USDT", exchangeSymbolForTokens: "{base}{quote}" },
  ...{ connectorName: "bybit_perpetual", restBasePath: "", startMs: START, expectedLatestPrice: "61003.4" },
  words: {
    side: { buy: "Buy", sell: "Sell" },
    orderType: { limit: "Limit", limitMaker: "Limit", market: "Market" },
    positionIdx: { of: "positionSide", both: 0, long: 1, short: 2 },
    mode: { of: "positionMode", oneWay: 0, hedge: 3 },
    modeIdx: { of: "positionMode", oneWay: 0, hedge: 1 },
  },
  socket: {
    answers: [{ to: { op: "*" }, with: [{ ...ACCEPTED, op: "{frame.op}" }] }, ...FIRST_FRAMES],
    private: { frames: [{ op: "auth" }, { args: ["order"] }] },
  },
  // One topic that is not there refuses the whole request.
  socketThatRefusesTrades: {
    answers: [
      { to: { op: "*" }, unless: OF_TRADES, with: [{ ...ACCEPTED, op: "{frame.op}" }] },
      { to: OF_TRADES, with: [{ ...NO_TRADES, op: "subscribe", req_id: "{frame.req_id}" }] },
      ...FIRST_FRAMES.map((answer) => ({ ...answer, unless: OF_TRADES })),
    ],
    private: { frames: [{ op: "auth" }, { args: ["order"] }] },
  },
  socketThatRefusesPrivateChannel: {
    channel: "wallet",
    socket: {
      answers: [
        { to: { op: "*" }, unless: OF_WALLET, with: [{ ...ACCEPTED, op: "{frame.op}" }] },
        { to: OF_WALLET, with: [{ ...NO_WALLET, op: "subscribe", req_id: "{frame.req_id}" }] },
        ...FIRST_FRAMES,
      ],
      private: { frames: [{ op: "auth" }, { args: ["order"] }] },
    },
  },
  restingRoutes: [
    ALL_SYMBOLS,
    { ...TIME, body: CLOCK },
    { ...BALANCES, body: { ...OK, result: { list: [WALLET] } } },
    { ...POSITIONS, body: NONE },
    { ...BTC_POSITIONS, body: { ...OK, result: { list: [FLAT] } } },
    { method: "GET", path: STATUS.path, body: NONE },
    { method: "GET", path: HISTORY.path, body: NONE },
    { ...FEES, body: NONE },
    { method: "GET", path: "/v5/account/info", body: { ...OK, result: { marginMode: "REGULAR_MARGIN" } } },
    { ...EXECUTIONS, body: NONE },
    { ...LOG, body: NONE },
  ],
  notOffered: {
    listenKey: "The private stream is opened by a login on the socket.",
    orderEventForFailedAmendWebsocketUpdate: "No row names an amend: its failure shows in the order's terms.",
  },
  allSymbolsIncludingInvalidPairMockResponse: { ...INSTRUMENTS, body: { ...OK, result: ONE_VALID } },
  latestPricesRequestMockResponse: { ...TICKERS, body: { ...OK, result: { list: [TICKER] } } },
  networkStatusRequestSuccessfulMockResponse: { ...TIME, body: CLOCK },
  ...{ allSymbolsRequestMockResponse: ALL_SYMBOLS, tradingRulesRequestMockResponse: ALL_SYMBOLS },
  tradingRulesRequestErroneousMockResponse: { ...INSTRUMENTS, body: { ...OK, result: ONE_ERRONEOUS } },
  expectedTradingRule: {
    ...{ tradingPair: "BTC-USDT", minOrderSize: "0.002", maxOrderSize: "1190", minPriceIncrement: "0.1" },
    maxMarketOrderSize: "500",
    ...{ minBaseAmountIncrement: "0.001", minNotionalSize: "5", minPrice: "0.1", maxPrice: "1999999.8" },
    ...{ contractSize: "1", contractKind: "linear", buyOrderCollateralToken: "USDT", sellOrderCollateralToken: "USDT" },
    ...{ supportsMarketOrders: true, fundingIntervalMs: 28_800_000 },
  },
  expectedLoggedErrorForErroneousTradingRule: "Error parsing the trading pair rule BTCUSDT. Skipping.",
  expectedSupportedOrderTypes: ["limit", "limitMaker", "market"],
  expectedSupportedPositionModes: ["oneWay", "hedge"],
  orderBookSnapshotMockResponse: { ...SNAPSHOT, body: { ...OK, result: { ...BOOK, ts: START } } },
  orderBookDiffEvents: [
    { ...DELTA, data: { ...BOOK, u: 1_001, b: [], a: [["60000.20", "7"]] } },
    { ...DELTA, data: { ...BOOK, u: 1_002, b: [["59999.90", "0"]], a: [["60000.10", "0.8"]] } },
    { ...DELTA, data: { ...BOOK, u: 1_003, b: [["59999.70", "2"]], a: [] } },
  ],
  expectedBook: { bids: "59999.9 x 3.4, 59999.8 x 1", asks: "60000.1 x 1.2" },
  expectedBookAfterDiffs: { bids: "59999.8 x 1, 59999.7 x 2", asks: "60000.1 x 0.8, 60000.2 x 7" },
  ...{ orderBookSnapshotEvent: BOOK_FRAME, tradeEvent: TRADE_FRAME, fundingInfoEvent: TICKER_FRAME },
  expectedTrade: { tradeId: TRADE.i, price: "60000.1", amount: "0.0513", side: "buy", timestampMs: START },
  expectedSubscriptions: [{ req_id: "1", op: "subscribe", args: TOPICS }],
  malformedTradeEvent: { ...TRADE_FRAME, data: [{ i: "1" }] },
  malformedDiffEvent: { ...DELTA, data: { s: "BTCUSDT", b: [] } },
  malformedSnapshotMockResponse: { ...SNAPSHOT, body: { ...OK, result: { ...BOOK, ts: START, b: [["x", "1"]] } } },
  fundingInfoMockResponse: [{ ...TICKERS, body: { ...OK, result: { list: [TICKER] } } }],
  // A delta tells only what has changed.
  fundingInfoEventForWebsocketUpdate: { ...TICKER_FRAME, type: "delta", cs: 2, ts: LATER, data: NEW_RATE },
  malformedFundingInfoEvent: { ...TICKER_FRAME, data: { ...TICKER, markPrice: "x" } },
  fundingInfoUpdate: [{ ...TICKERS, body: { ...OK, result: { list: [{ ...TICKER, ...NEW_RATE }] } } }],
  expectedFundingInfo: { indexPrice: "61010.11", markPrice: "61005", rate: "0.0001", nextFundingTimestampMs: NEXT },
  ...{ fundingInfoUrl: TICKERS.path, fundingPaymentUrl: LOG.path, expectedUpdatedFundingRate: "-0.00002" },
  auth: {
    headers: ["x-bapi-api-key", "x-bapi-timestamp", "x-bapi-recv-window", "x-bapi-sign"],
    timestamp: { in: "headers", name: "x-bapi-timestamp" },
  },
  authVectors: [
    { ...KEY, method: "GET", url: "https://api.bybit.com/v5/x?symbol=BTCUSDT&openOnly=0", expected: GET_SIGNED },
    { ...KEY, method: "POST", url: "https://api.bybit.com/v5/x", body: POSTED, expected: POST_SIGNED },
  ],
  wsAuthVector: { ...KEY, expected: { op: "auth", args: LOGIN }, refusal: { op: "auth", success: false } },
  expectedPrivateSubscriptions: [{ req_id: "1", op: "subscribe", args: ["order", "execution", "position", "wallet"] }],
  serverTime: {
    serverTime: { ...TIME, body: CLOCK },
    serverTimeRefused: { ...TIME, status: 500, body: {} },
    timestampRefused: { ...BALANCES, body: { ...DONE, retCode: 10002, retMsg: "check your server timestamp" } },
  },
  orderCreationRequest: { ...CREATE, body: PLACED },
  configureSuccessfulSetPositionMode: [{ ...MODE, body: DONE }],
  orderCreationRequestChanges: {
    ...{ limitMaker: { timeInForce: "PostOnly" }, IOC: { timeInForce: "IOC" }, FOK: { timeInForce: "FOK" } },
    market: { orderType: "Market", price: undefined, timeInForce: "IOC" },
    ...{ reduceOnly: { reduceOnly: true }, close: { reduceOnly: true }, hedgeOpen: { positionIdx: "{positionIdx}" } },
    hedgeClose: { positionIdx: "{positionIdx}", reduceOnly: true },
  },
  ...{
    orderCancelationRequest: { ...CANCEL, body: { ...IDS, orderLinkId: undefined } },
    clientOrderIdPattern: "[\\w-]{1,36}",
  },
  orderStatusRequest: { ...STATUS, params: { ...IDS, orderLinkId: undefined } },
  orderStatusRequestByClientOrderId: { ...STATUS, params: { ...IDS, orderId: undefined } },
  tradesRequest: { ...EXECUTIONS, params: { category: "linear", orderId: "{exchangeOrderId}", limit: "100" } },
  orderCreationRequestSuccessfulMockResponse: [{ ...CREATE, body: CREATED }],
  orderCreationRequestRefusedMockResponse: [{ ...CREATE, body: { ...DONE, retCode: 110007, retMsg: "not enough" } }],
  configureSuccessfulCancelationResponse: [{ ...CANCEL, body: CREATED }],
  configureErroneousCancelationResponse: [{ ...CANCEL, body: { ...DONE, retCode: 10001, retMsg: "params error" } }],
  configureOrderNotFoundCancelationResponse: [{ ...CANCEL, body: { ...DONE, retCode: 110001, retMsg: "too late" } }],
  configureOneSuccessfulOneErroneousCancelAllResponse: [{ ...CANCEL, path: "/v5/order/cancel-batch", body: BATCH }],
  orderStates: { routes: [{ ...STATUS, body: ANY_STATE }], states: STATES },
  configureOpenOrderStatusResponse: [{ ...STATUS, body: { ...OK, result: { list: [ORDER] } } }],
  configurePartiallyFilledOrderStatusResponse: [{ ...STATUS, body: { ...OK, result: { list: [PARTIAL] } } }],
  configureCompletelyFilledOrderStatusResponse: [{ ...STATUS, body: { ...OK, result: { list: [FILLED] } } }],
  // After a restart of the venue what has ended is in the history only.
  ...{ configureCanceledOrderStatusResponse: FORGOTTEN, configureForgottenOrderStatusResponse: FORGOTTEN },
  configureFailedOrderStatusResponse: [{ ...STATUS, body: { ...OK, result: { list: [REJECTED] } } }],
  configureHttpErrorOrderStatusResponse: [{ ...STATUS, status: 500, body: {} }],
  expectedEventAfterOrderFailure: "orderFailed",
  configureOrderNotFoundResponse: [UNLISTED, { ...HISTORY, body: NONE }],
  openOrderPages: { routes: [FIRST_PAGE, LAST_PAGE], expectedIds: ["5f0c8f3e-0000-4a5b-9d2a-000000000001", "o-0"] },
  configureOpenOrdersResponse: [{ ...OPEN_ORDERS, body: { ...OK, result: { list: [ORDER] } } }],
  expectedOrderTimestamps: { createdMs: START, updatedMs: START + 1_000 },
  configurePartialFillTradeResponse: [{ ...EXECUTIONS, body: { ...OK, result: { list: [PART_FILL] } } }],
  configureFullFillTradeResponse: [{ ...EXECUTIONS, body: { ...OK, result: { list: [EXECUTION] } } }],
  configureErroneousHttpFillTradeResponse: [{ ...EXECUTIONS, body: { ...DONE, retCode: 10016, retMsg: "Internal" } }],
  expectedExchangeOrderId: "5f0c8f3e-0000-4a5b-9d2a-000000000001",
  expectedExchangeOrderIds: ["5f0c8f3e-0000-4a5b-9d2a-000000000001", "5f0c8f3e-0000-4a5b-9d2a-000000000002"],
  ...{ expectedPartialFillPrice: "4999.5", expectedPartialFillAmount: "0.5", expectedFillTradeId: "e-1" },
  ...{ isCancelRequestExecutedSynchronouslyByServer: false, isOrderFillHttpUpdateIncludedInStatusUpdate: false },
  ...{ isOrderFillHttpUpdateExecutedDuringWebsocketOrderEventProcessing: false, expectedFillIsMaker: true },
  amendRequest: { ...AMEND, body: { ...AMEND_OF, price: "{price}" } },
  amendAmountRequest: { ...AMEND, body: { ...AMEND_OF, qty: "{amount}" } },
  configureSuccessfulAmendResponse: [{ ...AMEND, body: CREATED }],
  configureRefusedAmendResponse: [{ ...AMEND, body: { ...DONE, retCode: 10001, retMsg: "params error" } }],
  orderEventForAmendedOrderWebsocketUpdate: { ...PUSH, topic: "order", data: [AMENDED] },
  isAmendRequestExecutedSynchronouslyByServer: false,
  configureAmendedOrderStatusResponse: [{ ...STATUS, body: { ...OK, result: { list: [AMENDED] } } }],
  orderEventForNewOrderWebsocketUpdate: { ...PUSH, topic: "order", data: [ORDER] },
  orderEventForCanceledOrderWebsocketUpdate: { ...PUSH, topic: "order", data: [CANCELED] },
  orderEventForFullFillWebsocketUpdate: { ...PUSH, topic: "order", data: [FILLED] },
  orderEventForPartialFillWebsocketUpdate: { ...PUSH, topic: "order", data: [PARTIAL] },
  orderEventForFailedOrderWebsocketUpdate: { ...PUSH, topic: "order", data: [REJECTED] },
  tradeEventForFullFillWebsocketUpdate: { ...PUSH, topic: "execution", data: [EXECUTION] },
  tradeEventForPartialFillWebsocketUpdate: { ...PUSH, topic: "execution", data: [PART_FILL] },
  tradeEventForRemainingFillWebsocketUpdate: { ...PUSH, topic: "execution", data: [{ ...PART_FILL, execId: "e-3" }] },
  positionEventForFullFillWebsocketUpdate: { topic: "position", creationTime: LATER, data: [PUSHED_POSITION] },
  balanceRequestMockResponseForBaseAndQuote: { ...BALANCES, body: { ...OK, result: { list: [BOTH_COINS] } } },
  balanceRequestMockResponseOnlyBase: { ...BALANCES, body: { ...OK, result: { list: [BTC_ONLY] } } },
  balanceEventWebsocketUpdate: { topic: "wallet", creationTime: LATER, data: [PUSHED_WALLET] },
  expectedFillTimestampMs: START + 500,
  expectedBalanceEvent: { asset: "USDT", total: "1999", available: "1950" },
  tradingFeesRequestMockResponse: [{ ...FEES, body: { ...OK, result: { list: [FEE_RATE] } } }],
  ...{ expectedFillFee: { token: "USDT", amount: "-0.5" }, expectedTradingFees: { maker: "0.0001", taker: "0.0006" } },
  positionsRequestMockResponse: [{ ...POSITIONS, body: { ...OK, result: { list: [LONG, ETH_SHORT] } } }],
  expectedPositions: [
    { ...IS_LONG, tradingPair: "BTC-USDT", side: "both", amount: "0.01" },
    { ...IS_SHORT, tradingPair: "ETH-USDT", side: "both", amount: "-0.02" },
  ],
  hedgePositionsRequestMockResponse: [{ ...POSITIONS, body: { ...OK, result: { list: [HEDGE_SHORT, HEDGE_LONG] } } }],
  expectedHedgePositions: [
    { ...IS_LONG, tradingPair: "BTC-USDT", side: "long", amount: "0.01" },
    { ...IS_SHORT, tradingPair: "BTC-USDT", side: "short", amount: "-0.02" },
  ],
  ...{ setLeverageRequest: SET_LEVERAGE, setLeverageRequestInHedgeMode: SET_LEVERAGE },
  configureSuccessfulSetLeverage: [{ ...LEVERAGE, body: DONE }],
  configureFailedSetLeverage: [{ ...LEVERAGE, body: { ...DONE, retCode: 110013, retMsg: "cannot set leverage" } }],
  setPositionModeRequest: { ...MODE, body: { category: "linear", symbol: "{symbol}", mode: "{mode}" } },
  configureFailedSetPositionMode: [{ ...MODE, body: { ...DONE, retCode: 110024, retMsg: "there are positions" } }],
  configurePositionModeResponse: [{ ...BTC_POSITIONS, body: IN_MODE }],
  configurePositionModeOfMarketResponse: [
    {
      ...POSITIONS,
      params: { symbol: "{symbol}" },
      body: { ...OK, result: { list: [{ ...MODE_ROW, symbol: "{symbol}" }] } },
    },
  ],
  configurePositionModeMismatchResponse: [{ ...CREATE, body: { ...DONE, ...ANOTHER_MODE } }],
  liquidationEvents: [{ ...PUSH, topic: "execution", data: [FORCED] }],
  configureLiquidationResponse: [{ ...EXECUTIONS, body: { ...OK, result: { list: [FORCED] } } }],
  expectedLiquidation: { amount: "-0.3", price: "4900" },
  deleveragingEvents: [{ ...PUSH, topic: "execution", data: [DELEVERAGED] }],
  configureDeleveragingResponse: [{ ...EXECUTIONS, body: { ...OK, result: { list: [DELEVERAGED] } } }],
  expectedDeleveraging: { amount: "-0.3", price: "4900" },
  unreadableRows: {
    openOrders: [{ ...OPEN_ORDERS, body: { ...OK, result: { list: [ORDER, HAND_ORDER] } } }],
    fills: [{ ...EXECUTIONS, body: { ...OK, result: { list: [PART_FILL, BAD_FILL] } } }],
    positions: [{ ...POSITIONS, body: { ...OK, result: { list: [LONG, { ...ETH_SHORT, size: "much" }] } } }],
    balances: [
      {
        ...BALANCES,
        body: {
          ...OK,
          result: { list: [{ ...BOTH_COINS, coin: [USDT_COIN, { ...BTC_COIN, walletBalance: "much" }] }] },
        },
      },
    ],
    frames: [{ ...PUSH, topic: "execution", data: [BAD_FILL, PART_FILL] }],
  },
  fundingPaymentEvent: { ...PUSH, topic: "execution", data: [{ ...LISTED, execType: "Funding", execId: "f-1" }] },
  fundingPaymentMockResponse: { ...LOG, body: { ...OK, result: { list: [SETTLEMENT] } } },
  emptyFundingPaymentMockResponse: { ...LOG, body: NONE },
  expectedFundingPayment: { ...PAID, timestampMs: SETTLED },
  fillPages: { routes: [LAST_FILLS, FIRST_FILLS], expectedIds: ["e-1", "e-2"] },
  fundingPaymentPages: {
    routes: [LAST_LOG, FIRST_LOG],
    expectedIds: [`${SETTLEMENT.id}:Buy`, `${NEWER_SETTLEMENT.id}:Buy`],
  },
  historyLists: [
    { ...SEVEN_DAYS, of: "fills", path: EXECUTIONS.path },
    { ...SEVEN_DAYS, of: "fundingPayments", path: LOG.path },
  ],
  errorTable: [
    { ...REFUSED, error: "TimeSyncError", codes: [10002], retry: "now" },
    { ...REFUSED, error: "AuthError", codes: [10003, 10004, 10005, 10007, 10008, 10024, 33004], retry: "never" },
    { ...REFUSED, error: "RateLimitError", codes: [10006, 10018], retry: "later" },
    { ...REFUSED, error: "VenueUnavailableError", codes: [10000, 10016], outcome: "unknown", retry: "later" },
    { ...REFUSED, error: "NotFoundError", codes: [110001, 110008, 110010, 170213], ...NOT_FOUND },
    { ...REFUSED, error: "InsufficientMarginError", codes: [110004, 110006, 110007, 110012, 110045, 110047, 110053] },
    { ...REFUSED, error: "OrderRejectedError", codes: REJECTED_CODES, retry: "never" },
    { ...REFUSED, error: "OrderRejectedError", codes: [10014, 110030, 110072], outcome: "unknown", retry: "never" },
    { ...REFUSED, error: "OrderRejectedError", codes: [123456], outcome: "unknown" },
    { status: 503, body: "<html>", error: "VenueUnavailableError", outcome: "unknown" },
    { status: 404, body: {}, error: "NotFoundError", outcome: "definite" },
    { status: 403, body: "403, access too frequent", error: "RateLimitError", outcome: "definite" },
  ],
};
