import { camelCase, headerPrefix, type Target, type VenueChoices } from "../choices.ts";
import { source } from "../source.ts";
import { otherBase, restingConstants, restingFixtures } from "./resting-venue.ts";

const LINE_WIDTH = 120;

/** A fixture and its value: text of the generated code, or what to paste from the venue's documentation. */
type Entry = readonly [name: string, value: string | { readonly paste: string }];
/** `page` is where the venue's documentation is likely to have it. */
type Section = readonly [title: string, page: string, ...entries: Entry[]];

/** `fixtures.ts` of the tests: what is known, and what is still to be pasted. */
export function fixturesFile(choices: VenueChoices, target: Target): string {
  const { name, domains, exampleTradingPair } = choices;
  const [, quote = ""] = exampleTradingPair.split("-");
  const inRepository = target === "repository";
  const kit = inRepository ? "testing/kit/index" : "perpwire/testing";
  const imports = [
    { module: inRepository ? `venues/${name}/derivative` : "../src/derivative.ts", names: ["venueModule"] },
    { module: kit, names: ["type PerpetualConnectorFixtures", "paste", "type Route"] },
  ];
  return source(
    target,
    imports,
    `
${restingConstants(choices)}

/**
 * Fixtures of the venue for the kit: documented payloads, and what they mean. Each \`paste(...)\` says what belongs
 * there; until then the tests that need it are listed as to do. Texts may hold placeholders such as
 * \`{clientOrderId}\`.
 */
export const ${camelCase(name)}Fixtures: PerpetualConnectorFixtures = {
  venueModule,
  connectorName: "${domains[0].name}",
  credentials: { apiKey: "key-of-the-tests", apiSecret: "secret-of-the-tests" },
  tradingPair: "${exampleTradingPair}",
  otherTradingPair: "${otherBase(choices)}-${quote}",
  // CHECK: the venue's names of markets.
  exchangeSymbolForTokens: "{base}{quote}",
  restBasePath: "",
  startMs: START,
  notOffered: ${notOffered(choices)},
${restingFixtures(choices)}

${sections(choices).map(renderSection).join("\n\n")}
};
`,
    "../../../src/",
  );
}

function renderSection([title, page, ...entries]: Section): string {
  return [`  // ${title}`, ...entries.map((entry) => renderEntry(entry, page))].join("\n");
}

function renderEntry([name, value]: Entry, page: string): string {
  if (typeof value === "string") return `  ${name}: ${value},`;
  const text = `${value.paste} [${page}]`;
  const line = `  ${name}: paste("${text}"),`;
  return line.length <= LINE_WIDTH ? line : `  ${name}: paste(\n    "${text}",\n  ),`;
}

/** Reason why something has no place here, as far as the choices tell. */
function notOffered({ access, continuity, hasServerTime, positionModes }: VenueChoices): string {
  // Each goes when the file that it names does it: then the kit asks for its fixtures.
  const reasons: [string, string][] = [
    ["amends", "derivative.ts amends no orders yet."],
    ["autoDeleveraging", "user-stream-data-source.ts tells no trades of the venue itself yet."],
    ["configurePositionModeMismatchResponse", "errors.ts knows no refusal of a position mode yet."],
    ["socketThatRefusesTrades", "order-book-data-source.ts reads no answers to subscriptions yet."],
  ];
  if (continuity.endsWith("-rest")) reasons.push(["bookSnapshotChannel", "Snapshots come over REST only."]);
  if (access === "login") reasons.push(["listenKey", "The private stream is opened with a login."]);
  else {
    reasons.push(["socketLogin", "The private stream is opened with a listen key."]);
    reasons.push(["socketThatRefusesPrivateChannel", "The stream of a listen key has everything unasked."]);
  }
  if (!hasServerTime) reasons.push(["serverTime", "The venue does not tell its time."]);
  if (positionModes === "one-way") reasons.push(["hedgeMode", "One-way is the only position mode."]);
  else reasons.push(["configurePositionModeOfMarketResponse", "The position mode is that of the whole account."]);
  return `{\n${reasons.map(([name, reason]) => `    ${name}: "${reason}",`).join("\n")}\n  }`;
}

const p = (paste: string): { readonly paste: string } => ({ paste });

