import type { VenueChoices } from "../../../packages/cli/src/create/choices.ts";
import type { VenueModule } from "../../../src/connector/perpetual-venue.ts";
import type { AuthVector, ErrorRow, Route } from "../../../src/testing/kit/fixture-shapes.ts";
import type { PerpetualConnectorFixtures } from "../../../src/testing/kit/fixtures.ts";
import { ORDER_FRAMES, orderAnswers, orderRequests } from "./pasted-orders.ts";
import {
  ASKS,
  BIDS,
  BTC,
  DIFFS,
  ETH,
  EXPECTED_POSITION,
  FUNDING,
  frame,
  INSTRUMENT,
  LATER_ASKS,
  LATER_BIDS,
  LINKS,
  OTHERS,
  PAID,
  PAYMENT,
  type Pasted,
  POSITION,
  PRIVATE_CHANNELS,
  pages,
  SETTLED,
  SNAPSHOT,
  SNAPSHOTS,
  START,
  USDT,
  wire,
  withWireSizes,
} from "./pasted-payloads.ts";

/**
 * What somebody would paste whose venue is exactly as the scaffolder guesses it: the whole kit must pass on what was
 * generated then. Signatures are made with another tool.
 */
export interface PastedSignatures {
  /** Default: as the scaffolder writes it. */
  readonly auth?: PerpetualConnectorFixtures["auth"] | undefined;
  readonly authVectors: readonly AuthVector[];
  /** Of the time and the text `login`. */
  readonly login?: string | undefined;
  /** The time of that text; default: epoch milliseconds. */
  readonly loginTime?: string | undefined;
  /** Beside key and secret. */
  readonly credentials?: Readonly<Record<string, string>> | undefined;
}

function markets(choices: VenueChoices): Pasted {
  const { get } = wire(choices);
  const isTold = choices.hasServerTime;
  const all = get("/v1/instruments", [INSTRUMENT, ETH, ...OTHERS]);
  return {
    allSymbolsRequestMockResponse: all,
    allSymbolsIncludingInvalidPairMockResponse: get("/v1/instruments", [INSTRUMENT, { ...ETH, baseCurrency: "" }]),
    latestPricesRequestMockResponse: get("/v1/ticker", { symbol: "BTCUSDT", lastPrice: "5000.5" }),
    expectedLatestPrice: "5000.5",
    networkStatusRequestSuccessfulMockResponse: isTold
      ? get("/v1/time", { serverTime: "{nowMs:number}" })
      : get("/v1/ping", {}),
    tradingRulesRequestMockResponse: all,
    tradingRulesRequestErroneousMockResponse: get("/v1/instruments", [{ ...INSTRUMENT, tickSize: undefined }, ETH]),
    expectedTradingRule: {
      ...{ tradingPair: "BTC-USDT", minOrderSize: "0.001", maxOrderSize: "1000", minPriceIncrement: "0.5" },
      ...{ minBaseAmountIncrement: "0.0001", minNotionalSize: "5", contractKind: "linear" },
      contractSize: choices.sizeUnit === "contracts" ? "0.001" : "1",
      ...{ buyOrderCollateralToken: "USDT", sellOrderCollateralToken: "USDT", supportsMarketOrders: true },
      fundingIntervalMs: 28_800_000,
    },
    expectedLoggedErrorForErroneousTradingRule: "Error parsing the trading pair rule BTCUSDT. Skipping.",
  };
}

const FUNDING_FRAME = { channel: "funding", symbol: "BTCUSDT", timestamp: START, data: FUNDING };

function orderBook(choices: VenueChoices): Route {
  return wire(choices).get("/v1/orderbook", { bids: BIDS, asks: ASKS, timestamp: START, ...LINKS[0] });
}

function laterBook(choices: VenueChoices): Route {
  return wire(choices).get("/v1/orderbook", {
    bids: LATER_BIDS,
    asks: LATER_ASKS,
    timestamp: START + 300,
    ...LINKS[3],
  });
}

const CHANGES: Pasted = {
  orderBookDiffEvents: DIFFS,
  malformedDiffEvent: { ...DIFFS[0], data: { bids: [] } },
};
const WHOLE_BOOKS: Pasted = { orderBookSnapshotEvents: [SNAPSHOTS[0], SNAPSHOTS[1], SNAPSHOTS[2]] };

