import { describe, expect, test } from "vitest";
import type { BookFrameBuffer } from "../../src/market-data/book-frame-buffer.ts";
import type { SocketChange } from "../../src/market-data/order-book-data-source.ts";
import { Decimal } from "../../src/model/decimal.ts";
import { AbortError, ConfigError, ProtocolError } from "../../src/model/error.ts";
import type { FundingInfoUpdate } from "../../src/model/funding.ts";
import { book, fakeVenue, looping } from "./fake-venue.ts";

type Scene = Awaited<ReturnType<typeof fakeVenue>>;

/** A scene whose sockets are open and subscribed. */
async function listening(scene: Scene) {
  const loop = looping((signal) => scene.source.listenForSubscriptions(signal));
  await scene.world.advance(100);
  return { ...scene, loop };
}

const channelsOf = (scene: Scene): string[] => scene.subscriptions.map(({ op, channel, s }) => `${op} ${channel} ${s}`);

describe("listenForSubscriptions", () => {
  test("subscribes to trades and order diffs and funding info", async () => {
    const scene = await listening(await fakeVenue({ source: { tradingPairs: ["BTC-USD", "ETH-USD"] } }));
    expect(channelsOf(scene).toSorted()).toEqual([
      "subscribe fundingInfo BTC",
      "subscribe fundingInfo ETH",
      "subscribe orderBook BTC",
      "subscribe orderBook ETH",
      "subscribe trades BTC",
      "subscribe trades ETH",
    ]);
    expect([scene.connectionCount("books"), scene.connectionCount("trades")]).toEqual([1, 1]);
  });

  test("raises the cancel exception when its signal fires, and closes what it opened", async () => {
    const { world, loop, errors, latest } = await listening(await fakeVenue());
    loop.abort();
    await world.run(loop.ended);
    expect(loop.outcome.error).toBeInstanceOf(AbortError);
    await world.advance(100);
    expect([latest("books").isOpen, latest("trades").isOpen]).toEqual([false, false]);
    expect(errors()).toEqual([]);
  });

  test("raises the cancel exception while it connects and while it waits to connect again", async () => {
    const { world, source, venue, errors } = await fakeVenue();
    const connecting = looping((signal) => source.listenForSubscriptions(signal));
    connecting.abort();
    await world.run(connecting.ended);
    expect(connecting.outcome.error).toBeInstanceOf(AbortError);
    expect(errors()).toEqual([]);
    venue.refuse = 1_000;
    const waiting = looping((signal) => source.listenForSubscriptions(signal));
    await world.advance(5_000);
    waiting.abort();
    await world.run(waiting.ended);
    expect(waiting.outcome.error).toBeInstanceOf(AbortError);
    const aborted = new AbortController();
    aborted.abort();
    await expect(source.listenForSubscriptions(aborted.signal)).rejects.toBeInstanceOf(AbortError);
  });

  test("logs exception details and tries again, ever less often, until it is connected", async () => {
    const { world, source, venue, errors, connectionCount } = await fakeVenue();
    venue.refuse = 12;
    const loop = looping((signal) => source.listenForSubscriptions(signal));
    await world.advance(10_000);
    const early = errors().length;
    expect(errors()[0]).toContain("unexpected error when listening to public streams");
    expect(errors()[0]).toContain("503");
    await world.advance(110_000);
    expect(errors().length).toBe(12);
    expect(early).toBeGreaterThan(5);
    expect([connectionCount("books"), connectionCount("trades")]).toEqual([1, 1]);
    loop.abort();
  });

  test("connects again when the connection breaks, and tells its listeners", async () => {
    const scene = await fakeVenue();
    const changes: SocketChange[] = [];
    scene.source.onSocketChange((change) => changes.push(change));
    const { world, latest, connectionCount } = await listening(scene);
    latest("books").terminate();
    await world.advance(2_000);
    expect(connectionCount("books")).toBe(2);
    expect(channelsOf(scene).filter((line) => line === "subscribe orderBook BTC")).toHaveLength(2);
    const books = changes.filter(({ socket }) => socket === "books");
    expect(books.map(({ isLive }) => isLive)).toEqual([true, false, true]);
    expect(books[1]?.reason).toContain("remote close");
    expect(books[1]?.channels.map(({ name }) => name)).toEqual(["orderBook", "fundingInfo"]);
  });

  test("connects again when the venue asks for it", async () => {
    const { world, say, connectionCount } = await listening(await fakeVenue());
    say("books", { kind: "reconnect" });
    await world.advance(2_000);
    expect([connectionCount("books"), connectionCount("trades")]).toEqual([2, 1]);
  });

  test("is one at a time", async () => {
    const { source } = await listening(await fakeVenue());
    await expect(source.listenForSubscriptions(new AbortController().signal)).rejects.toBeInstanceOf(ConfigError);
  });

  test("cannot connect to a socket without a URL", async () => {
    const { source } = await fakeVenue({ source: { webSocketUrls: {} } });
    await expect(source.connectedWebsocketAssistant("books")).rejects.toThrow('no WebSocket URL is known for "books"');
  });
});

