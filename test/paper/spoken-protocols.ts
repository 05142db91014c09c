import { createHash, createHmac } from "node:crypto";
import { formatIsoTime } from "../../src/model/time.ts";
import {
  createPaperVenue,
  PAPER_MARKETS,
  PAPER_PASSPHRASE,
  type PaperVenue,
  type PaperVenueOptions,
  type ProtocolName,
} from "../../src/paper/index.ts";
import type { HttpResponse, Runtime, WebSocketConnection } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { cloidOf, signedAction } from "../support/hyperliquid-signer.ts";

/** Clients of one venue, which share no code with it, for what has to be so on each of its protocols. */
export interface Client {
  readonly name: ProtocolName;
  readonly world: SimulatedWorld;
  readonly venue: PaperVenue;
  /** The same venue with another key, whose secret is the same. */
  as(key: string): Client;
  /** A limit buy of 0.01 BTC at 19,000. */
  place(clientId: string): Promise<HttpResponse>;
  /** Moves an order to 18,999. */
  amend(clientId: string): Promise<HttpResponse>;
  cancel(clientId: string): Promise<HttpResponse>;
  order(clientId: string): Promise<HttpResponse>;
  openOrders(): Promise<HttpResponse>;
  /** Where the book of BTC and the list of markets are, for anybody. */
  readonly bookUrl: string;
  readonly marketsUrl: string;
  markets(): Promise<HttpResponse>;
  book(): Promise<HttpResponse>;
  /** A socket that asks for the book of BTC. */
  bookFeed(): Promise<Feed>;
  /** A socket that asks for the account's orders and fills. */
  accountFeed(): Promise<Feed>;
  /** What a frame is, of those that tests look at. */
  kindOf(frame: Frame): "snapshot" | "update" | "fill" | "refused" | undefined;
  /** What a client id of that name is on the wire. */
  idNamed(name: string): string;
  /** Names of what a frame has filled. */
  fillsOf(frame: Frame): readonly string[];
  /** Ids of orders in a list. */
  idsOf(list: HttpResponse): readonly unknown[];
  levelsOf(book: HttpResponse): number;
}

// biome-ignore lint/suspicious/noExplicitAny: frames and bodies of all shapes
export type Frame = any;

const KEY = "key";
const SECRET = "secret";
const hex = (text: string) => createHmac("sha256", SECRET).update(text).digest("hex");
const base64 = (text: string) => createHmac("sha256", SECRET).update(text).digest("base64");
const json = ({ text }: HttpResponse): Frame => JSON.parse(text);

export class Feed {
  readonly texts: string[] = [];
  closed: { readonly code: number } | undefined;
  readonly #client: Pick<Client, "kindOf" | "fillsOf">;
  constructor(client: Pick<Client, "kindOf" | "fillsOf">) {
    this.#client = client;
  }

