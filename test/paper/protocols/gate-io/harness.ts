import { createHash, createHmac } from "node:crypto";
import {
  createPaperVenue,
  PAPER_MARKETS,
  type PaperVenue,
  type PaperVenueOptions,
  parseAmount,
} from "../../../../src/paper/index.ts";
import type { WebSocketConnection } from "../../../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../../../src/runtime/simulated.ts";

/** The clients here share no code with the venue: their own signatures, parsing and books. */
const sha512 = (text: string): string => createHash("sha512").update(text).digest("hex");
export const sign = (secret: string, text: string): string => createHmac("sha512", secret).update(text).digest("hex");

export const BTC = "BTC_USDT";
export const FUTURES = "/api/v4/futures/usdt";
const KEY = "key";
const SECRET = "secret";

// biome-ignore lint/suspicious/noExplicitAny: the shape of each answer is what the tests look at
export type Wire = any;

/** Ids of more digits than a number holds become text. */
export const parsed = (text: string): Wire => JSON.parse(text.replace(/([:[])(\d{16,})(?=[,}\]])/g, '$1"$2"'));

export interface Reply {
  readonly status: number;
  readonly body: Wire;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface CallOptions {
  readonly key?: string;
  readonly secret?: string;
  readonly timestamp?: string;
  /** Text that is signed in the place of the query. */
  readonly signedQuery?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly isUnsigned?: boolean;
}

export const DECIMAL = { "X-Gate-Size-Decimal": "1" };

export class Harness {
  readonly world: SimulatedWorld;
  readonly venue: PaperVenue;
  readonly #runtime;

  constructor(world: SimulatedWorld, venue: PaperVenue) {
    this.world = world;
    this.venue = venue;
    this.#runtime = world.runtime("client");
  }

  /** `target` is what follows the coin, with its query. */
  call(method: string, target: string, fields?: unknown, options: CallOptions = {}): Promise<Reply> {
    return this.send(method, `${FUTURES}${target}`, fields, options);
  }

  async send(method: string, target: string, fields?: unknown, options: CallOptions = {}): Promise<Reply> {
    const { key = KEY, secret = SECRET } = options;
    const timestamp = options.timestamp ?? String(Math.floor(this.venue.now() / 1_000));
    const body = fields === undefined ? "" : JSON.stringify(fields);
    const [path = "", query = ""] = target.split("?");
    const text = [method, path, options.signedQuery ?? query, sha512(body), timestamp].join("\n");
    const signed = { KEY: key, Timestamp: timestamp, SIGN: sign(secret, text) };
    const answer = await this.world.run(
      this.#runtime.http.request({
        method,
        url: `${this.venue.urls.gate_io!.rest}${target}`,
        headers: { ...(options.isUnsigned === true ? {} : signed), ...options.headers },
        ...(body === "" ? {} : { body }),
        timeoutMs: 10_000,
      }),
    );
    return { status: answer.status, text: answer.text, headers: answer.headers, body: parsed(answer.text) };
  }

  /** A limit buy of 10 contracts at 19,000 unless told. */
  async place(fields: object = {}, options: CallOptions = {}): Promise<Wire> {
    const usual = { contract: BTC, size: 10, price: "19000" };
    return (await this.call("POST", "/orders", { ...usual, ...fields }, options)).body;
  }

  quote(side: "buy" | "sell", price: string, size = "0.01"): void {
    this.venue.trader.order({ market: "BTC-USD", side, size, price });
  }

  /** Makes a position of so many contracts, below zero a short one. */
  async hold(size: number, price = "20000"): Promise<void> {
    this.quote(size > 0 ? "sell" : "buy", price, String(Math.abs(size) / 10_000));
    await this.place({ size, price, tif: "ioc" });
  }

  async socket(headers: Readonly<Record<string, string>> = {}): Promise<Socket> {
    const socket = new Socket(this);
    const handlers = {
      onText: (text: string) => void socket.texts.push(text),
      onClose: ({ code }: { code: number }) => {
        socket.closed = code;
      },
    };
    const url = `${this.venue.urls.gate_io!.ws}/v4/ws/usdt`;
    const options = { headers, handshakeTimeoutMs: 5_000 };
    socket.connection = await this.world.run(this.#runtime.webSocket.connect(url, handlers, options));
    return socket;
  }

  advance(ms: number): Promise<void> {
    return this.world.advance(ms);
  }

  get userId(): string {
    return this.venue.credentials("gate_io", KEY).userId ?? "";
  }
}

