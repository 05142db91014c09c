import type { RequestLine, TruthOrder, TruthPayment } from "./history.ts";

/** Differences in how a venue's protocol names and tells its engine's acts. */
export interface VenueNames {
  /** The engine calls a market `BTC-USD` whatever it is quoted in. */
  pairOf(market: string): string;
  /** Id of the order that a client id belongs to: an amendment of FTX is an order of its own with an id of its own. */
  wholeId(clientId: string): string;
  /** Text of a message in which each client id of an amendment is that of its order. */
  withWholeIds(text: string): string;
  paymentId(payment: TruthPayment, pair: string): string;
  /** True where an amend is answered with an order of its terms before the engine has looked. */
  readonly answersAmendsEarly: boolean;
  /**
   * True where the protocol says that a position was reduced by auto-deleveraging or settled when its market was
   * delisted; on FTX that looks like a trade of another program.
   */
  readonly tellsDeleveraging: boolean;
  /** True where a market order is a limit order at a bound, which the venue's record has as its price. */
  readonly boundsMarketOrders: boolean;
  /** Meaning of the balance: FTX's and Hyperliquid's include unrealised profit. */
  readonly balance: "equity" | "cash";
  /** True where the venue has a log of cash flows, so that a day's result is a sum of its bookings. */
  readonly hasCashFlows: boolean;
  /** States that an order may end in when it was not filled whole. `wasTaken`: the matching engine had it. */
  endStates(order: TruthOrder, wasTaken: boolean | undefined): readonly string[];
  /** Tells that a request only asks, and changes nothing. */
  isQuestion(request: RequestLine): boolean;
  /** Tells that a request asks for an order to be made. */
  isCreate(request: RequestLine): boolean;
  /** Tells that a message over a socket asks for an order to be made. */
  isCreateFrame(text: string): boolean;
  /** Tells that an answer over a socket refuses what was asked for. */
  refusesFrame(text: string): boolean;
  /** Tells that an answer with a good status took nothing of the request. */
  isRefusal(text: string): boolean;
  /** Tells that an answer refuses the order that was to be made. */
  refusesOrder(status: number, text: string): boolean;
  /** Tells that an answer to a question about an order says that it was not found. */
  isNotFound(status: number, text: string): boolean;
  /** Tells that a request asks for all open orders. */
  isListOfOpen(request: RequestLine): boolean;
}

const AMENDMENT = /-a\d+$/;
/** Ids of 128 bits, as amendments on Hyperliquid have them: six digits are the number of the amend, 0 for the order. */
const HEX_128 = /\b(0x[0-9a-f]{16})[0-9a-f]{6}([0-9a-f]{10})\b/g;

const pathOf = ({ url }: RequestLine): string => new URL(url).pathname;

const post =
  (...paths: readonly string[]) =>
  (request: RequestLine) =>
    request.method === "POST" && paths.includes(pathOf(request));

const get =
  (...paths: readonly string[]) =>
  (request: RequestLine) =>
    request.method === "GET" && paths.includes(pathOf(request));

/** Finds a code of refusal in a text. `doubtful` are the codes of success, of ids in use, and of an unknown outcome. */
const hasRefusal =
  (code: RegExp, ...doubtful: readonly string[]) =>
  (_: number, text: string) =>
    [...text.matchAll(code)].some(([, value = ""]) => !doubtful.includes(value));

interface Names extends Omit<VenueNames, "pairOf"> {
  /** Token that pairs are quoted in, where it is not the one that balances are in. */
  readonly quote?: string;
}

const COMMON = {
  wholeId: (clientId: string) => clientId,
  withWholeIds: (text: string) => text,
  paymentId: ({ paymentId }: TruthPayment) => String(paymentId),
  answersAmendsEarly: false,
  tellsDeleveraging: true,
  boundsMarketOrders: false,
  balance: "cash",
  hasCashFlows: true,
  isRefusal: (_: string) => false,
  isCreateFrame: (_: string) => false,
  refusesFrame: (_: string) => false,
  isQuestion: ({ method }: RequestLine) => method === "GET",
} as const;

const withoutAmends = (text: string): string => text.replace(HEX_128, "$1000000$2");

/** Reasons for which Hyperliquid ends an order that it took, but for those that its state names as a rejection. */
const ENDED_ON_HYPERLIQUID: ReadonlySet<string | null> = new Set([
  ...["user", "fokUnfilled", "selfTrade", "reduceOnly", "margin", "liquidation", "delisted", "amended"],
]);

/** Hyperliquid has one path for all questions and one for all actions, in the box below its name. */
const ends = (path: string) => (request: RequestLine) => pathOf(request).endsWith(path);

const typed =
  (path: string, type: string) =>
  (request: RequestLine): boolean =>
    ends(path)(request) && request.body?.includes(`"type":"${type}"`) === true;

