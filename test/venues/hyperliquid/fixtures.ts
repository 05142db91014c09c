import type { PerpetualConnectorFixtures } from "../../../src/testing/kit/fixtures.ts";
import { repeated } from "../../../src/testing/kit/template.ts";
import { venueModule } from "../../../src/venues/hyperliquid/derivative.ts";
import { abilityFixtures } from "./ability-fixtures.ts";

/** Hyperliquid's main exchange: the fields of the documentation and of captured frames, with values of our own. */
const [START, HOUR_MS] = [1_790_000_000_000, 3_600_000];
const NEXT_FUNDING_MS = Math.ceil(START / HOUR_MS) * HOUR_MS;
const SETTLED = NEXT_FUNDING_MS - HOUR_MS + 46;
/** A key that other clients publish in their tests, and its address. */
const KEY = `0x${"0123456789".repeat(6)}0123`;
const [USER, VAULT] = ["0x14791697260e4c9a71f18484c9f997b308e59325", "0x1719884eb866cb12b2287399b15f7db5e7d775ea"];
const info = (type: string) => ({ method: "GET", path: `/info/${type}` }) as const;
const action = (type: string) => ({ method: "POST", path: `/exchange/${type}` }) as const;
const ok = (response: object) => ({ status: "ok", response });
const taken = (type: string, ...statuses: readonly unknown[]) => ok({ type, data: { statuses } });
const BTC = { szDecimals: 5, name: "BTC", maxLeverage: 40, marginTableId: 56 };
const DELISTED = { szDecimals: 1, name: "MATIC", maxLeverage: 20, marginTableId: 20, isDelisted: true };
const ETH = { szDecimals: 4, name: "ETH", maxLeverage: 25, marginTableId: 55 };
// A delisted market keeps its place: ETH is number 2.
const meta = (...universe: readonly unknown[]) => ({ universe, marginTables: [], collateralToken: 0 });
const ALL_SYMBOLS = { ...info("meta"), body: meta(BTC, DELISTED, ETH) };
const CONTEXT = { funding: "0.0000125", oraclePx: "5001.5", markPx: "5000.5", midPx: "5000.0", premium: "-0.00013" };
const [DUE, NEW_CONTEXT] = [{ nextFundingTimestampMs: NEXT_FUNDING_MS }, { ...CONTEXT, funding: "-0.000002" }];
const [NO_BOOK, CONTEXTS] = [{ ...CONTEXT, premium: null, midPx: null }, info("metaAndAssetCtxs")];
const contexts = (context: object) => ({ ...CONTEXTS, body: [meta(BTC, DELISTED, ETH), [context, NO_BOOK, context]] });
const level = (text: string) => {
  const [px, sz] = text.split(" x ");
  return { px, sz, n: 3 };
};
const book = (atMs: number, bids: readonly string[], asks: readonly string[]) => {
  return { coin: "BTC", time: atMs, levels: [bids.map(level), asks.map(level)] };
};
const BOOK = book(START, ["4999.0 x 3.4", "4998.0 x 1.0"], ["5001.0 x 1.2"]);
const bookFrame = (data: object) => ({ channel: "l2Book", data });
const TRADE = { coin: "BTC", side: "B", px: "5000.5", sz: "0.05", time: START, tid: 437413095582311, users: [USER] };
const OLDER_TRADE = { ...TRADE, px: "5003.0", time: START - 9, tid: 1 };
const contextFrame = (ctx: object) => ({ channel: "activeAssetCtx", data: { coin: "BTC", ctx } });
const TERMS = {
  ...{ a: 0, b: "{isBuy}", p: "{price}", s: "{amount}", r: false, t: { limit: { tif: "Gtc" } }, c: "{clientOrderId}" },
};
const BY = { expiresAfter: "*" };
const placing = (terms: object) => {
  return { ...BY, action: { type: "order", orders: [{ ...TERMS, ...terms }], grouping: "na" } };
};
const [CREATE, IDS] = [action("order"), { oid: "{exchangeOrderId:number}", cloid: "{clientOrderId}" }];
const RESTING = { resting: IDS };
const refusal = (error: string) => ({ error: `${error} asset=0` });
const [INVALID, CANCEL] = [refusal("Order has invalid size."), action("cancel")];
const CANCELED_ID = { a: 0, o: "{exchangeOrderId:number}" };
const NOT_THERE = "Order was never placed, already canceled, or filled.";
const OF_ORDER = { coin: "{symbol}", side: "{side}", limitPx: "{price}", origSz: "{amount}", ...IDS, timestamp: START };
/** As lists have it; the stream has the fields of `OF_ORDER` and `sz` alone. */
const ORDER = {
  ...{ ...OF_ORDER, sz: "{amount}", triggerCondition: "N/A", isTrigger: false, triggerPx: "0.0", children: [] },
  ...{ isPositionTpsl: false, reduceOnly: false, orderType: "Limit", tif: "Gtc" },
};
const [BAD_ORDER, UPDATED] = [{ ...ORDER, oid: 9, coin: "ETH", cloid: null, sz: "x" }, START + 1_000];
const CHANGED = { statusTimestamp: UPDATED };
const OPEN = { order: ORDER, status: "open", ...CHANGED };
const PARTIAL = { ...OPEN, order: { ...ORDER, sz: "0.5" } };
const FILLED = { ...OPEN, order: { ...ORDER, sz: "0.0" }, status: "filled" };
const CANCELED = { ...OPEN, status: "canceled" };
const FAILED = { ...OPEN, status: "perpMarginRejected" };
const STATUS = { ...info("orderStatus"), params: [{ oid: "{exchangeOrderId}" }, { oid: "{clientOrderId}" }] };
const known = (order: unknown) => [{ ...STATUS, body: { status: "order", order } }];
const UNKNOWN = { status: "unknownOid" };
/** An order that is asked for by an id that is not known any more, and listed for each status that it had. */
const FORGOTTEN = [
  { ...STATUS, body: UNKNOWN },
  { ...info("historicalOrders"), body: [OPEN, CANCELED] },
];
const causes = (end: string, words: string) => words.split(" ").map((cause) => `${cause}${end}`);
const CANCEL_CAUSES = "margin vaultWithdrawal openInterestCap selfTrade reduceOnly siblingFilled delisted liquidated";
const REJECT_CAUSES =
  "tick minTradeNtl perpMargin reduceOnly badAloPx iocCancel badTriggerPx marketOrderNoLiquidity oracle";