describe("subscribeChannels", () => {
  test("raises the exception and logs the error when it cannot send", async () => {
    const { world, source, errors } = await fakeVenue();
    const assistant = await world.run(source.connectedWebsocketAssistant("books"));
    await world.run(assistant.disconnect());
    expect(() => source.subscribeChannels(assistant, source.channels())).toThrow("the connection is not open");
    expect(errors()).toHaveLength(1);
    expect(errors()[0]).toContain("unexpected error when subscribing to public streams");
  });

  test("raises the cancel exception without logging it", async () => {
    const { source, errors } = await fakeVenue();
    const send = (): never => {
      throw new AbortError();
    };
    const assistant = { send } as unknown as Parameters<typeof source.subscribeChannels>[0];
    expect(() => source.subscribeChannels(assistant, source.channels())).toThrow(AbortError);
    expect(errors()).toEqual([]);
  });

  test("a connection on which it failed is closed and opened again", async () => {
    const scene = await fakeVenue();
    const { world, runtime } = scene;
    const original = scene.source.subscribeChannels.bind(scene.source);
    let failures = 0;
    scene.source.subscribeChannels = (assistant, channels) => {
      if (channels.some(({ name }) => name === "trades") && failures++ === 0) throw new Error("cannot subscribe");
      original(assistant, channels);
    };
    const { errors, connectionCount } = await listening(scene);
    await world.advance(2_000);
    expect(errors().some((line) => line.includes("cannot subscribe"))).toBe(true);
    expect(connectionCount("trades")).toBe(2);
    expect(runtime.clock.monotonic()).toBeLessThan(3_000);
  });

  test("one channel can be subscribed anew, a market added and removed, all on the live connection", async () => {
    const scene = await fakeVenue();
    const { source, subscriptions } = scene;
    const channel = source.channels("BTC-USD")[0];
    expect(channel !== undefined && source.resubscribe(channel)).toBe(false);
    const { world, connectionCount, say } = await listening(scene);
    subscriptions.length = 0;
    expect(channel !== undefined && source.resubscribe(channel)).toBe(true);
    await world.advance(100);
    source.addTradingPair("ETH-USD");
    source.addTradingPair("ETH-USD");
    await world.advance(100);
    expect(channelsOf(scene).filter((line) => !line.includes("trades"))).toEqual([
      "unsubscribe orderBook BTC",
      "subscribe orderBook BTC",
      "subscribe orderBook ETH",
      "subscribe fundingInfo ETH",
    ]);
    expect(channelsOf(scene).filter((line) => line.includes("trades"))).toEqual(["subscribe trades ETH"]);
    source.removeTradingPair("BTC-USD");
    await world.advance(100);
    expect(channelsOf(scene).filter((line) => line.startsWith("unsubscribe") && line.endsWith("BTC"))).toHaveLength(4);
    expect([source.tradingPairs, connectionCount("books")]).toEqual([["ETH-USD"], 1]);
    say("books", { kind: "reconnect" });
    subscriptions.length = 0;
    await world.advance(2_000);
    const books = channelsOf(scene).filter((line) => !line.includes("trades"));
    expect(books).toEqual(["subscribe orderBook ETH", "subscribe fundingInfo ETH"]);
  });
});