const BYBIT_REFUSES = hasRefusal(/"(?:retCode|code)":"?(\d+)/g, "0", "10000", "10014", "10016", "110030", "110072");
const BINANCE_REFUSES = hasRefusal(/"code":(-\d+)/g, "-1000", "-1001", "-1006", "-1007", "-4116");
const OKX_REFUSES = hasRefusal(/"s?[cC]ode":"(\d+)"/g, "0", "1", "2", "50001", "50004", "50026", "51016", "51412");
const GATE_IO_REFUSES = hasRefusal(/"label":"(\w+)"/g, "INTERNAL", "SERVER_ERROR", "TOO_BUSY");

const VENUES: Readonly<Record<string, Names>> = {
  ftx_perpetual: {
    ...COMMON,
    wholeId: (clientId) => clientId.replace(AMENDMENT, ""),
    answersAmendsEarly: true,
    tellsDeleveraging: false,
    balance: "equity",
    hasCashFlows: false,
    // A closed order is filled or it is not: FTX knows no other end.
    endStates: () => ["canceled"],
    isCreate: post("/api/orders"),
    refusesOrder: (status, text) => status >= 400 && !/Duplicate client order ID/i.test(text),
    isNotFound: (status, text) => status === 404 || /order not found/i.test(text),
    isListOfOpen: get("/api/orders"),
  },
  bybit_perpetual: {
    ...COMMON,
    // `Rejected` is an order that the gateway took and the matching engine did not.
    endStates: (_, wasTaken) =>
      wasTaken === undefined ? ["canceled", "failed"] : wasTaken ? ["canceled"] : ["failed"],
    isCreate: post("/v5/order/create", "/v5/order/create-batch"),
    // Refusals come with status 200: 10002 for a time that is off, 10006 for too many requests.
    isRefusal: (text) => /^\{"retCode":[^0]/.test(text),
    refusesOrder: BYBIT_REFUSES,
    refusesFrame: (text) => BYBIT_REFUSES(200, text),
    // An empty list is an answer as well.
    isCreateFrame: (text) => /"op":"order\.create/.test(text),
    isNotFound: (_, text) => /^\{"retCode":(0|11000[18]|110010)\b/.test(text),
    isListOfOpen: get("/v5/order/realtime"),
  },
  binance_perpetual: {
    ...COMMON,
    // The connector adds the symbol, because one transaction may book several payments.
    paymentId: ({ paymentId }, pair) => `${paymentId}:${pair.replace("-", "")}`,
    endStates: ({ reason }) => [reason === "user" ? "canceled" : "expired"],
    isCreate: post("/fapi/v1/order", "/fapi/v1/batchOrders"),
    refusesOrder: BINANCE_REFUSES,
    refusesFrame: (text) => BINANCE_REFUSES(200, text),
    isCreateFrame: (text) => /"method":"order\.place"/.test(text),
    isNotFound: (_, text) => /"code":-2013\b/.test(text),
    isListOfOpen: get("/fapi/v1/openOrders"),
  },
  okx_perpetual: {
    ...COMMON,
    // Refusals come at once: an order that was taken ends filled or canceled.
    endStates: () => ["canceled"],
    isCreate: post("/api/v5/trade/order", "/api/v5/trade/batch-orders"),
    // Codes of five digits are about the request; an order of it that is refused has a code of its own.
    isRefusal: (text) => /^\{"code":"5\d{4}"/.test(text),
    // 1 and 2 say that some or all rows of the answer are refused; 50004 and 51412 that the outcome is unknown.
    refusesOrder: OKX_REFUSES,
    refusesFrame: (text) => OKX_REFUSES(200, text),
    isCreateFrame: (text) => /"op":"(?:batch-orders|order)"/.test(text),
    isNotFound: (_, text) => /^\{"code":"(0|51603)"/.test(text),
    isListOfOpen: get("/api/v5/trade/orders-pending"),
  },
  gate_io_perpetual: {
    ...COMMON,
    // A refusal comes at once: an order that was taken ends filled or canceled.
    endStates: () => ["canceled"],
    isCreate: post("/api/v4/futures/usdt/orders", "/api/v4/futures/usdt/batch_orders"),
    // Rows of a batch have labels of their own; those of a failure of the server leave the outcome unknown.
    refusesOrder: GATE_IO_REFUSES,
    refusesFrame: (text) => GATE_IO_REFUSES(200, text),
    isCreateFrame: (text) => /"futures\.order_(?:batch_)?place"/.test(text),
    isNotFound: (_, text) => /^\{"label":"(ORDER|CLIENT_ID)_NOT_FOUND"/.test(text),
    isListOfOpen: get("/api/v4/futures/usdt/orders"),
  },
  hyperliquid_perpetual: {
    ...COMMON,
    quote: "USD",
    wholeId: withoutAmends,
    withWholeIds: withoutAmends,
    boundsMarketOrders: true,
    balance: "equity",
    // An immediate order that found nobody, and a post-only one that found somebody, are refused.
    endStates({ reason, filled }) {
      const isTaken = ENDED_ON_HYPERLIQUID.has(reason) || (reason === "iocRemainder" && Number(filled) > 0);
      return [isTaken ? "canceled" : "failed"];
    },
    isQuestion: ends("/info"),
    isCreate: typed("/exchange", "order"),
    // The action that had this nonce first may have been of the same process.
    isRefusal: (text) => /^\{"status":"err"/.test(text) && !/duplicate nonce/i.test(text),
    refusesOrder: (_, text) => /"error":"|^\{"status":"err"/.test(text) && !/duplicate nonce/i.test(text),
    isCreateFrame: (text) => /"method":"post".*"type":"order"/.test(text),
    refusesFrame: (text) =>
      /"error":"|"status":"err"|^\{"channel":"error"|"payload":"4/.test(text) && !/duplicate nonce/i.test(text),
    isNotFound: (_, text) => /^\{"status":"unknownOid"/.test(text),
    isListOfOpen: typed("/info", "frontendOpenOrders"),
  },
};

/** Throws `TypeError` for a connector that is not known. */
export function namesOf(connector: string, token: string): VenueNames {
  const names = VENUES[connector];
  if (names === undefined)
    throw new TypeError(`no connector is named ${connector}; known are ${Object.keys(VENUES).join(", ")}`);
  const { quote = token } = names;
  return { ...names, pairOf: (market) => market.replace(/-USD$/, `-${quote}`) };
}