  of(kind: ReturnType<Client["kindOf"]>): readonly Frame[] {
    return this.texts.map((text) => JSON.parse(text)).filter((frame) => this.#client.kindOf(frame) === kind);
  }

  get fills(): readonly string[] {
    return this.of("fill").flatMap((frame) => this.#client.fillsOf(frame));
  }
}

abstract class Base implements Client {
  abstract readonly name: ProtocolName;
  readonly world: SimulatedWorld;
  readonly venue: PaperVenue;
  readonly #runtime: Runtime;

  protected readonly key: string;

  constructor(world: SimulatedWorld, venue: PaperVenue, key: string = KEY) {
    this.world = world;
    this.venue = venue;
    this.key = key;
    this.#runtime = world.runtime("client");
  }

  abstract place(clientId: string): Promise<HttpResponse>;
  abstract amend(clientId: string): Promise<HttpResponse>;
  abstract cancel(clientId: string): Promise<HttpResponse>;
  abstract order(clientId: string): Promise<HttpResponse>;
  abstract openOrders(): Promise<HttpResponse>;
  abstract readonly bookUrl: string;
  abstract readonly marketsUrl: string;
  abstract bookFeed(): Promise<Feed>;
  abstract accountFeed(): Promise<Feed>;
  abstract kindOf(frame: Frame): ReturnType<Client["kindOf"]>;
  abstract fillsOf(frame: Frame): readonly string[];
  abstract idsOf(list: HttpResponse): readonly unknown[];
  abstract levelsOf(book: HttpResponse): number;

  idNamed(name: string): string {
    return name;
  }

  as(key: string): Client {
    return new CLIENTS[this.name](this.world, this.venue, key);
  }

  book(): Promise<HttpResponse> {
    return this.request("GET", this.bookUrl, {});
  }

  markets(): Promise<HttpResponse> {
    return this.request("GET", this.marketsUrl, {});
  }

  protected get urls() {
    return this.venue.urls[this.name]!;
  }

  protected get time(): number {
    return Math.floor(this.world.now());
  }

  protected request(method: string, url: string, headers: Record<string, string>, body = ""): Promise<HttpResponse> {
    const type = body === "" ? {} : { "content-type": "application/json" };
    const call = { method, url, headers: { ...headers, ...type }, body: body || undefined, timeoutMs: 20_000 };
    return this.world.run(this.#runtime.http.request(call));
  }

  protected async socket(url: string, ...messages: object[]): Promise<Feed> {
    const feed = new Feed(this);
    const onText = (text: string) => void feed.texts.push(text);
    const onClose = (closed: { code: number }) => {
      feed.closed = closed;
    };
    const connecting = this.#runtime.webSocket.connect(url, { onText, onClose }, { handshakeTimeoutMs: 5_000 });
    const connection: WebSocketConnection = await this.world.run(connecting);
    for (const message of messages) connection.send(JSON.stringify(message));
    await this.world.advance(200);
    return feed;
  }
}

class Ftx extends Base {
  readonly name = "ftx";
  /** FTX wants it named, also with a key that reaches no other account. */
  readonly #subaccount = (header: string): Record<string, string> => (this.key === "sub" ? { [header]: "sub" } : {});
  readonly #call = (method: string, path: string, fields?: object) => {
    const body = fields === undefined ? "" : JSON.stringify(fields);
    const sign = hex(`${this.time}${method}/api${path}${body}`);
    const headers = {
      "FTX-KEY": this.key,
      "FTX-TS": String(this.time),
      "FTX-SIGN": sign,
      ...this.#subaccount("FTX-SUBACCOUNT"),
    };
    return this.request(method, `${this.urls.rest}${path}`, headers, body);
  };

  place = (clientId: string) =>
    this.#call("POST", "/orders", {
      ...{ market: "BTC-PERP", side: "buy", price: 19_000, type: "limit", size: 0.01 },
      clientId,
    });
  amend = (clientId: string) => this.#call("POST", `/orders/by_client_id/${clientId}/modify`, { price: 18_999 });
  cancel = (clientId: string) => this.#call("DELETE", `/orders/by_client_id/${clientId}`);
  order = (clientId: string) => this.#call("GET", `/orders/by_client_id/${clientId}`);
  openOrders = () => this.#call("GET", "/orders");
  get marketsUrl(): string {
    return `${this.urls.rest}/markets`;
  }
  get bookUrl(): string {
    return `${this.urls.rest}/markets/BTC-PERP/orderbook?depth=100`;
  }
  bookFeed = () => this.socket(this.urls.ws, { op: "subscribe", channel: "orderbook", market: "BTC-PERP" });
  accountFeed = () => {
    const sign = hex(`${this.time}websocket_login`);
    const args = { key: this.key, time: this.time, sign, ...this.#subaccount("subaccount") };
    const subscriptions = ["orders", "fills"].map((channel) => ({ op: "subscribe", channel }));
    return this.socket(this.urls.ws, { op: "login", args }, ...subscriptions);
  };
  kindOf = ({ type, channel }: Frame) => {
    if (type === "error") return "refused";
    if (type === "partial") return "snapshot";
    if (type !== "update") return undefined;
    return channel === "fills" ? "fill" : channel === "orderbook" ? "update" : undefined;
  };
  fillsOf = ({ data }: Frame) => [String(data.id)];
  idsOf = (list: HttpResponse) => json(list).result.map((row: Frame) => row?.id);
  levelsOf = (book: HttpResponse) => json(book).result.bids.length;
}

class Bybit extends Base {
  readonly name = "bybit";
  readonly #call = (method: string, path: string, query: string, fields?: object) => {
    const body = fields === undefined ? "" : JSON.stringify({ category: "linear", symbol: "BTCUSDT", ...fields });
    const headers = {
      ...{ "X-BAPI-API-KEY": this.key, "X-BAPI-TIMESTAMP": String(this.time), "X-BAPI-RECV-WINDOW": "5000" },
      "X-BAPI-SIGN": hex(`${this.time}${this.key}5000${query}${body}`),
    };
    return this.request(method, `${this.urls.rest}${path}${query === "" ? "" : `?${query}`}`, headers, body);
  };

