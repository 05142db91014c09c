import type { Route } from "../../../src/testing/kit/fixture-shapes.ts";
import type { PerpetualConnectorFixtures } from "../../../src/testing/kit/fixtures.ts";
import { repeated } from "../../../src/testing/kit/template.ts";
import { venueModule } from "../../../src/venues/okx/derivative.ts";
import { abilityFixtures } from "./ability-fixtures.ts";

/** OKX v5, linear swaps in USDT: the fields of the documentation's examples, with values of our own. */
const [START, SETTLED] = [Date.UTC(2026, 8, 20, 16, 0, 5), Date.UTC(2026, 8, 20, 16)];
const LATER = START + 30_000;
const data = (...rows: readonly unknown[]) => ({ code: "0", msg: "", data: rows });
const get = (path: string) => ({ method: "GET", path: `/api/v5/${path}` }) as const;
const post = (path: string) => ({ method: "POST", path: `/api/v5/${path}` }) as const;
const [NONE, NO_ORDER] = [data(), { code: "51603", msg: "Order does not exist", data: [] }];
const BTC = "BTC-USDT-SWAP";
const INSTRUMENT = {
  ...{ instType: "SWAP", instId: BTC, uly: "BTC-USDT", instFamily: "BTC-USDT", ctType: "linear", state: "live" },
  ...{ settleCcy: "USDT", ctValCcy: "BTC", ctVal: "0.01", ctMult: "1", baseCcy: "", quoteCcy: "", lever: "100" },
  ...{ lotSz: "0.1", minSz: "0.1", tickSz: "0.1", maxLmtSz: "100000000", maxMktSz: "12000" },
  ...{ groupId: "1", instIdCode: 10458 },
};
const OF_ETH = { instIdCode: 10461, instId: "ETH-USDT-SWAP", uly: "ETH-USDT", ctValCcy: "ETH", ctVal: "0.1" };
const ETH_INSTRUMENT = { ...INSTRUMENT, ...OF_ETH };
const INVERSE = { ...INSTRUMENT, instId: "BTC-USD-SWAP", uly: "BTC-USD", ctType: "inverse", settleCcy: "BTC" };
const CLOSED = { ...INSTRUMENT, instId: "LUNA-USDT-SWAP", uly: "LUNA-USDT", ctValCcy: "LUNA", state: "suspend" };
const INSTRUMENTS = get("public/instruments");
const ALL_SYMBOLS = { ...INSTRUMENTS, body: data(INSTRUMENT, ETH_INSTRUMENT, INVERSE, CLOSED) };
const ONE_VALID = data(INSTRUMENT, { ...ETH_INSTRUMENT, ctValCcy: "USDT" }, INVERSE, CLOSED);
const ONE_ERRONEOUS = data({ ...INSTRUMENT, tickSz: "" }, ETH_INSTRUMENT);
const RULE = {
  ...{ tradingPair: "BTC-USDT", contractSize: "0.01", contractKind: "linear", fundingIntervalMs: 14_400_000 },
  ...{ minPriceIncrement: "0.1", minPrice: "0.1", minBaseAmountIncrement: "0.001", minNotionalSize: "0" },
  ...{ minOrderSize: "0.001", maxOrderSize: "1000000", maxMarketOrderSize: "120", supportsMarketOrders: true },
  ...{ buyOrderCollateralToken: "USDT", sellOrderCollateralToken: "USDT" },
};
const IDS = { instId: "{symbol}", ordId: "{exchangeOrderId}", clOrdId: "{clientOrderId}" };
const TERMS = { ...IDS, ordId: undefined, tdMode: "cross", side: "{side}", posSide: "net", sz: "{contracts}" };
const NO_FILL = { tradeId: "", fillPx: "", fillSz: "0", fillTime: "", fillFee: "0", fillFeeCcy: "", execType: "" };
const ORDER = {
  ...{ ...IDS, instType: "SWAP", side: "{side}", posSide: "{posSide}", tdMode: "cross", ordType: "{orderType}" },
  ...{ px: "{price}", sz: "{contracts}", state: "live", accFillSz: "0", avgPx: "", category: "normal", lever: "10" },
  ...{ reduceOnly: "false", cancelSource: "", cTime: `${START}`, uTime: `${START + 1_000}`, ...NO_FILL },
};
const FILLED = { ...ORDER, state: "filled", accFillSz: "{contracts}", avgPx: "5000" };
const PARTIAL = { ...ORDER, state: "partially_filled", accFillSz: "50", avgPx: "5000" };
// There is no failed state: what the matching engine does not take it cancels.
const CANCELED = { ...ORDER, state: "canceled", cancelSource: "0" };
const LIVE = { open: "live", partiallyFilled: "partially_filled", filled: "filled" };
const FILL = { tradeId: "700", fillPx: "5000", fillTime: `${START + 500}`, execType: "M" };
// Positive is a rebate.
const TOLD_FILL = { ...FILL, fillSz: "{contracts}", fillFee: "0.5", fillFeeCcy: "USDT" };
const REMAINING = { ...FILLED, ...TOLD_FILL, fillSz: "50", tradeId: "701" };
const BILLED = { ...FILL, instType: "SWAP", billId: "9000", fee: "0.5", feeCcy: "USDT", subType: "1" };
const LISTED_FILL = { ...BILLED, ...IDS, side: "{side}", posSide: "{posSide}", fillSz: "{contracts}" };
const OLD_FILL = { ...BILLED, instId: BTC, ordId: "1", side: "buy", posSide: "net", fillSz: "1", tradeId: "9000" };
const FILL_OF_PAGE = { ...OLD_FILL, billId: "{9100-index}", tradeId: "{9100-index}", fillTime: "{startMs-index}" };
const STATUS = { ...get("trade/order"), params: [{ ordId: "{exchangeOrderId}" }, { clOrdId: "{clientOrderId}" }] };
const NOT_KNOWN = { ...STATUS, body: NO_ORDER };
const [HISTORY, FILLS] = [get("trade/orders-history"), get("trade/fills")] as const;
const LATER_PAGES = [{}, { params: { after: "9001" } }];
const pages = (route: Pick<Route, "method" | "path">, row: object, last: object) =>
  [data(repeated(100, row)), data(last)].map((body, at) => ({ ...route, ...LATER_PAGES[at], body }));
