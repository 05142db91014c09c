import type { Route } from "../../../src/testing/kit/fixture-shapes.ts";
import type { PerpetualConnectorFixtures } from "../../../src/testing/kit/fixtures.ts";
import { repeated } from "../../../src/testing/kit/template.ts";
import { venueModule } from "../../../src/venues/gate-io/derivative.ts";
import { abilityFixtures } from "./ability-fixtures.ts";

/** Gate.io v4, USDT futures: the fields of the documents' examples, with values of our own. */
const [START, SETTLED] = [Date.UTC(2026, 8, 20, 16, 0, 5), Date.UTC(2026, 8, 20, 16)];
const [LATER, NEXT] = [START + 30_000, Date.UTC(2026, 8, 21)];
const seconds = (timeMs: number) => timeMs / 1_000;
const get = (path: string) => ({ method: "GET", path: `/api/v4/futures/usdt/${path}` }) as const;
const post = (path: string) => ({ method: "POST", path: `/api/v4/futures/usdt/${path}` }) as const;
const refused = (label: string, status = 400) => ({ status, body: { label, message: "its words" } });
const [BTC, ETH] = ["BTC_USDT", "ETH_USDT"];
const CONTRACT = {
  ...{ name: BTC, type: "direct", quanto_multiplier: "0.0001", order_price_round: "0.1", status: "trading" },
  ...{ order_size_min: "1", order_size_max: "10000000000", market_order_size_max: "1200000", orders_limit: 100 },
  ...{ in_delisting: false, funding_interval: 28_800, funding_next_apply: seconds(NEXT), enable_decimal: false },
  ...{ mark_price: "61005", index_price: "61010.11", funding_rate: "0.0001", last_price: "61003.4" },
};
const ETH_CONTRACT = { ...CONTRACT, name: ETH, quanto_multiplier: "0.01", market_order_size_max: "0" };
const INVERSE = { ...CONTRACT, name: "BTC_USD", type: "inverse", quanto_multiplier: "0" };
const [CLOSED, CONTRACTS] = [{ ...CONTRACT, name: "LUNA_USDT", in_delisting: true }, get("contracts")];
const ALL_SYMBOLS = { ...CONTRACTS, body: [CONTRACT, ETH_CONTRACT, INVERSE, CLOSED] };
const ONE_VALID = [CONTRACT, { ...ETH_CONTRACT, quanto_multiplier: "0" }, INVERSE, CLOSED];
const ONE_ERRONEOUS = [{ ...CONTRACT, order_price_round: "" }, ETH_CONTRACT];
const RULE = {
  ...{ tradingPair: "BTC-USDT", contractSize: "0.0001", contractKind: "linear", fundingIntervalMs: 28_800_000 },
  ...{ minPriceIncrement: "0.1", minPrice: "0.1", minBaseAmountIncrement: "0.0001", minNotionalSize: "0" },
  ...{ minOrderSize: "0.0001", maxOrderSize: "1000000", maxMarketOrderSize: "120", supportsMarketOrders: true },
  ...{ maxOpenOrders: 100, buyOrderCollateralToken: "USDT", sellOrderCollateralToken: "USDT" },
};
// Sizes have the sign of the trade: there is no side.
const IDS = { id: "{exchangeOrderId}", user: 1_000, contract: "{symbol}", text: "{clientOrderId}" };
const TERMS = { size: "{sign}{contracts}", price: "{price}", tif: "gtc", iceberg: "0", refu: 0 };
const UNFILLED = { status: "open", left: "{sign}{contracts}", fill_price: "0", is_reduce_only: false, is_liq: false };
const ROW = { ...IDS, ...TERMS, ...UNFILLED };
const ENDED = { status: "finished", finish_time: seconds(START + 1_000) };
const ORDER = { ...ROW, create_time: seconds(START), update_time: seconds(START + 1_000) };
const FILLED = { ...ORDER, ...ENDED, left: "0", fill_price: "4999.5", finish_as: "filled" };
const PARTIAL = { ...ORDER, left: "{sign}5000", fill_price: "4999.5" };
const CANCELED = { ...ORDER, ...ENDED, finish_as: "cancelled" };
const AMENDED = { ...ORDER, update_time: "{updatedMs:seconds}" };
// On the stream prices are numbers, and times are milliseconds beside seconds.
const PUSHED = {
  ...{ ...ROW, user: "1000", price: "{price:number}", fill_price: 0, update_id: 1, finish_as: "_new" },
  ...{ create_time: Math.floor(seconds(START)), create_time_ms: START, update_time: START + 1_000 },
  ...{ finish_time: 0, finish_time_ms: 0 },
};
const PUSHED_END = { status: "finished", finish_time: seconds(START + 1_000), finish_time_ms: START + 1_000 };
const PUSHED_FILLED = { ...PUSHED, ...PUSHED_END, left: "0", fill_price: 4999.5, finish_as: "filled" };
const PUSHED_PARTIAL = { ...PUSHED, left: "{sign}5000", fill_price: 4999.5, finish_as: "_update" };
const PUSHED_CANCELED = { ...PUSHED, ...PUSHED_END, finish_as: "position_closed" };
const FILL_TERMS = { price: "4999.5", role: "maker", contract: "{symbol}", text: "{clientOrderId}" };
// A maker's rebate is a negative fee.
const LISTED = { ...FILL_TERMS, order_id: "{exchangeOrderId}", close_size: "0", fee: "-0.5", point_fee: "0" };
const LISTED_FILL = { ...LISTED, id: 700, size: "{sign}{contracts}", create_time: seconds(START + 500) };
const PART_FILL = { ...LISTED_FILL, size: "{sign}5000" };
// The list by time calls the id of a fill otherwise.
const byTime = ({ id, ...row }: { readonly id: unknown }) => ({ ...row, trade_id: String(id) });
const PUSHED_FILL = {
  ...{ ...FILL_TERMS, id: "700", order_id: "{exchangeOrderId}", size: "{sign}{contracts}", fee: -0.5, point_fee: 0 },
  ...{ create_time: Math.floor(seconds(START + 500)), create_time_ms: START + 500 },
};
const OLD_FILL = { ...LISTED, contract: BTC, order_id: "1", text: "web", size: "1", create_time: 1_780_000_000 };
const FILL_OF_PAGE = { ...OLD_FILL, create_time: "{startMs-index:seconds}" };
const BOTH_LISTS = [get("my_trades_timerange"), get("my_trades")] as const;
const [FILLS, FILLS_OF_ORDER] = BOTH_LISTS;
const listed = (fill: typeof LISTED_FILL) =>
  [fill, byTime(fill)].map((row, index) => ({ ...(index === 0 ? FILLS_OF_ORDER : FILLS), body: [row] }));