  place = (orderLinkId: string) =>
    this.#call("POST", "/v5/order/create", "", {
      ...{ orderLinkId, side: "Buy", orderType: "Limit", qty: "0.01", price: "19000" },
    });
  amend = (orderLinkId: string) => this.#call("POST", "/v5/order/amend", "", { orderLinkId, price: "18999" });
  cancel = (orderLinkId: string) => this.#call("POST", "/v5/order/cancel", "", { orderLinkId });
  order = (orderLinkId: string) =>
    this.#call("GET", "/v5/order/realtime", `category=linear&orderLinkId=${orderLinkId}`);
  openOrders = () => this.#call("GET", "/v5/order/realtime", "category=linear&symbol=BTCUSDT");
  get marketsUrl(): string {
    return `${this.urls.rest}/v5/market/instruments-info?category=linear`;
  }
  get bookUrl(): string {
    return `${this.urls.rest}/v5/market/orderbook?category=linear&symbol=BTCUSDT&limit=200`;
  }
  bookFeed = () => this.socket(`${this.urls.ws}/v5/public/linear`, { op: "subscribe", args: ["orderbook.50.BTCUSDT"] });
  accountFeed = () => {
    const expires = this.time + 10_000;
    const auth = { op: "auth", args: [this.key, expires, hex(`GET/realtime${expires}`)] };
    return this.socket(`${this.urls.ws}/v5/private`, auth, {
      op: "subscribe",
      args: ["order", "execution", "position"],
    });
  };
  kindOf = ({ topic = "", type, success }: Frame) => {
    if (success === false) return "refused";
    if (topic === "execution") return "fill";
    if (topic.startsWith("orderbook")) return type === "snapshot" ? "snapshot" : "update";
    return undefined;
  };
  fillsOf = ({ data }: Frame) => data.map((row: Frame) => row.execId);
  idsOf = (list: HttpResponse) => json(list).result.list.map((row: Frame) => row?.orderId);
  levelsOf = (book: HttpResponse) => json(book).result.b.length;
}

