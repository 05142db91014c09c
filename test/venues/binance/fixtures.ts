import type { PerpetualConnectorFixtures } from "../../../src/testing/kit/fixtures.ts";
import { repeated } from "../../../src/testing/kit/template.ts";
import { venueModule } from "../../../src/venues/binance/derivative.ts";
import { abilityFixtures } from "./ability-fixtures.ts";

/** Binance USD-M futures: the fields of the documents' examples, with values of our own. */
const START = Date.UTC(2026, 8, 21, 12);
const [NEXT, LATER] = [START + 3_600_000, START + 30_000];
const SETTLED = START - 4 * 3_600_000;
const PRICE_FILTER = { filterType: "PRICE_FILTER", minPrice: "556.80", maxPrice: "4529764", tickSize: "0.10" };
const LOT_SIZE = { filterType: "LOT_SIZE", minQty: "0.002", maxQty: "1000", stepSize: "0.001" };
const MARKET_LOT_SIZE = { ...LOT_SIZE, filterType: "MARKET_LOT_SIZE", maxQty: "120" };
const ASSETS = { baseAsset: "BTC", quoteAsset: "USDT", marginAsset: "USDT", orderTypes: ["LIMIT", "MARKET"] };
const FILTERS = { filters: [PRICE_FILTER, LOT_SIZE, MARKET_LOT_SIZE, { filterType: "MIN_NOTIONAL", notional: "100" }] };
const BTC_MARKET = { ...ASSETS, ...FILTERS, symbol: "BTCUSDT", contractType: "PERPETUAL", status: "TRADING" };
const ETH_MARKET = { ...BTC_MARKET, symbol: "ETHUSDT", baseAsset: "ETH" };
const DATED = { ...BTC_MARKET, symbol: "BTCUSDT_270326", contractType: "CURRENT_QUARTER" };
const CLOSED = { ...BTC_MARKET, symbol: "LUNAUSDT", baseAsset: "LUNA", status: "SETTLING" };
const INFO = { method: "GET", path: "/fapi/v1/exchangeInfo" } as const;
const ALL_SYMBOLS = { ...INFO, body: { symbols: [BTC_MARKET, ETH_MARKET, DATED, CLOSED] } };
const ONE_VALID = { symbols: [BTC_MARKET, { ...ETH_MARKET, baseAsset: "" }, DATED, CLOSED] };
const ONE_ERRONEOUS = { symbols: [{ ...BTC_MARKET, filters: [] }, ETH_MARKET] };
const IDS = { orderId: "{exchangeOrderId:number}", clientOrderId: "{clientOrderId}", symbol: "{symbol}" };
const TERMS = { type: "{orderType}", timeInForce: "GTC", side: "{side}", price: "{price}", origQty: "{amount}" };
const TIMES = { time: START, updateTime: START + 1_000, positionSide: "{positionSide}", reduceOnly: false };
const ORDER = { ...IDS, ...TERMS, ...TIMES, origType: "LIMIT", status: "NEW", executedQty: "0.000", avgPrice: "0" };
const PARTIAL = { ...ORDER, status: "PARTIALLY_FILLED", executedQty: "0.5", avgPrice: "4999.5" };
const FILLED = { ...ORDER, status: "FILLED", executedQty: "{amount}", avgPrice: "4999.5" };
const CANCELED = { ...ORDER, status: "CANCELED" };
const LIVE = { open: "NEW", partiallyFilled: "PARTIALLY_FILLED", filled: "FILLED", canceled: "CANCELED" };
const STATES = { ...LIVE, expired: "EXPIRED EXPIRED_IN_MATCH", failed: "REJECTED" };
const CHARGED = { realizedPnl: "-3.5", commission: "0.5", commissionAsset: "USDT", time: START + 500, maker: true };
const DEAL = { symbol: "{symbol}", orderId: "{exchangeOrderId:number}", side: "{side}", price: "4999.5" };
const FILL = { ...CHARGED, ...DEAL, id: 500_001, qty: "{amount}", positionSide: "{positionSide}" };
const PAGED_FILL = { ...FILL, symbol: "BTCUSDT", orderId: 91_000_001, side: "BUY", qty: "0.002", positionSide: "BOTH" };
const STATUS_IDS = [{ orderId: "{exchangeOrderId}" }, { origClientOrderId: "{clientOrderId}" }];
const STATUS = { method: "GET", path: "/fapi/v1/order", params: STATUS_IDS } as const;
const BY_CLIENT_ID = { symbol: "{symbol}", origClientOrderId: "{clientOrderId}" };
const TRADES_ASKED = { symbol: "{symbol}", orderId: "{exchangeOrderId}", startTime: "*", endTime: "*", limit: "1000" };
const CREATE = { method: "POST", path: "/fapi/v1/order" } as const;
const CANCEL = { method: "DELETE", path: "/fapi/v1/order" } as const;
const BATCH = { method: "DELETE", path: "/fapi/v1/batchOrders" } as const;
const OPEN_ORDERS = { method: "GET", path: "/fapi/v1/openOrders" } as const;
const TRADES = { method: "GET", path: "/fapi/v1/userTrades" } as const;
const FIRST_FILLS = { ...TRADES, body: [repeated(1_000, { ...PAGED_FILL, id: "{500001+index:number}" })] };
const LAST_FILLS = { ...TRADES, params: { fromId: "501001" }, body: [{ ...PAGED_FILL, id: 501_001 }] };
const PLACED = { side: "{side}", type: "LIMIT", timeInForce: "GTC", quantity: "{amount}", price: "{price}" };
const NAMED = { symbol: "{symbol}", newClientOrderId: "{clientOrderId}", newOrderRespType: "RESULT" };
const BAD_PARAMETER = { code: -1102, msg: "A mandatory parameter was not sent." };
const NO_ORDER = { status: 400, body: { code: -2013, msg: "Order does not exist." } };
const UNKNOWN_ORDER = { status: 400, body: { code: -2011, msg: "Unknown order sent." } };
const NO_MARGIN = { status: 400, body: { code: -2019, msg: "Margin is insufficient." } };
const BAD_KEY = { status: 401, body: { code: -2015, msg: "Invalid API-key, IP, or permissions for action." } };
const NO_KEY = { status: 400, body: { code: -1125, msg: "This listenKey does not exist." } };
const BAD_TIME = { status: 400, body: { code: -1021, msg: "Timestamp is outside of the recvWindow." } };
const EVENT_IDS = { s: "{symbol}", c: "{clientOrderId}", i: "{exchangeOrderId:number}", ps: "{positionSide}" };
const EVENT_TERMS = { S: "{side}", o: "{orderType}", f: "GTC", q: "{amount}", p: "{price}", R: false };
const UNFILLED = { x: "NEW", X: "NEW", ap: "0", t: 0, l: "0", z: "0", L: "0", m: false, rp: "-3.5", er: "0" };
const EVENT = { ...EVENT_IDS, ...EVENT_TERMS, ...UNFILLED, T: START + 1_000 };
const PART = { X: "PARTIALLY_FILLED", z: "0.5", ap: "4999.5" };
const WHOLE = { X: "FILLED", z: "{amount}", ap: "4999.5" };
const TRADED = { x: "TRADE", t: 500_001, L: "4999.5", N: "USDT", n: "0.5", m: true, T: START + 500 };
const UPDATE = { e: "ORDER_TRADE_UPDATE", E: START + 1_002, T: START + 1_000 };
const ACCOUNT_UPDATE = { e: "ACCOUNT_UPDATE", E: LATER, T: LATER };
const PUSHED_BALANCE = { a: "USDT", wb: "1999", cw: "1999", bc: "0" };
const PUSHED_POSITION = { s: "BTCUSDT", pa: "{signedAmount}", ep: "4999.5", up: "0", ps: "BOTH" };
const ACCOUNT = { method: "GET", path: "/fapi/v3/account" } as const;
const MARGINS = { totalMarginBalance: "10000", availableBalance: "10000", totalMaintMargin: "0" };
const USDT = { asset: "USDT", walletBalance: "2000", availableBalance: "2000" };
const BTC = { asset: "BTC", walletBalance: "15", availableBalance: "10" };
const POSITIONS = { method: "GET", path: "/fapi/v3/positionRisk" } as const;
const PNL = { entryPrice: "5000", markPrice: "5010.00", unRealizedProfit: "0.1", liquidationPrice: "4520" };
const LONG = { symbol: "BTCUSDT", positionSide: "BOTH", positionAmt: "0.010", updateTime: START, ...PNL };
const SHORT = { ...LONG, positionAmt: "-0.020", entryPrice: "5020", unRealizedProfit: "0.2", liquidationPrice: "5500" };
const HEDGE_SHORT = { ...SHORT, positionSide: "SHORT" };
const IS_LONG = { entryPrice: "5000", unrealizedPnl: "0.1", liquidationPrice: "4520", markPrice: "5010" };
const IS_SHORT = { ...IS_LONG, entryPrice: "5020", unrealizedPnl: "0.2", liquidationPrice: "5500" };
const LEVERAGE = { method: "POST", path: "/fapi/v1/leverage" } as const;
const MODE = { method: "POST", path: "/fapi/v1/positionSide/dual" } as const;
const IN_MODE = { ...MODE, method: "GET" } as const;
const FEES = { method: "GET", path: "/fapi/v1/commissionRate" } as const;
const INCOME = { method: "GET", path: "/fapi/v1/income" } as const;
const FUNDED = { symbol: "BTCUSDT", incomeType: "FUNDING_FEE", income: "-0.06100500", asset: "USDT" };
const PAYMENT = { ...FUNDED, info: "FUNDING_FEE", tranId: 9_689_322_392, tradeId: "", time: SETTLED };
const PAGE = repeated(1_000, { ...PAYMENT, tranId: "{1000+index:number}", time: "{sinceMs+index:number}" });
/** One transaction books the funding of several markets. */
const FIRST_INCOME = { ...INCOME, body: [PAGE] };
/** From the time of the first page's last row on. */
const LAST_PARAMS = { startTime: "{sinceMs+999}" };
const LAST_PAYMENT = { ...PAYMENT, tranId: 1_000, symbol: "ETHUSDT", time: "{sinceMs+999:number}" };
const LAST_INCOME = { ...INCOME, params: LAST_PARAMS, body: [LAST_PAYMENT] };
const FORCE_ORDERS = { method: "GET", path: "/fapi/v1/forceOrders" } as const;
const INCOME_IDS = { count: 1_001, first: "1000:BTCUSDT", last: "1000:ETHUSDT" };
const PREMIUM = { method: "GET", path: "/fapi/v1/premiumIndex" } as const;
const MARKS = { markPrice: "61005.00000000", indexPrice: "61010.11000000", nextFundingTime: NEXT, time: START };
const MARK = { e: "markPriceUpdate", E: START, p: "61005.00000000", i: "61010.11000000", r: "0.00010000", T: NEXT };
const MARK_FRAME = { stream: "btcusdt@markPrice@1s", data: { ...MARK, s: "BTCUSDT" } };
const ETH_MARK_FRAME = { stream: "ethusdt@markPrice@1s", data: { ...MARK, s: "ETHUSDT" } };
const NEXT_BID = ["59999.9", "2"];
const LAST_BID = ["59999.7", "2"];
const LAST_ASK = ["60002", "7"];
const OTHERS = { target: "/market/", frames: "@" };
const MARKET_SUBSCRIPTION = { method: "SUBSCRIBE", params: ["btcusdt@aggTrade", "btcusdt@markPrice@1s"], id: 1 };
const BOOK = { lastUpdateId: 7_000, E: START, T: START, bids: [["60000.0", "1"], NEXT_BID], asks: [["60001.0", "1"]] };
const DEPTH = { method: "GET", path: "/fapi/v1/depth" } as const;
const DIFF = { e: "depthUpdate", E: START, T: START, s: "BTCUSDT", b: [], a: [] };
const SECOND_DIFF = { b: [["60000.0", "0"]], a: [["60001.0", "0.5"]] };
const JOIN = { ...DIFF, s: "{request.symbol}", U: 6_990, u: 7_010, pu: 6_985 };
const DEPTH_FRAME = { stream: "btcusdt@depth@100ms" };
const SNAPSHOT = { ...DEPTH, body: BOOK, pushes: [{ stream: "{request.symbol:lower}@depth@100ms", data: JOIN }] };
const LATER_BOOK = { ...BOOK, lastUpdateId: 7_040, bids: [NEXT_BID, LAST_BID], asks: [["60001.0", "0.5"], LAST_ASK] };
const DEALT = { s: "BTCUSDT", a: 3_300_000_001, p: "60001.0", q: "0.0513", T: START, m: false };
const TRADE = { stream: "btcusdt@aggTrade", data: { ...DEALT, e: "aggTrade", E: START + 5 } };
const AMEND = { method: "PUT", path: "/fapi/v1/order" } as const;
const AMEND_OF = { symbol: "{symbol}", orderId: "{exchangeOrderId}", side: "{side}" };
const WHOLE_TERMS = { ...AMEND_OF, quantity: "{amount}", price: "{price}" };
const AMENDED = { ...ORDER, executedQty: "{executedAmount}", updateTime: "{updatedMs}" };
const AMENDED_EVENT = { ...UPDATE, T: "{updatedMs}", o: { ...EVENT, x: "AMENDMENT", T: "{updatedMs}" } };
const AUTOCLOSE = { c: "autoclose-1", i: 77_000_001, ps: "BOTH", S: "SELL", o: "LIMIT", q: "0.3", p: "4900" };
const CLOSED_AT = { x: "TRADE", X: "FILLED", t: 600_001, l: "0.3", z: "0.3", L: "4900", ap: "4900", N: "USDT", n: "1" };
const LIQUIDATION = { ...EVENT, ...AUTOCLOSE, ...CLOSED_AT, T: START + 500 };
const FORCED_IDS = { orderId: 77_000_001, clientOrderId: "autoclose-1", symbol: "BTCUSDT", side: "SELL" };
const FORCED_TERMS = { status: "FILLED", price: "4900", avgPrice: "4900", origQty: "0.3", executedQty: "0.3" };
const FORCED = {
  ...ORDER,
  ...FORCED_IDS,
  ...FORCED_TERMS,
  ...{ type: "LIMIT", positionSide: "BOTH" },
  updateTime: START + 500,
};
const FORCED_FILL = { ...PAGED_FILL, orderId: FORCED.orderId, id: 600_001, side: "SELL", qty: "0.3", price: "4900" };
const DELEVERAGING = { ...LIQUIDATION, c: "adl_autoclose" };
const DELEVERAGED = { ...FORCED, clientOrderId: "adl_autoclose" };
const HAND_ORDER = { ...ORDER, orderId: 9, clientOrderId: "hand-9", symbol: "ETHUSDT", status: "DREAMING" };
const BAD_BALANCE = { ...ACCOUNT_UPDATE, a: { m: "ORDER", B: [{ a: "BTC", wb: "much" }], P: [] } };
const ANOTHER_MODE = { code: -4061, msg: "Order's position side does not match user's setting." };
const OF_TRADES = { method: "SUBSCRIBE", params: ["btcusdt@aggTrade"] };
const NO_TRADES = { error: { code: 2, msg: "Invalid request: unknown stream" }, id: "{frame.id}" };
const FIRST_FRAMES = [
  { to: { method: "SUBSCRIBE", params: ["btcusdt@markPrice@1s"] }, with: [MARK_FRAME] },
  { to: { method: "SUBSCRIBE", params: ["ethusdt@markPrice@1s"] }, with: [ETH_MARK_FRAME] },
];
const SOCKETS = { private: { target: "listenKey=" }, public: [{ target: "/public/", frames: "@depth" }, OTHERS] };
const CLOCK = { method: "GET", path: "/fapi/v1/time", body: { serverTime: "{nowMs}" } } as const;
const LISTEN_KEY = "pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1";
const NEW_KEY = { method: "POST", path: "/fapi/v1/listenKey", body: { listenKey: LISTEN_KEY } } as const;
const KEPT_KEY = { ...NEW_KEY, method: "PUT" } as const;
/** The documents' own example (general-info). */
const EXAMPLE = "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC";
const SIGNATURE = "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9";
const SIGNED = `${EXAMPLE}&recvWindow=5000&timestamp=1591702613943&signature=${SIGNATURE}`;
const API_KEY = "dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83";
const API_SECRET = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";
const KEY = { credentials: { apiKey: API_KEY, apiSecret: API_SECRET }, nowMs: 1_591_702_613_943 };
const REFUSED = { status: 400, body: { code: "{code:number}", msg: "words" }, outcome: "definite" } as const;
const REJECTED_CODES = [-2010, -2021, -2022, -2027, -4016, -4131, -4164, -5021, -5022, -1102, -1111, -1100, -4061];