// A page begins with the last ten rows of the one before.
const pages = (route: Pick<Route, "method" | "path">, row: object, id: string, last: object): Route[] => [
  { ...route, body: [repeated(1_000, { ...row, [id]: "{20000-index}" })] },
  {
    ...{ ...route, params: { offset: "990" } },
    body: [repeated(10, { ...row, [id]: "{19010-index}" }), { ...last, [id]: "9000" }],
  },
];
const OF_BOTH_PAGES = { count: 1_001, first: "9000", last: "20000" };
const [OPEN_IDS, CREATE] = [{ ...OF_BOTH_PAGES, first: "20000", last: "9000" }, post("orders")];
const CREATION = { contract: "{symbol}", size: "{sign}{contracts}", price: "{price}", tif: "gtc" };
const ofOrder = (method: "GET" | "PUT" | "DELETE", id = "{exchangeOrderId}") =>
  ({ method, path: `/api/v4/futures/usdt/orders/${id}` }) as const;
const [STATUS, STATUS_BY_TEXT] = [ofOrder("GET"), ofOrder("GET", "{clientOrderId}")] as const;
const status = (answer: object) => [STATUS, STATUS_BY_TEXT].map((route) => ({ ...route, body: {}, ...answer }));
const [CANCEL, CANCEL_BY_TEXT, AMEND] = [ofOrder("DELETE"), ofOrder("DELETE", "{clientOrderId}"), ofOrder("PUT")];
const OPEN_ORDERS = { ...get("orders"), params: { status: "open" } };
const NOT_FOUND = status(refused("ORDER_NOT_FOUND", 404));
const FORGOTTEN = [...NOT_FOUND, { ...get("orders"), params: { status: "finished" }, body: [CANCELED] }];
const ONE_OF_TWO = [
  { user_id: 1_000, id: "{exchangeOrderId}", succeeded: true, message: "" },
  { user_id: 1_000, id: "{other.exchangeOrderId}", succeeded: false, message: "ORDER_NOT_OWNED" },
];
const IS_AT = { leverage: "10", markPrice: "5010" };
const POSITION = {
  ...{ user: 1_000, contract: BTC, mode: "single", size: "100", entry_price: "5000", mark_price: "5010" },
  ...{ leverage: "0", cross_leverage_limit: "10", liq_price: "4520", unrealised_pnl: "0.1", update_id: 2 },
};
const SHORT = { ...POSITION, size: "-200", entry_price: "5020", liq_price: "5500", unrealised_pnl: "0.2" };
const ETH_SHORT = { ...SHORT, contract: ETH, size: "-2" };
const DUAL = [POSITION, SHORT].map((row, index) => ({ ...row, mode: ["dual_long", "dual_short"][index] }));
const FLAT = { ...POSITION, size: "0", entry_price: "0", liq_price: "0", unrealised_pnl: "0" };
const PUSHED_POSITION = {
  ...{ contract: BTC, mode: "single", size: "{sign}{contracts}", entry_price: 4999.5, leverage: 0, user: "1000" },
  ...{ cross_leverage_limit: 10, liq_price: 4520, margin: 0, update_id: 3, time: seconds(LATER), time_ms: LATER },
};
const IS_LONG = { ...IS_AT, entryPrice: "5000", unrealizedPnl: "0.1", liquidationPrice: "4520" };
const IS_SHORT = { ...IS_AT, entryPrice: "5020", unrealizedPnl: "0.2", liquidationPrice: "5500" };
const [POSITIONS, ACCOUNTS, FEES, MODE] = [get("positions"), get("accounts"), get("fee"), post("dual_mode")] as const;
const [LEVERAGE, HEDGED] = [post(`positions/${BTC}/leverage`), post(`dual_comp/positions/${BTC}/leverage`)] as const;
const ACCOUNT = {
  ...{ user: 1_000, currency: "USDT", total: "10000", available: "10000", unrealised_pnl: "0", margin_mode: 0 },
  ...{ position_mode: "single", in_dual_mode: false, maintenance_margin: "0", point: "0" },
};
// Only a unified account has more coins than one.
const UNIFIED = { method: "GET", path: "/api/v4/unified/accounts" } as const;
const UNIFIED_ACCOUNT = { ...ACCOUNTS, body: { ...ACCOUNT, margin_mode: 1, total: "0", available: "0" } };
const BTC_COIN = { equity: "15", available: "10", freeze: "5", borrowed: "0" };
const USDT_COIN = { equity: "2000", available: "1900", freeze: "0", borrowed: "0" };
const TOTALS = { total_margin_balance: "2000", total_available_margin: "2000", total_maintenance_margin: "0" };
const coins = (balances: object, more: object = {}) =>
  [UNIFIED_ACCOUNT, { ...UNIFIED, body: { user_id: 1_000, balances, ...TOTALS, ...more } }] as const;