class Binance extends Base {
  readonly name = "binance";
  readonly #call = (method: string, path: string, fields: Record<string, string>) => {
    const query = new URLSearchParams({ ...fields, symbol: "BTCUSDT", timestamp: String(this.time) }).toString();
    const url = `${this.urls.rest}${path}?${query}&signature=${hex(query)}`;
    return this.request(method, url, { "X-MBX-APIKEY": this.key });
  };

  place = (newClientOrderId: string) =>
    this.#call("POST", "/fapi/v1/order", {
      ...{ newClientOrderId, side: "BUY", type: "LIMIT", quantity: "0.01", price: "19000", timeInForce: "GTC" },
    });
  amend = (origClientOrderId: string) =>
    this.#call("PUT", "/fapi/v1/order", { origClientOrderId, side: "BUY", quantity: "0.01", price: "18999" });
  cancel = (origClientOrderId: string) => this.#call("DELETE", "/fapi/v1/order", { origClientOrderId });
  order = (origClientOrderId: string) => this.#call("GET", "/fapi/v1/order", { origClientOrderId });
  openOrders = () => this.#call("GET", "/fapi/v1/openOrders", {});
  get marketsUrl(): string {
    return `${this.urls.rest}/fapi/v1/exchangeInfo`;
  }
  get bookUrl(): string {
    return `${this.urls.rest}/fapi/v1/depth?symbol=BTCUSDT&limit=100`;
  }
  bookFeed = () => {
    const subscribe = { method: "SUBSCRIBE", params: ["btcusdt@depth@100ms"], id: 1 };
    return this.socket(`${this.urls.ws}/public/ws`, subscribe);
  };
  accountFeed = async () => {
    const answer = await this.request("POST", `${this.urls.rest}/fapi/v1/listenKey`, { "X-MBX-APIKEY": this.key });
    return this.socket(`${this.urls.ws}/private/ws?listenKey=${json(answer).listenKey}`);
  };
  kindOf = ({ e, o, error }: Frame) => {
    if (error !== undefined) return "refused";
    if (e === "depthUpdate") return "update";
    return e === "ORDER_TRADE_UPDATE" && o.x === "TRADE" ? "fill" : undefined;
  };
  fillsOf = ({ o }: Frame) => [String(o.t)];
  idsOf = (list: HttpResponse) => json(list).map((row: Frame) => row?.orderId);
  levelsOf = (book: HttpResponse) => json(book).bids.length;
}

class Okx extends Base {
  readonly name = "okx";
  readonly #call = (method: string, path: string, fields?: object) => {
    const body = fields === undefined ? "" : JSON.stringify({ instId: "BTC-USDT-SWAP", ...fields });
    const timestamp = formatIsoTime(this.world.now());
    const headers = {
      ...{ "OK-ACCESS-KEY": this.key, "OK-ACCESS-TIMESTAMP": timestamp, "OK-ACCESS-PASSPHRASE": PAPER_PASSPHRASE },
      "OK-ACCESS-SIGN": base64(`${timestamp}${method}/api/v5${path}${body}`),
    };
    return this.request(method, `${this.urls.rest}/api/v5${path}`, headers, body);
  };

  place = (clOrdId: string) =>
    this.#call("POST", "/trade/order", {
      clOrdId,
      tdMode: "cross",
      side: "buy",
      ordType: "limit",
      sz: "1",
      px: "19000",
    });
  amend = (clOrdId: string) => this.#call("POST", "/trade/amend-order", { clOrdId, newPx: "18999" });
  cancel = (clOrdId: string) => this.#call("POST", "/trade/cancel-order", { clOrdId });
  order = (clOrdId: string) => this.#call("GET", `/trade/order?instId=BTC-USDT-SWAP&clOrdId=${clOrdId}`);
  openOrders = () => this.#call("GET", "/trade/orders-pending");
  get marketsUrl(): string {
    return `${this.urls.rest}/api/v5/public/instruments?instType=SWAP`;
  }
  get bookUrl(): string {
    return `${this.urls.rest}/api/v5/market/books?instId=BTC-USDT-SWAP&sz=100`;
  }
  bookFeed = () => {
    const args = [{ channel: "books", instId: "BTC-USDT-SWAP" }];
    return this.socket(`${this.urls.ws}/ws/v5/public`, { op: "subscribe", args });
  };
  accountFeed = () => {
    const timestamp = String(Math.floor(this.time / 1_000));
    const sign = base64(`${timestamp}GET/users/self/verify`);
    const login = { op: "login", args: [{ apiKey: this.key, passphrase: PAPER_PASSPHRASE, timestamp, sign }] };
    const args = ["orders", "positions"].map((channel) => ({ channel, instType: "SWAP" }));
    return this.socket(`${this.urls.ws}/ws/v5/private`, login, { op: "subscribe", args });
  };
  kindOf = ({ event, arg, action, data }: Frame) => {
    if (event === "error") return "refused";
    if (arg?.channel === "books" && action !== undefined) return action;
    return arg?.channel === "orders" && data?.[0]?.tradeId ? "fill" : undefined;
  };
  fillsOf = ({ data }: Frame) => data.map((row: Frame) => row.tradeId);
  idsOf = (list: HttpResponse) => json(list).data.map((row: Frame) => row?.ordId);
  levelsOf = (book: HttpResponse) => json(book).data[0].bids.length;
}