const RANGE = { begin: "startTime", end: "endTime", longestMs: "any" } as const;
const SEVEN_DAYS = {
  ...{ ...RANGE, longestMs: 604_800_000 },
  refusal: { status: 400, body: { code: -4165, msg: "Maximum time interval is 7 days." } },
};
const SET_LEVERAGE = { ...LEVERAGE, params: { symbol: "{symbol}", leverage: "{leverage}" } };

export const binanceFixtures: PerpetualConnectorFixtures = {
  ...abilityFixtures,
  ...{ venueModule, tradingPair: "BTC-USDT", otherTradingPair: "ETH-USDT", exchangeSymbolForTokens: "{base}{quote}" },
  ...{ connectorName: "binance_perpetual", restBasePath: "", startMs: START, expectedLatestPrice: "61003.4" },
  credentials: { apiKey: "key-of-the-desk", apiSecret: "secret-of-the-desk-1234" },
  words: {
    side: { buy: "BUY", sell: "SELL" },
    orderType: { limit: "LIMIT", limitMaker: "LIMIT", market: "MARKET" },
    positionSide: { both: "BOTH", long: "LONG", short: "SHORT" },
    ...{ price: { "": "0" }, dual: { of: "positionMode", oneWay: false, hedge: true } },
  },
  socket: {
    answers: [{ to: { method: "*" }, with: [{ result: null, id: "{frame.id}" }] }, ...FIRST_FRAMES],
    ...SOCKETS,
  },
  socketThatRefusesTrades: {
    answers: [
      { to: { method: "*" }, unless: OF_TRADES, with: [{ result: null, id: "{frame.id}" }] },
      { to: OF_TRADES, with: [NO_TRADES] },
      ...FIRST_FRAMES.map((answer) => ({ ...answer, unless: OF_TRADES })),
    ],
    ...SOCKETS,
  },
  restingRoutes: [
    ALL_SYMBOLS,
    SNAPSHOT,
    NEW_KEY,
    KEPT_KEY,
    CLOCK,
    { method: "GET", path: "/fapi/v1/fundingInfo", body: [] },
    { method: "GET", path: "/fapi/v1/fundingRate", body: [{ fundingRate: "0.0001" }] },
    { ...ACCOUNT, body: { ...MARGINS, assets: [{ ...USDT, walletBalance: "10000", availableBalance: "10000" }] } },
    { method: "GET", path: "/fapi/v1/symbolConfig", body: [{ symbol: "BTCUSDT", leverage: 10 }] },
    { ...FEES, body: { makerCommissionRate: "0.0002", takerCommissionRate: "0.0005" } },
    { ...IN_MODE, body: { dualSidePosition: false } },
    ...[POSITIONS, OPEN_ORDERS, TRADES, FORCE_ORDERS, INCOME].map((route) => ({ ...route, body: [] })),
  ],
  notOffered: {
    ...{ bookSnapshotChannel: "Snapshots come over REST only.", socketLogin: "There is a listen key instead." },
    ...{ configurePositionModeOfMarketResponse: "It is the account's.", openOrderPages: "All are listed at once." },
    orderEventForFailedAmendWebsocketUpdate: "The answer to an amend is its outcome.",
    socketThatRefusesPrivateChannel: "The stream of a listen key has everything: nothing is subscribed.",
  },
  ...{ allSymbolsRequestMockResponse: ALL_SYMBOLS, tradingRulesRequestMockResponse: ALL_SYMBOLS },
  allSymbolsIncludingInvalidPairMockResponse: { ...INFO, body: ONE_VALID },
  latestPricesRequestMockResponse: { ...INFO, path: "/fapi/v2/ticker/price", body: { price: "61003.40" } },
  networkStatusRequestSuccessfulMockResponse: { method: "GET", path: "/fapi/v1/ping", body: {} },
  tradingRulesRequestErroneousMockResponse: { ...INFO, body: ONE_ERRONEOUS },
  expectedTradingRule: {
    ...{ tradingPair: "BTC-USDT", minOrderSize: "0.002", maxOrderSize: "1000", minPriceIncrement: "0.1" },
    maxMarketOrderSize: "120",
    ...{ minBaseAmountIncrement: "0.001", minNotionalSize: "100", minPrice: "556.8", maxPrice: "4529764" },
    ...{ contractSize: "1", contractKind: "linear", buyOrderCollateralToken: "USDT", sellOrderCollateralToken: "USDT" },
    ...{ supportsMarketOrders: true, fundingIntervalMs: 28_800_000 },
  },
  expectedLoggedErrorForErroneousTradingRule: "Error parsing the trading pair rule BTCUSDT. Skipping.",
  expectedSupportedOrderTypes: ["limit", "limitMaker", "market"],
  expectedSupportedPositionModes: ["oneWay", "hedge"],
  ...{ tradeEvent: TRADE, fundingInfoEvent: MARK_FRAME, orderBookSnapshotMockResponse: SNAPSHOT },
  orderBookDiffEvents: [
    { ...DEPTH_FRAME, data: { ...DIFF, U: 7_015, u: 7_020, pu: 7_010, a: [LAST_ASK] } },
    { ...DEPTH_FRAME, data: { ...DIFF, U: 7_023, u: 7_030, pu: 7_020, ...SECOND_DIFF } },
    { ...DEPTH_FRAME, data: { ...DIFF, U: 7_033, u: 7_040, pu: 7_030, b: [LAST_BID] } },
  ],
  expectedBook: { bids: "60000 x 1, 59999.9 x 2", asks: "60001 x 1" },
  expectedBookAfterDiffs: { bids: "59999.9 x 2, 59999.7 x 2", asks: "60001 x 0.5, 60002 x 7" },
  orderBookSnapshotAfterDiffsMockResponse: { ...DEPTH, body: LATER_BOOK },
  expectedTrade: { tradeId: "3300000001", price: "60001", amount: "0.0513", side: "buy", timestampMs: START },
  expectedSubscriptions: [{ method: "SUBSCRIBE", params: ["btcusdt@depth@100ms"], id: 1 }, MARKET_SUBSCRIPTION],
  malformedTradeEvent: { stream: "btcusdt@aggTrade", data: { e: "aggTrade", s: "BTCUSDT", a: 1 } },
  malformedDiffEvent: { ...DEPTH_FRAME, data: { e: "depthUpdate", s: "BTCUSDT", b: [] } },
  malformedSnapshotMockResponse: { ...SNAPSHOT, body: { ...BOOK, bids: [["x", "1"]] } },
  fundingInfoMockResponse: [{ ...PREMIUM, body: { ...MARKS, symbol: "BTCUSDT", lastFundingRate: "0.00010000" } }],
  fundingInfoEventForWebsocketUpdate: { ...MARK_FRAME, data: { ...MARK, s: "BTCUSDT", r: "-0.00002", E: LATER } },
  malformedFundingInfoEvent: { ...MARK_FRAME, data: { ...MARK, p: "x" } },
  fundingInfoUpdate: [{ ...PREMIUM, body: { ...MARKS, symbol: "BTCUSDT", lastFundingRate: "-0.00002" } }],
  expectedFundingInfo: { indexPrice: "61010.11", markPrice: "61005", rate: "0.0001", nextFundingTimestampMs: NEXT },
  ...{ fundingInfoUrl: PREMIUM.path, fundingPaymentUrl: INCOME.path, expectedUpdatedFundingRate: "-0.00002" },
  auth: {
    ...{ headers: ["x-mbx-apikey"], params: ["recvWindow", "timestamp", "signature"], keyOnly: [NEW_KEY.path] },
    timestamp: { in: "params", name: "timestamp" },
  },
  authVectors: [
    { ...KEY, method: "GET", url: `https://h/x?${EXAMPLE}`, expected: { url: `https://h/x?${SIGNED}` } },
    { ...KEY, method: "POST", url: "https://h/x", body: EXAMPLE, expected: { url: "https://h/x", body: SIGNED } },
  ],
  listenKey: {
    ...{ listenKey: LISTEN_KEY, fetchListenKey: NEW_KEY, pingListenKey: KEPT_KEY },
    expiredEvent: { e: "listenKeyExpired", E: LATER, listenKey: LISTEN_KEY },
    ...{ getListenKeyRefused: { ...NEW_KEY, ...BAD_KEY }, pingListenKeyRefused: { ...KEPT_KEY, ...NO_KEY } },
  },
  serverTime: {
    ...{ serverTime: CLOCK, serverTimeRefused: { ...CLOCK, status: 500, body: {} } },
    timestampRefused: { ...ACCOUNT, ...BAD_TIME },
  },
  orderCreationRequest: { ...CREATE, params: { ...PLACED, ...NAMED } },
  orderCreationRequestChanges: {
    ...{ limitMaker: { timeInForce: "GTX" }, IOC: { timeInForce: "IOC" }, FOK: { timeInForce: "FOK" } },
    market: { type: "MARKET", price: undefined, timeInForce: undefined },
    ...{ reduceOnly: { reduceOnly: "true" }, close: { reduceOnly: "true" } },
    ...{ hedgeOpen: { positionSide: "{positionSide}" }, hedgeClose: { positionSide: "{positionSide}" } },
  },
  orderCancelationRequest: { ...CANCEL, params: { symbol: "{symbol}", orderId: "{exchangeOrderId}" } },
  orderStatusRequest: { ...STATUS, params: { symbol: "{symbol}", orderId: "{exchangeOrderId}" } },
  orderStatusRequestByClientOrderId: { ...STATUS, params: BY_CLIENT_ID },
  orderCreationRequestSuccessfulMockResponse: [{ ...CREATE, body: ORDER }],
  orderCreationRequestRefusedMockResponse: [{ ...CREATE, ...NO_MARGIN }],
  configureSuccessfulCancelationResponse: [{ ...CANCEL, body: CANCELED }],
  configureErroneousCancelationResponse: [{ ...CANCEL, status: 400, body: BAD_PARAMETER }],
  configureOrderNotFoundCancelationResponse: [{ ...CANCEL, ...UNKNOWN_ORDER }],
  configureOneSuccessfulOneErroneousCancelAllResponse: [{ ...BATCH, body: [CANCELED, BAD_PARAMETER] }],
  orderStates: { routes: [{ ...STATUS, body: { ...ORDER, status: "{orderState}" } }], states: STATES },
  configureOpenOrderStatusResponse: [{ ...STATUS, body: ORDER }],
  configurePartiallyFilledOrderStatusResponse: [{ ...STATUS, body: PARTIAL }],
  configureCompletelyFilledOrderStatusResponse: [{ ...STATUS, body: FILLED }],
  configureCanceledOrderStatusResponse: [{ ...STATUS, body: CANCELED }],
  configureFailedOrderStatusResponse: [{ ...STATUS, body: { ...ORDER, status: "REJECTED" } }],
  configureHttpErrorOrderStatusResponse: [{ ...STATUS, status: 503, body: "<html>" }],
  expectedEventAfterOrderFailure: "orderFailed",
  ...{ tradesRequest: { ...TRADES, params: TRADES_ASKED }, expectedTradingFees: { maker: "0.0001", taker: "0.0006" } },
  configureOrderNotFoundResponse: [{ ...STATUS, ...NO_ORDER }],
  configureOpenOrdersResponse: [{ ...OPEN_ORDERS, body: [ORDER] }],
  expectedOrderTimestamps: { createdMs: START, updatedMs: START + 1_000 },
  configurePartialFillTradeResponse: [{ ...TRADES, body: [{ ...FILL, qty: "0.5" }] }],
  configureFullFillTradeResponse: [{ ...TRADES, body: [FILL] }],
  configureErroneousHttpFillTradeResponse: [{ ...TRADES, status: 503, body: "<html>" }],
  ...{ expectedExchangeOrderId: "91000001", expectedFillTradeId: "500001", expectedFillTimestampMs: START + 500 },
  ...{ expectedExchangeOrderIds: ["91000001", "91000002"], clientOrderIdPattern: "[.A-Z:/a-z0-9_-]{1,36}" },
  ...{ expectedPartialFillPrice: "4999.5", expectedPartialFillAmount: "0.5", expectedFillIsMaker: true },
  ...{ isCancelRequestExecutedSynchronouslyByServer: true, isOrderFillHttpUpdateIncludedInStatusUpdate: false },
  isOrderFillHttpUpdateExecutedDuringWebsocketOrderEventProcessing: false,
  fillPages: { routes: [FIRST_FILLS, LAST_FILLS], expectedIds: { count: 1_001, first: "500001", last: "501001" } },
  // Both of an amend's terms are mandatory.
  ...{ amendRequest: { ...AMEND, params: WHOLE_TERMS }, amendAmountRequest: { ...AMEND, params: WHOLE_TERMS } },
  configureSuccessfulAmendResponse: [{ ...AMEND, body: AMENDED }],
  configureRefusedAmendResponse: [{ ...AMEND, status: 400, body: BAD_PARAMETER }],
  ...{ orderEventForAmendedOrderWebsocketUpdate: AMENDED_EVENT, isAmendRequestExecutedSynchronouslyByServer: true },
  configureAmendedOrderStatusResponse: [{ ...STATUS, body: AMENDED }],
  orderEventForNewOrderWebsocketUpdate: { ...UPDATE, o: EVENT },
  orderEventForCanceledOrderWebsocketUpdate: { ...UPDATE, o: { ...EVENT, x: "CANCELED", X: "CANCELED" } },
  // State and fill come in one event: these two are as if the fill had been told before.
  orderEventForFullFillWebsocketUpdate: { ...UPDATE, o: { ...EVENT, x: "TRADE", ...WHOLE } },
  orderEventForPartialFillWebsocketUpdate: { ...UPDATE, o: { ...EVENT, x: "TRADE", ...PART } },
  orderEventForFailedOrderWebsocketUpdate: { ...UPDATE, o: { ...EVENT, x: "REJECTED", X: "REJECTED" } },
  tradeEventForFullFillWebsocketUpdate: { ...UPDATE, o: { ...EVENT, ...TRADED, ...WHOLE, l: "{amount}" } },
  tradeEventForPartialFillWebsocketUpdate: { ...UPDATE, o: { ...EVENT, ...TRADED, ...PART, l: "0.5" } },
  tradeEventForRemainingFillWebsocketUpdate: { ...UPDATE, o: { ...EVENT, ...TRADED, t: 500_002, ...WHOLE, l: "0.5" } },
  positionEventForFullFillWebsocketUpdate: { ...ACCOUNT_UPDATE, a: { m: "ORDER", B: [], P: [PUSHED_POSITION] } },
  balanceRequestMockResponseForBaseAndQuote: {
    ...ACCOUNT,
    body: { ...MARGINS, availableBalance: "2000", assets: [BTC, USDT] },
  },
  balanceRequestMockResponseOnlyBase: { ...ACCOUNT, body: { ...MARGINS, availableBalance: "0", assets: [BTC] } },
  balanceEventWebsocketUpdate: { ...ACCOUNT_UPDATE, a: { m: "DEPOSIT", B: [PUSHED_BALANCE], P: [] } },
  expectedBalanceEvent: { asset: "USDT", total: "1999" },
  configurePositionModeMismatchResponse: [{ ...CREATE, status: 400, body: ANOTHER_MODE }],
  liquidationEvents: [{ ...UPDATE, o: LIQUIDATION }],
  configureLiquidationResponse: [
    { ...TRADES, body: [FORCED_FILL] },
    { ...FORCE_ORDERS, body: [FORCED] },
  ],
  expectedLiquidation: { amount: "-0.3", price: "4900" },
  deleveragingEvents: [
    { ...UPDATE, o: { ...DELEVERAGING, X: "NEW_ADL", x: "NEW" } },
    { ...UPDATE, o: DELEVERAGING },
  ],
  configureDeleveragingResponse: [
    { ...TRADES, body: [FORCED_FILL] },
    { ...FORCE_ORDERS, body: [DELEVERAGED] },
  ],
  expectedDeleveraging: { amount: "-0.3", price: "4900" },
  unreadableRows: {
    openOrders: [{ ...OPEN_ORDERS, body: [ORDER, HAND_ORDER] }],
    fills: [
      {
        ...TRADES,
        body: [
          { ...FILL, qty: "0.5" },
          { ...PAGED_FILL, id: 9, orderId: 9, qty: "much" },
        ],
      },
    ],
    positions: [{ ...POSITIONS, body: [LONG, { ...LONG, symbol: "ETHUSDT", positionSide: "UP" }] }],
    balances: [
      {
        ...ACCOUNT,
        body: { ...MARGINS, availableBalance: "2000", assets: [USDT, { ...BTC, walletBalance: "much" }] },
      },
    ],
    frames: [BAD_BALANCE, { ...UPDATE, o: { ...EVENT, ...TRADED, ...PART, l: "0.5" } }],
  },
  fundingPaymentEvent: { ...ACCOUNT_UPDATE, a: { m: "FUNDING_FEE", B: [PUSHED_BALANCE] } },
  tradingFeesRequestMockResponse: [{ ...FEES, body: { makerCommissionRate: "0.0001", takerCommissionRate: "0.0006" } }],
  positionsRequestMockResponse: [{ ...POSITIONS, body: [LONG, { ...SHORT, symbol: "ETHUSDT" }] }],
  expectedPositions: [
    { ...IS_LONG, tradingPair: "BTC-USDT", side: "both", amount: "0.01" },
    { ...IS_SHORT, tradingPair: "ETH-USDT", side: "both", amount: "-0.02" },
  ],
  hedgePositionsRequestMockResponse: [{ ...POSITIONS, body: [HEDGE_SHORT, { ...LONG, positionSide: "LONG" }] }],
  expectedHedgePositions: [
    { ...IS_LONG, tradingPair: "BTC-USDT", side: "long", amount: "0.01" },
    { ...IS_SHORT, tradingPair: "BTC-USDT", side: "short", amount: "-0.02" },
  ],
  ...{ setLeverageRequest: SET_LEVERAGE, setLeverageRequestInHedgeMode: SET_LEVERAGE },
  configureSuccessfulSetLeverage: [{ ...LEVERAGE, body: { leverage: "{leverage:number}", symbol: "{symbol}" } }],
  configureFailedSetLeverage: [{ ...LEVERAGE, status: 400, body: { code: -4028, msg: "Leverage is not valid" } }],
  setPositionModeRequest: { ...MODE, params: { dualSidePosition: "{dual:text}" } },
  configureSuccessfulSetPositionMode: [{ ...MODE, body: { code: 200, msg: "success" } }],
  configureFailedSetPositionMode: [{ ...MODE, status: 400, body: { code: -4068, msg: "There are positions." } }],
  configurePositionModeResponse: [{ ...IN_MODE, body: { dualSidePosition: "{dual}" } }],
  ...{ fundingPaymentMockResponse: { ...INCOME, body: [PAYMENT] }, expectedPrivateSubscriptions: [] },
  ...{ emptyFundingPaymentMockResponse: { ...INCOME, body: [] }, expectedFillFee: { token: "USDT", amount: "0.5" } },
  expectedFundingPayment: { paymentId: "9689322392:BTCUSDT", amount: "-0.061005", asset: "USDT", timestampMs: SETTLED },
  fundingPaymentPages: { routes: [FIRST_INCOME, LAST_INCOME], expectedIds: INCOME_IDS },
  historyLists: [
    { ...SEVEN_DAYS, of: "fills", path: TRADES.path, reachesMs: 89 * 86_400_000 },
    { ...SEVEN_DAYS, of: "fills", path: FORCE_ORDERS.path, reachesMs: 604_800_000 },
    { ...RANGE, of: "fundingPayments", path: INCOME.path, reachesMs: 90 * 86_400_000 },
  ],
  errorTable: [
    { ...REFUSED, error: "TimeSyncError", codes: [-1021, -5028], retry: "now" },
    { ...REFUSED, error: "AuthError", codes: [-1002, -1022, -2014, -2015], status: 401, retry: "never" },
    { ...REFUSED, error: "RateLimitError", codes: [-1003, -1015], status: 429, retry: "later" },
    { ...REFUSED, error: "VenueUnavailableError", codes: [-1000, -1001, -1006, -1007], outcome: "unknown" },
    { ...REFUSED, error: "VenueUnavailableError", codes: [-1008], status: 503, retry: "later" },
    { ...REFUSED, error: "NotFoundError", codes: [-2013], isOrderNotFoundDuringStatusUpdate: true },
    { ...REFUSED, error: "NotFoundError", codes: [-2011], isOrderNotFoundDuringCancelation: true },
    { ...REFUSED, error: "InsufficientMarginError", codes: [-2018, -2019, -2024, -2028], retry: "never" },
    { ...REFUSED, error: "OrderRejectedError", codes: REJECTED_CODES, retry: "never" },
    { ...REFUSED, error: "OrderRejectedError", codes: [-4067, -4068], retry: "later" },
    { ...REFUSED, error: "OrderRejectedError", codes: [-4116], outcome: "unknown", retry: "never" },
    { ...REFUSED, error: "NotFoundError", codes: [-1121, -1125], status: 200 },
    { ...REFUSED, error: "OrderRejectedError", codes: [-9999], outcome: "unknown" },
    { status: 503, body: "<html>", error: "VenueUnavailableError", outcome: "unknown" },
  ],
};
