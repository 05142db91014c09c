import { crc32 } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type BookLevel, changedLevels } from "../../../../src/paper/protocols/book-levels.ts";
import { groupLevels } from "../../../../src/paper/protocols/ftx/book-publisher.ts";
import { bookChecksum } from "../../../../src/paper/protocols/ftx/checksum.ts";
import { type Harness, startVenue, type TestSocket } from "../../ftx-harness.ts";

/**
 * A book as a strict client keeps it: it hashes the very text of the wire, and fails like FTX's own client on the
 * removal of a level that it does not hold.
 */
class StrictBook {
  readonly bids = new Map<string, string>();
  readonly asks = new Map<string, string>();
  partials = 0;
  updates = 0;

  apply(text: string): void {
    const { type, data } = JSON.parse(text);
    if (type === "partial") {
      this.partials += 1;
      this.bids.clear();
      this.asks.clear();
    } else this.updates += 1;
    const changes = [...this.#side(text, "bids", this.bids), ...this.#side(text, "asks", this.asks)];
    if (type === "update" && changes.length === 0) throw new Error("an empty update");
    if (this.checksum() !== data.checksum) throw new Error(`checksum ${data.checksum}, book has ${this.checksum()}`);
  }

  #side(text: string, name: "bids" | "asks", side: Map<string, string>): string[] {
    const list = new RegExp(`"${name}": \\[((?:\\[[^\\]]*\\](?:, )?)*)\\]`).exec(text)![1]!;
    const changes = [...list.matchAll(/\[([^,]+), ([^\]]+)\]/g)];
    for (const [, price, size] of changes) {
      if (size !== "0.0") side.set(price!, size!);
      else if (!side.delete(price!)) throw new Error(`removal of ${price}, which is not held`);
    }
    return changes.map(([change]) => change);
  }

  levels(name: "bids" | "asks"): [string, string][] {
    const sign = name === "bids" ? -1 : 1;
    return [...this[name]].sort(([left], [right]) => sign * (Number(left) - Number(right)));
  }

  checksum(): number {
    const [bids, asks] = [this.levels("bids").slice(0, 100), this.levels("asks").slice(0, 100)];
    const parts: string[] = [];
    for (let rank = 0; rank < 100; rank += 1) parts.push(...(bids[rank] ?? []), ...(asks[rank] ?? []));
    return crc32(parts.join(":"));
  }
}

function bookTexts(socket: TestSocket, market: string): string[] {
  return socket.texts.filter((text) => text.startsWith(`{"channel": "orderbook", "market": "${market}", `));
}

const toNumbers = (levels: readonly BookLevel[]) =>
  levels.map(([price, size]) => [Number(price) / 1e8, Number(size) / 1e8]);

/** The flow moves every 50 ms and the batch follows 25 ms later, so that soon a moment comes when all is told. */
async function waitUntilTold({ world, venue }: Harness, socket: TestSocket): Promise<void> {
  for (let elapsedMs = 0; elapsedMs < 100; elapsedMs += 1) {
    const last = bookTexts(socket, "BTC-PERP").at(-1)!;
    if (JSON.parse(last).data.checksum === bookChecksum(venue.engine.book("BTC-USD", 100))) return;
    await world.advance(1);
  }
  throw new Error("the clients never got to know the engine's book");
}

function expectEngineBook({ venue }: Harness, market: string, book: StrictBook): void {
  const { bids, asks } = venue.engine.book(market, 100);
  const numbers = (name: "bids" | "asks") => book.levels(name).map((level) => level.map(Number));
  expect(numbers("bids")).toEqual(toNumbers(bids));
  expect(numbers("asks")).toEqual(toNumbers(asks));
}