function sections(choices: VenueChoices): readonly Section[] {
  return [
    markets(choices),
    publicData(choices),
    authentication(choices),
    ORDER_REQUESTS,
    ORDER_ANSWERS,
    ORDER_FRAMES,
    account(choices),
    FAULTS,
    FUNDING,
    ERRORS,
  ];
}

function markets({ positionModes }: VenueChoices): Section {
  return [
    "Markets.",
    "market data: instruments, tickers",
    ["allSymbolsRequestMockResponse", p("the instruments: both pairs, and rows that are no open perpetual")],
    ["allSymbolsIncludingInvalidPairMockResponse", p("the instruments, where tradingPair alone is valid")],
    ["latestPricesRequestMockResponse", p("a ticker")],
    ["expectedLatestPrice", p("the last price of that ticker")],
    ["networkStatusRequestSuccessfulMockResponse", p("the answer to the sign of life (server time, or ping)")],
    ["tradingRulesRequestMockResponse", p("the instruments")],
    ["tradingRulesRequestErroneousMockResponse", p("the instruments, where the row of tradingPair lacks its tick")],
    [
      "expectedTradingRule",
      p("its every field, and fundingIntervalMs; of a market whose contract is no base unit, where the venue has one"),
    ],
    ["expectedLoggedErrorForErroneousTradingRule", p("what the log says of that row")],
    ["expectedSupportedOrderTypes", '["limit", "limitMaker", "market"]'],
    ["expectedSupportedPositionModes", positionModes === "hedge" ? '["oneWay", "hedge"]' : '["oneWay"]'],
  ];
}

function publicData({ continuity }: VenueChoices): Section {
  const proof = continuity === "checksum" ? "with their checksums" : "with ids in sequence";
  const snapshot: Entry = continuity.endsWith("-rest")
    ? ["orderBookSnapshotAfterDiffsMockResponse", p("the order book over REST once those three are in it")]
    : ["orderBookSnapshotEvent", p("the frame that opens the book's stream")];
  return [
    "Order book, trades, funding info.",
    "market data; WebSocket: public channels",
    ["orderBookSnapshotMockResponse", p("the order book over REST")],
    ["orderBookDiffEvents", p(`three frames in sequence after that snapshot, ${proof}`)],
    snapshot,
    ["expectedBook", p("every level of the snapshot, best first")],
    ["expectedBookAfterDiffs", p("every level after the three frames")],
    ["tradeEvent", p("a frame of the trades channel")],
    ["expectedTrade", p("what that trade was; the side is the taker's")],
    ["expectedSubscriptions", p("the frames that subscribe tradingPair")],
    ["malformedTradeEvent", p("a frame of the trades channel that lacks its price")],
    ["malformedDiffEvent", p("a frame of the book that lacks its levels")],
    ["malformedSnapshotMockResponse", p("the order book over REST, without its levels")],
    ["fundingInfoUrl", '"/v1/funding"'],
    ["fundingInfoMockResponse", p("mark price, index price, funding rate and next funding time over REST")],
    ["fundingInfoEvent", p("the first frame of the funding channel")],
    ["fundingInfoEventForWebsocketUpdate", p("a later one, with another rate")],
    ["malformedFundingInfoEvent", p("a frame of the funding channel that lacks its rate")],
    ["fundingInfoUpdate", p("the same change over REST")],
    ["expectedFundingInfo", p("what the first of them says")],
    ["expectedUpdatedFundingRate", p("the rate of the later one")],
  ];
}

