import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { Worker } from "node:worker_threads";
import { WebSocketServer } from "ws";
import { createPaperVenue } from "../../src/paper/index.ts";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";
import type { Arm } from "../arm.ts";
import { threadWorkedUs } from "../worked.ts";

export const CONNECTIONS = 50;
const SYMBOLS = ["BTCUSDT", "ETHUSDT", "SOLUSDT", "DOGEUSDT"];
const PASS_MS = 1_000;
/** The mean message of the box, and how often it sends one a market. */
const BARE_BYTES = 220;
const BARE_STEP_MS = 200;

interface Server {
  readonly url: string;
  end(): Promise<void>;
}

/** Clients in another thread follow the books; what this thread works for a frame that reaches them counts. */
async function following({ url, end }: Server): Promise<Arm> {
  const clients = new Worker(new URL("./followers.ts", import.meta.url), {
    workerData: { url, connections: CONNECTIONS, symbols: SYMBOLS },
  });
  await once(clients, "message");
  const received = async (): Promise<number> => {
    clients.postMessage("count");
    const [count] = (await once(clients, "message")) as [number];
    return count;
  };
  return {
    async pass() {
      const before = await received();
      const startUs = threadWorkedUs();
      await new Promise((resolve) => setTimeout(resolve, PASS_MS));
      const workedUs = threadWorkedUs() - startUs;
      const frames = (await received()) - before;
      return { usPerFrame: workedUs / frames, frames };
    },
    async end() {
      await clients.terminate();
      await end();
    },
  };
}

/** The box with its four markets, on the protocol of Bybit. */
export async function boxFrames(): Promise<Arm> {
  const venue = await createPaperVenue({ api: "bybit", seed: 1 }, nodeRuntime());
  return await following({ url: `${venue.ws}/v5/public/linear`, end: () => venue.stop() });
}

/** The same number of texts of about the same length, which are ready. */
export async function bareFrames(): Promise<Arm> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  await once(server, "listening");
  const text = "x".repeat(BARE_BYTES);
  const timer = setInterval(() => {
    for (const socket of server.clients) for (const _ of SYMBOLS) socket.send(text);
  }, BARE_STEP_MS);
  return await following({
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async end() {
      clearInterval(timer);
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  });
}
