import { createHmac } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  createPaperVenue,
  PAPER_MARKETS,
  type PaperVenue,
  type PaperVenueOptions,
} from "../../../../src/paper/index.ts";
import type { HttpResponse, WebSocketConnection } from "../../../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../../../src/runtime/simulated.ts";

/** The clients here share no code with the venue: their own signatures, parsing and books. */
export const sign = (secret: string, text: string): string => createHmac("sha256", secret).update(text).digest("hex");

// biome-ignore lint/suspicious/noExplicitAny: the shape of each answer is what the tests look at
export type Wire = any;

export interface Reply {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly result: Wire;
  readonly body: Wire;
  readonly headers: Readonly<Record<string, string>>;
}

export interface CallOptions {
  readonly key?: string;
  readonly secret?: string;
  readonly timestampMs?: number;
  readonly recvWindow?: string;
  readonly signature?: string;
  readonly unsigned?: boolean;
  readonly rawBody?: string;
}

export const OPTIONS: PaperVenueOptions = {
  api: "bybit",
  seed: 1,
  rateLimits: "off",
  emptyBooks: true,
  markets: PAPER_MARKETS,
};

export class Harness {
  readonly world: SimulatedWorld;
  readonly venue: PaperVenue;
  readonly #runtime;
  #aheadMs = 0;

  constructor(world: SimulatedWorld, venue: PaperVenue) {
    this.world = world;
    this.venue = venue;
    this.#runtime = world.runtime("client");
  }

  async get(path: string, query: Readonly<Record<string, string>> = {}, options: CallOptions = {}): Promise<Reply> {
    const text = new URLSearchParams(query).toString();
    return replyOf(await this.send("GET", text === "" ? path : `${path}?${text}`, "", options));
  }

  async post(path: string, body: object, options: CallOptions = {}): Promise<Reply> {
    const raw = options.rawBody ?? JSON.stringify({ category: "linear", ...body });
    return replyOf(await this.send("POST", path, raw, options));
  }

  send(method: string, target: string, body: string, options: CallOptions = {}): Promise<HttpResponse> {
    const { key = this.venue.apiKey, secret = this.venue.apiSecret, recvWindow = "5000" } = options;
    const timestamp = String(Math.floor(options.timestampMs ?? this.now()));
    const payload = method === "GET" ? (target.split("?")[1] ?? "") : body;
    const signature = options.signature ?? sign(secret, `${timestamp}${key}${recvWindow}${payload}`);
    const signed = {
      "X-BAPI-API-KEY": key,
      "X-BAPI-TIMESTAMP": timestamp,
      "X-BAPI-RECV-WINDOW": recvWindow,
      "X-BAPI-SIGN": signature,
    };
    const type = body === "" ? {} : { "Content-Type": "application/json" };
    return this.world.run(
      this.#runtime.http.request({
        method,
        url: `${this.venue.urls.bybit!.rest}${target}`,
        headers: { ...(options.unsigned === true ? {} : signed), ...type },
        body: body === "" ? undefined : body,
        timeoutMs: 10_000,
      }),
    );
  }

  /** Places an order and lets it reach the matching engine. */
  async place(fields: object): Promise<Reply> {
    const reply = await this.post("/v5/order/create", { symbol: "BTCUSDT", orderType: "Limit", ...fields });
    await this.settle();
    return reply;
  }

  /** The venue's time, as a client knows it. */
  now(): number {
    return this.world.now() + this.#aheadMs;
  }

  /** Days pass at once. */
  async jump(durationMs: number): Promise<void> {
    this.#aheadMs += durationMs;
    this.venue.faults.set({ clockSkewMs: this.#aheadMs });
    await this.settle();
  }

  async settle(): Promise<void> {
    await this.world.advance(20);
  }

  async list(path: string, query: Readonly<Record<string, string>> = {}, options: CallOptions = {}): Promise<Wire[]> {
    const { code, message, result } = await this.get(path, { category: "linear", ...query }, options);
    if (code !== 0) throw new Error(`${path}: ${code} ${message}`);
    return result.list;
  }

  /** The order's row, open or closed. */
  async order(orderId: string): Promise<Wire> {
    return (await this.list("/v5/order/realtime", { orderId }))[0];
  }

  async socket(path: string): Promise<Socket> {
    const socket = new Socket();
    const handlers = {
      onText: (text: string) => {
        socket.texts.push(text);
        socket.frames.push(JSON.parse(text));
      },
      onClose: () => {
        socket.isClosed = true;
      },
    };
    const url = `${this.venue.urls.bybit!.ws}${path}`;
    const connecting = this.#runtime.webSocket.connect(url, handlers, { handshakeTimeoutMs: 5_000 });
    socket.connection = await this.world.run(connecting);
    return socket;
  }

  /** A private socket that is logged in and listens to `topics`. */
  async privateSocket(...topics: string[]): Promise<Socket> {
    const socket = await this.socket("/v5/private");
    socket.auth(this.venue.apiKey, this.venue.apiSecret, this.world.now() + 10_000);
    if (topics.length > 0) socket.send({ op: "subscribe", args: topics });
    await this.settle();
    return socket;
  }

  async publicSocket(...topics: string[]): Promise<Socket> {
    const socket = await this.socket("/v5/public/linear");
    socket.send({ op: "subscribe", req_id: "x", args: topics });
    await this.settle();
    return socket;
  }
}

export class Socket {
  readonly texts: string[] = [];
  readonly frames: Wire[] = [];
  connection: WebSocketConnection | undefined;
  isClosed = false;

  send(message: object): void {
    this.connection!.send(JSON.stringify(message));
  }

  auth(key: string, secret: string, expiresMs: number, as: "number" | "string" = "number"): void {
    const expires = as === "number" ? Math.floor(expiresMs) : String(Math.floor(expiresMs));
    this.send({ op: "auth", req_id: "a", args: [key, expires, sign(secret, `GET/realtime${expires}`)] });
  }

  of(topic: string): Wire[] {
    return this.frames.filter((frame) => frame.topic === topic);
  }

  rows(topic: string): Wire[] {
    return this.of(topic).flatMap(({ data }) => data);
  }

  replies(op: string): Wire[] {
    return this.frames.filter((frame) => frame.op === op);
  }
}

export async function startVenue(options: Partial<PaperVenueOptions> = {}, startMs?: number): Promise<Harness> {
  const world = new SimulatedWorld({ seed: options.seed ?? 1, ...(startMs === undefined ? {} : { startMs }) });
  const venue = await world.run(createPaperVenue({ ...OPTIONS, ...options }, world.runtime("venue")));
  return new Harness(world, venue);
}

function replyOf(response: HttpResponse): Reply {
  const body = JSON.parse(response.text);
  const { retCode: code, retMsg: message, result } = body;
  return { status: response.status, code, message, result, body, headers: response.headers };
}

const EXAMPLES = resolve(import.meta.dirname, "../../../../../shared/data/examples/bybit-v5");
export const hasExamples = existsSync(EXAMPLES);

/** The documented messages of one page, where the documentation's examples lie beside the repository. */
export function documented(page: string): Wire[] {
  return JSON.parse(readFileSync(resolve(EXAMPLES, `${page}.json`), "utf8"));
}

/** The keys of an object and of the objects in it, as `a`, `a.b` and `list[].c`. */
export function keysOf(value: Wire, path = ""): string[] {
  if (Array.isArray(value)) {
    const first = value[0];
    return typeof first === "object" && first !== null && !Array.isArray(first) ? keysOf(first, `${path}[]`) : [];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = path === "" ? key : `${path}.${key}`;
    return [name, ...keysOf(inner, name)];
  });
}