function authentication({ access, hasServerTime, name, signing }: VenueChoices): Section {
  const prefix = headerPrefix(name).toLowerCase();
  const window = signing.parts.includes("window");
  const headers = [`${prefix}-key`, `${prefix}-timestamp`, ...(window ? [`${prefix}-window`] : []), `${prefix}-sign`];
  const inHeaders = `{
    headers: [${headers.map((header) => `"${header}"`).join(", ")}],
    timestamp: { in: "headers", name: "${prefix}-timestamp" },
  }`;
  const inQuery = `{
    headers: ["x-${prefix}-key"],
    params: [${["timestamp", ...(window ? ["recvWindow"] : []), "signature"].map((each) => `"${each}"`).join(", ")}],
    timestamp: { in: "params", name: "timestamp" },
  }`;
  const login: readonly Entry[] = [
    ["wsAuthVector", p("a login frame and its time, made with another tool where the documentation has no example")],
    ["expectedPrivateSubscriptions", p("the frames that subscribe the private channels")],
    ["socketThatRefusesPrivateChannel", p("socket as it is while the venue refuses one of them, and that one's name")],
  ];
  const listenKey: readonly Entry[] = [
    ["expectedPrivateSubscriptions", "[]"],
    ["listenKey", p("the answers that make and keep a listen key, how each is refused, and the frame of its end")],
  ];
  const serverTime: Entry = ["serverTime", p("the server time ({nowMs}), and how a late timestamp is refused")];
  return [
    "Authentication.",
    "signing requests",
    ["auth", signing.place === "header" ? inHeaders : inQuery],
    ["authVectors", p("signed requests of the documentation: a GET with a query, a POST with a body")],
    ...(access === "login" ? login : listenKey),
    ...(hasServerTime ? [serverTime] : []),
  ];
}

const ORDER_REQUESTS: Section = [
  "Orders: requests.",
  "trading: place, cancel, query an order",
  ["orderCreationRequest", p("the request of a limit order, good till canceled")],
  ["orderCreationRequestChanges", p("what the other types, times in force, closing and hedge mode change in it")],
  ["orderCancelationRequest", p("the request of a cancel")],
  ["orderStatusRequest", p("the request of an order's status, by the exchange's id")],
  ["orderStatusRequestByClientOrderId", p("the same by the client's id")],
  ["tradesRequest", p("the request of an order's fills")],
];

const ORDER_ANSWERS: Section = [
  "Orders: answers, with placeholders of the order ({clientOrderId}, {exchangeOrderId}, {side}, {price}, {amount}).",
  "trading: orders, fills",
  ["orderCreationRequestSuccessfulMockResponse", p("the answer to an order that is taken")],
  ["orderCreationRequestRefusedMockResponse", p("the answer to an order that is refused")],
  ["configureSuccessfulCancelationResponse", p("the answer to a cancel")],
  ["configureErroneousCancelationResponse", p("the answer to a cancel that is refused")],
  ["configureOrderNotFoundCancelationResponse", p("the answer to the cancel of an order that is not there")],
  ["configureOneSuccessfulOneErroneousCancelAllResponse", p("both of these, of two orders ({other.exchangeOrderId})")],
  ["configureOpenOrderStatusResponse", p("an open order, by either id")],
  ["configureCompletelyFilledOrderStatusResponse", p("the order when it has filled")],
  ["configureCanceledOrderStatusResponse", p("the order when it is canceled")],
  ["configurePartiallyFilledOrderStatusResponse", p("the order when a part of it has filled")],
  ["configureHttpErrorOrderStatusResponse", p("a failure of the server, with status 500 or more")],
  ["configureFailedOrderStatusResponse", p("the order when the venue took it and closed it again")],
  ["expectedEventAfterOrderFailure", '"orderFailed"'],
  ["configureOrderNotFoundResponse", p("the answer when the venue does not know the order")],
  ["orderStates", p("a status with the {orderState} in it, and the venue's words by ours")],
  ["configureOpenOrdersResponse", p("the list of open orders with this one in it")],
  ["expectedOrderTimestamps", p("when the order of these payloads was made, and when it changed")],
  ["configurePartialFillTradeResponse", p("the order's fills: one, of a part")],
  ["configureFullFillTradeResponse", p("the order's fills: one, of all")],
  ["configureErroneousHttpFillTradeResponse", p("a failure instead of the fills")],
  ["expectedExchangeOrderId", p("an id as the venue gives it")],
  ["expectedExchangeOrderIds", p("the same and another one")],
  ["expectedPartialFillPrice", p("the price of the fills")],
  ["expectedPartialFillAmount", p("the amount of the part fill")],
  ["expectedFillFee", p("token and amount of the fee of both fills; positive is paid")],
  ["expectedFillTradeId", p("the id of the fills")],
  ["expectedFillIsMaker", p("whether the fills were a maker's")],
  ["expectedFillTimestampMs", p("the time of the fills")],
  ["isCancelRequestExecutedSynchronouslyByServer", "false"],
  ["isOrderFillHttpUpdateIncludedInStatusUpdate", "false"],
  ["isOrderFillHttpUpdateExecutedDuringWebsocketOrderEventProcessing", "false"],
  ["fillPages", p("more fills than one page holds, and their ids")],
  ["openOrderPages", p("more open orders than one page holds, and their ids; not offered where one answer has all")],
  ["historyLists", p("lists of fills and funding payments: parameters of the range, its longest, how far it reaches")],
];