describe("the orderbook channel", () => {
  test("gives every client the engine's book, with right checksums, over a long run", async () => {
    const harness = await startVenue({ seed: 7 });
    const early = await harness.connect();
    for (const market of ["BTC-PERP", "DOGE-PERP"]) early.subscribe("orderbook", market);
    await harness.world.advance(30_000);
    early.send({ op: "ping" });
    const late = await harness.connect();
    late.subscribe("orderbook", "BTC-PERP");
    await harness.world.advance(30_000);
    harness.venue.trader.order({ market: "BTC-USD", side: "buy", size: "300" });
    harness.venue.trader.order({ market: "BTC-USD", side: "sell", size: "0.5", price: "20600" });
    await harness.world.advance(200);
    await waitUntilTold(harness, early);
    await waitUntilTold(harness, late);
    for (const [socket, market] of [
      [early, "BTC"],
      [late, "BTC"],
      [early, "DOGE"],
    ] as const) {
      const book = new StrictBook();
      for (const text of bookTexts(socket, `${market}-PERP`)) book.apply(text);
      expect(book.partials).toBe(1);
      expect(book.updates).toBeGreaterThan(100);
      expect(book.bids.size).toBeLessThanOrEqual(100);
      if (market === "BTC") expectEngineBook(harness, "BTC-USD", book);
    }
    await harness.venue.stop();
  });

  test("opens with the ack and a partial of the best 100, then sends only what changed", async () => {
    const harness = await startVenue({ quiet: true });
    const socket = await harness.connect();
    socket.subscribe("orderbook", "BTC-PERP");
    await harness.world.advance(200);
    expect(socket.frames.map(({ type }) => type)).toEqual(["subscribed", "partial"]);
    const { data } = socket.frames[1];
    expect(Object.keys(data)).toEqual(["time", "checksum", "bids", "asks", "action"]);
    expect([data.bids.length, data.asks.length, data.action]).toEqual([100, 100, "partial"]);
    const [bid] = data.bids;
    harness.venue.trader.order({ market: "BTC-USD", side: "buy", size: "1", price: String(bid[0]) });
    await harness.world.advance(200);
    const updates = socket.of("orderbook");
    expect(updates).toHaveLength(1);
    expect(updates[0].data).toMatchObject({ action: "update", asks: [] });
    expect(updates[0].data.bids).toHaveLength(1);
    expect(updates[0].data.bids[0][1]).toBeCloseTo(bid[1] + 1, 8);
    await harness.venue.stop();
  });

  test("batches what happens within 25 ms, and stays silent where it cancels out", async () => {
    const harness = await startVenue({ quiet: true });
    const socket = await harness.connect();
    socket.subscribe("orderbook", "BTC-PERP");
    await harness.world.advance(50);
    for (let count = 0; count < 5; count += 1) {
      harness.venue.trader.order({ market: "BTC-USD", side: "buy", size: "1", price: "19950" });
    }
    await harness.world.advance(100);
    expect(socket.of("orderbook")).toHaveLength(1);
    harness.venue.trader.order({ market: "BTC-USD", side: "buy", size: "1", price: "19940" });
    harness.venue.execute({ type: "advance" });
    const [last] = harness.venue.engine.openOrders(harness.venue.trader.accountId).slice(-1);
    harness.venue.execute({ type: "cancelOrder", accountId: last!.accountId, orderId: last!.orderId });
    await harness.world.advance(100);
    expect(socket.of("orderbook")).toHaveLength(1);
    await harness.venue.stop();
  });

  test("sends an empty book with checksum 0", async () => {
    const harness = await startVenue({ emptyBooks: true });
    const socket = await harness.connect();
    socket.subscribe("orderbook", "BTC-PERP");
    await harness.world.advance(20);
    expect(socket.frames[1].data).toMatchObject({ checksum: 0, bids: [], asks: [] });
    await harness.venue.stop();
  });

  test("is summed up by the grouped channel", async () => {
    const harness = await startVenue({ quiet: true });
    const socket = await harness.connect();
    socket.send({ op: "subscribe", channel: "orderbookGrouped", market: "BTC-PERP", grouping: 50 });
    await harness.world.advance(20);
    expect(socket.frames[0]).toEqual({
      type: "subscribed",
      channel: "orderbookGrouped",
      market: "BTC-PERP",
      grouping: 50,
    });
    const { data, grouping } = socket.frames[1];
    expect(grouping).toBe(50);
    expect([...data.bids, ...data.asks].every(([price]: number[]) => price! % 50 === 0)).toBe(true);
    const { bids } = harness.venue.engine.book("BTC-USD", 1_000);
    const total = bids.reduce((sum, [, size]) => sum + size, 0n);
    expect(data.bids.reduce((sum: number, [, size]: number[]) => sum + size!, 0)).toBeCloseTo(Number(total) / 1e8, 6);
    await harness.venue.stop();
  });
});