const [BOOK, ORDER_BOOK] = [get("account_book"), get("order_book")] as const;
const SETTLEMENT = {
  ...{ id: "771", time: seconds(SETTLED), change: "-0.061005", balance: "9999.93", type: "fund" },
  ...{ text: "BTC_USDT:771", contract: BTC, trade_id: "" },
};
const PUSHED_BALANCE = { change: -1, text: "BTC_USDT:771", time_ms: LATER, user: "1000", currency: "usdt" };
const frame = (channel: string, result: unknown, timeMs = START) => ({
  ...{ time: Math.floor(seconds(timeMs)), time_ms: timeMs, channel: `futures.${channel}`, event: "update", result },
});
const pushed = (channel: string, ...rows: readonly unknown[]) => frame(channel, rows, START + 1_000);
const TICKER = { contract: BTC, last: "61003.4", mark_price: "61005", index_price: "61010.11", funding_rate: "0.0001" };
const [TICKERS, CONTRACT_OF_BTC] = [get("tickers"), { ...get(`contracts/${BTC}`), body: CONTRACT }];
const level = (p: string, s: number) => ({ p, s: String(s) });
const NEXT_BID = level("59999.8", 10_000);
const SNAPSHOT = {
  ...{ id: 1_000, current: seconds(START), update: seconds(START), asks: [level("60000.1", 12_000)] },
  bids: [level("59999.9", 34_000), NEXT_BID],
};
const AFTER_DIFFS = {
  ...{ ...SNAPSHOT, id: 1_006, update: seconds(START + 100), bids: [NEXT_BID, level("59999.7", 20_000)] },
  asks: [level("60000.1", 8_000), level("60000.2", 70_000)],
};
const diff = (U: number, u: number, b: readonly unknown[], a: readonly unknown[]) =>
  frame("order_book_update", { t: START + 100, s: BTC, U, u, b, a, l: "100" }, START + 101);
