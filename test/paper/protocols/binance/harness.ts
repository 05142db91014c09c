import { createHmac } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createPaperVenue, type PaperVenue, type PaperVenueOptions } from "../../../../src/paper/index.ts";
import { BINANCE_MARKETS } from "../../../../src/paper/protocols/binance/markets.ts";
import type { HttpResponse, Runtime, WebSocketConnection } from "../../../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../../../src/runtime/simulated.ts";

/** The clients here share no code with the venue: their own signatures, parsing and books. */
export const sign = (secret: string, text: string): string => createHmac("sha256", secret).update(text).digest("hex");

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape of each answer is what the tests look at
  readonly json: any;
}

export type Params = Readonly<Record<string, string | number | boolean | undefined>>;

export interface CallOptions {
  /** Where the parameters go; the query unless told. */
  readonly place?: "query" | "body";
  readonly key?: string;
  readonly secret?: string;
  readonly timestampMs?: number;
}

export interface Harness {
  readonly world: SimulatedWorld;
  readonly venue: PaperVenue;
  readonly runtime: Runtime;
  /** Without key and signature. */
  get(path: string, params?: Params): Promise<Reply>;
  /** Signed, with the time first. */
  call(method: string, path: string, params?: Params, options?: CallOptions): Promise<Reply>;
  /** With the key alone. */
  keyed(method: string, path: string, params?: Params): Promise<Reply>;
  raw(method: string, target: string, headers?: Record<string, string>, body?: string): Promise<Reply>;
  connect(target: string): Promise<TestSocket>;
}

export const OPTIONS: PaperVenueOptions = {
  api: "binance",
  seed: 1,
  rateLimits: "off",
  quiet: true,
  markets: BINANCE_MARKETS,
};

export const form = (params: Params): string =>
  Object.entries(params)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join("&");

export async function startVenue(options: Partial<PaperVenueOptions> = {}, startMs?: number): Promise<Harness> {
  const world = new SimulatedWorld({ seed: options.seed ?? 1, ...(startMs === undefined ? {} : { startMs }) });
  const venue = await world.run(createPaperVenue({ ...OPTIONS, ...options }, world.runtime("venue")));
  const runtime = world.runtime("client");
  const raw = async (method: string, target: string, headers: Record<string, string> = {}, body?: string) => {
    const url = `${venue.rest}${target}`;
    const response = await world.run(runtime.http.request({ method, url, headers, body, timeoutMs: 10_000 }));
    return replyOf(response);
  };
  const target = (path: string, query: string) => (query === "" ? path : `${path}?${query}`);
  const key = { "X-MBX-APIKEY": venue.apiKey };
  return {
    world,
    venue,
    runtime,
    raw,
    get: (path, params = {}) => raw("GET", target(path, form(params))),
    keyed: (method, path, params = {}) => raw(method, target(path, form(params)), key),
    call: (method, path, params = {}, call = {}) => {
      const payload = form({ timestamp: Math.floor(call.timestampMs ?? world.now()), ...params });
      const signed = `${payload}&signature=${sign(call.secret ?? venue.apiSecret, payload)}`;
      const headers = { "X-MBX-APIKEY": call.key ?? venue.apiKey };
      if (call.place !== "body") return raw(method, target(path, signed), headers);
      return raw(method, path, { ...headers, "Content-Type": "application/x-www-form-urlencoded" }, signed);
    },
    connect: (path) => openSocket(world, runtime, `${venue.ws}${path}`),
  };
}

function replyOf({ status, headers, text }: HttpResponse): Reply {
  return { status, headers, text, json: JSON.parse(text) };
}

// biome-ignore lint/suspicious/noExplicitAny: frames of all shapes
export type FrameObject = any;

export class TestSocket {
  readonly texts: string[] = [];
  readonly frames: FrameObject[] = [];
  pings = 0;
  connection: WebSocketConnection | undefined;
  closed: { code: number; reason: string } | undefined;

  send(message: object): void {
    this.connection!.send(JSON.stringify(message));
  }

  subscribe(...params: string[]): void {
    this.send({ method: "SUBSCRIBE", params, id: 1 });
  }

  /** Raw events of a kind. */
  of(e: string): FrameObject[] {
    return this.frames.filter((frame) => frame.e === e);
  }

  clear(): void {
    this.frames.length = 0;
  }
}

async function openSocket(world: SimulatedWorld, runtime: Runtime, url: string): Promise<TestSocket> {
  const socket = new TestSocket();
  const handlers = {
    onText: (text: string) => {
      socket.texts.push(text);
      socket.frames.push(JSON.parse(text));
    },
    onPing: () => {
      socket.pings += 1;
    },
    onClose: (info: { code: number; reason: string }) => {
      socket.closed = info;
    },
  };
  socket.connection = await world.run(runtime.webSocket.connect(url, handlers, { handshakeTimeoutMs: 5_000 }));
  return socket;
}

const EXAMPLES = resolve(import.meta.dirname, "../../../../../shared/data/examples/binance-usdm");

/** The documented examples, read where they lie; a test that wants them is skipped where they are not there. */
export const hasExamples: boolean = existsSync(EXAMPLES);

export function example(file: string, name: string): FrameObject {
  const rows = JSON.parse(readFileSync(`${EXAMPLES}/${file}.json`, "utf8")) as { describe: string; body: unknown }[];
  const row = rows.find(({ describe }) => describe === `${name}()`);
  if (row === undefined) throw new Error(`no example ${name} in ${file}`);
  return Array.isArray(row.body) ? row.body[0] : row.body;
}

export const keys = (value: object): string[] => Object.keys(value).sort();
