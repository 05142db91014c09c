import type { RequestLine, TruthOrder, TruthPayment } from "./history.ts";

/** How a venue's protocol names and tells what its engine did. */
export interface VenueNames {
  /** The engine calls a market `BTC-USD` whatever it is quoted in. */
  pairOf(market: string): string;
  /** Id of the order that a client id belongs to: an amendment of FTX is an order of its own with an id of its own. */
  wholeId(clientId: string): string;
  paymentId(payment: TruthPayment, pair: string): string;
  /** Whether amending makes an order anew. */
  readonly hasLegs: boolean;
  /**
   * Whether it says that a position was reduced by auto-deleveraging or settled when its market was delisted; on FTX that
   * looks like a trade of another program.
   */
  readonly tellsDeleveraging: boolean;
  /** What the balance counts: FTX's has unrealised profit in it. */
  readonly balance: "equity" | "cash";
  /** Whether it has a log of cash flows, so that a day's result is a sum of what it booked. */
  readonly hasCashFlows: boolean;
  /** How an order may end that was not filled whole. `wasTaken`: the matching engine had it. */
  endStates(order: TruthOrder, wasTaken: boolean | undefined): readonly string[];
  /** Whether a request asks for an order to be made. */
  isCreate(request: RequestLine): boolean;
  /** Whether an answer with a good status says that nothing of the request was taken. */
  isRefusal(text: string): boolean;
  /** Whether an answer says of an order that was to be made that it was not taken. */
  refusesOrder(status: number, text: string): boolean;
  /** Whether an answer to a question about an order says that there is none such. */
  isNotFound(status: number, text: string): boolean;
  /** Whether it asks for all orders that are open. */
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

/** Whether a text has a code that refuses. `doubtful` are those of success, of ids in use, and of an unknown outcome. */
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
    // What is refused is refused at once: an order that was taken ends filled or canceled.
    endStates: () => ["canceled"],
    isCreate: post("/api/v5/trade/order", "/api/v5/trade/batch-orders"),
    // Codes of five digits are about the request; an order of it that is refused has a code of its own.
    isRefusal: (text) => /^\{"code":"5\d{4}"/.test(text),
    // 1 and 2 say that some or all rows of the answer are refused; 50004 and 51412 that the outcome is unknown.
    refusesOrder: hasRefusal(/"s?[cC]ode":"(\d+)"/g, "0", "1", "2", "50001", "50004", "50026", "51016", "51412"),
    isNotFound: (_, text) => /^\{"code":"(0|51603)"/.test(text),
    isListOfOpen: get("/api/v5/trade/orders-pending"),
  },
};

/** Throws `TypeError` for a connector that is not known. */
export function namesOf(connector: string, token: string): VenueNames {
  const names = VENUES[connector];
  if (names === undefined)
    throw new TypeError(`no connector is named ${connector}; known are ${Object.keys(VENUES).join(", ")}`);
  return { ...names, pairOf: (market) => market.replace(/-USD$/, `-${token}`) };
}