const ORDER_OF_PAGE = { ...ORDER, ordId: "{9100-index}" };
const LAST_ORDER = { ...ORDER, ordId: "9000" };
const ALL_ORDERS = { count: 101, first: "9100", last: "9000" };
const OF_BOTH_PAGES = { count: 101, first: "9000", last: "9100" };
const [OLD_FILLS, OLD_BILLS] = [get("trade/fills-history"), get("account/bills-archive")] as const;
const REACHES = { begin: "begin", end: "end", longestMs: "any", reachesMs: 90 * 86_400_000 } as const;
const [CREATE, CANCEL] = [post("trade/order"), post("trade/cancel-order")] as const;
const HEDGED = { posSide: "{posSide}", reduceOnly: undefined };
const ACK = { ordId: "{exchangeOrderId}", clOrdId: "{clientOrderId}", tag: "", ts: `${START}`, sCode: "0", sMsg: "" };
const OTHER_ACK = { ...ACK, ordId: "{other.exchangeOrderId}", clOrdId: "{other.clientOrderId}" };
const refused = (sCode: string) => ({ code: "1", msg: "", data: [{ ...ACK, ordId: "", sCode, sMsg: "its words" }] });
const HALF = { code: "2", msg: "", data: [ACK, { ...OTHER_ACK, sCode: "51000", sMsg: "Parameter error" }] };
const ONE_OF_TWO = { ...post("trade/cancel-batch-orders"), body: HALF };
const POSITION = {
  ...{ instType: "SWAP", instId: BTC, posSide: "net", mgnMode: "cross", pos: "1", avgPx: "5000", upl: "0.1" },
  ...{ lever: "10", liqPx: "4520", markPx: "5010", cTime: `${START}`, uTime: `${START}`, ccy: "USDT" },
};
const SHORT = { ...POSITION, pos: "-2", avgPx: "5020", liqPx: "5500", upl: "0.2" };
const HEDGE_SHORT = { ...SHORT, posSide: "short", pos: "2" };
const PUSHED_POSITION = { ...POSITION, pos: "{sign}{contracts}", uTime: `${LATER}` };
const IS_AT = { side: "both", leverage: "10", markPrice: "5010" } as const;
const LONG = { ...IS_AT, amount: "0.01", entryPrice: "5000", unrealizedPnl: "0.1", liquidationPrice: "4520" };
const IS_SHORT = { ...IS_AT, entryPrice: "5020", unrealizedPnl: "0.2", liquidationPrice: "5500" };
const IS_LONG = { ...LONG, tradingPair: "BTC-USDT" };
const IS_HEDGE_SHORT = { ...IS_SHORT, tradingPair: "BTC-USDT", side: "short", amount: "-0.02" } as const;
const POSITIONS = get("account/positions");
const LEVERAGES = { ...get("account/leverage-info"), body: data({ instId: BTC, mgnMode: "cross", lever: "10" }) };
const [LEVERAGE, MODE] = [post("account/set-leverage"), post("account/set-position-mode")] as const;
const [CONFIG, BALANCES] = [get("account/config"), get("account/balance")];
const COIN = { ccy: "USDT", cashBal: "2000", eq: "2000", availEq: "2000", availBal: "2000", mmr: "0" };
const BTC_COIN = { ccy: "BTC", cashBal: "15", eq: "15", availEq: "", availBal: "10", mmr: "" };
// In futures mode the account's own figures are empty.
const ACCOUNT = { uTime: "{startMs:text}", totalEq: "10000", adjEq: "", imr: "", mmr: "", details: [COIN] };
const RICH = { ...ACCOUNT, details: [{ ...COIN, cashBal: "10000", eq: "10000", availEq: "10000" }] };
const PUSHED_ACCOUNT = { ...ACCOUNT, uTime: `${LATER}`, details: [{ ...COIN, cashBal: "1999", availEq: "1950" }] };
// The deprecated rates are those of other instruments.
const FEE_RATE = {
  ...{ instType: "SWAP", maker: "-0.0009", taker: "-0.0009", makerU: "-0.0008", takerU: "-0.0008", level: "Lv1" },
  feeGroup: [
    { groupId: "2", maker: "-0.0007", taker: "-0.0007" },
    { groupId: "1", maker: "-0.0001", taker: "-0.0006" },
  ],
};
const BILLS = get("account/bills");
const BILL = {
  ...{ billId: "623950854533513219", type: "8", subType: "173", instType: "SWAP", instId: BTC, ccy: "USDT" },
  ...{ balChg: "-0.061005", pnl: "-0.061005", bal: "9999.93", ts: `${SETTLED}` },
};
const OLD_BILL = { ...BILL, billId: "9000", ts: "1" };
const BILL_OF_PAGE = { ...BILL, billId: "{9100-index}", ts: "{startMs-index}" };
const SETTLES = { fundingTime: "1790006400000", nextFundingTime: "1790020800000" };
const RATE = { instId: BTC, fundingRate: "0.0001", ...SETTLES, ts: `${START}` };
const DUE = { rate: "0.0001", nextFundingTimestampMs: 1_790_006_400_000 };
const [NEW_RATE, FUNDING_RATE] = [{ ...RATE, fundingRate: "-0.00002", ts: `${LATER}` }, get("public/funding-rate")];
const MARK = { instId: BTC, markPx: "61005.00", ts: `${START}` };
const INDEX = { instId: "BTC-USDT", idxPx: "61010.11", ts: `${START}` };
const MARK_PRICE = { ...get("public/mark-price"), body: data(MARK) };
const [INDEX_PRICE, NEXT_BID] = [{ ...get("market/index-tickers"), body: data(INDEX) }, ["59999.80", "100", "0", "1"]];
const LEVELS = { bids: [["59999.90", "340", "0", "4"], NEXT_BID], asks: [["60000.10", "120", "0", "2"]] };
const BOOK = { ...LEVELS, ts: `${START}`, checksum: 0, prevSeqId: -1, seqId: 1_000 };
const frame = (channel: string, ...rows: readonly unknown[]) => ({ arg: { channel, instId: BTC }, data: rows });
const BOOK_FRAME = { ...frame("books", BOOK), action: "snapshot" };
const QUIET = { ...BOOK, bids: [], asks: [] };
const diff = (changes: object) => ({ ...frame("books", { ...QUIET, ...changes }), action: "update" });
const TRADE = { instId: BTC, tradeId: "242720720", px: "60000.10", sz: "5.1", side: "buy", ts: `${START}`, count: "1" };
const CHANNELS = ["books", "trades", "mark-price", "index-tickers", "funding-rate"].map((channel) => ({
  ...{ channel, instId: channel === "index-tickers" ? "BTC-USDT" : BTC },
}));
const pushed = (channel: string, ...rows: readonly unknown[]) => ({ arg: { channel, instType: "SWAP" }, data: rows });
const each = (channel: string, row: object) => ({
  ...{ to: { op: "subscribe" }, forEach: { field: "args", like: { channel } } },
  with: [{ arg: "{each}", action: "snapshot", data: [{ ...row, instId: "{each.instId}" }] }],
});
const asked = (...args: readonly unknown[]) => ({ op: "subscribe", args });
const ofSwaps = (channel: string) => asked({ channel, instType: "SWAP" });
const OTHER_CHANNELS = [asked({ channel: "account" }), asked({ channel: "balance_and_position" })];
const AMEND = post("trade/amend-order");
const AMEND_OF = { instId: "{symbol}", ordId: "{exchangeOrderId}", reqId: "*" };
const AMENDED = { ...ORDER, uTime: "{updatedMs:text}" };
const FORCED = { instId: BTC, ordId: "9", clOrdId: "", side: "sell", posSide: "net", fillPx: "4900", fillSz: "30" };
const FORCED_FILL = { fillTime: `${START + 500}`, tradeId: "0", fillFee: "-1", fillFeeCcy: "USDT", execType: "T" };
const CLOSED_AT = { category: "full_liquidation", ordType: "market", px: "", sz: "30", state: "filled", avgPx: "4900" };
const LIQUIDATION = { ...ORDER, ...FORCED, ...FORCED_FILL, ...CLOSED_AT, accFillSz: "30" };
const FORCED_ROW = { ...BILLED, ...FORCED, billId: "9002", subType: "100", tradeId: "-5", fee: "-1" };
const DELEVERAGED_ROW = { ...FORCED_ROW, subType: "125", fillTime: FORCED_FILL.fillTime };
const ETH = "ETH-USDT-SWAP";
const HAND_ORDER = { ...ORDER, instId: ETH, ordId: "9", clOrdId: "hand9", state: "dreaming" };
const BAD_FILL = { ...OLD_FILL, instId: ETH, ordId: "9", fillSz: "much" };
const ODD_COINS = [COIN, { ...BTC_COIN, cashBal: "much" }];
const WRONG_SIDE = { ordId: "", clOrdId: "{request.clOrdId}", sCode: "51000", sMsg: "Parameter posSide error" };
const OF_TRADES = { channel: "trades", instId: BTC };
const NO_TRADES = { event: "error", code: "60018", msg: `Wrong URL or channel:trades,instId:${BTC} doesn't exist.` };
const OF_ACCOUNT = { channel: "account" };
const NO_ACCOUNT = { event: "error", code: "60018", msg: "Wrong URL or channel:account doesn't exist." };
const LOGGED_IN = { event: "login", code: "0", msg: "", connId: "a4d3ae55" };
const FIRST_FRAMES = [each("mark-price", MARK), each("index-tickers", INDEX), each("funding-rate", RATE)];
const OTHER_ANSWERS = [
  ...[
    { to: "ping", with: ["pong"] },
    { to: { op: "login" }, with: [LOGGED_IN] },
  ],
  ...[...FIRST_FRAMES, each("books", BOOK)],
];
const EVERY_CHANNEL = {
  ...{ to: { op: "*subscribe" }, forEach: { field: "args" }, with: [{ event: "{frame.op}", arg: "{each}" }] },
};
const [TIME, TIMES] = [get("public/time"), data({ ts: "{nowMs:text}" })];
const KEY = { apiKey: "KEY123", apiSecret: "SECRET456", passphrase: "words" };
const VECTOR = { credentials: KEY, nowMs: 1_790_000_000_000 };
const ORDER_URL = "https://www.okx.com/api/v5/trade/order";
const ASKED = "instId=BTC-USDT-SWAP&ordId=312269865356374016";
const signed = (signature: string) => ({ headers: { "OK-ACCESS-SIGN": signature } });
const GET_SIGNED = signed("ekwPNx3I/O5Cm6vukU/jXI8ucPlbm0IsPQTN1E7B2yk=");
const POST_SIGNED = signed("SRXaRSYkT2KeZTaqII5XlCRAPfAV13S8SA/s1Kh+dKM=");
const SIGN = "I+6fl5jDGgQOXJGmdc8zXMrPm1fFldMAvME/J0Q5gMI=";
const LOGIN = { apiKey: "KEY123", passphrase: "words", timestamp: "1790000000", sign: SIGN };
const REFUSED = { body: { code: "{code:text}", msg: "its words", data: [] }, outcome: "definite" } as const;
const UNSURE = { outcome: "unknown" } as const;
const UNKNOWN = { isOrderNotFoundDuringStatusUpdate: true, isOrderNotFoundDuringCancelation: true };
const SET_LEVERAGE = { ...LEVERAGE, body: { instId: "{symbol}", lever: "{leverage}", mgnMode: "cross" } };
const FORGOTTEN = [NOT_KNOWN, { ...HISTORY, body: data(CANCELED) }];

