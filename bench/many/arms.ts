import { once } from "node:events";
import { getHeapStatistics } from "node:v8";
import { Worker } from "node:worker_threads";
import { WebSocket } from "ws";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";
import type { Arm } from "../arm.ts";
import { pairsOf, trackedBooks } from "../book/perpwire.ts";
import { BYBIT_STEP_MS, TIME_MS } from "../book/venues.ts";
import { quantile } from "../measure.ts";
import { type CcxtExchange, ccxtExchange, ccxtSymbol } from "../peers/ccxt.ts";
import { threadWorkedUs } from "../worked.ts";

export interface ManySetup {
  readonly markets: number;
  readonly framesPerSecond: number;
  readonly seconds: number;
  /** Threads that follow the books. Default: none but the one that is measured. */
  readonly threads?: number;
}

/** Hears that the frame of a market with this sequence number has come to the listener. */
type Heard = (market: number, sequence: number) => void;

interface Contender {
  end?(): Promise<void>;
}

type Connect = (url: string, symbols: readonly string[], heard: Heard, threads: number) => Promise<Contender>;

const sequenceOf = (timestampMs: number): number => (timestampMs - TIME_MS) / BYBIT_STEP_MS;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const perpwire: Connect = async (url, symbols, heard, threads) => {
  const listed = symbols.map((symbol) => ({ symbol, contractSize: "1" }));
  const urls = { restUrl: "http://127.0.0.1:1", webSocketUrl: url };
  const { tracker, check, end } = await trackedBooks("bybit", listed, nodeRuntime(), urls, threads);
  const last = new Int32Array(symbols.length);
  for (const [market, pair] of pairsOf(listed).entries()) {
    tracker.orderBook(pair).onUpdate(({ timestampMs }) => {
      const sequence = sequenceOf(timestampMs);
      // Threads tell of several messages at once: each has waited until now.
      for (let each = (last[market] ?? 0) + 1; each <= sequence; each += 1) heard(market, each);
      last[market] = sequence;
    });
  }
  while (!tracker.ready()) await sleep(20);
  check();
  return {
    async end() {
      check();
      await end();
    },
  };
};

interface Urls {
  readonly ws: { readonly public: Record<string, unknown> };
}

/** One loop a market, which waits for its book, as its manual has it. */
const ccxt: Connect = async (url, symbols, heard) => {
  const exchange = await ccxtExchange("bybit", symbols);
  const { ws } = exchange.urls.api as unknown as Urls;
  ws.public.linear = url;
  await (exchange as CcxtExchange & { loadHttpProxyAgent(): Promise<unknown> }).loadHttpProxyAgent();
  let isOver = false;
  const follow = async (market: number): Promise<void> => {
    while (!isOver) {
      const { timestamp = Number.NaN } = await exchange.watchOrderBook(ccxtSymbol("bybit", market), 200);
      heard(market, sequenceOf(timestamp));
    }
  };
  for (const market of symbols.keys())
    void follow(market).catch((error: unknown) => (isOver ? undefined : Promise.reject(error)));
  while (Object.keys(exchange.orderbooks).length < symbols.length) await sleep(20);
  return {
    async end() {
      isOver = true;
      await exchange.close();
    },
  };
};

/** Frames of the socket, which are neither read nor parsed: they come in the order in which they were sent. */
const bareWs: Connect = async (url, symbols, heard) => {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, "open");
  let others = symbols.length + 1;
  let next = 0;
  socket.on("message", () => {
    if (others > 0) {
      others -= 1;
      return;
    }
    heard(next % symbols.length, 1 + Math.floor(next / symbols.length));
    next += 1;
  });
  socket.send(JSON.stringify({ op: "subscribe", args: symbols.map((symbol) => `orderbook.200.${symbol}`) }));
  while (others > 0) await sleep(20);
  return {
    async end() {
      socket.close();
    },
  };
};

const CONTENDERS: Readonly<Record<string, Connect>> = { perpwire, ccxt, bareWs };

/** Frames that are not heard of for so long do not come. */
const MAX_QUIET_MS = 1_000;

const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

export async function createArm(name: string, setup: unknown): Promise<Arm> {
  const { markets, framesPerSecond, seconds, threads = 0 } = setup as ManySetup;
  const connect = CONTENDERS[name];
  if (connect === undefined) throw new Error(`there is no contender ${name}`);
  const frames = framesPerSecond * seconds;
  const sentMs = new Float64Array(new SharedArrayBuffer(frames * 8));
  const server = new Worker(new URL("./server.ts", import.meta.url), {
    workerData: { markets, framesPerSecond, sentMs },
  });
  const [port] = (await once(server, "message")) as [number];
  /** Sequence number of each market before this pass. */
  let before = 0;
  const latencies: number[] = [];
  /** Time at which the last frame was heard of. */
  let lastMs = 0;
  const heard: Heard = (market, sequence) => {
    const index = (sequence - before - 1) * markets + market;
    if (index < 0 || index >= frames) return;
    lastMs = nowMs();
    latencies.push(lastMs - (sentMs[index] ?? Number.NaN));
  };
  const symbols = Array.from({ length: markets }, (_, place) => `M${place}USDT`);
  const contender = await connect(`ws://127.0.0.1:${port}`, symbols, heard, threads);
  return {
    async pass() {
      latencies.length = 0;
      server.postMessage("prepare");
      await once(server, "message");
      const [startUs, startMs] = [threadWorkedUs(), nowMs()];
      const loop = performance.eventLoopUtilization();
      const processUs = process.cpuUsage();
      server.postMessage("send");
      await once(server, "message");
      while (latencies.length < frames && nowMs() - lastMs < MAX_QUIET_MS) await sleep(20);
      const workedMs = lastMs - startMs;
      const cpuPercent = (threadWorkedUs() - startUs) / 10 / workedMs;
      const { user, system } = process.cpuUsage(processUs);
      const busyPercent = 100 * performance.eventLoopUtilization(loop).utilization;
      before += frames / markets;
      const told = (100 * latencies.length) / frames;
      const [p50Ms, p99Ms] = [quantile(latencies, 0.5), quantile(latencies, 0.99)];
      const heapMb = getHeapStatistics().used_heap_size / 1e6;
      const perSecond = (1_000 * latencies.length) / workedMs;
      const allPercent = (user + system) / 10 / workedMs;
      return { p50Ms, p99Ms, cpuPercent, busyPercent, allPercent, heapMb, toldPercent: told, perSecond };
    },
    async end() {
      await contender.end?.();
      await server.terminate();
    },
  };
}