const STATES = {
  ...{ open: "open triggered", filled: "filled" },
  canceled: ["canceled", "scheduledCancel", "internalCancel", ...causes("Canceled", CANCEL_CAUSES)].join(" "),
  failed: ["rejected", "tooManyOpenOrdersRejected", ...causes("Rejected", REJECT_CAUSES)].join(" "),
};
const orderFrame = (row: { readonly order: { readonly sz: string }; readonly status: string }) => {
  const { sz } = row.order;
  return { channel: "orderUpdates", data: [{ ...row, order: { ...OF_ORDER, sz } }] };
};
const FILL = {
  ...{ coin: "{symbol}", px: "5000.0", sz: "{amount}", side: "{side}", time: START + 500, startPosition: "0.0" },
  ...{ dir: "Open Long", closedPnl: "0.0", hash: `0x${"a".repeat(64)}`, ...IDS, crossed: false, fee: "0.5", tid: 700 },
  ...{ feeToken: "USDC", twapId: null },
};
const [PART_FILL, FILLS] = [{ ...FILL, sz: "0.5" }, info("userFillsByTime")];
const filled = (...body: readonly unknown[]) => [{ ...FILLS, body }];
const IS_FORCED = { amount: "-0.3", price: "4900" };
const fillFrame = (...fills: readonly unknown[]) => ({ channel: "userFills", data: { user: USER, fills } });
const FORCED = { ...FILL, coin: "BTC", px: "4900.0", sz: "0.3", side: "A", oid: 9, cloid: undefined, tid: 900 };
const LIQUIDATED = {
  ...{ ...FORCED, dir: "Close Long", closedPnl: "-3.0", crossed: true },
  liquidation: { liquidatedUser: USER, markPx: "4901.0", method: "market" },
};
const DELEVERAGED = { ...FORCED, dir: "Auto-Deleveraging" };
const BAD_FILL = { ...FILL, coin: "ETH", oid: 9, cloid: undefined, sz: "much", tid: 901 };
const OLD_FILL = { ...FILL, coin: "BTC", oid: 1, cloid: undefined, side: "B", sz: "0.1" };
const FILL_OF_PAGE = { ...OLD_FILL, tid: "{index:number}", time: "{startMs-1000+index:number}" };
const LAST_OF_PAGE = { ...OLD_FILL, tid: 499, time: START - 501 };
const SUMMARY = { accountValue: "10000.0" };
const positions = (...rows: readonly object[]) => ({
  ...{ marginSummary: SUMMARY, crossMaintenanceMarginUsed: "0.0", withdrawable: "10000.0", time: "{nowMs:number}" },
  assetPositions: rows.map((position) => ({ type: "oneWay", position })),
});
const STATE = info("clearinghouseState");
const SHORT = {
  ...{ coin: "BTC", szi: "-2.0", leverage: { type: "cross", value: 10 }, entryPx: "5020.0", positionValue: "10001.0" },
  ...{ unrealizedPnl: "39.0", returnOnEquity: "0.03", liquidationPx: "5500.0", marginUsed: "1000.1", maxLeverage: 40 },
  cumFunding: { allTime: "0.075013", sinceOpen: "0.075013", sinceChange: "0.0" },
};
const ISOLATED = { type: "isolated", value: 20, rawUsd: "1.0" };
const LONG = { ...SHORT, coin: "ETH", szi: "3.0", liquidationPx: null, leverage: ISOLATED };
const IS_AT = { side: "both", entryPrice: "5020", unrealizedPnl: "39" } as const;
const IS_SHORT = { ...IS_AT, tradingPair: "BTC-USD", amount: "-2", leverage: "10", liquidationPrice: "5500" };
const SPOT_STATE = info("spotClearinghouseState");
const balance = (coin: string, total: string, hold = "0.0") => ({ coin, token: 0, total, hold, entryNtl: "0.0" });
const balances = (...rows: readonly object[]) => ({ ...SPOT_STATE, body: { balances: rows } });
const LEVERAGE = { user: USER, coin: "{request.coin}", leverage: { type: "cross", value: 10 }, markPx: "5000.5" };
const SET_LEVERAGE = action("updateLeverage");
const FEES = { userCrossRate: "0.00045", userAddRate: "0.00015" };
const [OWN_FEES, PAYMENTS] = [{ userCrossRate: "0.0004", userAddRate: "0.0001" }, info("userFunding")];
const DELTA = { type: "funding", coin: "BTC", usdc: "-0.007501", szi: "0.01", fundingRate: "0.0000125" };
const PAYMENT = { time: SETTLED, hash: `0x${"0".repeat(64)}`, delta: DELTA };
const PAID = { paymentId: `BTC:${SETTLED}`, timestampMs: SETTLED };
const PAYMENT_OF_PAGE = { ...PAYMENT, time: "{startMs-1000+index:number}" };
const LAST_PAYMENT_OF_PAGE = { ...PAYMENT, time: START - 501 };
const LATER_PAGE = { params: { startTime: String(START - 501) } };
const SINCE = { begin: "startTime", end: "endTime", longestMs: "any", reachesMs: "any" } as const;
const MODIFY = action("batchModify");
const modifying = (terms: object) => {
  const modifies = [{ oid: "{exchangeOrderId:number}", order: { ...TERMS, c: "0x*", ...terms } }];
  return { ...BY, action: { type: "batchModify", modifies, a: true } };
};
const [METHOD, SUBSCRIPTION, COIN] = ["{frame.method}", "{frame.subscription}", "{frame.subscription.coin}"];
const ANSWER = { channel: "subscriptionResponse", data: { method: METHOD, subscription: SUBSCRIPTION } };
const subscribes = (subscription: object) => ({ method: "subscribe", subscription });
const first = (channel: string, data: object) => ({ to: subscribes({ type: channel }), with: [{ channel, data }] });
const OTHER_ANSWERS = [
  { to: { method: "ping" }, with: [{ channel: "pong" }] },
  { to: { method: "unsubscribe" }, with: [ANSWER] },
  first("l2Book", { ...BOOK, coin: COIN }),
  first("activeAssetCtx", { coin: COIN, ctx: CONTEXT }),
  first("userFills", { isSnapshot: true, user: USER, fills: [OLD_FILL] }),
];
const PRIVATE = { frames: [{ subscription: { user: "*" } }] };
const refusing = (subscription: object, text: string) => ({
  answers: [
    { to: subscribes({}), unless: subscribes(subscription), with: [ANSWER] },
    { to: subscribes(subscription), with: [{ channel: "error", data: text }] },
    ...OTHER_ANSWERS.map((own) => ({ ...own, unless: subscribes(subscription) })),
  ],
  private: PRIVATE,
});
const subscribed = (type: string) => subscribes({ type, user: USER });
const EXCHANGE_URL = "https://api.hyperliquid.xyz/exchange";
const signed = (nonce: number, asked: object, v: number, r: string, s: string) => {
  const body = JSON.stringify({ action: asked });
  const expected = { body: JSON.stringify({ action: asked, nonce, signature: { r, s, v } }) };
  return { nowMs: nonce, method: "POST", url: EXCHANGE_URL, body, expected } as const;
};
const TWO_CANCELS = { type: "cancel", cancels: [556_696_349_186, 88_383].map((o, a) => ({ a, o })) };
const TEN_TIMES = { type: "updateLeverage", asset: 0, isCross: true, leverage: 10 };
const TIME = { ...info("exchangeStatus"), body: { time: "{nowMs:number}", specialStatuses: null } };
const refused = (response: string) => ({ status: "err", response });
const OF_ACTION = { method: "POST", path: "/exchange/order", body: refused("{code}"), outcome: "definite" } as const;
const OF_HTTP = { method: "GET", path: "/info/meta" } as const;
const NOT_FOUND = { isOrderNotFoundDuringStatusUpdate: true, isOrderNotFoundDuringCancelation: true };
const UNSURE = { outcome: "unknown" } as const;
const is = (error: string, texts: string, more: object = {}) => {
  return { ...OF_ACTION, codes: texts.split("; "), error, ...more };
};
const REFUSALS = [
  ...["Action already expired; Price must be divisible by tick size.; Order has invalid price.; Invalid TP/SL price."],
  ...["Order has invalid size.; Order has zero size.; Order must have minimum value of $10. asset=0"],
  ...["Order value too large. Max is $5.; Order price cannot be more than 80% away from the reference price"],
  ...["Price too far from oracle; Reduce only order would increase position.; Invalid leverage value"],
  ...["Post only order would have immediately matched, bbo was 60003@60004.; Invalid TWAP duration: 1 min(s)"],
  ...["Order could not immediately match against any resting orders.; Builder fee has not been approved."],
  ...["Order would exceed margin tier limit at current leverage; No liquidity available for market order."],
  ...["Cannot set scheduled cancel time until enough volume traded.; Cannot switch leverage type with open position."],
  "Scheduled cancel time must be at least 5 seconds ahead.; Open interest is at its cap; Trading is halted. asset=0",
].join("; ");
const STRANGERS = `User or API Wallet ${VAULT} does not exist.; Must deposit before performing actions. User: 0x`;
const UNREAD = "Failed to deserialize the JSON body into the target type";