function publicData(choices: VenueChoices): Pasted {
  const { get } = wire(choices);
  const update = { ...FUNDING, fundingRate: "-0.00002" };
  const funding = (row: object) => get("/v1/funding", row, { symbol: "BTCUSDT" });
  return {
    orderBookSnapshotMockResponse: orderBook(choices),
    ...(!choices.continuity.endsWith("-rest") && { orderBookSnapshotEvent: SNAPSHOT }),
    ...(choices.continuity.startsWith("snapshots") ? WHOLE_BOOKS : CHANGES),
    ...(choices.continuity.endsWith("-rest") && { orderBookSnapshotAfterDiffsMockResponse: laterBook(choices) }),
    expectedBook: { bids: BIDS, asks: ASKS },
    expectedBookAfterDiffs: { bids: LATER_BIDS, asks: LATER_ASKS },
    tradeEvent: {
      ...{ channel: "trades", symbol: "BTCUSDT", timestamp: START },
      data: [{ id: "4012", price: "5000.5", size: "0.0513", side: "sell", timestamp: START + 7 }],
    },
    expectedTrade: { tradeId: "4012", price: "5000.5", amount: "0.0513", side: "sell", timestampMs: START + 7 },
    expectedSubscriptions: ["orderbook", "trades", "funding"].map((channel) => {
      return { op: "subscribe", channel, symbol: "BTCUSDT" };
    }),
    malformedTradeEvent: { channel: "trades", symbol: "BTCUSDT", timestamp: START, data: [{ id: "1" }] },
    malformedSnapshotMockResponse: get("/v1/orderbook", { bids: [] }),
    fundingInfoUrl: "/v1/funding",
    fundingInfoMockResponse: [funding(FUNDING)],
    fundingInfoEvent: FUNDING_FRAME,
    fundingInfoEventForWebsocketUpdate: { channel: "funding", symbol: "BTCUSDT", timestamp: START, data: update },
    malformedFundingInfoEvent: { channel: "funding", symbol: "BTCUSDT", timestamp: START, data: { symbol: "BTCUSDT" } },
    fundingInfoUpdate: [funding(update)],
    expectedFundingInfo: {
      ...{ indexPrice: "4999.25", markPrice: "5000.75", rate: "0.000011" },
      nextFundingTimestampMs: START + 3_600_000,
    },
    expectedUpdatedFundingRate: "-0.00002",
  };
}

/** Fields of a subscription that say whose it is. */
function accountFields({ credentials }: VenueChoices, blank: PerpetualConnectorFixtures): object {
  const named = ["userId", "subAccount", "accountAddress", "vaultAddress"] as const;
  const given = named.filter((name) => credentials.includes(name));
  const isNamed = given.some((name) => name !== "subAccount");
  return isNamed ? Object.fromEntries(given.map((name) => [name, blank.credentials[name]])) : {};
}

function access(
  choices: VenueChoices,
  { auth, authVectors, login, loginTime, credentials }: PastedSignatures,
  blank: PerpetualConnectorFixtures,
): Pasted {
  const { get, post, refused } = wire(choices);
  const listenKey = "listen-key-of-the-tests";
  const nowMs = 1_700_000_000_000;
  const given = { apiKey: "key", apiSecret: "secret", ...credentials };
  const { apiSecret, ...shown } = given;
  const args = { ...shown, timestamp: loginTime ?? String(nowMs), signature: login };
  const fields = accountFields(choices, blank);
  const subscriptions = PRIVATE_CHANNELS.map((channel) => ({ op: "subscribe", channel, ...fields }));
  const loggedIn = {
    wsAuthVector: {
      credentials: given,
      nowMs,
      expected: { op: "login", args },
      refusal: { op: "login", success: false },
    },
    expectedPrivateSubscriptions: subscriptions,
  };
  const addressed = { expectedPrivateSubscriptions: subscriptions };
  const signed = { apiKey: blank.credentials.apiKey, signature: "*" };
  const oneByOne = {
    expectedPrivateSubscriptions: subscriptions.map((frame) => ({ ...frame, timestamp: "*", auth: signed })),
  };
  const keyed = {
    listenKey: {
      listenKey,
      fetchListenKey: post("/v1/listen-key", { listenKey }),
      getListenKeyRefused: refused("POST", "/v1/listen-key", 1005, 503),
      pingListenKey: { ...post("/v1/listen-key", {}), method: "PUT" },
      pingListenKeyRefused: refused("PUT", "/v1/listen-key", 1006),
      expiredEvent: { op: "listenKeyExpired" },
    },
  } as const;
  const timed = {
    serverTime: {
      serverTime: get("/v1/time", { serverTime: "{nowMs:number}" }),
      serverTimeRefused: refused("GET", "/v1/time", 1005, 503),
      timestampRefused: refused("GET", "/v1/balances", 1001),
    },
  };
  return {
    auth: auth ?? blank.auth,
    authVectors,
    ...{ login: loggedIn, "listen-key": keyed, "fetched-address": addressed, "signed-subscriptions": oneByOne }[
      choices.access
    ],
    ...(choices.hasServerTime ? timed : {}),
  };
}