export class Socket {
  readonly texts: string[] = [];
  closed: number | undefined;
  connection: WebSocketConnection | undefined;
  readonly #harness: Harness;

  constructor(harness: Harness) {
    this.#harness = harness;
  }

  get frames(): readonly Wire[] {
    return this.texts.map(parsed);
  }

  /** Pushes of a channel. */
  of(channel: string): readonly Wire[] {
    return this.frames.filter(
      (frame) => frame.channel === `futures.${channel}` && frame.event !== "subscribe" && frame.event !== "unsubscribe",
    );
  }

  /** Rows of all of them. */
  rows(channel: string): readonly Wire[] {
    return this.of(channel).flatMap(({ result }) => result);
  }

  get last(): Wire {
    return this.frames.at(-1);
  }

  async send(message: object | string, ms = 20): Promise<void> {
    this.connection?.send(typeof message === "string" ? message : JSON.stringify(message));
    await this.#harness.advance(ms);
  }

  async subscribe(channel: string, payload: readonly string[], event = "subscribe"): Promise<Wire> {
    const before = this.texts.length;
    await this.send({ time: this.#seconds(), id: 7, channel: `futures.${channel}`, event, payload });
    return this.frames.slice(before).find((frame) => frame.event === event);
  }

  async listen(channel: string, payload = [this.#harness.userId, "!all"], secret = SECRET, key = KEY): Promise<Wire> {
    const before = this.texts.length;
    const time = this.#seconds();
    const name = `futures.${channel}`;
    const auth = { method: "api_key", KEY: key, SIGN: sign(secret, `channel=${name}&event=subscribe&time=${time}`) };
    await this.send({ time, id: 8, channel: name, event: "subscribe", payload, auth });
    return this.frames.slice(before).find(({ event }) => event === "subscribe");
  }

  async login(parameters?: object, secret = SECRET): Promise<Wire> {
    const timestamp = String(this.#seconds());
    const text = `api\nfutures.login\n${parameters === undefined ? "" : JSON.stringify(parameters)}\n${timestamp}`;
    const payload = { api_key: KEY, signature: sign(secret, text), timestamp, req_id: "l1" };
    const sent = { ...payload, ...(parameters === undefined ? {} : { req_param: parameters }) };
    await this.send({ time: this.#seconds(), channel: "futures.login", event: "api", payload: sent });
    return this.last;
  }

  /** The answers to an operation. */
  async operate(channel: string, req_param: unknown, header: object = {}): Promise<readonly Wire[]> {
    const before = this.texts.length;
    const payload = { req_id: "r1", req_param, req_header: header };
    await this.send({ time: this.#seconds(), channel: `futures.${channel}`, event: "api", payload });
    return this.frames.slice(before).filter(({ request_id }) => request_id === "r1");
  }

  #seconds(): number {
    return Math.floor(this.#harness.venue.now() / 1_000);
  }
}

/** An empty market with a step of 0.0001 BTC, which is a contract. */
export async function startVenue(options: Partial<PaperVenueOptions> = {}): Promise<Harness> {
  const world = new SimulatedWorld({ seed: 1 });
  const accounts = [
    { apiKey: KEY, apiSecret: SECRET },
    { apiKey: "other", apiSecret: SECRET, username: "other@example.com" },
  ];
  const usual = { api: "gate_io", seed: 1, rateLimits: "off", emptyBooks: true, markets: PAPER_MARKETS } as const;
  const venue = await world.run(createPaperVenue({ ...usual, accounts, ...options }, world.runtime("venue")));
  return new Harness(world, venue);
}

export const setMark = ({ venue }: Harness, price: string): void => venue.setPrice("BTC-USD", parseAmount(price));