export const hyperliquidFixtures: PerpetualConnectorFixtures = {
  ...abilityFixtures,
  ...{ venueModule, connectorName: "hyperliquid_perpetual", tradingPair: "BTC-USD", otherTradingPair: "ETH-USD" },
  ...{ credentials: { privateKey: KEY, accountAddress: USER }, collateralToken: "USDC", startMs: START },
  ...{ exchangeSymbolForTokens: "{base}", restBasePath: "", orderRowsHaveAveragePrice: false },
  sharedPaths: [
    { path: "/info", field: "type", isQuestion: true },
    { path: "/exchange", field: "action.type" },
  ],
  words: { side: { buy: "B", sell: "A" }, isBuy: { of: "side", buy: true, sell: false } },
  socket: { answers: [{ to: subscribes({}), with: [ANSWER] }, ...OTHER_ANSWERS], private: PRIVATE },
  socketThatRefusesTrades: refusing(
    { type: "trades", coin: "BTC" },
    'Invalid subscription {"type":"trades","coin":"BTC"}',
  ),
  socketThatRefusesPrivateChannel: {
    channel: "userFundings",
    socket: refusing({ type: "userFundings" }, `Invalid subscription {"type":"userFundings","user":"${USER}"}`),
  },
  restingRoutes: [
    ...[ALL_SYMBOLS, TIME, { ...STATE, body: positions() }, balances(balance("USDC", "10000.0"))],
    // One balance carries everything, so that other coins are told as well.
    { ...info("userAbstraction"), body: "unifiedAccount" },
    { ...info("activeAssetData"), body: LEVERAGE },
    ...[FILLS, PAYMENTS, info("frontendOpenOrders"), info("historicalOrders")].map((list) => ({ ...list, body: [] })),
    { ...info("perpDexs"), body: [null] },
    { ...info("orderStatus"), body: UNKNOWN },
    { ...info("userFees"), body: FEES },
    contexts(CONTEXT),
  ],
  notOffered: {
    configureOneSuccessfulOneUnsureBatchCreationResponse: "A row that is an error says that its order was not taken.",
    listenKey: "The private stream needs neither a key nor a login: what an account does is public.",
    socketLogin: "Nobody logs in on the socket: what an account does is public.",
    balanceChannel: "Balances are read again after each fill: what is pushed of a unified account means nothing.",
    positionChannel: "Positions are read again after each fill, from the same answer as balances.",
    hedgeMode: "Hyperliquid has one position a market: one-way is its only mode.",
    openOrderPages: "All open orders of an account are listed at once.",
    bookDiffChannel: "Each message of `l2Book` is the whole book.",
    amendsInPlace: "A modified order is canceled, and a new one made.",
  },
  ...{ allSymbolsRequestMockResponse: ALL_SYMBOLS, tradingRulesRequestMockResponse: ALL_SYMBOLS },
  allSymbolsIncludingInvalidPairMockResponse: { ...info("meta"), body: meta(BTC, { ...ETH, szDecimals: 9 }) },
  latestPricesRequestMockResponse: { ...info("recentTrades"), body: [TRADE, OLDER_TRADE] },
  ...{ expectedLatestPrice: "5000.5", networkStatusRequestSuccessfulMockResponse: TIME },
  tradingRulesRequestErroneousMockResponse: { ...info("meta"), body: meta({ ...BTC, szDecimals: undefined }, ETH) },
  expectedTradingRule: {
    ...{ tradingPair: "BTC-USD", contractSize: "1", contractKind: "linear", fundingIntervalMs: HOUR_MS },
    ...{ minOrderSize: "0.00001", minBaseAmountIncrement: "0.00001", minPriceIncrement: "0.1", minPrice: "0.1" },
    ...{ maxPriceSignificantDigits: 5, minNotionalSize: "10", supportsMarketOrders: true },
    ...{ maxNotionalSize: "300000000", maxMarketNotionalSize: "30000000" },
    ...{ buyOrderCollateralToken: "USDC", sellOrderCollateralToken: "USDC" },
  },
  ...{ expectedOtherMarketData: { asset: 2, isIsolated: 0 }, clientOrderIdPattern: "0x[0-9a-f]{32}" },
  expectedLoggedErrorForErroneousTradingRule: "Error parsing the trading pair rule BTC. Skipping.",
  ...{ expectedSupportedOrderTypes: ["limit", "limitMaker", "market"], expectedSupportedPositionModes: ["oneWay"] },
  ...{ orderBookSnapshotMockResponse: { ...info("l2Book"), body: BOOK }, orderBookSnapshotEvent: bookFrame(BOOK) },
  orderBookSnapshotEvents: [
    bookFrame(book(START + 500, ["4999.0 x 3.4", "4998.0 x 1.0"], ["5001.0 x 1.2", "5002.0 x 7.0"])),
    bookFrame(book(START + 1_000, ["4998.0 x 1.0"], ["5001.0 x 0.8", "5002.0 x 7.0"])),
    bookFrame(book(START + 1_500, ["4998.0 x 1.0", "4997.0 x 2.0"], ["5001.0 x 0.8", "5002.0 x 7.0"])),
  ],
  expectedBook: { bids: "4999 x 3.4, 4998 x 1", asks: "5001 x 1.2" },
  expectedBookAfterDiffs: { bids: "4998 x 1, 4997 x 2", asks: "5001 x 0.8, 5002 x 7" },
  malformedSnapshotMockResponse: { ...info("l2Book"), body: { ...BOOK, levels: [[{ px: "x", sz: "1.0" }], []] } },
  tradeEvent: { channel: "trades", data: [TRADE] },
  expectedTrade: { tradeId: `${TRADE.tid}:${START}`, price: "5000.5", amount: "0.05", side: "buy", timestampMs: START },
  malformedTradeEvent: { channel: "trades", data: [{ tid: 1 }] },
  expectedSubscriptions: ["l2Book", "trades", "activeAssetCtx"].map((type) => subscribes({ type, coin: "BTC" })),
  ...{ fundingInfoUrl: CONTEXTS.path, fundingInfoMockResponse: [contexts(CONTEXT)] },
  ...{ fundingInfoEvent: contextFrame(CONTEXT), fundingInfoEventForWebsocketUpdate: contextFrame(NEW_CONTEXT) },
  malformedFundingInfoEvent: contextFrame({ ...CONTEXT, markPx: "x" }),
  fundingInfoUpdate: [contexts(NEW_CONTEXT)],
  expectedFundingInfo: { indexPrice: "5001.5", markPrice: "5000.5", rate: "0.0000125", ...DUE },
  expectedUpdatedFundingRate: "-0.000002",
  auth: {
    ...{ body: ["nonce", "signature"], timestamp: { in: "body", name: "nonce" }, isForActionsOnly: true },
    deadline: { in: "body", name: "expiresAfter" },
  },
  // Agreed on by two other clients and an implementation of our own.
  authVectors: [
    signed(
      1_790_000_000_005,
      TWO_CANCELS,
      27,
      "0x31c40393d876d429feb2df1ea6954a6b97211a2737a168b93e20c9bf707a9149",
      "0x504518c274912de125c97d1517fd135592ea9c4c22318e17e24b02370098675e",
    ),
    signed(
      1_790_000_000_009,
      TEN_TIMES,
      28,
      "0x40e7a88e3dcc969210a186809e6bc8d6fe4ecc95eb4297ff2771a0bdf1428702",
      "0x255e42f5c80ef744777d20dd7b2fe2e1695184e418120c01084a939f1af6057d",
    ),
  ],
  expectedPrivateSubscriptions: ["orderUpdates", "userFills", "userFundings"].map(subscribed),
  serverTime: {
    ...{ serverTime: TIME, serverTimeRefused: { ...TIME, status: 500, body: null } },
    timestampRefused: { ...CREATE, body: refused("Invalid nonce: nonce too low 1 < 1789827320000") },
  },
  orderCreationRequest: { ...CREATE, body: placing({}) },
  orderCreationRequestChanges: {
    limitMaker: placing({ t: { limit: { tif: "Alo" } } }),
    market: placing({ p: "*", t: { limit: { tif: "Ioc" } } }),
    IOC: placing({ t: { limit: { tif: "Ioc" } } }),
    reduceOnly: placing({ r: true }),
    close: placing({ r: true }),
  },
  orderCancelationRequest: { ...CANCEL, body: { action: { type: "cancel", cancels: [CANCELED_ID] } } },
  orderStatusRequest: { ...info("orderStatus"), params: { user: USER, oid: "{exchangeOrderId}" } },
  orderStatusRequestByClientOrderId: { ...info("orderStatus"), params: { user: USER, oid: "{clientOrderId}" } },
  tradesRequest: { ...FILLS, params: { user: USER, startTime: "*" } },
  orderCreationRequestSuccessfulMockResponse: [{ ...CREATE, body: taken("order", RESTING) }],
  orderCreationRequestRefusedMockResponse: [{ ...CREATE, body: taken("order", refusal("Insufficient margin")) }],
  configureSuccessfulCancelationResponse: [CANCEL, action("cancelByCloid")].map((route) => ({
    ...route,
    body: taken("cancel", "success"),
  })),
  configureErroneousCancelationResponse: [{ ...CANCEL, body: taken("cancel", INVALID) }],
  configureOrderNotFoundCancelationResponse: [{ ...CANCEL, body: taken("cancel", refusal(NOT_THERE)) }],
  configureOneSuccessfulOneErroneousCancelAllResponse: [{ ...CANCEL, body: taken("cancel", "success", INVALID) }],
  ...{ configureOpenOrderStatusResponse: known(OPEN), configureCompletelyFilledOrderStatusResponse: known(FILLED) },
  ...{ configureCanceledOrderStatusResponse: FORGOTTEN, configureForgottenOrderStatusResponse: FORGOTTEN },
  ...{ configureFailedOrderStatusResponse: known(FAILED), configurePartiallyFilledOrderStatusResponse: known(PARTIAL) },
  configureHttpErrorOrderStatusResponse: [{ ...STATUS, status: 500, body: null }],
  ...{ configureOrderNotFoundResponse: [{ ...STATUS, body: UNKNOWN }], expectedEventAfterOrderFailure: "orderFailed" },
  orderStates: { routes: known({ ...OPEN, status: "{orderState}" }), states: STATES },
  configureOpenOrdersResponse: [{ ...info("frontendOpenOrders"), body: [{ ...ORDER, ...CHANGED }] }],
  expectedOrderTimestamps: { createdMs: START, updatedMs: UPDATED },
  ...{ configurePartialFillTradeResponse: filled(PART_FILL), configureFullFillTradeResponse: filled(FILL) },
  configureErroneousHttpFillTradeResponse: [{ ...FILLS, status: 500, body: null }],
  ...{ expectedExchangeOrderId: "556696349186", expectedExchangeOrderIds: ["556696349186", "556696349187"] },
  ...{ expectedPartialFillPrice: "5000", expectedPartialFillAmount: "0.5", expectedFillIsMaker: true },
  ...{ expectedFillFee: { token: "USDC", amount: "0.5" }, expectedFillTradeId: `700:${START + 500}` },
  ...{ expectedFillTimestampMs: START + 500, isCancelRequestExecutedSynchronouslyByServer: false },
  isOrderFillHttpUpdateIncludedInStatusUpdate: false,
  isOrderFillHttpUpdateExecutedDuringWebsocketOrderEventProcessing: false,
  fillPages: {
    request: { ...FILLS, params: { user: USER, startTime: "{sinceMs:text}" } },
    routes: [
      { ...FILLS, body: [repeated(500, FILL_OF_PAGE)] },
      { ...FILLS, ...LATER_PAGE, body: [LAST_OF_PAGE, { ...LAST_OF_PAGE, tid: 500 }] },
    ],
    expectedIds: { count: 501, first: `0:${START - 1_000}`, last: `500:${START - 501}` },
  },
  historyLists: [
    { ...SINCE, of: "fills", path: FILLS.path },
    { ...SINCE, of: "fundingPayments", path: PAYMENTS.path },
  ],
  amendRequest: { ...MODIFY, body: modifying({}) },
  // The size is that of the new order.
  amendAmountRequest: { ...MODIFY, body: modifying({ s: "0.3" }) },
  configureSuccessfulAmendResponse: [{ ...MODIFY, body: taken("order", RESTING) }],
  configureRefusedAmendResponse: [{ ...MODIFY, body: taken("order", refusal("Order has invalid price.")) }],
  orderEventForNewOrderWebsocketUpdate: orderFrame(OPEN),
  orderEventForCanceledOrderWebsocketUpdate: orderFrame(CANCELED),
  orderEventForFullFillWebsocketUpdate: orderFrame(FILLED),
  orderEventForPartialFillWebsocketUpdate: orderFrame(PARTIAL),
  orderEventForFailedOrderWebsocketUpdate: orderFrame(FAILED),
  tradeEventForFullFillWebsocketUpdate: fillFrame(FILL),
  tradeEventForPartialFillWebsocketUpdate: fillFrame(PART_FILL),
  tradeEventForRemainingFillWebsocketUpdate: fillFrame({ ...PART_FILL, tid: 701 }),
  balanceRequestMockResponseForBaseAndQuote: balances(balance("BTC", "15.0", "5.0"), balance("USDC", "2000.0")),
  balanceRequestMockResponseOnlyBase: balances(balance("BTC", "15.0", "5.0")),
  tradingFeesRequestMockResponse: [{ ...info("userFees"), body: OWN_FEES }],
  expectedTradingFees: { maker: "0.0001", taker: "0.0004" },
  positionsRequestMockResponse: [{ ...STATE, body: positions(SHORT, LONG) }],
  expectedPositions: [IS_SHORT, { ...IS_AT, tradingPair: "ETH-USD", amount: "3", leverage: "20" }],
  setLeverageRequest: { ...SET_LEVERAGE, body: { action: { ...TEN_TIMES, leverage: "{leverage:number}" } } },
  configureSuccessfulSetLeverage: [{ ...SET_LEVERAGE, body: ok({ type: "default" }) }],
  configureFailedSetLeverage: [{ ...SET_LEVERAGE, body: refused("Invalid leverage value") }],
  ...{ liquidationEvents: [fillFrame(LIQUIDATED)], deleveragingEvents: [fillFrame(DELEVERAGED)] },
  ...{ configureLiquidationResponse: filled(LIQUIDATED), configureDeleveragingResponse: filled(DELEVERAGED) },
  ...{ expectedLiquidation: IS_FORCED, expectedDeleveraging: IS_FORCED },
  unreadableRows: {
    openOrders: [{ ...info("frontendOpenOrders"), body: [ORDER, BAD_ORDER] }],
    fills: filled(PART_FILL, BAD_FILL),
    positions: [{ ...STATE, body: positions(SHORT, { ...LONG, szi: "much" }) }],
    balances: [balances(balance("USDC", "2000.0"), balance("BTC", "much"))],
    frames: [fillFrame(BAD_FILL, PART_FILL)],
  },
  ...{ fundingPaymentUrl: PAYMENTS.path, fundingPaymentMockResponse: { ...PAYMENTS, body: [PAYMENT] } },
  emptyFundingPaymentMockResponse: { ...PAYMENTS, body: [] },
  fundingPaymentEvent: { channel: "userFundings", data: { user: USER, fundings: [{ ...DELTA, time: SETTLED }] } },
  // Negative was paid, as everywhere here.
  expectedFundingPayment: { ...PAID, amount: "-0.007501", asset: "USDC", rate: "0.0000125" },
  fundingPaymentPages: {
    request: { ...PAYMENTS, params: { user: USER, startTime: "{sinceMs:text}" } },
    routes: [
      { ...PAYMENTS, body: [repeated(500, PAYMENT_OF_PAGE)] },
      { ...PAYMENTS, ...LATER_PAGE, body: [LAST_PAYMENT_OF_PAGE, { ...PAYMENT, time: START - 400 }] },
    ],
    expectedIds: { count: 501, first: `BTC:${START - 1_000}`, last: `BTC:${START - 400}` },
  },
  errorTable: [
    is("TimeSyncError", "Invalid nonce: nonce too low 1 < 2; Invalid nonce: nonce too high 2 > 1"),
    is("OrderRejectedError", "Invalid nonce: duplicate nonce 1; nothing that the table knows", UNSURE),
    is("AuthError", `${STRANGERS}; Unable to recover signer.`),
    is("RateLimitError", "Too many cumulative requests sent (10001 > 10000) for cumulative volume traded $0."),
    is("InsufficientMarginError", "Insufficient margin to place order.; Insufficient spot balance"),
    is("NotFoundError", `${NOT_THERE}; Cannot modify canceled or filled order.`, NOT_FOUND),
    is("OrderRejectedError", "Only post-only orders allowed immediately after network upgrade", { retry: "later" }),
    is("OrderRejectedError", REFUSALS),
    { ...OF_HTTP, status: 422, body: UNREAD, error: "OrderRejectedError", outcome: "definite" },
    { ...OF_HTTP, status: 429, body: null, error: "RateLimitError", outcome: "definite" },
    { ...OF_HTTP, ...UNSURE, status: 500, body: null, error: "VenueUnavailableError" },
    { ...OF_HTTP, ...UNSURE, status: 502, body: "<html>bad gateway</html>", error: "VenueUnavailableError" },
  ],
};
