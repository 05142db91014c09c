import type { RequestLine, TruthOrder, TruthPayment } from "./history.ts";

/** Differences in how a venue's protocol names and tells its engine's acts. */
export interface VenueNames {
  /** The engine calls a market `BTC-USD` whatever it is quoted in. */
  pairOf(market: string): string;
  /** Id of the order that a client id belongs to: an amendment of FTX is an order of its own with an id of its own. */
  wholeId(clientId: string): string;
  paymentId(payment: TruthPayment, pair: string): string;
  /** True where amending makes a new order. */
  readonly hasLegs: boolean;
  /**
   * True where the protocol says that a position was reduced by auto-deleveraging or settled when its market was
   * delisted; on FTX that looks like a trade of another program.
   */
  readonly tellsDeleveraging: boolean;
  /** Meaning of the balance: FTX's includes unrealised profit. */
  readonly balance: "equity" | "cash";
  /** True where the venue has a log of cash flows, so that a day's result is a sum of its bookings. */
  readonly hasCashFlows: boolean;
  /** States that an order may end in when it was not filled whole. `wasTaken`: the matching engine had it. */
  endStates(order: TruthOrder, wasTaken: boolean | undefined): readonly string[];
  /** Tells that a request asks for an order to be made. */
  isCreate(request: RequestLine): boolean;
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

type Names = Omit<VenueNames, "pairOf">;

const COMMON = {
  wholeId: (clientId: string) => clientId,
  paymentId: ({ paymentId }: TruthPayment) => String(paymentId),
  hasLegs: false,
  tellsDeleveraging: true,
  balance: "cash",
  hasCashFlows: true,
  isRefusal: (_: string) => false,
} as const;

const VENUES: Readonly<Record<string, Names>> = {
  ftx_perpetual: {
    ...COMMON,
    wholeId: (clientId) => clientId.replace(AMENDMENT, ""),
    hasLegs: true,
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
    refusesOrder: hasRefusal(/"(?:retCode|code)":"?(\d+)/g, "0", "10000", "10014", "10016", "110030", "110072"),
    // An empty list is an answer as well.
    isNotFound: (_, text) => /^\{"retCode":(0|11000[18]|110010)\b/.test(text),
    isListOfOpen: get("/v5/order/realtime"),
  },
  binance_perpetual: {
    ...COMMON,
    // The connector adds the symbol, because one transaction may book several payments.
    paymentId: ({ paymentId }, pair) => `${paymentId}:${pair.replace("-", "")}`,
    endStates: ({ reason }) => [reason === "user" ? "canceled" : "expired"],
    isCreate: post("/fapi/v1/order", "/fapi/v1/batchOrders"),
    refusesOrder: hasRefusal(/"code":(-\d+)/g, "-1000", "-1001", "-1006", "-1007", "-4116"),
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
    refusesOrder: hasRefusal(/"s?[cC]ode":"(\d+)"/g, "0", "1", "2", "50001", "50004", "50026", "51016", "51412"),
    isNotFound: (_, text) => /^\{"code":"(0|51603)"/.test(text),
    isListOfOpen: get("/api/v5/trade/orders-pending"),
  },
  gate_io_perpetual: {
    ...COMMON,
    // A refusal comes at once: an order that was taken ends filled or canceled.
    endStates: () => ["canceled"],
    isCreate: post("/api/v4/futures/usdt/orders", "/api/v4/futures/usdt/batch_orders"),
    // Rows of a batch have labels of their own; those of a failure of the server leave the outcome unknown.
    refusesOrder: hasRefusal(/"label":"(\w+)"/g, "INTERNAL", "SERVER_ERROR", "TOO_BUSY"),
    isNotFound: (_, text) => /^\{"label":"(ORDER|CLIENT_ID)_NOT_FOUND"/.test(text),
    isListOfOpen: get("/api/v4/futures/usdt/orders"),
  },
};

/** Throws `TypeError` for a connector that is not known. */
export function namesOf(connector: string, token: string): VenueNames {
  const names = VENUES[connector];
  if (names === undefined)
    throw new TypeError(`no connector is named ${connector}; known are ${Object.keys(VENUES).join(", ")}`);
  return { ...names, pairOf: (market) => market.replace(/-USD$/, `-${token}`) };
}