const sha512 = (text: string) => createHash("sha512").update(text).digest("hex");
const hmac512 = (text: string) => createHmac("sha512", SECRET).update(text).digest("hex");
/** Ids have more digits than a number holds. */
const withTextIds = (text: string): Frame => JSON.parse(text.replace(/"id":(\d+)/g, '"id":"$1"'));

class GateIo extends Base {
  readonly name = "gate_io";
  override idNamed = (name: string) => `t-${name}`;
  readonly #call = (method: string, path: string, query: string, fields?: object) => {
    const body = fields === undefined ? "" : JSON.stringify(fields);
    const timestamp = String(Math.floor(this.time / 1_000));
    const target = `/api/v4/futures/usdt${path}`;
    const SIGN = hmac512([method, target, query, sha512(body), timestamp].join("\n"));
    const url = `${this.urls.rest}${target}${query === "" ? "" : `?${query}`}`;
    return this.request(method, url, { KEY: this.key, Timestamp: timestamp, SIGN }, body);
  };

  place = (clientId: string) =>
    this.#call("POST", "/orders", "", { contract: "BTC_USDT", size: 100, price: "19000", text: `t-${clientId}` });
  amend = (clientId: string) => this.#call("PUT", `/orders/t-${clientId}`, "", { price: "18999" });
  cancel = (clientId: string) => this.#call("DELETE", `/orders/t-${clientId}`, "");
  order = (clientId: string) => this.#call("GET", `/orders/t-${clientId}`, "");
  openOrders = () => this.#call("GET", "/orders", "status=open");
  get marketsUrl(): string {
    return `${this.urls.rest}/api/v4/futures/usdt/contracts`;
  }
  get bookUrl(): string {
    return `${this.urls.rest}/api/v4/futures/usdt/order_book?contract=BTC_USDT&limit=100&with_id=true`;
  }
  bookFeed = () =>
    this.socket(`${this.urls.ws}/v4/ws/usdt`, {
      ...{ time: Math.floor(this.time / 1_000), id: 1, channel: "futures.order_book_update" },
      ...{ event: "subscribe", payload: ["BTC_USDT", "100ms", "100"] },
    });
  accountFeed = () => {
    const time = Math.floor(this.time / 1_000);
    const userId = this.venue.credentials(this.name, this.key).userId ?? "";
    const messages = ["futures.orders", "futures.usertrades", "futures.positions"].map((channel, id) => ({
      ...{ time, id, channel, event: "subscribe", payload: [userId, "!all"] },
      auth: { method: "api_key", KEY: this.key, SIGN: hmac512(`channel=${channel}&event=subscribe&time=${time}`) },
    }));
    return this.socket(`${this.urls.ws}/v4/ws/usdt`, ...messages);
  };
  kindOf = ({ channel, event, result, error }: Frame) => {
    if (error !== undefined) return "refused";
    if (event !== "update") return undefined;
    if (channel === "futures.usertrades") return "fill";
    if (channel !== "futures.order_book_update") return undefined;
    return result.full === true ? "snapshot" : "update";
  };
  fillsOf = ({ result }: Frame) => result.map((row: Frame) => row.id);
  idsOf = ({ text }: HttpResponse) => withTextIds(text).map((row: Frame) => row?.id);
  levelsOf = (book: HttpResponse) => json(book).bids.length;
}

class Hyperliquid extends Base {
  readonly name = "hyperliquid";
  readonly #login = this.venue.credentials("hyperliquid", this.key);
  #nonce = 0;

