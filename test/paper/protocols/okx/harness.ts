import { createHmac } from "node:crypto";
import { formatIsoTime } from "../../../../src/model/time.ts";
import {
  createPaperVenue,
  PAPER_MARKETS,
  PAPER_PASSPHRASE,
  type PaperVenue,
  type PaperVenueOptions,
} from "../../../../src/paper/index.ts";
import type { HttpResponse, WebSocketConnection } from "../../../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../../../src/runtime/simulated.ts";

/** The clients here share no code with the venue: their own signatures, parsing and books. */
export const sign = (secret: string, text: string): string =>
  createHmac("sha256", secret).update(text).digest("base64");

export const BTC = "BTC-USDT-SWAP";
export const ETH = "ETH-USDT-SWAP";

// biome-ignore lint/suspicious/noExplicitAny: the shape of each answer is what the tests look at
export type Wire = any;

export interface Reply {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly data: Wire;
  readonly body: Wire;
  readonly headers: Readonly<Record<string, string>>;
}

export interface CallOptions {
  readonly key?: string;
  readonly secret?: string;
  readonly passphrase?: string;
  readonly timestamp?: string;
  readonly signature?: string;
  readonly unsigned?: boolean;
  readonly rawBody?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const OPTIONS: PaperVenueOptions = {
  api: "okx",
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
    return replyOf(await this.send("POST", path, options.rawBody ?? JSON.stringify(body), options));
  }

  /** `path` is what follows `/api/v5`. */
  send(method: string, path: string, body: string, options: CallOptions = {}): Promise<HttpResponse> {
    const { key = this.venue.apiKey, secret = this.venue.apiSecret, passphrase = PAPER_PASSPHRASE } = options;
    const timestamp = options.timestamp ?? formatIsoTime(this.now());
    const target = `/api/v5${path}`;
    const signature = options.signature ?? sign(secret, `${timestamp}${method}${target}${body}`);
    const signed = {
      "OK-ACCESS-KEY": key,
      "OK-ACCESS-TIMESTAMP": timestamp,
      "OK-ACCESS-PASSPHRASE": passphrase,
      "OK-ACCESS-SIGN": signature,
    };
    const type = body === "" ? {} : { "Content-Type": "application/json" };
    return this.world.run(
      this.#runtime.http.request({
        method,
        url: `${this.venue.urls.okx!.rest}${target}`,
        headers: { ...(options.unsigned === true ? {} : signed), ...type, ...options.headers },
        body: body === "" ? undefined : body,
        timeoutMs: 10_000,
      }),
    );
  }

  /** Places an order, a limit buy of BTC in cross margin unless told, and lets it reach the matching engine. */
  async place(fields: object, options: CallOptions = {}): Promise<Wire> {
    const usual = { instId: BTC, tdMode: "cross", side: "buy", ordType: "limit" };
    const reply = await this.post("/trade/order", { ...usual, ...fields }, options);
    await this.settle();
    return reply.data[0];
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
    const { code, message, data } = await this.get(path, query, options);
    if (code !== "0") throw new Error(`${path}: ${code} ${message}`);
    return data;
  }

  /** The order's row, open or closed. */
  async order(ordId: string, instId: string = BTC): Promise<Wire> {
    return (await this.get("/trade/order", { instId, ordId })).data[0];
  }

  quote(side: "buy" | "sell", price: string, size = "1", market = "BTC-USD"): void {
    this.venue.trader.order({ market, side, size, price });
  }

  async socket(kind: "public" | "private" | "business"): Promise<Socket> {
    const socket = new Socket();
    const handlers = {
      onText: (text: string) => {
        socket.texts.push(text);
        if (text !== "pong") socket.frames.push(JSON.parse(text));
      },
      onClose: ({ code }: { readonly code: number }) => {
        socket.closeCode = code;
      },
    };
    const url = `${this.venue.urls.okx!.ws}/ws/v5/${kind}`;
    const connecting = this.#runtime.webSocket.connect(url, handlers, { handshakeTimeoutMs: 5_000 });
    socket.connection = await this.world.run(connecting);
    return socket;
  }

  /** A private socket that is logged in and listens. */
  async privateSocket(...args: object[]): Promise<Socket> {
    const socket = await this.socket("private");
    socket.login(this.venue.apiKey, this.venue.apiSecret, this.now());
    if (args.length > 0) socket.send({ op: "subscribe", args });
    await this.settle();
    return socket;
  }

  async businessSocket(...args: object[]): Promise<Socket> {
    const socket = await this.socket("business");
    socket.send({ op: "subscribe", args });
    await this.settle();
    return socket;
  }

  async publicSocket(...args: object[]): Promise<Socket> {
    const socket = await this.socket("public");
    socket.send({ op: "subscribe", args });
    await this.settle();
    return socket;
  }
}

export class Socket {
  readonly texts: string[] = [];
  readonly frames: Wire[] = [];
  connection: WebSocketConnection | undefined;
  closeCode: number | undefined;

  send(message: object): void {
    this.connection!.send(JSON.stringify(message));
  }

  login(apiKey: string, secret: string, nowMs: number, passphrase: string = PAPER_PASSPHRASE): void {
    const timestamp = String(Math.floor(nowMs / 1_000));
    const signature = sign(secret, `${timestamp}GET/users/self/verify`);
    this.send({ op: "login", args: [{ apiKey, passphrase, timestamp, sign: signature }] });
  }

  of(channel: string): Wire[] {
    return this.frames.filter((frame) => frame.arg?.channel === channel && frame.data !== undefined);
  }

  rows(channel: string): Wire[] {
    return this.of(channel).flatMap(({ data }) => data);
  }

  events(name: string): Wire[] {
    return this.frames.filter((frame) => frame.event === name);
  }
}

export async function startVenue(options: Partial<PaperVenueOptions> = {}, startMs?: number): Promise<Harness> {
  const world = new SimulatedWorld({ seed: options.seed ?? 1, ...(startMs === undefined ? {} : { startMs }) });
  const venue = await world.run(createPaperVenue({ ...OPTIONS, ...options }, world.runtime("venue")));
  return new Harness(world, venue);
}

function replyOf(response: HttpResponse): Reply {
  const body = JSON.parse(response.text);
  const { code, msg: message, data } = body;
  return { status: response.status, code, message, data, body, headers: response.headers };
}
