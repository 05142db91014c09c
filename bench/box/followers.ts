import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { WebSocket } from "ws";

interface FollowersSetup {
  readonly url: string;
  readonly connections: number;
  readonly symbols: readonly string[];
}

const { url, connections, symbols } = workerData as FollowersSetup;
let received = 0;

for (let number = 0; number < connections; number += 1) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, "open");
  socket.on("message", () => {
    received += 1;
  });
  socket.send(JSON.stringify({ op: "subscribe", args: symbols.map((symbol) => `orderbook.200.${symbol}`) }));
}

parentPort?.on("message", () => parentPort?.postMessage(received));
parentPort?.postMessage("ready");