const SET_LEVERAGE = {
  method: "POST",
  path: "/v1/leverage",
  body: { symbol: "{symbol}", leverage: "{leverage}" },
} as const;

/** The venue's socket, which refuses balances. */
function refusedChannel({ socket }: PerpetualConnectorFixtures): Pasted {
  const channel = "balances";
  if ("paste" in socket) throw new TypeError("the scaffolder writes the socket");
  const refusal = { op: "subscribe", channel, success: false, message: "not now" };
  const others = socket.answers.map((answer) => ({ ...answer, unless: { channel } }));
  const answers = [...others, { to: { op: "subscribe", channel }, with: [refusal] }];
  return { socketThatRefusesPrivateChannel: { channel, socket: { ...socket, answers } } };
}

/** The venue's socket, which refuses the trades of one market. */
function refusedTrades({ socket }: PerpetualConnectorFixtures): Pasted {
  if ("paste" in socket) throw new TypeError("the scaffolder writes the socket");
  const trades = { channel: "trades", symbol: "BTCUSDT" };
  const refusal = { op: "subscribe", ...trades, success: false, message: "not now" };
  const others = socket.answers.map((answer) => ({ ...answer, unless: trades }));
  const answers = [...others, { to: { op: "subscribe", ...trades }, with: [refusal] }];
  return { socketThatRefusesTrades: { ...socket, answers } };
}

function account(choices: VenueChoices): Pasted {
  const { get, post, refused } = wire(choices);
  const sides = [
    { ...POSITION, positionSide: "long", size: "3", unrealizedPnl: "9" },
    { ...POSITION, positionSide: "short" },
  ];
  const expected = (tradingPair: string, side: "both" | "long" | "short", amount: string, unrealizedPnl: string) => {
    return { ...EXPECTED_POSITION, tradingPair, side, amount, unrealizedPnl };
  };
  const hedge = {
    hedgePositionsRequestMockResponse: [get("/v1/positions", sides)],
    expectedHedgePositions: [expected("BTC-USDT", "long", "3", "9"), expected("BTC-USDT", "short", "-2", "-6")],
    setLeverageRequestInHedgeMode: SET_LEVERAGE,
    setPositionModeRequest: { method: "POST", path: "/v1/position-mode", body: { mode: "{positionMode}" } },
    configureSuccessfulSetPositionMode: [post("/v1/position-mode", {})],
    configureFailedSetPositionMode: [refused("POST", "/v1/position-mode", 2003)],
    configurePositionModeResponse: [get("/v1/position-mode", { mode: "{positionMode}" })],
  } as const;
  const long = { ...POSITION, symbol: "ETHUSDT", size: "3", unrealizedPnl: "9" };
  return {
    balanceRequestMockResponseForBaseAndQuote: get("/v1/balances", [
      BTC,
      { ...USDT, total: "2000", available: "2000" },
    ]),
    balanceRequestMockResponseOnlyBase: get("/v1/balances", [BTC]),
    balanceEventWebsocketUpdate: frame("balances", BTC),
    expectedBalanceEvent: { asset: "BTC", total: "15", available: "10" },
    tradingFeesRequestMockResponse: [get("/v1/fees", { makerFeeRate: "0.0001", takerFeeRate: "0.00045" })],
    expectedTradingFees: { maker: "0.0001", taker: "0.00045" },
    positionsRequestMockResponse: [get("/v1/positions", [POSITION, long])],
    expectedPositions: [expected("BTC-USDT", "both", "-2", "-6"), expected("ETH-USDT", "both", "3", "9")],
    setLeverageRequest: SET_LEVERAGE,
    configureSuccessfulSetLeverage: [post("/v1/leverage", {})],
    configureFailedSetLeverage: [refused("POST", "/v1/leverage", 2003)],
    ...(choices.positionModes === "hedge" && hedge),
  };
}

