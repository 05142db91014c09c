import { parentPort, workerData } from "node:worker_threads";
import { type WebSocket, WebSocketServer } from "ws";
import { SyntheticMarket } from "../book/synthetic-market.ts";
import { bybitFrame } from "../book/venues.ts";

export interface ServerSetup {
  readonly markets: number;
  readonly framesPerSecond: number;
  /** Monotonic milliseconds at which each frame of a pass was handed to its socket. */
  readonly sentMs: Float64Array;
}

const { markets: count, framesPerSecond, sentMs } = workerData as ServerSetup;

export const symbolOf = (market: number): string => `M${market}USDT`;

interface Market {
  readonly symbol: string;
  readonly synthetic: SyntheticMarket;
  sequence: number;
  subscriber: WebSocket | undefined;
}

const markets = Array.from({ length: count }, (_, place): Market => {
  const synthetic = new SyntheticMarket({ seed: 1 + place, view: 200 });
  return { symbol: symbolOf(place), synthetic, sequence: 0, subscriber: undefined };
});
const bySymbol = new Map(markets.map((market) => [market.symbol, market]));

function subscribe(socket: WebSocket, topic: string): void {
  const [channel, , symbol = ""] = topic.split(".");
  const market = channel === "orderbook" ? bySymbol.get(symbol) : undefined;
  if (market === undefined) return;
  market.subscriber = socket;
  socket.send(bybitFrame("snapshot", market.synthetic.book(), market.sequence, market.symbol));
}

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
server.on("connection", (socket) => {
  socket.on("message", (data) => {
    const message = JSON.parse(String(data)) as { op: string; req_id?: string; args?: readonly string[] };
    const answer = { success: true, ret_msg: message.op === "ping" ? "pong" : "", conn_id: "1", op: message.op };
    socket.send(JSON.stringify({ ...answer, req_id: message.req_id }));
    if (message.op === "subscribe") for (const topic of message.args ?? []) subscribe(socket, topic);
  });
});
server.on("listening", () => {
  const address = server.address();
  parentPort?.postMessage(typeof address === "object" ? address?.port : undefined);
});

const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

let frames: readonly { readonly text: string; readonly market: Market }[] = [];

/** Makes the frames of a pass, which is none of its time. */
function prepare(): void {
  frames = Array.from({ length: sentMs.length }, (_, index) => {
    const market = markets[index % count] as Market;
    market.sequence += 1;
    const text = bybitFrame("delta", market.synthetic.step(), market.sequence, market.symbol);
    return { text, market };
  });
  parentPort?.postMessage("prepared");
}

/** Frames of all markets in turn, at an even pace. */
function send(): void {
  const startMs = nowMs();
  let next = 0;
  const tick = (): void => {
    const due = Math.min(frames.length, Math.floor(((nowMs() - startMs) * framesPerSecond) / 1_000));
    for (; next < due; next += 1) {
      const frame = frames[next];
      sentMs[next] = nowMs();
      frame?.market.subscriber?.send(frame.text);
    }
    if (next < frames.length) setTimeout(tick, 1);
    else parentPort?.postMessage("sent");
  };
  tick();
}

parentPort?.on("message", (work: "prepare" | "send") => (work === "send" ? send() : prepare()));
