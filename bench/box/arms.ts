import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Worker } from "node:worker_threads";
import { createPaperVenue, PAPER_MARKETS, type ProtocolName } from "../../src/paper/index.ts";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";
import type { Arm } from "../arm.ts";
import { ORDERS } from "../growth/box.ts";
import { bareFrames, boxFrames } from "./frames.ts";
import type { LoadRequest } from "./load.ts";
import { type Matcher, nodejsOrderBook, ownBook, ownEngine } from "./matchers.ts";
import type { Operation } from "./operations.ts";

export interface BoxSetup {
  /** Signed orders of a pass, for a server. */
  readonly requests?: number;
  readonly api?: ProtocolName;
  /** Markets that live by themselves, and how long a pass looks at them. */
  readonly markets?: number;
  readonly seconds?: number;
}

function matching(matcher: Matcher): Arm {
  let operations: readonly Operation[] = [];
  return {
    prepare(input) {
      operations = input as readonly Operation[];
    },
    pass() {
      for (const operation of operations) matcher.execute(operation);
      return undefined;
    },
    state: () => matcher.tradedLots(),
  };
}

interface Server {
  readonly origin: string;
  /** Requests of the next pass. */
  requests(): readonly LoadRequest[];
  tidy?(): void;
  end(): Promise<void>;
}

/** A server in this thread, whose work counts, and its clients in another. */
function serving(server: Server): Arm {
  const load = new Worker(new URL("./load.ts", import.meta.url), { workerData: { origin: server.origin } });
  let requests: readonly LoadRequest[] = [];
  return {
    prepare() {
      server.tidy?.();
      requests = server.requests();
    },
    async pass() {
      load.postMessage(requests);
      const [answer] = (await once(load, "message")) as [{ readonly taken: number; readonly refusal: string }];
      const { taken, refusal } = answer;
      if (taken < requests.length) throw new Error(`${taken} of ${requests.length} orders were taken: ${refusal}`);
      return undefined;
    },
    async end() {
      await load.terminate();
      await server.end();
    },
  };
}

async function box({ api = "bybit", requests: count = 0 }: BoxSetup): Promise<Arm> {
  const runtime = nodeRuntime();
  const markets = PAPER_MARKETS.map(({ maxOpenOrders: _, ...spec }) => spec);
  const venue = await createPaperVenue({ api, seed: 1, emptyBooks: true, rateLimits: "off", markets }, runtime);
  const { origin, pathname } = new URL(venue.rest);
  const request = (): LoadRequest => {
    const order = ORDERS[api]?.(venue, runtime.clock.now());
    if (order === undefined) throw new Error(`there is no order of ${api} here`);
    const type: Readonly<Record<string, string>> = order.body === "" ? {} : { "content-type": "application/json" };
    return { ...order, path: `${pathname.replace(/\/$/, "")}${order.path}`, headers: { ...order.headers, ...type } };
  };
  return serving({
    origin,
    requests: () => Array.from({ length: count }, request),
    tidy: () => venue.execute({ type: "cancelAll", accountId: venue.accountId }),
    end: () => venue.stop(),
  });
}

/** Node's own server that checks a signature over the body and sends the body back. */
async function echo({ requests: count = 0 }: BoxSetup): Promise<Arm> {
  const sign = (text: string): string => createHmac("sha256", "s".repeat(40)).update(text).digest("hex");
  const server = createServer((request, response) => {
    let received = "";
    request.setEncoding("utf8");
    request.on("data", (text: string) => {
      received += text;
    });
    request.on("end", () => {
      const status = request.headers["x-sign"] === sign(received) ? 200 : 401;
      response.writeHead(status, { "content-type": "application/json" });
      response.end(received);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const order = { category: "linear", symbol: "BTCUSDT", side: "Buy", orderType: "Limit", price: "19000" };
  const body = JSON.stringify(order);
  const request = { path: "/order", body, headers: { "x-sign": sign(body), "content-type": "application/json" } };
  return serving({
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => Array.from({ length: count }, () => request),
    async end() {
      server.closeAllConnections();
      server.close();
    },
  });
}

/** Markets with simulated order flow that nobody looks at. */
async function living({ markets: count = 0, seconds = 0 }: BoxSetup): Promise<Arm> {
  const [first] = PAPER_MARKETS;
  if (first === undefined) throw new Error("the paper venue lists no market");
  const markets = Array.from({ length: count }, (_, place) => {
    return { ...first, market: `M${place}-USD`, base: `M${place}` };
  });
  const venue = await createPaperVenue({ api: "bybit", seed: 1, markets }, nodeRuntime());
  return {
    async pass() {
      await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
      return undefined;
    },
    end: () => venue.stop(),
  };
}

export async function createArm(name: string, setup: unknown): Promise<Arm> {
  const own = (setup ?? {}) as BoxSetup;
  switch (name) {
    case "book":
      return matching(ownBook());
    case "engine":
      return matching(ownEngine());
    case "nodejsOrderBook":
      return matching(await nodejsOrderBook());
    case "box":
      return await box(own);
    case "echo":
      return await echo(own);
    case "boxFrames":
      return await boxFrames();
    case "bareFrames":
      return await bareFrames();
    case "living":
      return await living(own);
    default:
      throw new Error(`there is no contender ${name}`);
  }
}
