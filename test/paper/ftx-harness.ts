import { createHmac } from "node:crypto";
import { createPaperVenue, type PaperVenue, type PaperVenueOptions } from "../../src/paper/index.ts";
import type { HttpResponse, Runtime, WebSocketConnection } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

/** The clients here share no code with the venue: their own signatures, parsing and books. */
export const sign = (secret: string, text: string): string => createHmac("sha256", secret).update(text).digest("hex");

export interface Reply {
  readonly status: number;
  readonly success: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of each answer is what the tests look at
  readonly result: any;
  readonly error: string | undefined;
  readonly hasMoreData: boolean | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly rawBody?: string;
  readonly subaccount?: string;
  readonly key?: string;
  readonly secret?: string;
  readonly prefix?: string;
  readonly timestampMs?: number;
  readonly signature?: string;
  readonly unsigned?: boolean;
}

export interface Harness {
  readonly world: SimulatedWorld;
  readonly venue: PaperVenue;
  readonly runtime: Runtime;
  call(method: string, path: string, options?: CallOptions): Promise<Reply>;
  send(method: string, path: string, options?: CallOptions): Promise<HttpResponse>;
  connect(): Promise<TestSocket>;
}

export const OPTIONS: PaperVenueOptions = { api: "ftx", seed: 1, rateLimits: "off" };

export async function startVenue(options: Partial<PaperVenueOptions> = {}, startMs?: number): Promise<Harness> {
  const world = new SimulatedWorld({ seed: options.seed ?? 1, ...(startMs === undefined ? {} : { startMs }) });
  const venue = await world.run(createPaperVenue({ ...OPTIONS, ...options }, world.runtime("venue")));
  const runtime = world.runtime("client");
  const send = (method: string, path: string, call: CallOptions = {}) =>
    world.run(runtime.http.request(requestOf(venue, world, method, path, call)));
  return {
    world,
    venue,
    runtime,
    send,
    call: async (method, path, call) => replyOf(await send(method, path, call)),
    connect: () => openSocket(world, runtime, venue),
  };
}

function requestOf(venue: PaperVenue, world: SimulatedWorld, method: string, path: string, call: CallOptions) {
  const target = `/api${path}`;
  const body = call.rawBody ?? (call.body === undefined ? "" : JSON.stringify(call.body));
  const timestamp = String(Math.floor(call.timestampMs ?? world.now()));
  const secret = call.secret ?? venue.apiSecret;
  const prefix = call.prefix ?? "FTX";
  const headers: Record<string, string> =
    call.unsigned === true
      ? {}
      : {
          [`${prefix}-KEY`]: call.key ?? venue.apiKey,
          [`${prefix}-TS`]: timestamp,
          [`${prefix}-SIGN`]: call.signature ?? sign(secret, `${timestamp}${method}${target}${body}`),
          ...(call.subaccount === undefined ? {} : { [`${prefix}-SUBACCOUNT`]: encodeURIComponent(call.subaccount) }),
        };
  return {
    method,
    url: `${venue.rest}${path}`,
    headers: { ...headers, ...(body === "" ? {} : { "Content-Type": "application/json" }) },
    body: body === "" ? undefined : body,
    timeoutMs: 10_000,
  };
}

function replyOf(response: HttpResponse): Reply {
  const envelope = JSON.parse(response.text);
  return { hasMoreData: undefined, error: undefined, ...envelope, ...response };
}

// biome-ignore lint/suspicious/noExplicitAny: frames of all shapes
export type FrameObject = any;

export class TestSocket {
  readonly texts: string[] = [];
  readonly frames: FrameObject[] = [];
  connection: WebSocketConnection | undefined;
  closed: { code: number; reason: string } | undefined;

  send(message: object): void {
    this.connection!.send(JSON.stringify(message));
  }

  subscribe(channel: string, market?: string): void {
    this.send({ op: "subscribe", channel, ...(market === undefined ? {} : { market }) });
  }

  login(key: string, secret: string, timeMs: number, subaccount?: string): void {
    const time = Math.floor(timeMs);
    const args = { key, time, sign: sign(secret, `${time}websocket_login`), ...(subaccount ? { subaccount } : {}) };
    this.send({ op: "login", args });
  }

  of(channel: string, type = "update"): FrameObject[] {
    return this.frames.filter((frame) => frame.channel === channel && frame.type === type);
  }

  errors(): string[] {
    return this.frames.filter(({ type }) => type === "error").map(({ code, msg }) => `${code} ${msg}`);
  }
}

async function openSocket(world: SimulatedWorld, runtime: Runtime, venue: PaperVenue): Promise<TestSocket> {
  const socket = new TestSocket();
  const handlers = {
    onText: (text: string) => {
      socket.texts.push(text);
      socket.frames.push(JSON.parse(text));
    },
    onClose: (info: { code: number; reason: string }) => {
      socket.closed = info;
    },
  };
  socket.connection = await world.run(runtime.webSocket.connect(venue.ws, handlers, { handshakeTimeoutMs: 5_000 }));
  return socket;
}
