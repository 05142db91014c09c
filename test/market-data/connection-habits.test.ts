import { describe, expect, test } from "vitest";
import { BookFrameBuffer } from "../../src/market-data/book-frame-buffer.ts";
import { judgeDiff, updateIdOf } from "../../src/market-data/continuity.ts";
import { ProtocolError } from "../../src/model/error.ts";
import { book, type FakeMessage, fakeVenue, looping } from "./fake-venue.ts";

type Scene = Awaited<ReturnType<typeof fakeVenue>>;

async function listening(scene: Scene): Promise<Scene> {
  looping((signal) => scene.source.listenForSubscriptions(signal));
  await scene.world.advance(100);
  return scene;
}

describe("a venue that numbers the messages of a connection", () => {
  const numbered = (n: number, message: FakeMessage = book("orderBookDiff", n)): FakeMessage & { n: number } => ({
    ...message,
    n,
  });
  const open = () =>
    fakeVenue({ habits: { messageNumber: (message) => (message as { readonly n?: number }).n } }).then(listening);

  test("has each book of the connection distrusted when one is missed, and no other's", async () => {
    const scene = await open();
    scene.source.addTradingPair("ETH-USD");
    await scene.world.advance(100);
    const distrusted: string[] = [];
    scene.source.onBookUnreadable((tradingPair, reason) => distrusted.push(`${tradingPair}: ${reason}`));
    scene.say("books", numbered(1));
    scene.say("trades", numbered(7, { kind: "trade", s: "BTC" }));
    scene.say("books", numbered(2));
    await scene.world.advance(50);
    expect(distrusted).toEqual([]);
    scene.say("books", numbered(4));
    await scene.world.advance(50);
    const reason = "gap: message 4 of the connection came after 2";
    expect(distrusted).toEqual([`BTC-USD: ${reason}`, `ETH-USD: ${reason}`]);
    // One that is repeated is no gap, and those that follow are counted from the highest.
    for (const n of [4, 3, 5]) scene.say("books", numbered(n));
    await scene.world.advance(50);
    expect(distrusted).toHaveLength(2);
  });

  test("is counted anew on a new connection", async () => {
    const scene = await open();
    const distrusted: string[] = [];
    scene.source.onBookUnreadable((tradingPair) => distrusted.push(tradingPair));
    scene.say("books", numbered(900));
    await scene.world.advance(50);
    scene.latest("books").terminate();
    await scene.world.advance(5_000);
    expect(scene.connectionCount("books")).toBe(2);
    scene.say("books", numbered(1));
    await scene.world.advance(50);
    expect(distrusted).toEqual([]);
  });

  test("has every change of a book applied, for the numbers are not the book's", () => {
    const frame = new BookFrameBuffer();
    frame.reset("diff");
    const position = { updateId: Number.NaN, timestampMs: 0 };
    expect(judgeDiff({ kind: "connection" }, position, frame, false)).toBe("apply");
  });
});

describe("a venue that pings", () => {
  test("is answered as it asks, on the connection that it asked on", async () => {
    const heard: string[] = [];
    const scene = await listening(await fakeVenue({ habits: { pongOf: (message) => ({ pong: message }) } }));
    scene.hear((socket, text) => heard.push(`${socket} ${text}`));
    scene.say("trades", { kind: "ping", text: "7" });
    await scene.world.advance(50);
    expect(heard).toEqual(['trades {"pong":{"kind":"ping","text":"7"}}']);
    expect(scene.source.counters.ping).toBe(1);
  });
});

describe("a venue whose numbers reach beyond 2^53", () => {
  test("has them handed over as text", async () => {
    const seen: unknown[] = [];
    const habits = {
      hasLongNumbers: true,
      messageNumber(message: unknown) {
        seen.push((message as { readonly u: unknown }).u);
        return undefined;
      },
    };
    const scene = await listening(await fakeVenue({ habits }));
    scene.say("books", '{"kind":"ignored","u":1371837648523812864}');
    scene.say("books", '{"kind":"ignored","u":12}');
    await scene.world.advance(50);
    expect(seen).toEqual(["1371837648523812864", 12]);
  });

  test("has neighbours stay neighbours, and what is no id refused", () => {
    const [one, next] = ["1371837648523812864", "1371837648523812865"].map(updateIdOf);
    expect((next ?? 0) - (one ?? 0)).toBe(1);
    expect(Number.isSafeInteger(one)).toBe(true);
    expect(updateIdOf(12)).toBe(12);
    for (const wrong of ["", "-1", "1e3", 1.5, null, 2 ** 60]) expect(() => updateIdOf(wrong)).toThrow(ProtocolError);
  });
});

describe("a venue whose sockets have no lasting address", () => {
  test("is asked before each connection, with the heartbeat that it wants", async () => {
    const asked: string[] = [];
    const scene = await listening(
      await fakeVenue({
        source: {
          socketAddress: async (socket) => {
            asked.push(socket);
            const heartbeat = { intervalMs: 1_000, ping: () => ({ ping: socket }), timeoutMs: 500 };
            return { url: `ws://venue:80/${socket}?token=secret-${asked.length}`, heartbeat };
          },
        },
      }),
    );
    const heard: string[] = [];
    scene.hear((_, text) => heard.push(text));
    await scene.world.advance(1_100);
    expect(heard.toSorted()).toEqual(['{"ping":"books"}', '{"ping":"trades"}']);
    await scene.world.advance(10_000);
    expect(asked.filter((socket) => socket === "books").length).toBeGreaterThan(1);
    expect(JSON.stringify(scene.logger.lines)).not.toContain("secret-");
  });

  test("is asked again after a failure, and nothing is connected meanwhile", async () => {
    let isDown = true;
    const scene = await fakeVenue({
      source: {
        socketAddress: async (socket) => {
          if (isDown) throw new Error("no address now");
          return { url: `ws://venue:80/${socket}` };
        },
      },
    });
    await listening(scene);
    await scene.world.advance(3_000);
    expect(scene.connectionCount("books")).toBe(0);
    isDown = false;
    await scene.world.advance(3_000);
    expect(scene.connectionCount("books")).toBe(1);
  });
});