describe("messages", () => {
  test("that are malformed, unknown or about unknown markets are counted, logged once, and kill nothing", async () => {
    const { world, source, say, logger } = await listening(await fakeVenue());
    for (let round = 0; round < 3; round += 1) {
      say("books", "{not json");
      say("books", '{"kind":"orderBookDiff","s":"BTC"}');
      say("books", { kind: "unknown" });
      say("books", book("orderBookDiff", 1, { s: "DOGE" }));
      say("books", { kind: "pong" });
    }
    await world.advance(100);
    expect(source.counters).toMatchObject({ malformed: 6, unknown: 3, unknownMarket: 3, pong: 3 });
    const warnings = logger.lines.filter((line) => line.startsWith("warn"));
    expect(warnings).toHaveLength(3);
    expect(warnings[0]).toContain("{not json");
  });

  test("in which the venue complains are logged once with its words", async () => {
    const complaints: unknown[] = [];
    const onVenueError = (tradingPair: string | undefined): number => complaints.push(tradingPair);
    const { world, source, say, logger } = await listening(await fakeVenue({ source: { onVenueError } }));
    for (let round = 0; round < 2; round += 1) say("books", { kind: "error", s: "DOGE", text: "No such market: DOGE" });
    say("books", { kind: "error", text: "Already subscribed" });
    await world.advance(100);
    expect(source.counters.error).toBe(3);
    const warnings = logger.lines.filter((line) => line.startsWith("warn"));
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain("No such market: DOGE");
    expect(complaints.slice(0, 2)).toEqual(["DOGE-USD", "DOGE-USD"]);
  });
});

/** What every listening loop has in common. */
const loops = [
  {
    name: "listenForTrades",
    message: { kind: "trade", s: "BTC", price: "42" } as const,
    socket: "trades",
    listen: (scene: Scene, signal: AbortSignal, sink: (text: string) => void) =>
      scene.source.listenForTrades(signal, ({ tradingPair, price }) => sink(`${tradingPair} ${price.toFixed()}`)),
    expected: "BTC-USD 42",
  },
  {
    name: "listenForOrderBookDiffs",
    message: book("orderBookDiff", 8),
    socket: "books",
    listen: (scene: Scene, signal: AbortSignal, sink: (text: string) => void) =>
      scene.source.listenForOrderBookDiffs(signal, (frame) =>
        sink(`${frame.kind} ${frame.tradingPair} ${frame.updateId}`),
      ),
    expected: "diff BTC-USD 8",
  },
  {
    name: "listenForOrderBookSnapshots",
    message: book("orderBookSnapshot", 9),
    socket: "books",
    listen: (scene: Scene, signal: AbortSignal, sink: (text: string) => void) =>
      scene.source.listenForOrderBookSnapshots(signal, (frame) => sink(`${frame.kind} ${frame.bids.count}`)),
    expected: "snapshot 1",
  },
  {
    name: "listenForFundingInfo",
    message: { kind: "fundingInfo", s: "BTC", price: "7" } as const,
    socket: "books",
    listen: (scene: Scene, signal: AbortSignal, sink: (text: string) => void) =>
      scene.source.listenForFundingInfo(signal, (update) =>
        sink(`${update.tradingPair} ${update.markPrice?.toFixed()}`),
      ),
    expected: "BTC-USD 7",
  },
];

describe.each(loops)("$name", ({ message, socket, listen, expected }) => {
  test("hands over what the stream says", async () => {
    const scene = await listening(await fakeVenue());
    const heard: string[] = [];
    looping((signal) => listen(scene, signal, (text) => heard.push(text)));
    scene.say(socket, message);
    await scene.world.advance(100);
    expect(heard).toEqual([expected]);
  });

  test("is cancelled when listening, and hears nothing more", async () => {
    const scene = await listening(await fakeVenue());
    const heard: string[] = [];
    const loop = looping((signal) => listen(scene, signal, (text) => heard.push(text)));
    await scene.world.advance(100);
    loop.abort();
    await scene.world.run(loop.ended);
    expect(loop.outcome.error).toBeInstanceOf(AbortError);
    scene.say(socket, message);
    await scene.world.advance(100);
    expect(heard).toEqual([]);
    expect(scene.errors()).toEqual([]);
    const aborted = new AbortController();
    aborted.abort();
    await expect(listen(scene, aborted.signal, () => undefined)).rejects.toBeInstanceOf(AbortError);
  });

  test("logs the exception of a sink and goes on", async () => {
    const scene = await listening(await fakeVenue());
    let calls = 0;
    const heard: string[] = [];
    looping((signal) =>
      listen(scene, signal, () => {
        calls += 1;
        throw new Error("the sink's own fault");
      }),
    );
    looping((signal) => listen(scene, signal, (text) => heard.push(text)));
    scene.say(socket, message);
    scene.say(socket, message);
    await scene.world.advance(100);
    expect([calls, heard.length]).toEqual([2, 2]);
    expect(scene.errors()).toHaveLength(2);
    expect(scene.errors()[0]).toContain("the sink's own fault");
  });
});

