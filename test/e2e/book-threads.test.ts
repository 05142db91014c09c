import { afterEach, describe, expect, it } from "vitest";
import { type ConnectOptions, connect, createConnector } from "../../src/connect.ts";
import { PerpetualConnector } from "../../src/connector/perpetual-connector.ts";
import type { OrderBook } from "../../src/market-data/order-book.ts";
import type { FromThread, ThreadSetup } from "../../src/market-data/threads/thread-messages.ts";
import { createPaperVenue, type PaperVenue } from "../../src/paper/index.ts";
import { PROTOCOL_NAMES, type ProtocolName } from "../../src/paper/protocols/protocols.ts";
import { loadVenue } from "../../src/registry.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";
import type { Runtime, Thread, ThreadHost } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/simulation/index.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";

/** Threads run in real time: these are the only tests of connectors that wait for it. */
async function until(holds: () => boolean, what: string): Promise<void> {
  const startMs = performance.now();
  while (!holds()) {
    if (performance.now() - startMs > 20_000) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

interface Followed {
  readonly messages: FromThread[];
  readonly threads: Thread[];
  readonly setups: ThreadSetup[];
  readonly running: Set<Thread>;
  readonly runtime: Runtime;
}

/** The real runtime, with an eye on its threads. */
function watched(): Followed {
  const real = nodeRuntime();
  const [threads, setups, running]: [Thread[], ThreadSetup[], Set<Thread>] = [[], [], new Set()];
  const messages: FromThread[] = [];
  const host: ThreadHost = {
    start(module, data, handlers) {
      const inner = real.threads?.start(module, data, {
        onMessage: (message) => {
          messages.push(message as FromThread);
          handlers.onMessage(message);
        },
        onEnd: (reason) => {
          running.delete(thread);
          handlers.onEnd(reason);
        },
      });
      if (inner === undefined) throw new Error("no threads");
      const thread: Thread = {
        post: (message) => inner.post(message),
        async end() {
          await inner.end();
          running.delete(thread);
        },
      };
      threads.push(thread);
      setups.push(data as ThreadSetup);
      running.add(thread);
      return thread;
    },
  };
  return { threads, setups, running, messages, runtime: { ...real, threads: host } };
}

async function box(api: ProtocolName, options: object = {}): Promise<PaperVenue> {
  const venue = await createPaperVenue({ api, seed: 7, ...options }, nodeRuntime());
  open.push(venue);
  return venue;
}

async function pairsOf(api: ProtocolName, count: number): Promise<readonly string[]> {
  const { module } = await loadVenue(`${api}_perpetual`);
  const quote = module.manifest.exampleTradingPair.split("-")[1];
  return ["BTC", "ETH"].slice(0, count).map((base) => `${base}-${quote}`);
}

async function connected(api: ProtocolName, urls: { rest: string; ws: string }, options: Partial<ConnectOptions>) {
  const tradingPairs = await pairsOf(api, 2);
  const where = { restUrl: urls.rest, webSocketUrl: urls.ws };
  const venue = await connect(`${api}_perpetual`, { tradingPairs, logger: SILENT_LOGGER, ...where, ...options });
  open.push(venue);
  return venue;
}

const textOf = (book: OrderBook): string =>
  [...book.bids(50), "|", ...book.asks(50)]
    .map((level) => (typeof level === "string" ? level : `${level.price.toFixed()} ${level.amount.toFixed()}`))
    .join();

/** States of a book by the venue's id and time of its last message. */
function recorded(book: OrderBook): ReadonlyMap<string, string> {
  const states = new Map<string, string>();
  book.onUpdate(() => states.set(`${book.updateId} ${book.timestampMs}`, textOf(book)));
  return states;
}

describe("books that threads follow", () => {
  it.each(PROTOCOL_NAMES)("are those that one thread has, on %s", async (api) => {
    const venue = await box(api);
    const [one, other] = await Promise.all([connected(api, venue, {}), connected(api, venue, { bookThreads: 2 })]);
    for (const pair of one.tradingPairs) {
      const [here, there] = [recorded(one.orderBook(pair)), recorded(other.orderBook(pair))];
      const both = () => [...here.keys()].filter((key) => there.has(key));
      await until(() => both().length >= 5, `five states of ${pair} that both have seen`);
      for (const key of both()) expect(there.get(key)).toBe(here.get(key));
    }
    const { books, bookMessages, messages } = other.metrics();
    expect(books).toMatchObject({ books: 2, validBooks: 2, gaps: 0, checksumFailures: 0, rejected: 0 });
    expect(books.applied).toBeGreaterThan(0);
    expect(bookMessages.scanned + bookMessages.parsed).toBeGreaterThan(0);
    expect(Object.values(messages).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
    expect(other.status().orderBooksInitialized).toBe(true);
    const [pair = ""] = other.tradingPairs;
    const channels = other.channelStatuses(pair).filter(({ name }) => name === "orderBook");
    expect(channels).toMatchObject([{ state: "live", tradingPair: pair }]);
  });

  it("are followed by a new thread when theirs has ended, and invalid until then", async () => {
    const { threads, runtime } = watched();
    const venue = await connected("bybit", await box("bybit"), { bookThreads: 2, runtime });
    const told: string[] = [];
    venue.on("bookInvalid", ({ tradingPair, reason }) => told.push(`${tradingPair} invalid: ${reason}`));
    venue.on("bookHealed", ({ tradingPair }) => told.push(`${tradingPair} healed`));
    const [first = "", second = ""] = venue.tradingPairs;
    const before = venue.orderBook(first).version;
    threads[0]?.post({ kind: "follow" });
    await until(() => !venue.orderBook(first).isValid, "the book is invalid");
    expect(venue.orderBook(first).invalidReason).toContain("the thread of the book has ended");
    expect([venue.ready, venue.orderBook(second).isValid]).toEqual([false, true]);
    await until(() => venue.orderBook(first).isValid, "the book is valid again");
    expect(told[0]).toContain(`${first} invalid: the thread of the book has ended`);
    expect(told[1]).toBe(`${first} healed`);
    expect(told).toHaveLength(2);
    expect(venue.orderBook(first).version).toBeGreaterThan(before);
    expect([threads.length, venue.metrics().books.heals]).toEqual([3, 1]);
  });

  it("are invalid while a thread has no connection, and say why", async () => {
    const venue = await box("binance");
    await using proxy = await TcpProxy.start(venue.port, 1);
    const followed = await connected("binance", { rest: venue.rest, ws: proxy.through(venue.ws) }, { bookThreads: 1 });
    const told: string[] = [];
    followed.on("bookInvalid", ({ reason }) => told.push(reason));
    followed.on("bookHealed", ({ healMs }) => told.push(String(healMs > 0)));
    proxy.resetAll();
    await until(() => told.length >= 4 && followed.ready, "both books are healed");
    expect(told.slice(0, 2).every((reason) => reason.startsWith("disconnected"))).toBe(true);
    expect(told.slice(2)).toEqual(["true", "true"]);
  });

  it("come and go while the threads run", async () => {
    const venue = await connected("bybit", await box("bybit"), {
      tradingPairs: ["BTC-USDT"],
      bookThreads: 2,
    });
    venue.addTradingPair("ETH-USDT");
    const book = venue.orderBook("ETH-USDT");
    await until(() => book.isValid, "the book of the market that was added is there");
    venue.removeTradingPair("ETH-USDT");
    expect(() => book.bestBid).toThrow("is followed no more");
    venue.addTradingPair("ETH-USDT");
    await until(() => venue.orderBook("ETH-USDT").isValid, "it is there again");
  });

  it("leave no thread and no open book when the connector stops", async () => {
    const { threads, running, runtime } = watched();
    const venue = await connected("okx", await box("okx"), { bookThreads: 2, runtime });
    const [pair = ""] = venue.tradingPairs;
    const book = venue.orderBook(pair);
    expect([threads.length, running.size]).toEqual([2, 2]);
    await venue.stop();
    expect(running.size).toBe(0);
    expect(() => book.bestBid).toThrow("the connector has stopped");
  });

  it("share the limits of the venue: snapshots, connections and subscriptions of all threads are counted once", async () => {
    const { messages, runtime } = watched();
    const { manifest } = (await loadVenue("binance_perpetual")).module;
    const venue = await connected("binance", await box("binance"), { bookThreads: 2, runtime });
    const asked = messages.flatMap((message) => (message.kind === "ask" ? [message.question.what] : []));
    const count = (what: string): number => asked.filter((each) => each === what).length;
    expect([count("connection"), count("request")]).toEqual([2, 2]);
    expect(count("message")).toBeGreaterThanOrEqual(2);
    const used = (limitId = ""): number =>
      venue.metrics().rateLimits.find((limit) => limit.limitId === limitId)?.used ?? 0;
    // A connection of each thread, and that of trades and funding.
    expect(used(manifest.webSocketConnectionLimitId)).toBeGreaterThanOrEqual(3);
    expect(venue.metrics().requests.requests).toBeGreaterThanOrEqual(4);
  });

  it("give no thread a credential or a variable of the environment", async () => {
    const { setups, runtime } = watched();
    const venue = await box("bybit");
    const credentials = venue.credentials();
    await connected("bybit", venue, { bookThreads: 1, runtime, credentials });
    const text = JSON.stringify(setups);
    expect(setups).toHaveLength(1);
    for (const secret of Object.values(credentials)) expect(text).not.toContain(secret);
  });
});

describe("the option bookThreads", () => {
  it("is refused in a simulated run, for a venue from outside, and where it is no number of threads", async () => {
    const options = { tradingPairs: ["BTC-USDT"], bookThreads: 2 };
    const world = new SimulatedWorld({ seed: 1 });
    await expect(createConnector("bybit_perpetual", { ...options, runtime: world.runtime() })).rejects.toThrow(
      "bookThreads cannot be had in a simulated run",
    );
    const { module } = await loadVenue("bybit_perpetual");
    await expect(createConnector(module, options)).rejects.toThrow("from outside of the package");
    await expect(createConnector("bybit_perpetual", { ...options, bookThreads: 1.5 })).rejects.toThrow(
      "bookThreads is 1.5",
    );
  });

  it("is 0 by default: no thread is started", async () => {
    const { threads, runtime } = watched();
    const venue = await connected("bybit", await box("bybit"), { runtime });
    expect(venue).toBeInstanceOf(PerpetualConnector);
    expect(threads).toHaveLength(0);
  });
});
