import { nodeRuntime } from "../../src/runtime/node-runtime.ts";
import type { HttpResponse } from "../../src/runtime/runtime.ts";
import type { InFlightOrder } from "../../src/trading/in-flight-order.ts";
import { type CcxtExchange, ccxtExchange, ccxtSymbol } from "../peers/ccxt.ts";
import { peer } from "../peers/peer.ts";
import { AMOUNT, accepted, CANCEL_PATH, CREATE_PATH, connectedBybit, PAIR, PRICE } from "./connected.ts";

const KEY = "k".repeat(18);
const SECRET = "s".repeat(36);
const SYMBOL = ccxtSymbol("bybit", 0);
/** Ids of orders as Bybit makes them. */
const orderIdOf = (number: number): string => `1321003749386327552-${number}`;

/** A library with which one order after another is created and canceled. */
export interface Trader {
  /** Creates an order; resolves with its place among those of this trader when the answer was read. */
  create(): Promise<number>;
  cancel?(order: number): Promise<void>;
  /** Time at which the signed bytes of the last create were handed to the network. */
  readonly atPortMs: number;
  /** Ends what `create` has left open, without the network. */
  tidy?(): Promise<void>;
  end?(): Promise<void>;
}

export interface TraderOptions {
  /** Server that answers; without it the answer is there at once. */
  readonly url?: string | undefined;
}

export async function perpwireTrader(journal: "memory" | "wal", { url }: TraderOptions): Promise<Trader> {
  let atPortMs = 0;
  let answered = 0;
  const handles: InFlightOrder[] = [];
  const open = new Set<InFlightOrder>();
  const server = nodeRuntime().http;
  /** The answer queues an order; the private stream says that it rests. */
  const rests = (response: HttpResponse): HttpResponse => {
    const { orderId = "", orderLinkId = "" } = (JSON.parse(response.text) as { readonly result: Names }).result;
    setImmediate(() => home.say(orderId, orderLinkId, "New"));
    return response;
  };
  const answer = (orderId: string, orderLinkId = ""): HttpResponse => ({
    ...{ status: 200, headers: {}, text: accepted(orderId, orderLinkId) },
  });
  const home = await connectedBybit((request, path) => {
    if (path === CREATE_PATH) {
      atPortMs = performance.now();
      if (url !== undefined) return server.request({ ...request, url: `${url}${path}` }).then(rests);
      answered += 1;
      return Promise.resolve(rests(answer(orderIdOf(answered), namesIn(request.body).orderLinkId)));
    }
    if (path !== CANCEL_PATH) return undefined;
    const { orderId = "", orderLinkId } = namesIn(request.body);
    setImmediate(() => {
      for (const order of open) if (order.exchangeOrderId === orderId) end(order);
    });
    return Promise.resolve(answer(orderId, orderLinkId));
  }, journal);
  const end = (order: InFlightOrder): void => {
    open.delete(order);
    home.say(order.exchangeOrderId ?? "", order.clientOrderId, "Cancelled");
  };
  const tidy = async (): Promise<void> => {
    for (const order of open) end(order);
    await new Promise((resolve) => setTimeout(resolve, 20));
  };
  return {
    get atPortMs() {
      return atPortMs;
    },
    async create() {
      const order = home.connector.buy(PAIR, { amount: AMOUNT, price: PRICE, position: "open" });
      const acceptance = await order.accepted;
      if (!acceptance.ok) throw acceptance.error;
      open.add(order);
      return handles.push(order) - 1;
    },
    async cancel(place) {
      const order = handles[place];
      if (order === undefined) throw new RangeError(`no order ${place}`);
      const { success } = await home.connector.cancel(order.clientOrderId);
      if (!success) throw new Error(`${order.clientOrderId} was not canceled`);
    },
    tidy,
    async end() {
      await tidy();
      await server.close();
      await home.end();
    },
  };
}

interface Names {
  readonly orderId?: string;
  readonly orderLinkId?: string;
}

const namesIn = (body = "{}") => JSON.parse(body) as Names;