test("book messages that come before anyone listens are kept, trades are not", async () => {
  const { world, source, say } = await listening(await fakeVenue());
  say("books", book("orderBookSnapshot", 1));
  say("books", book("orderBookDiff", 2));
  say("trades", { kind: "trade", s: "BTC" });
  await world.advance(100);
  const heard: string[] = [];
  const note = (frame: BookFrameBuffer): void => {
    heard.push(`${frame.kind} ${frame.updateId} ${frame.bids.count}`);
  };
  looping((signal) => source.listenForOrderBookSnapshots(signal, note));
  looping((signal) => source.listenForOrderBookDiffs(signal, note));
  looping((signal) => source.listenForTrades(signal, ({ tradeId }) => heard.push(tradeId)));
  await world.advance(100);
  expect(heard).toEqual(["snapshot 1 1", "diff 2 1"]);
});

describe("snapshots over REST", () => {
  const source = { snapshotSource: "rest" } as const;

  test("one of every market comes at the beginning, and more when asked for", async () => {
    const scene = await fakeVenue({
      source: { ...source, tradingPairs: ["BTC-USD", "ETH-USD"] },
      onRest: (path) => book("orderBookSnapshot", 5, { s: path.includes("BTC") ? "BTC" : "ETH" }),
    });
    const heard: string[] = [];
    looping((signal) => scene.source.listenForOrderBookSnapshots(signal, (frame) => heard.push(frame.tradingPair)));
    await scene.world.advance(100);
    expect(heard.toSorted()).toEqual(["BTC-USD", "ETH-USD"]);
    scene.source.requestSnapshot("ETH-USD");
    scene.source.requestSnapshot("ETH-USD");
    await scene.world.advance(100);
    expect(heard.slice(2)).toEqual(["ETH-USD"]);
  });

  test("a failing fetch is logged and tried again with a back-off that is bounded", async () => {
    let failures = 20;
    const scene = await fakeVenue({
      source: { ...source, backoff: { minMs: 100, maxMs: 5_000 } },
      onRest: () => {
        if (failures-- > 0) throw new Error("the venue is down");
        return book("orderBookSnapshot", 5);
      },
    });
    const heard: string[] = [];
    looping((signal) => scene.source.listenForOrderBookSnapshots(signal, (frame) => heard.push(frame.tradingPair)));
    await scene.world.advance(1_000);
    expect(scene.restPaths.length).toBeLessThan(10);
    await scene.world.advance(20 * 5_100);
    expect(heard).toEqual(["BTC-USD"]);
    expect(scene.errors()).toHaveLength(20);
    expect(scene.errors()[0]).toContain("the venue is down");
  });

  test("is cancelled when fetching, and nothing is fetched afterwards", async () => {
    const scene = await fakeVenue({ source, onRest: () => book("orderBookSnapshot", 5) });
    const heard: string[] = [];
    const loop = looping((signal) =>
      scene.source.listenForOrderBookSnapshots(signal, (frame) => heard.push(frame.tradingPair)),
    );
    await scene.world.advance(10);
    loop.abort();
    await scene.world.run(loop.ended);
    expect(loop.outcome.error).toBeInstanceOf(AbortError);
    await scene.world.advance(60_000);
    expect([heard, scene.restPaths.length, scene.errors()]).toEqual([[], 1, []]);
  });

  test("a market that is removed while its snapshot is fetched is not delivered", async () => {
    const scene = await fakeVenue({ source, onRest: () => book("orderBookSnapshot", 5) });
    const heard: string[] = [];
    looping((signal) => scene.source.listenForOrderBookSnapshots(signal, (frame) => heard.push(frame.tradingPair)));
    await scene.world.advance(10);
    scene.source.removeTradingPair("BTC-USD");
    await scene.world.advance(1_000);
    expect(heard).toEqual([]);
  });
});

describe("fetchOrderBook", () => {
  test("builds a book of the venue's present state", async () => {
    const { world, source } = await fakeVenue({ onRest: () => book("orderBookSnapshot", 5) });
    const built = await world.run(source.fetchOrderBook("BTC-USD"));
    expect([built.bestBid?.price.toFixed(), built.bestAsk?.price.toFixed(), built.updateId]).toEqual(["99", "100", 5]);
  });

  test("raises the exception of the request, of a snapshot that is not sound, and of its signal", async () => {
    const failing = await fakeVenue();
    await expect(failing.world.run(failing.source.fetchOrderBook("BTC-USD"))).rejects.toThrow("no REST here");
    const crossed = await fakeVenue({ onRest: () => book("orderBookSnapshot", 5, { bids: [["100", "1"]] }) });
    await expect(crossed.world.run(crossed.source.fetchOrderBook("BTC-USD"))).rejects.toBeInstanceOf(ProtocolError);
    const aborting = new AbortController();
    const waiting = crossed.source.fetchOrderBook("BTC-USD", aborting.signal);
    aborting.abort();
    await expect(crossed.world.run(waiting)).rejects.toBeInstanceOf(AbortError);
  });
});