export const okxFixtures: PerpetualConnectorFixtures = {
  ...abilityFixtures,
  ...{ venueModule, connectorName: "okx_perpetual", tradingPair: "BTC-USDT", otherTradingPair: "ETH-USDT" },
  credentials: { apiKey: "key-of-the-desk", apiSecret: "secret-of-the-desk-1234", passphrase: "Words-of-the-desk-1" },
  ...{ exchangeSymbolForTokens: "{base}-{quote}-SWAP", restBasePath: "", startMs: START },
  words: {
    orderType: { limit: "limit", limitMaker: "post_only", market: "market" },
    sign: { of: "side", buy: "", sell: "-" },
    posSide: { of: "positionSide", both: "net", long: "long", short: "short" },
    posMode: { of: "positionMode", oneWay: "net_mode", hedge: "long_short_mode" },
  },
  socket: {
    answers: [EVERY_CHANNEL, ...OTHER_ANSWERS],
    private: { frames: [{ op: "login" }] },
  },
  socketThatRefusesTrades: {
    answers: [
      { ...EVERY_CHANNEL, unless: OF_TRADES },
      { to: { op: "subscribe" }, forEach: { field: "args", like: OF_TRADES }, with: [NO_TRADES] },
      ...OTHER_ANSWERS,
    ],
    private: { frames: [{ op: "login" }] },
  },
  socketThatRefusesPrivateChannel: {
    channel: "account",
    socket: {
      answers: [
        { ...EVERY_CHANNEL, unless: OF_ACCOUNT },
        { to: { op: "subscribe" }, forEach: { field: "args", like: OF_ACCOUNT }, with: [NO_ACCOUNT] },
        ...OTHER_ANSWERS,
      ],
      private: { frames: [{ op: "login" }] },
    },
  },
  restingRoutes: [
    ALL_SYMBOLS,
    ...[LEVERAGES, { ...TIME, body: TIMES }, { ...BALANCES, body: data(RICH) }, { ...FUNDING_RATE, body: data(RATE) }],
    { ...CONFIG, body: data({ posMode: "net_mode" }) },
    { ...get("trade/order"), body: NO_ORDER },
    ...[POSITIONS, get("trade/orders-pending"), HISTORY, FILLS, BILLS].map((route) => ({ ...route, body: NONE })),
    ...[OLD_FILLS, OLD_BILLS].map((route) => ({ ...route, body: NONE })),
    { ...get("account/trade-fee"), body: data(FEE_RATE) },
  ],
  notOffered: {
    listenKey: "The private stream is opened by a login on the socket.",
    configurePositionModeOfMarketResponse: "The position mode is the account's.",
  },
  ...{ allSymbolsRequestMockResponse: ALL_SYMBOLS, expectedLatestPrice: "61003.4", expectedTradingRule: RULE },
  allSymbolsIncludingInvalidPairMockResponse: { ...INSTRUMENTS, body: ONE_VALID },
  latestPricesRequestMockResponse: { ...get("market/tickers"), body: data({ instId: BTC, last: "61003.40" }) },
  networkStatusRequestSuccessfulMockResponse: { ...TIME, body: TIMES },
  ...{ tradingRulesRequestMockResponse: ALL_SYMBOLS, expectedSupportedOrderTypes: ["limit", "limitMaker", "market"] },
  tradingRulesRequestErroneousMockResponse: { ...INSTRUMENTS, body: ONE_ERRONEOUS },
  expectedLoggedErrorForErroneousTradingRule: `Error parsing the trading pair rule ${BTC}. Skipping.`,
  ...{ expectedSupportedPositionModes: ["oneWay", "hedge"], expectedOtherMarketData: { instIdCode: 10461 } },
  ...{ orderBookSnapshotMockResponse: { ...get("market/books"), body: data(BOOK) }, fundingInfoUrl: FUNDING_RATE.path },
  ...{ orderBookSnapshotEvent: BOOK_FRAME, tradeEvent: frame("trades", TRADE), expectedUpdatedFundingRate: "-0.00002" },
  // Ids need not count by one: each message names the one before it.
  orderBookDiffEvents: [
    diff({ prevSeqId: 1_000, seqId: 1_004, asks: [["60000.20", "700"]] }),
    diff({ prevSeqId: 1_004, seqId: 1_009, bids: [["59999.90", "0"]], asks: [["60000.10", "80"]] }),
    diff({ prevSeqId: 1_009, seqId: 1_010, bids: [["59999.70", "200"]] }),
  ],
  expectedBook: { bids: "59999.9 x 3.4, 59999.8 x 1", asks: "60000.1 x 1.2" },
  expectedBookAfterDiffs: { bids: "59999.8 x 1, 59999.7 x 2", asks: "60000.1 x 0.8, 60000.2 x 7" },
  expectedTrade: { tradeId: "242720720", price: "60000.1", amount: "0.051", side: "buy", timestampMs: START },
  ...{ expectedSubscriptions: [asked(...CHANNELS)], malformedTradeEvent: frame("trades", { tradeId: "1" }) },
  malformedDiffEvent: { ...frame("books", { bids: [] }), action: "update" },
  malformedSnapshotMockResponse: { ...get("market/books"), body: data({ ...BOOK, bids: [["x", "1"]] }) },
  fundingInfoMockResponse: [MARK_PRICE, INDEX_PRICE, { ...FUNDING_RATE, body: data(RATE) }],
  fundingInfoEvent: [frame("mark-price", MARK), frame("index-tickers", INDEX), frame("funding-rate", RATE)],
  fundingInfoEventForWebsocketUpdate: frame("funding-rate", NEW_RATE),
  malformedFundingInfoEvent: frame("mark-price", { instId: BTC, markPx: "x", ts: `${LATER}` }),
  fundingInfoUpdate: [MARK_PRICE, INDEX_PRICE, { ...FUNDING_RATE, body: data(NEW_RATE) }],
  expectedFundingInfo: { indexPrice: "61010.11", markPrice: "61005", ...DUE },
  auth: {
    headers: ["ok-access-key", "ok-access-sign", "ok-access-timestamp", "ok-access-passphrase"],
    timestamp: { in: "headers", name: "ok-access-timestamp", format: "iso" },
  },
  // Made with openssl.
  authVectors: [
    { ...VECTOR, method: "GET", url: `${ORDER_URL}?${ASKED}`, expected: GET_SIGNED },
    { ...VECTOR, method: "POST", url: ORDER_URL, body: '{"instId":"BTC-USDT-SWAP","sz":"3"}', expected: POST_SIGNED },
  ],
  wsAuthVector: { ...VECTOR, expected: { op: "login", args: [LOGIN] }, refusal: { event: "error", code: "60009" } },
  expectedPrivateSubscriptions: [ofSwaps("orders"), ofSwaps("positions"), ...OTHER_CHANNELS],
  serverTime: {
    serverTime: { ...TIME, body: TIMES },
    serverTimeRefused: { ...TIME, status: 500, body: {} },
    timestampRefused: { ...BALANCES, status: 401, body: { code: "50102", msg: "Timestamp request expired" } },
  },
  orderCreationRequest: { ...CREATE, body: { ...TERMS, ordType: "limit", px: "{price}", reduceOnly: false } },
  orderCreationRequestChanges: {
    ...{ limitMaker: { ordType: "post_only" }, IOC: { ordType: "ioc" }, FOK: { ordType: "fok" } },
    ...{ market: { ordType: "market", px: undefined }, reduceOnly: { reduceOnly: true }, close: { reduceOnly: true } },
    ...{ hedgeOpen: HEDGED, hedgeClose: HEDGED },
  },
  ...{
    orderCancelationRequest: { ...CANCEL, body: { ...IDS, clOrdId: undefined } },
    clientOrderIdPattern: "\\w{1,32}",
  },
  orderStatusRequest: { ...STATUS, params: { ...IDS, clOrdId: undefined } },
  orderStatusRequestByClientOrderId: { ...STATUS, params: { ...IDS, ordId: undefined } },
  tradesRequest: { ...FILLS, params: { instType: "SWAP", ordId: "{exchangeOrderId}", limit: "100" } },
  ...{ orderCreationRequestSuccessfulMockResponse: [{ ...CREATE, body: data(ACK) }], expectedPartialFillPrice: "5000" },
  ...{ orderCreationRequestRefusedMockResponse: [{ ...CREATE, body: refused("51008") }], expectedFillTradeId: "700" },
  ...{ configureSuccessfulCancelationResponse: [{ ...CANCEL, body: data(ACK) }], expectedPartialFillAmount: "0.5" },
  ...{ configureErroneousCancelationResponse: [{ ...CANCEL, body: refused("51000") }], expectedFillIsMaker: true },
  configureOrderNotFoundCancelationResponse: [{ ...CANCEL, body: refused("51400") }],
  ...{ configureOneSuccessfulOneErroneousCancelAllResponse: [ONE_OF_TWO], configureOrderNotFoundResponse: [NOT_KNOWN] },
  ...{ configureOpenOrderStatusResponse: [{ ...STATUS, body: data(ORDER) }], expectedFillTimestampMs: START + 500 },
  orderStates: {
    routes: [{ ...STATUS, body: data({ ...ORDER, state: "{orderState}" }) }],
    states: { ...LIVE, canceled: "canceled mmp_canceled" },
  },
  configureCompletelyFilledOrderStatusResponse: [{ ...STATUS, body: data(FILLED) }],
  // An order that is not known by itself any more may still be among the closed ones.
  ...{ configureCanceledOrderStatusResponse: FORGOTTEN, configureForgottenOrderStatusResponse: FORGOTTEN },
  configurePartiallyFilledOrderStatusResponse: [{ ...STATUS, body: data(PARTIAL) }],
  configureHttpErrorOrderStatusResponse: [{ ...STATUS, status: 500, body: {} }],
  configureFailedOrderStatusResponse: [{ ...STATUS, body: data(CANCELED) }],
  ...{ expectedEventAfterOrderFailure: "orderCanceled", expectedExchangeOrderId: "312269865356374016" },
  openOrderPages: { routes: pages(get("trade/orders-pending"), ORDER_OF_PAGE, LAST_ORDER), expectedIds: ALL_ORDERS },
  configureOpenOrdersResponse: [{ ...get("trade/orders-pending"), body: data(ORDER) }],
  expectedOrderTimestamps: { createdMs: START, updatedMs: START + 1_000 },
  configurePartialFillTradeResponse: [{ ...FILLS, body: data({ ...LISTED_FILL, fillSz: "50" }) }],
  configureFullFillTradeResponse: [FILLS, OLD_FILLS].map((list) => ({ ...list, body: data(LISTED_FILL) })),
  configureErroneousHttpFillTradeResponse: [{ ...FILLS, status: 503, body: { code: "50001", msg: "unavailable" } }],
  expectedExchangeOrderIds: ["312269865356374016", "312269865356374017"],
  ...{ expectedFillFee: { token: "USDT", amount: "-0.5" }, isCancelRequestExecutedSynchronouslyByServer: false },
  isOrderFillHttpUpdateIncludedInStatusUpdate: false,
  isOrderFillHttpUpdateExecutedDuringWebsocketOrderEventProcessing: false,
  fillPages: { routes: pages(FILLS, FILL_OF_PAGE, { ...OLD_FILL, fillTime: "1" }), expectedIds: OF_BOTH_PAGES },
  amendRequest: { ...AMEND, body: { ...AMEND_OF, newPx: "{price}" } },
  amendAmountRequest: { ...AMEND, body: { ...AMEND_OF, newSz: "{contracts}" } },
  configureSuccessfulAmendResponse: [{ ...AMEND, body: data(ACK) }],
  configureRefusedAmendResponse: [{ ...AMEND, body: refused("51006") }],
  orderEventForAmendedOrderWebsocketUpdate: pushed("orders", AMENDED),
  isAmendRequestExecutedSynchronouslyByServer: false,
  orderEventForFailedAmendWebsocketUpdate: pushed("orders", {
    ...AMENDED,
    amendResult: "-1",
    reqId: "{request.reqId}",
  }),
  configureAmendedOrderStatusResponse: [{ ...STATUS, body: data(AMENDED) }],
  orderEventForNewOrderWebsocketUpdate: pushed("orders", ORDER),
  orderEventForCanceledOrderWebsocketUpdate: pushed("orders", CANCELED),
  // State and fill come in one row: this one is as if the fill had been told before.
  orderEventForFullFillWebsocketUpdate: pushed("orders", FILLED),
  orderEventForPartialFillWebsocketUpdate: pushed("orders", PARTIAL),
  orderEventForFailedOrderWebsocketUpdate: pushed("orders", CANCELED),
  tradeEventForFullFillWebsocketUpdate: pushed("orders", { ...FILLED, ...TOLD_FILL }),
  tradeEventForPartialFillWebsocketUpdate: pushed("orders", { ...PARTIAL, ...TOLD_FILL, fillSz: "50" }),
  tradeEventForRemainingFillWebsocketUpdate: pushed("orders", REMAINING),
  configurePositionModeMismatchResponse: [{ ...CREATE, body: { code: "1", msg: "", data: [WRONG_SIDE] } }],
  liquidationEvents: [pushed("orders", LIQUIDATION)],
  configureLiquidationResponse: [{ ...FILLS, body: data({ ...FORCED_ROW, fillTime: FORCED_FILL.fillTime }) }],
  expectedLiquidation: { amount: "-0.3", price: "4900" },
  deleveragingEvents: [pushed("orders", { ...LIQUIDATION, category: "adl" })],
  configureDeleveragingResponse: [{ ...FILLS, body: data(DELEVERAGED_ROW) }],
  expectedDeleveraging: { amount: "-0.3", price: "4900" },
  unreadableRows: {
    openOrders: [{ ...get("trade/orders-pending"), body: data(ORDER, HAND_ORDER) }],
    fills: [{ ...FILLS, body: data({ ...LISTED_FILL, fillSz: "50" }, BAD_FILL) }],
    positions: [{ ...POSITIONS, body: data(POSITION, { ...POSITION, instId: ETH, pos: "much" }) }],
    balances: [{ ...BALANCES, body: data({ ...ACCOUNT, details: ODD_COINS }) }],
    frames: [pushed("orders", HAND_ORDER, { ...PARTIAL, ...TOLD_FILL, fillSz: "50" })],
  },
  fundingPaymentEvent: pushed("balance_and_position", { eventType: "funding_fee", pTime: "{startMs:text}" }),
  positionEventForFullFillWebsocketUpdate: pushed("positions", PUSHED_POSITION),
  balanceRequestMockResponseForBaseAndQuote: { ...BALANCES, body: data({ ...ACCOUNT, details: [BTC_COIN, COIN] }) },
  balanceRequestMockResponseOnlyBase: { ...BALANCES, body: data({ ...ACCOUNT, details: [BTC_COIN] }) },
  balanceEventWebsocketUpdate: pushed("account", PUSHED_ACCOUNT),
  expectedBalanceEvent: { asset: "USDT", total: "1999", available: "1950" },
  tradingFeesRequestMockResponse: [{ ...get("account/trade-fee"), body: data(FEE_RATE) }, ALL_SYMBOLS],
  expectedTradingFees: { maker: "0.0001", taker: "0.0006" },
  positionsRequestMockResponse: [{ ...POSITIONS, body: data(POSITION, { ...SHORT, instId: "ETH-USDT-SWAP" }) }],
  expectedPositions: [IS_LONG, { ...IS_SHORT, tradingPair: "ETH-USDT", amount: "-0.2" }],
  hedgePositionsRequestMockResponse: [{ ...POSITIONS, body: data(HEDGE_SHORT, { ...POSITION, posSide: "long" }) }],
  expectedHedgePositions: [{ ...IS_LONG, side: "long" }, IS_HEDGE_SHORT],
  ...{ setLeverageRequest: SET_LEVERAGE, setLeverageRequestInHedgeMode: SET_LEVERAGE },
  configureSuccessfulSetLeverage: [{ ...LEVERAGE, body: data({ instId: BTC, mgnMode: "cross", lever: "{leverage}" }) }],
  configureFailedSetLeverage: [{ ...LEVERAGE, body: { code: "59102", msg: "Leverage exceeds the maximum" } }],
  setPositionModeRequest: { ...MODE, body: { posMode: "{posMode}" } },
  configureSuccessfulSetPositionMode: [{ ...MODE, body: data({ posMode: "{posMode}" }) }],
  configureFailedSetPositionMode: [{ ...MODE, body: { code: "59000", msg: "You have positions" } }],
  configurePositionModeResponse: [{ ...CONFIG, body: data({ posMode: "{posMode}" }) }],
  ...{ fundingPaymentUrl: BILLS.path, fundingPaymentMockResponse: { ...BILLS, body: data(BILL) } },
  emptyFundingPaymentMockResponse: { ...BILLS, body: NONE },
  expectedFundingPayment: { paymentId: BILL.billId, amount: "-0.061005", asset: "USDT", timestampMs: SETTLED },
  fundingPaymentPages: { routes: pages(BILLS, BILL_OF_PAGE, OLD_BILL), expectedIds: OF_BOTH_PAGES },
  historyLists: [
    { ...REACHES, of: "fills", path: FILLS.path, reachesMs: 3 * 86_400_000 },
    { ...REACHES, of: "fills", path: OLD_FILLS.path },
    { ...REACHES, of: "fundingPayments", path: BILLS.path, reachesMs: 7 * 86_400_000 },
    { ...REACHES, of: "fundingPayments", path: OLD_BILLS.path },
  ],
  errorTable: [
    { ...REFUSED, error: "TimeSyncError", codes: [50102, 50112], retry: "now" },
    { ...REFUSED, error: "AuthError", codes: [50101, 50105, 50111, 50113, 50030, 50110, 50100, 51009], retry: "never" },
    { ...REFUSED, error: "AuthError", codes: [50012, 50029, 50060, 50108, 50118, 50121], retry: "never" },
    { ...REFUSED, status: 429, error: "RateLimitError", codes: [50011, 50061, 51113], retry: "later" },
    { ...REFUSED, error: "RateLimitError", codes: [50040], retry: "later" },
    { ...REFUSED, error: "VenueUnavailableError", codes: [50001, 50004, 50013, 50026, 51149, 51412], ...UNSURE },
    { ...REFUSED, error: "NotFoundError", codes: [51400, 51401, 51402, 51503, 51509, 51510, 51603], ...UNKNOWN },
    { ...REFUSED, error: "NotFoundError", codes: [51001, 51015] },
    { ...REFUSED, error: "InsufficientMarginError", codes: [51008, 51119, 51127, 51131, 51502, 59103, 59108, 59200] },
    { ...REFUSED, error: "OrderRejectedError", codes: [51000, 51006, 51010, 51020, 51121, 51205, 54008, 59000, 59102] },
    { ...REFUSED, error: "OrderRejectedError", codes: [50032, 50033, 50036, 50037, 50072, 51033, 51039, 51041, 51148] },
    { ...REFUSED, error: "OrderRejectedError", codes: [51155, 51170, 51171, 51186, 51187, 51206, 51521, 51522, 51280] },
    { ...REFUSED, error: "OrderRejectedError", codes: [51410, 51513], retry: "later" },
    // The id is in use, so ours may have been taken; and a code that nobody knows.
    { ...REFUSED, error: "OrderRejectedError", codes: [50071, 51011, 51016, 99999], ...UNSURE, retry: "never" },
    { status: 503, body: "<html>", error: "VenueUnavailableError", outcome: "unknown" },
    { status: 429, body: "too many", error: "RateLimitError", outcome: "definite" },
  ],
};