describe("the difference of two views", () => {
  const isHigher = (left: bigint, right: bigint) => left > right;

  test("removes what left, adds what came, replaces what changed, and keeps silent on the rest", () => {
    const before: BookLevel[] = [
      [10n, 1n],
      [9n, 1n],
      [8n, 1n],
      [6n, 1n],
    ];
    const after: BookLevel[] = [
      [11n, 1n],
      [9n, 2n],
      [8n, 1n],
      [7n, 3n],
    ];
    expect(changedLevels(before, after, isHigher)).toEqual([
      [11n, 1n],
      [10n, 0n],
      [9n, 2n],
      [7n, 3n],
      [6n, 0n],
    ]);
    expect(changedLevels(after, after, isHigher)).toEqual([]);
    expect(changedLevels([], after, isHigher)).toEqual(after);
    expect(changedLevels(after, [], isHigher).every(([, size]) => size === 0n)).toBe(true);
  });

  test("groups bids downwards and asks upwards", () => {
    const book = {
      bids: [
        [99n, 1n],
        [95n, 2n],
        [89n, 4n],
      ],
      asks: [
        [100n, 1n],
        [101n, 2n],
        [110n, 4n],
      ],
    } as const;
    expect(groupLevels(book, 10n)).toEqual({
      bids: [
        [90n, 3n],
        [80n, 4n],
      ],
      asks: [
        [100n, 1n],
        [110n, 6n],
      ],
    });
  });
});

describe("public channels", () => {
  test("tell trades as lists, as REST tells them", async () => {
    const harness = await startVenue({ quiet: true });
    const socket = await harness.connect();
    socket.subscribe("trades", "BTC-PERP");
    await harness.world.advance(20);
    harness.venue.trader.order({ market: "BTC-USD", side: "buy", size: "1" });
    await harness.world.advance(20);
    const [frame] = socket.of("trades");
    expect(frame.data.length).toBeGreaterThan(1);
    const rest = (await harness.call("GET", "/markets/BTC-PERP/trades?limit=100")).result;
    expect(rest.slice(0, frame.data.length)).toEqual(frame.data.toReversed());
    expect(frame.data[0].side).toBe("buy");
    await harness.venue.stop();
  });

  test("tell the ticker when it changed, without a partial", async () => {
    const harness = await startVenue({ quiet: true });
    const socket = await harness.connect();
    socket.subscribe("ticker", "BTC-PERP");
    await harness.world.advance(100);
    expect(socket.frames.map(({ type }) => type)).toEqual(["subscribed"]);
    harness.venue.trader.order({ market: "BTC-USD", side: "buy", size: "0.01" });
    await harness.world.advance(100);
    const [{ data }] = socket.of("ticker");
    expect(Object.keys(data)).toEqual(["bid", "ask", "bidSize", "askSize", "last", "time"]);
    const { result } = await harness.call("GET", "/markets/BTC-PERP");
    expect([data.bid, data.ask, data.last]).toEqual([result.bid, result.ask, result.last]);
    expect(Math.abs(data.time - harness.world.now() / 1_000)).toBeLessThan(1);
    await harness.venue.stop();
  });

  test("list the markets", async () => {
    const harness = await startVenue({ quiet: true });
    const socket = await harness.connect();
    socket.subscribe("markets");
    await harness.world.advance(20);
    expect(socket.texts[0]).toBe('{"type": "subscribed", "channel": "markets"}');
    expect(socket.frames[1].data.data["BTC-PERP"]).toMatchObject({ name: "BTC-PERP", type: "future" });
    await harness.venue.stop();
  });
});