const TRADE = { id: 242_720_720, contract: BTC, size: "513", price: "60000.1", create_time_ms: START };
const OF_BOOK = { channel: "futures.order_book_update", payload: [BTC, "100ms", "100"] };
const PUBLIC = [OF_BOOK, ...["trades", "tickers"].map((each) => ({ channel: `futures.${each}`, payload: [BTC] }))];
const SIGNED = { method: "api_key", KEY: "key-of-the-desk", SIGN: "*" };
const PRIVATE = ["orders", "usertrades", "positions", "balances"].map((name) => ({
  ...{ time: "*", id: 1, channel: `futures.${name}`, event: "subscribe", auth: SIGNED },
  payload: name === "balances" ? ["1000"] : ["1000", "!all"],
}));
const ACK = { time_ms: "{nowMs:number}", id: "{frame.id}", channel: "{frame.channel}", event: "{frame.event}" };
const TAKEN = { ...ACK, payload: "{frame.payload}", result: { status: "success" } };
const EVERY_CHANNEL = { to: { event: "*subscribe" }, with: [TAKEN] };
const REFUSAL = { ...ACK, error: { code: 2, message: "unknown currency pair: BTC_USDT" }, result: { status: "fail" } };
const OF_TICKERS = { channel: "futures.tickers", event: "subscribe" };
const OTHER_ANSWERS = [
  { to: { channel: "futures.ping" }, with: [{ channel: "futures.pong", event: "", result: null }] },
  { to: { ...OF_TICKERS, payload: [BTC] }, with: [frame("tickers", [TICKER])] },
  { to: { ...OF_TICKERS, payload: [ETH] }, with: [frame("tickers", [{ ...TICKER, contract: ETH }])] },
];
const subscribed = (name: string) => ({ event: "subscribe", channel: `futures.${name}` });
const refusing = (part: object) => ({
  answers: [{ ...EVERY_CHANNEL, unless: part }, { to: part, with: [REFUSAL] }, ...OTHER_ANSWERS],
  private: { frames: [{ auth: { method: "api_key" } }] },
});
const LIQUIDATED = { contract: BTC, order_id: "9", text: "liq-92002", size: "-3000", price: "4900", role: "taker" };
const FORCED = { ...LIQUIDATED, id: "9001", fee: 1, point_fee: 0, create_time: 0, create_time_ms: START + 500 };
const FORCED_ORDER = { ...PUSHED_FILLED, ...LIQUIDATED, id: 9, price: 0, tif: "ioc", is_liq: true };
const FORCED_ROW = { ...LIQUIDATED, trade_id: "9001", fee: "1", point_fee: "0", create_time: seconds(START + 500) };
const [ADL, BY, SETTING] = ["auto_deleveraging", "x-gate-exptime", "leverage=0&cross_leverage_limit=10"];
const [AT, UNSURE] = [{ in: "headers", name: "timestamp" }, { outcome: "unknown" }] as const;
const HAND_ORDER = { ...ORDER, id: "99", contract: ETH, text: "web", status: "dreaming" };
const BAD_FILL = { ...OLD_FILL, contract: ETH, order_id: "99", trade_id: "9009", size: "much" };
const TIME = { method: "GET", path: "/api/v4/spot/time", body: { server_time: "{nowMs:number}" } } as const;
const LATE = { ...ACCOUNTS, ...refused("REQUEST_EXPIRED", 403) };
const VECTOR = { credentials: { apiKey: "KEY123", apiSecret: "SECRET456", userId: "1000" }, nowMs: 1_790_000_000_000 };
const HOST = "https://api.gateio.ws/api/v4/futures/usdt";
const signed = (first: string, second: string) => ({ headers: { KEY: "KEY123", SIGN: `${first}${second}` } });
const SETTING_SIGNED = signed(
  "e618d76aba5a43f663875c5f407bad03dd85380defeeb8e44bb3e291473e4463",
  "2ed55b2033b76fb8ff723bb019a460c711be18ace206797d0d14c3e191a9558d",
);
const POST_SIGNED = signed(
  "3cca6202013b01fd7e3a359267f8f771735aec51a86757634d8525c6c558057d",
  "81c84592f9c566ae966d52f109a9e997afa68bc7a41f0e7d19a80d94d819356e",
);
const CREATED = '{"contract":"BTC_USDT","size":-5,"price":"60000","tif":"poc","text":"t-cid-1","reduce_only":false}';
const REFUSED = { status: 400, body: { label: "{code}", message: "words" }, outcome: "definite" } as const;
const refuses = (error: string, ...codes: readonly string[]) => ({ ...REFUSED, error, codes });
const UNKNOWN = { isOrderNotFoundDuringStatusUpdate: true, isOrderNotFoundDuringCancelation: true };
const ANY = { begin: "from", end: "to", format: "seconds", longestMs: "any", reachesMs: "any" } as const;
const SIX_MONTHS = { ...ANY, reachesMs: 180 * 86_400_000 } as const;