async function ccxtBybit(): Promise<CcxtExchange> {
  const exchange = await ccxtExchange("bybit", ["BTCUSDT"], { apiKey: KEY, secret: SECRET });
  // What its first request would have asked the venue for.
  Object.assign(exchange.options, { enableUnifiedMargin: false, enableUnifiedAccount: true, unifiedMarginStatus: 6 });
  return exchange;
}

/** Its own checks, its signature and its reading of the answer; it keeps no order. */
export async function ccxtTrader({ url }: TraderOptions): Promise<Trader> {
  const exchange = await ccxtBybit();
  let atPortMs = 0;
  const ids: string[] = [];
  if (url === undefined) {
    exchange.fetch = async () => {
      atPortMs = performance.now();
      return JSON.parse(accepted(orderIdOf(ids.length), "")) as unknown;
    };
  } else exchange.urls.api = Object.fromEntries(Object.keys(exchange.urls.api).map((api) => [api, url]));
  return {
    get atPortMs() {
      return atPortMs;
    },
    async create() {
      const { id } = await exchange.createOrder(SYMBOL, "limit", "buy", Number(AMOUNT), Number(PRICE));
      return ids.push(id) - 1;
    },
    async cancel(order) {
      await exchange.cancelOrder(ids[order] ?? "", SYMBOL);
    },
  };
}

/** The part of it that makes a request and its signature: no check, no answer. */
export async function ccxtSigner(): Promise<Trader> {
  const exchange = await ccxtBybit();
  let atPortMs = 0;
  const order = { category: "linear", symbol: "BTCUSDT", side: "Buy", orderType: "Limit", qty: AMOUNT, price: PRICE };
  return {
    get atPortMs() {
      return atPortMs;
    },
    async create() {
      const { headers } = exchange.sign("v5/order/create", "private", "POST", { ...order, timeInForce: "GTC" });
      atPortMs = performance.now();
      if (headers === undefined) throw new Error("not signed");
      return 0;
    },
  };
}

interface BybitApi {
  submitOrder(order: object): Promise<{ readonly result: { readonly orderId: string } }>;
  cancelOrder(order: object): Promise<unknown>;
}

/** The venue's client: it checks nothing and keeps nothing. */
export async function bybitApiTrader({ url }: TraderOptions): Promise<Trader> {
  const { RestClientV5 } = await peer<{ readonly RestClientV5: new (options: object, network: object) => BybitApi }>(
    "bybit-api",
  );
  let atPortMs = 0;
  const ids: string[] = [];
  const adapter = async (config: unknown) => {
    atPortMs = performance.now();
    const data = JSON.parse(accepted(orderIdOf(ids.length), "")) as unknown;
    return { data, status: 200, statusText: "OK", headers: {}, config };
  };
  const client = new RestClientV5({ key: KEY, secret: SECRET, baseUrl: url }, url === undefined ? { adapter } : {});
  const terms = { category: "linear", symbol: "BTCUSDT" };
  const order = { ...terms, side: "Buy", orderType: "Limit", qty: AMOUNT, price: PRICE, timeInForce: "GTC" };
  return {
    get atPortMs() {
      return atPortMs;
    },
    async create() {
      const { result } = await client.submitOrder(order);
      return ids.push(result.orderId) - 1;
    },
    async cancel(place) {
      await client.cancelOrder({ ...terms, orderId: ids[place] });
    },
  };
}

/** A request of the same size without signature or reading. */
export async function undiciTrader({ url = "" }: TraderOptions): Promise<Trader> {
  const { Pool } = await import("undici");
  const pool = new Pool(url, { connections: 32 });
  const order = { category: "linear", symbol: "BTCUSDT", side: "Buy", orderType: "Limit", qty: AMOUNT, price: PRICE };
  const body = JSON.stringify({ ...order, timeInForce: "GTC", orderLinkId: "x".repeat(20) });
  const headers = { "content-type": "application/json", "X-BAPI-SIGN": "0".repeat(64), "X-BAPI-API-KEY": KEY };
  return {
    atPortMs: 0,
    async create() {
      const response = await pool.request({ method: "POST", path: CREATE_PATH, headers, body });
      await response.body.text();
      return 0;
    },
    end: () => pool.close(),
  };
}