test("last traded prices are exact", async () => {
  const { world, source } = await fakeVenue();
  const prices = await world.run(source.fetchLastTradedPrices());
  expect(prices.get("BTC-USD")?.toFixed()).toBe("42.5");
});

test("a message may tell the funding of several markets, of which one that cannot be true hides no other", async () => {
  const scene = await listening(await fakeVenue());
  const heard: string[] = [];
  looping((signal) => scene.source.listenForFundingInfo(signal, ({ tradingPair }) => heard.push(tradingPair)));
  scene.say("books", { kind: "fundingInfo", s: "BTC", price: "7", others: ["ETH"] });
  scene.say("books", { kind: "fundingInfo", s: "BTC", price: "0", others: ["ETH"] });
  await scene.world.advance(100);
  expect(heard).toEqual(["BTC-USD", "ETH-USD"]);
});

describe("funding info without a channel", () => {
  const info = (rate: string) => ({ tradingPair: "BTC-USD", timestampMs: 1, rate: new Decimal(rate) });

  test("is polled in intervals, and a failing poll is logged and the next one made", async () => {
    let polls = 0;
    const scene = await fakeVenue({
      pollsFunding: true,
      source: { fundingInfoPollIntervalMs: 1_000 },
      onRest: () => {
        polls += 1;
        if (polls === 2) throw new Error("the venue is down");
        return info(`0.000${polls}`);
      },
    });
    const heard: FundingInfoUpdate[] = [];
    const loop = looping((signal) => scene.source.listenForFundingInfo(signal, (update) => heard.push(update)));
    await scene.world.advance(2_500);
    expect(heard.map(({ rate }) => rate?.toFixed())).toEqual(["0.0001", "0.0003"]);
    expect(scene.errors()).toHaveLength(1);
    expect(scene.errors()[0]).toContain("the venue is down");
    loop.abort();
    await scene.world.run(loop.ended);
    expect(loop.outcome.error).toBeInstanceOf(AbortError);
  });

  test("is asked for besides its channel where the channel leaves something of it out", async () => {
    const scene = await listening(
      await fakeVenue({
        source: { fundingInfoPollIntervalMs: 1_000, isFundingInfoPolledBesides: true },
        onRest: () => info("0.0001"),
      }),
    );
    const heard: FundingInfoUpdate[] = [];
    const loop = looping((signal) => scene.source.listenForFundingInfo(signal, (update) => heard.push(update)));
    scene.say("books", { kind: "fundingInfo", s: "BTC", price: "7" });
    await scene.world.advance(500);
    const told = ({ rate, markPrice }: FundingInfoUpdate) => rate?.toFixed() ?? markPrice?.toFixed();
    expect(heard.map(told).toSorted()).toEqual(["0.0001", "7"]);
    loop.abort();
    await scene.world.run(loop.ended);
  });

  test("does not begin again with an answer from before the market was let go", async () => {
    let polls = 0;
    const scene = await fakeVenue({
      pollsFunding: true,
      source: { fundingInfoPollIntervalMs: 1_000 },
      onRest: async () => {
        polls += 1;
        const answer = info(`0.000${polls}`);
        if (polls === 1) await scene.runtime.timers.sleep(3_000);
        return answer;
      },
    });
    const heard: FundingInfoUpdate[] = [];
    const loop = looping((signal) => scene.source.listenForFundingInfo(signal, (update) => heard.push(update)));
    await scene.world.advance(500);
    scene.source.removeTradingPair("BTC-USD");
    scene.source.addTradingPair("BTC-USD");
    await scene.world.advance(4_500);
    expect(heard.map(({ rate }) => rate?.toFixed())).toEqual(["0.0002"]);
    loop.abort();
    await scene.world.run(loop.ended);
  });

  test("is cancelled while it is asked for, without a fault in the log", async () => {
    const scene = await fakeVenue({ pollsFunding: true, onRest: () => info("0.0001") });
    const heard: FundingInfoUpdate[] = [];
    const loop = looping((signal) => scene.source.listenForFundingInfo(signal, (update) => heard.push(update)));
    await scene.world.advance(10);
    loop.abort();
    await scene.world.run(loop.ended);
    expect([loop.outcome.error?.name, heard, scene.errors()]).toEqual(["AbortError", [], []]);
  });
});