  readonly #ask = (fields: object) => this.request("POST", `${this.urls.rest}/info`, {}, JSON.stringify(fields));
  readonly #act = (action: object) => {
    this.#nonce = Math.max(this.#nonce + 1, this.time);
    const { privateKey = "", vaultAddress } = this.#login;
    const body = signedAction(action, this.#nonce, privateKey, vaultAddress === undefined ? {} : { vaultAddress });
    return this.request("POST", `${this.urls.rest}/exchange`, {}, JSON.stringify(body));
  };
  readonly #order = (p: string, name: string) => ({
    ...{ a: 0, b: true, p, s: "0.01", r: false, t: { limit: { tif: "Gtc" } }, c: this.idNamed(name) },
  });
  get #user(): string {
    return this.#login.vaultAddress ?? this.#login.accountAddress ?? "";
  }

  override idNamed(name: string): string {
    return cloidOf(name);
  }
  place = (name: string) => this.#act({ type: "order", orders: [this.#order("19000", name)], grouping: "na" });
  amend = (name: string) => this.#act({ type: "modify", oid: this.idNamed(name), order: this.#order("18999", name) });
  cancel = (name: string) => this.#act({ type: "cancelByCloid", cancels: [{ asset: 0, cloid: this.idNamed(name) }] });
  order = (name: string) => this.#ask({ type: "orderStatus", user: this.#user, oid: this.idNamed(name) });
  openOrders = () => this.#ask({ type: "openOrders", user: this.#user });
  override book = () => this.#ask({ type: "l2Book", coin: "BTC" });
  override markets = () => this.#ask({ type: "meta" });
  get marketsUrl(): string {
    return `${this.urls.rest}/info`;
  }
  get bookUrl(): string {
    return this.marketsUrl;
  }
  bookFeed = () =>
    this.socket(this.urls.ws, { method: "subscribe", subscription: { type: "l2Book", coin: "BTC", fast: true } });
  accountFeed = () => {
    const subscriptions = ["orderUpdates", "userFills", "activeAssetData"].map((type) => ({
      method: "subscribe",
      subscription: { type, user: this.#user, ...(type === "activeAssetData" ? { coin: "BTC" } : {}) },
    }));
    return this.socket(this.urls.ws, ...subscriptions);
  };
  /** A book is told whole each time: an empty one tells nothing. */
  kindOf = ({ channel, data }: Frame) => {
    if (channel === "error") return "refused";
    if (channel === "l2Book") return data.levels.some((side: Frame) => side.length > 0) ? "update" : undefined;
    return channel === "userFills" && data.isSnapshot !== true ? "fill" : undefined;
  };
  fillsOf = ({ data }: Frame) => data.fills.map((row: Frame) => String(row.tid));
  idsOf = (list: HttpResponse) => json(list).map((row: Frame) => row?.oid);
  levelsOf = (book: HttpResponse) => json(book).levels[0].length;
}

const CLIENTS = {
  ...{ ftx: Ftx, bybit: Bybit, binance: Binance, okx: Okx },
  ...{ gate_io: GateIo, hyperliquid: Hyperliquid },
};

/** An empty book of BTC, and an account without limits: of the keys `key` and `second`, and of `sub` a sub-account of it. */
export async function startClient(name: ProtocolName, options: Partial<PaperVenueOptions> = {}): Promise<Client> {
  const world = new SimulatedWorld({ seed: options.seed ?? 1 });
  const usual = { api: name, seed: 1, rateLimits: "off", emptyBooks: true, markets: PAPER_MARKETS } as const;
  const accounts = [
    { apiKey: KEY, apiSecret: SECRET, subaccounts: ["sub"] },
    { apiKey: "second", apiSecret: SECRET },
    { apiKey: "sub", apiSecret: SECRET, subaccounts: ["sub"], onlySubaccount: "sub" },
  ];
  const venue = await world.run(createPaperVenue({ ...usual, accounts, ...options }, world.runtime("venue")));
  return new CLIENTS[name](world, venue);
}