const ORDER_FRAMES: Section = [
  "Orders: frames.",
  "WebSocket: private channels",
  ["orderEventForNewOrderWebsocketUpdate", p("the order when it opens")],
  ["orderEventForCanceledOrderWebsocketUpdate", p("the order when it is canceled")],
  ["orderEventForFullFillWebsocketUpdate", p("the order when it has filled")],
  ["orderEventForPartialFillWebsocketUpdate", p("the order when a part of it has filled")],
  ["orderEventForFailedOrderWebsocketUpdate", p("the order when the venue took it and closed it again")],
  ["tradeEventForFullFillWebsocketUpdate", p("the fill of all of it")],
  ["tradeEventForPartialFillWebsocketUpdate", p("the fill of a part")],
  ["tradeEventForRemainingFillWebsocketUpdate", p("the fill of what is left after that part, with another id")],
  ["positionEventForFullFillWebsocketUpdate", p("the position after the fill")],
  [
    "liquidationEvents",
    p("the private frames of a liquidation of tradingPair; not offered where nothing tells of one"),
  ],
  ["configureLiquidationResponse", p("how the account's history lists that liquidation")],
  ["expectedLiquidation", p("the signed change of the position, and the price")],
];

function account({ positionModes }: VenueChoices): Section {
  const hedge: readonly Entry[] = [
    ["hedgePositionsRequestMockResponse", p("positions of both sides of tradingPair, in hedge mode")],
    ["expectedHedgePositions", p("what these are")],
  ];
  const mode: readonly Entry[] = [
    ["setPositionModeRequest", p("the request that sets the {positionMode}")],
    ["configureSuccessfulSetPositionMode", p("its answer")],
    ["configureFailedSetPositionMode", p("how it is refused")],
    ["configurePositionModeResponse", p("how the venue tells the {positionMode}")],
  ];
  return [
    "Account.",
    "account: balances, positions, fees, settings",
    ["balanceRequestMockResponseForBaseAndQuote", p("balances: base 15, of which 10 are available; quote 2000")],
    ["balanceRequestMockResponseOnlyBase", p("balances: base 15, of which 10 are available")],
    ["balanceEventWebsocketUpdate", p("a frame of the balances channel")],
    ["expectedBalanceEvent", p("what it says")],
    ["tradingFeesRequestMockResponse", p("the account's fees, other than the default ones")],
    ["expectedTradingFees", p("what these are, as fractions")],
    ["positionsRequestMockResponse", p("a long position and a short one, of both pairs")],
    ["expectedPositions", p("what these are; negative is short")],
    ...(positionModes === "hedge" ? hedge : []),
    ["setLeverageRequest", p("the request that sets the {leverage}")],
    ["configureSuccessfulSetLeverage", p("its answer")],
    ["configureFailedSetLeverage", p("how it is refused")],
    ...(positionModes === "hedge" ? mode : []),
  ];
}

const FAULTS: Section = [
  "What cannot be read.",
  "account: orders, fills, positions, balances",
  ["unreadableRows", p("lists and frames with a row of the other pair in them that cannot be read")],
];

const FUNDING: Section = [
  "Funding payments.",
  "account: funding payments",
  ["fundingPaymentUrl", '"/v1/funding-payments"'],
  ["fundingPaymentMockResponse", p("one payment")],
  ["emptyFundingPaymentMockResponse", p("the answer when there is none")],
  ["expectedFundingPayment", p("what the payment is; negative was paid")],
  ["fundingPaymentPages", p("more payments than one page holds, and their ids")],
];

const ERRORS: Section = [
  "Errors.",
  "error codes",
  ["errorTable", p("an answer for every entry of errors.ts, with class and outcome")],
];