const ANY_RANGE = { begin: "startTime", end: "endTime", longestMs: "any", reachesMs: "any" } as const;

function funding(choices: VenueChoices): Pasted {
  const { get } = wire(choices);
  const { rate, ...payment } = PAYMENT;
  return {
    fundingPaymentUrl: "/v1/funding-payments",
    fundingPaymentMockResponse: get("/v1/funding-payments", [PAID]),
    emptyFundingPaymentMockResponse: get("/v1/funding-payments", []),
    expectedFundingPayment: { paymentId: "88231", amount: payment.amount, asset: "USDT", rate, timestampMs: SETTLED },
    historyLists: [
      { ...ANY_RANGE, of: "fills", path: "/v1/fills" },
      { ...ANY_RANGE, of: "fundingPayments", path: "/v1/funding-payments" },
    ],
    fundingPaymentPages: pages("/v1/funding-payments", PAYMENT, get),
  };
}

function errorTable(choices: VenueChoices): readonly ErrorRow[] {
  const { no } = wire(choices);
  const row = (code: number, error: string, outcome: "definite" | "unknown" = "definite", more: object = {}) => {
    return { status: 400, body: no(code), error, outcome, ...more };
  };
  const notFound = { isOrderNotFoundDuringStatusUpdate: true, isOrderNotFoundDuringCancelation: true };
  return [
    choices.hasServerTime ? row(1001, "TimeSyncError") : row(1001, "AuthError"),
    ...[1002, 1003].map((code) => row(code, "AuthError")),
    row(1004, "RateLimitError", "definite", { retry: "later" }),
    row(1005, "VenueUnavailableError", "unknown", { retry: "later" }),
    row(2001, "NotFoundError", "definite", notFound),
    row(2002, "InsufficientMarginError"),
    ...[2003, 2004, 2005].map((code) => row(code, "OrderRejectedError")),
    row(2006, "OrderRejectedError", "unknown"),
    row(9999, "OrderRejectedError", "unknown"),
    { status: 429, body: "slow down", error: "RateLimitError", outcome: "definite", retry: "later" } as const,
    { status: 401, body: "who are you", error: "AuthError", outcome: "definite" } as const,
    { status: 502, body: "<html>bad gateway</html>", error: "VenueUnavailableError", outcome: "unknown" } as const,
  ];
}

/** Asked for, and not in what is generated: it is the venue's own. */
const NOT_GENERATED = {
  openOrderPages: "This venue lists all open orders at once.",
};

/** `blank` is what was generated: what it says itself stays. */
export function pastedFixtures(
  choices: VenueChoices,
  blank: PerpetualConnectorFixtures & { readonly venueModule: VenueModule },
  signatures: PastedSignatures,
): PerpetualConnectorFixtures {
  return {
    ...blank,
    notOffered: { ...blank.notOffered, ...NOT_GENERATED },
    words: { positionMode: { oneWay: "one_way", hedge: "hedge" }, sign: { of: "side", buy: "", sell: "-" } },
    ...withWireSizes(choices, {
      ...markets(choices),
      ...publicData(choices),
      ...access(choices, signatures, blank),
      ...orderRequests(choices),
      ...orderAnswers(choices),
      ...ORDER_FRAMES,
      ...account(choices),
      ...funding(choices),
    }),
    ...(choices.access !== "listen-key" && refusedChannel(blank)),
    ...refusedTrades(blank),
    errorTable: errorTable(choices),
  };
}