export const gateIoFixtures: PerpetualConnectorFixtures = {
  ...abilityFixtures,
  ...{ venueModule, connectorName: "gate_io_perpetual", tradingPair: "BTC-USDT", otherTradingPair: "ETH-USDT" },
  credentials: { apiKey: "key-of-the-desk", apiSecret: "secret-of-the-desk-1234", userId: "1000" },
  ...{ exchangeSymbolForTokens: "{base}_{quote}", restBasePath: "", startMs: START, expectedLatestPrice: "61003.4" },
  words: {
    ...{ sign: { of: "side", buy: "", sell: "-" }, mode: { of: "positionMode", oneWay: "single", hedge: "dual" } },
    isDual: { of: "positionMode", oneWay: "false", hedge: "true" },
  },
  socket: { answers: [EVERY_CHANNEL, ...OTHER_ANSWERS], private: refusing({}).private },
  socketThatRefusesTrades: refusing({ ...subscribed("trades"), payload: [BTC] }),
  socketThatRefusesPrivateChannel: { channel: "positions", socket: refusing(subscribed("positions")) },
  restingRoutes: [
    ...[ALL_SYMBOLS, TIME, CONTRACT_OF_BTC, { ...ACCOUNTS, body: ACCOUNT }, { ...FEES, body: {} }],
    // A contract that was traded once keeps its row.
    { ...POSITIONS, body: [FLAT] },
    ...[OPEN_ORDERS, FILLS, FILLS_OF_ORDER, BOOK, get("price_orders")].map((list) => ({ ...list, body: [] })),
    { ...ORDER_BOOK, body: SNAPSHOT },
    ...[get(`positions/${BTC}`), get(`dual_comp/positions/${BTC}`)].map((each) => ({ ...each, body: [FLAT] })),
    { ...get(`contracts/${ETH}`), body: ETH_CONTRACT },
  ],
  notOffered: {
    ...{ listenKey: "Each subscription is signed.", socketLogin: "Each private subscription is signed by itself." },
    bookSnapshotChannel: "A book begins with a snapshot over REST; a frame that is `full` may come at any time.",
    configurePositionModeOfMarketResponse: "The position mode is the account's.",
    configurePositionModeMismatchResponse: "An order names no position: none is refused for the account's mode.",
    orderEventForFailedAmendWebsocketUpdate: "The answer to an amend is its outcome.",
  },
  ...{ allSymbolsRequestMockResponse: ALL_SYMBOLS, tradingRulesRequestMockResponse: ALL_SYMBOLS },
  allSymbolsIncludingInvalidPairMockResponse: { ...CONTRACTS, body: ONE_VALID },
  latestPricesRequestMockResponse: { ...TICKERS, body: [TICKER] },
  tradingRulesRequestErroneousMockResponse: { ...CONTRACTS, body: ONE_ERRONEOUS },
  ...{ networkStatusRequestSuccessfulMockResponse: TIME, expectedTradingRule: RULE },
  expectedLoggedErrorForErroneousTradingRule: "Error parsing the trading pair rule BTC_USDT. Skipping.",
  expectedSupportedOrderTypes: ["limit", "limitMaker", "market"],
  expectedSupportedPositionModes: ["oneWay", "hedge"],
  orderBookSnapshotMockResponse: { ...ORDER_BOOK, body: SNAPSHOT },
  orderBookSnapshotAfterDiffsMockResponse: { ...ORDER_BOOK, body: AFTER_DIFFS },
  // The first one overlaps the snapshot; one message may hold many ids.
  orderBookDiffEvents: [
    diff(998, 1_001, [], [level("60000.2", 70_000)]),
    diff(1_002, 1_005, [level("59999.9", 0)], [level("60000.1", 8_000)]),
    diff(1_006, 1_006, [level("59999.7", 20_000)], []),
  ],
  expectedBook: { bids: "59999.9 x 3.4, 59999.8 x 1", asks: "60000.1 x 1.2" },
  expectedBookAfterDiffs: { bids: "59999.8 x 1, 59999.7 x 2", asks: "60000.1 x 0.8, 60000.2 x 7" },
  ...{ tradeEvent: frame("trades", [TRADE]), malformedTradeEvent: frame("trades", [{ id: 1 }]) },
  expectedTrade: { tradeId: "242720720", price: "60000.1", amount: "0.0513", side: "buy", timestampMs: START },
  expectedSubscriptions: PUBLIC.map((each, index) => ({ ...each, event: "subscribe", time: "*", id: index + 1 })),
  malformedDiffEvent: frame("order_book_update", { s: BTC, b: [] }),
  malformedSnapshotMockResponse: { ...ORDER_BOOK, body: { ...SNAPSHOT, bids: [{ p: "x", s: "1" }] } },
  ...{ fundingInfoUrl: CONTRACT_OF_BTC.path, fundingInfoMockResponse: [CONTRACT_OF_BTC] },
  fundingInfoEvent: frame("tickers", [{ ...TICKER, funding_next_apply: seconds(NEXT) }]),
  fundingInfoEventForWebsocketUpdate: frame("tickers", [{ ...TICKER, funding_rate: "-0.00002" }], LATER),
  malformedFundingInfoEvent: frame("tickers", [{ ...TICKER, mark_price: "x" }], LATER),
  fundingInfoUpdate: [{ ...CONTRACT_OF_BTC, body: { ...CONTRACT, funding_rate: "-0.00002" } }],
  expectedFundingInfo: { indexPrice: "61010.11", markPrice: "61005", rate: "0.0001", nextFundingTimestampMs: NEXT },
  ...{ expectedUpdatedFundingRate: "-0.00002", expectedPrivateSubscriptions: PRIVATE },
  auth: {
    headers: ["key", "timestamp", "sign"],
    timestamp: { ...AT, format: "seconds" },
    deadline: { ...AT, name: BY },
  },
  // Equal to what ccxt's signer makes of the same.
  authVectors: [
    { ...VECTOR, method: "POST", url: `${HOST}/positions/${BTC}/leverage?${SETTING}`, expected: SETTING_SIGNED },
    { ...VECTOR, method: "POST", url: `${HOST}/orders`, body: CREATED, expected: POST_SIGNED },
  ],
  serverTime: { serverTime: TIME, serverTimeRefused: { ...TIME, status: 500, body: {} }, timestampRefused: LATE },
  orderCreationRequest: { ...CREATE, body: { ...CREATION, text: "{clientOrderId}", reduce_only: false } },
  orderCreationRequestChanges: {
    ...{ limitMaker: { tif: "poc" }, IOC: { tif: "ioc" }, FOK: { tif: "fok" }, market: { price: "0", tif: "ioc" } },
    ...{ reduceOnly: { reduce_only: true }, close: { reduce_only: true } },
    ...{ hedgeOpen: { reduce_only: false }, hedgeClose: { reduce_only: true } },
  },
  ...{ orderCancelationRequest: CANCEL, orderStatusRequest: STATUS, orderStatusRequestByClientOrderId: STATUS_BY_TEXT },
  tradesRequest: { ...FILLS_OF_ORDER, params: { contract: "{symbol}", order: "{exchangeOrderId}", limit: "1000" } },
  orderCreationRequestSuccessfulMockResponse: [{ ...CREATE, status: 201, body: ORDER }],
  orderCreationRequestRefusedMockResponse: [{ ...CREATE, ...refused("INSUFFICIENT_AVAILABLE") }],
  configureSuccessfulCancelationResponse: [CANCEL, CANCEL_BY_TEXT].map((route) => ({ ...route, body: CANCELED })),
  configureErroneousCancelationResponse: [{ ...CANCEL, ...refused("INVALID_PARAM_VALUE") }],
  configureOrderNotFoundCancelationResponse: [{ ...CANCEL, ...refused("ORDER_FINISHED") }],
  configureOneSuccessfulOneErroneousCancelAllResponse: [
    { ...post("batch_cancel_orders"), body: ONE_OF_TWO },
    { ...STATUS, body: CANCELED },
  ],
  configureOpenOrderStatusResponse: status({ body: ORDER }),
  configureCompletelyFilledOrderStatusResponse: status({ body: FILLED }),
  configureCanceledOrderStatusResponse: status({ body: CANCELED }),
  configurePartiallyFilledOrderStatusResponse: status({ body: PARTIAL }),
  configureFailedOrderStatusResponse: status({ body: { ...CANCELED, finish_as: "position_closed" } }),
  // There is no failed state: what the matching engine took and could not keep is finished.
  expectedEventAfterOrderFailure: "orderCanceled",
  ...{ configureOrderNotFoundResponse: NOT_FOUND, configureForgottenOrderStatusResponse: FORGOTTEN },
  // How much of an order was filled is told by its amounts.
  orderStates: {
    routes: status({ body: { ...ORDER, status: "{orderState}", finish_as: "ioc" } }),
    states: { open: "open", canceled: "finished" },
  },
  openOrderPages: { routes: pages(OPEN_ORDERS, ORDER, "id", ORDER), expectedIds: OPEN_IDS },
  configureOpenOrdersResponse: [{ ...OPEN_ORDERS, body: [ORDER] }],
  expectedOrderTimestamps: { createdMs: START, updatedMs: START + 1_000 },
  ...{ configurePartialFillTradeResponse: listed(PART_FILL), configureFullFillTradeResponse: listed(LISTED_FILL) },
  configureErroneousHttpFillTradeResponse: BOTH_LISTS.map((route) => ({ ...route, ...refused("INTERNAL", 500) })),
  ...{ expectedExchangeOrderId: "91000001", expectedExchangeOrderIds: ["91000001", "91000002"] },
  ...{ expectedPartialFillPrice: "4999.5", expectedPartialFillAmount: "0.5", expectedFillTradeId: "700" },
  ...{ expectedFillFee: { token: "USDT", amount: "-0.5" }, expectedFillIsMaker: true },
  ...{ expectedFillTimestampMs: START + 500, isCancelRequestExecutedSynchronouslyByServer: true },
  configureHttpErrorOrderStatusResponse: status({ status: 500 }),
  isOrderFillHttpUpdateIncludedInStatusUpdate: false,
  isOrderFillHttpUpdateExecutedDuringWebsocketOrderEventProcessing: false,
  fillPages: { routes: pages(FILLS, FILL_OF_PAGE, "trade_id", OLD_FILL), expectedIds: OF_BOTH_PAGES },
  historyLists: [
    { ...SIX_MONTHS, of: "fills", path: FILLS_OF_ORDER.path },
    { ...ANY, of: "fills", path: FILLS.path },
    { ...SIX_MONTHS, of: "fundingPayments", path: BOOK.path },
  ],
  amendRequest: { ...AMEND, body: { price: "{price}" } },
  amendAmountRequest: { ...AMEND, body: { size: "{sign}{contracts}" } },
  configureSuccessfulAmendResponse: [{ ...AMEND, body: AMENDED }],
  configureRefusedAmendResponse: [{ ...AMEND, ...refused("NO_CHANGE") }],
  orderEventForAmendedOrderWebsocketUpdate: pushed("orders", { ...PUSHED, update_time: "{updatedMs:number}" }),
  configureAmendedOrderStatusResponse: status({ body: AMENDED }),
  isAmendRequestExecutedSynchronouslyByServer: true,
  orderEventForNewOrderWebsocketUpdate: pushed("orders", PUSHED),
  orderEventForCanceledOrderWebsocketUpdate: pushed("orders", PUSHED_CANCELED),
  orderEventForFullFillWebsocketUpdate: pushed("orders", PUSHED_FILLED),
  orderEventForPartialFillWebsocketUpdate: pushed("orders", PUSHED_PARTIAL),
  orderEventForFailedOrderWebsocketUpdate: pushed("orders", PUSHED_CANCELED),
  tradeEventForFullFillWebsocketUpdate: pushed("usertrades", PUSHED_FILL),
  tradeEventForPartialFillWebsocketUpdate: pushed("usertrades", { ...PUSHED_FILL, size: "{sign}5000" }),
  tradeEventForRemainingFillWebsocketUpdate: pushed("usertrades", { ...PUSHED_FILL, id: "701", size: "{sign}5000" }),
  positionEventForFullFillWebsocketUpdate: frame("positions", [PUSHED_POSITION], LATER),
  balanceRequestMockResponseForBaseAndQuote: coins({ BTC: BTC_COIN, USDT: USDT_COIN }),
  balanceRequestMockResponseOnlyBase: coins({ BTC: BTC_COIN }, { total_available_margin: "0" }),
  balanceEventWebsocketUpdate: frame("balances", [{ ...PUSHED_BALANCE, balance: 1_999, type: "fee" }], LATER),
  expectedBalanceEvent: { asset: "USDT", total: "1999" },
  tradingFeesRequestMockResponse: [{ ...FEES, body: { [BTC]: { taker_fee: "0.0006", maker_fee: "0.0001" } } }],
  expectedTradingFees: { maker: "0.0001", taker: "0.0006" },
  positionsRequestMockResponse: [{ ...POSITIONS, body: [POSITION, ETH_SHORT] }],
  expectedPositions: [
    { ...IS_LONG, tradingPair: "BTC-USDT", side: "both", amount: "0.01" },
    { ...IS_SHORT, tradingPair: "ETH-USDT", side: "both", amount: "-0.02" },
  ],
  hedgePositionsRequestMockResponse: [{ ...POSITIONS, body: DUAL }],
  expectedHedgePositions: [
    { ...IS_LONG, tradingPair: "BTC-USDT", side: "long", amount: "0.01" },
    { ...IS_SHORT, tradingPair: "BTC-USDT", side: "short", amount: "-0.02" },
  ],
  // A cross position stays one: its leverage is the limit.
  setLeverageRequest: { ...LEVERAGE, params: { leverage: "0", cross_leverage_limit: "{leverage}" } },
  setLeverageRequestInHedgeMode: { ...HEDGED, params: { leverage: "0", cross_leverage_limit: "{leverage}" } },
  ...{ clientOrderIdPattern: "t-[0-9A-Za-z_.-]{1,28}", configureSuccessfulSetLeverage: [{ ...LEVERAGE, body: FLAT }] },
  configureFailedSetLeverage: [{ ...LEVERAGE, ...refused("LEVERAGE_TOO_HIGH") }],
  setPositionModeRequest: { ...MODE, params: { dual_mode: "{isDual}" } },
  configureSuccessfulSetPositionMode: [{ ...MODE, body: ACCOUNT }],
  configureFailedSetPositionMode: [{ ...MODE, ...refused("POSITION_HOLDING") }],
  configurePositionModeResponse: [{ ...ACCOUNTS, body: { ...ACCOUNT, position_mode: "{mode}" } }],
  liquidationEvents: [pushed("orders", FORCED_ORDER), pushed("usertrades", FORCED)],
  configureLiquidationResponse: [{ ...FILLS, body: [FORCED_ROW] }],
  expectedLiquidation: { amount: "-0.3", price: "4900" },
  deleveragingEvents: [pushed("usertrades", { ...FORCED, text: ADL })],
  configureDeleveragingResponse: [{ ...FILLS, body: [{ ...FORCED_ROW, text: ADL }] }],
  expectedDeleveraging: { amount: "-0.3", price: "4900" },
  unreadableRows: {
    openOrders: [{ ...OPEN_ORDERS, body: [ORDER, HAND_ORDER] }],
    fills: [{ ...FILLS, body: [byTime(PART_FILL), BAD_FILL] }],
    positions: [{ ...POSITIONS, body: [POSITION, { ...ETH_SHORT, size: "much" }] }],
    balances: coins({ USDT: USDT_COIN, BTC: { ...BTC_COIN, equity: "much" } }),
    frames: [pushed("usertrades", { ...BAD_FILL, id: "9009" }, { ...PUSHED_FILL, size: "{sign}5000" })],
  },
  fundingPaymentUrl: BOOK.path,
  fundingPaymentEvent: frame("balances", [{ ...PUSHED_BALANCE, balance: 9999.93, type: "fund" }]),
  fundingPaymentMockResponse: { ...BOOK, body: [SETTLEMENT] },
  emptyFundingPaymentMockResponse: { ...BOOK, body: [] },
  expectedFundingPayment: { paymentId: "771", amount: "-0.061005", asset: "USDT", timestampMs: SETTLED },
  fundingPaymentPages: {
    routes: pages(BOOK, { ...SETTLEMENT, time: "{startMs-index:seconds}" }, "id", { ...SETTLEMENT, time: 1 }),
    expectedIds: OF_BOTH_PAGES,
  },
  errorTable: [
    { ...refuses("TimeSyncError", "REQUEST_EXPIRED"), retry: "now" },
    refuses("AuthError", "INVALID_KEY", "INVALID_SIGNATURE", "AUTHENTICATION_FAILED", "READ_ONLY"),
    { ...refuses("RateLimitError", "TOO_MANY_REQUESTS"), retry: "later" },
    { ...refuses("VenueUnavailableError", "INTERNAL", "SERVER_ERROR", "TOO_BUSY"), ...UNSURE },
    { ...refuses("NotFoundError", "ORDER_NOT_FOUND", "CLIENT_ID_NOT_FOUND", "ORDER_FINISHED"), ...UNKNOWN },
    refuses("NotFoundError", "CONTRACT_NOT_FOUND", "POSITION_NOT_FOUND", "ORDER_NOT_OWNED"),
    refuses("InsufficientMarginError", "INSUFFICIENT_AVAILABLE", "RISK_LIMIT_EXCEEDED"),
    refuses("OrderRejectedError", "ORDER_POC_IMMEDIATE", "ORDER_FOK", "CONTRACT_NO_COUNTER", "PRICE_TOO_DEVIATED"),
    refuses("OrderRejectedError", "CONTRACT_IN_DELISTING", "PRICE_OVER_LIQUIDATION", "INCREASE_POSITION", "NO_CHANGE"),
    { ...refuses("OrderRejectedError", "POSITION_IN_LIQUIDATION", "POSITION_IN_CLOSE"), retry: "later" },
    refuses("OrderRejectedError", "POSITION_DUAL_MODE", "POSITION_HOLDING", "POSITION_CROSS_MARGIN"),
    refuses("OrderRejectedError", "LEVERAGE_TOO_HIGH", "RISK_LIMIT_TOO_lOW", "RISK_LIMIT_TOO_LOW"),
    refuses("OrderRejectedError", "USER_NOT_FOUND", "INVALID_PARAM_VALUE", "INVALID_PROTOCOL"),
    { ...refuses("OrderRejectedError", "A_LABEL_OF_TOMORROW"), ...UNSURE },
    { status: 503, body: "<html>", error: "VenueUnavailableError", ...UNSURE },
    { status: 404, body: "", error: "NotFoundError", ...UNSURE },
    { status: 400, body: {}, error: "OrderRejectedError", outcome: "definite" },
    { status: 401, body: {}, error: "AuthError", outcome: "definite" },
    { status: 429, body: {}, error: "RateLimitError", outcome: "definite" },
    { status: 403, body: "<html>Access denied</html>", error: "RateLimitError", outcome: "definite" },
  ],
};
