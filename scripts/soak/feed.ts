/** Bybit's public socket, for one market: a snapshot of its book, then so many changes a second, numbered without a gap. */
import { WebSocketServer } from "ws";

const framesPerSecond = Number(process.argv[2]);
const LEVELS = 200;
const MIDDLE = 20_000;
const STEP_MS = 5;

const server = new WebSocketServer({ host: "127.0.0.1", port: 0 }, () => {
  const address = server.address();
  if (address !== null && typeof address === "object") console.log(address.port);
});
server.on("connection", (socket) => {
  const send = (message: object): void => socket.send(JSON.stringify(message));
  socket.on("message", (data) => {
    const { op, req_id, args = [] } = JSON.parse(String(data));
    if (op === "ping") send({ success: true, ret_msg: "pong", op, req_id });
    if (op !== "subscribe") return;
    send({ success: true, ret_msg: "", op, req_id, conn_id: "soak" });
    for (const topic of args) if (String(topic).startsWith("orderbook.")) stream(String(topic));
  });
  const stream = (topic: string): void => {
    let u = 1;
    const ladder = (sign: number) => Array.from({ length: LEVELS }, (_, at) => level(sign, at, 10));
    const frame = (type: string, b: unknown, a: unknown) => {
      const ts = Date.now();
      send({ topic, type, ts, data: { s: "BTCUSDT", b, a, u, seq: u }, cts: ts });
    };
    frame("snapshot", ladder(-1), ladder(1));
    const began = performance.now();
    let sent = 0;
    const timer = setInterval(() => {
      // What the timer was late by is made up for.
      const due = ((performance.now() - began) / 1_000) * framesPerSecond;
      for (; sent < due; sent += 1) {
        u += 1;
        const at = u % LEVELS;
        frame("delta", [level(-1, at, 1 + (u % 50))], [level(1, at, 1 + (u % 70))]);
      }
    }, STEP_MS);
    socket.on("close", () => clearInterval(timer));
  };
});

function level(sign: number, at: number, size: number): readonly [price: string, size: string] {
  return [(MIDDLE + sign * (at + 1) * 0.5).toFixed(1), size.toFixed(3)];
}

process.stdin.on("end", () => process.exit(0)).resume();
