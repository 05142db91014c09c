import { describe, expect, test } from "vitest";
import { formatAmount } from "../../../../src/paper/index.ts";
import { type FrameObject, type Harness, startVenue, type TestSocket } from "./harness.ts";

type Side = Map<string, string>;

/** A client's book, built as Binance documents it, in decimal text. */
class ClientBook {
  readonly bids: Side = new Map();
  readonly asks: Side = new Map();
  lastUpdateId = 0;
  applied = 0;
  /** Why it would have to start again. */
  broken: string | undefined;

  snapshot({ lastUpdateId, bids, asks }: FrameObject): void {
    this.lastUpdateId = lastUpdateId;
    apply(this.bids, bids);
    apply(this.asks, asks);
  }

  update(event: FrameObject): void {
    if (event.u < this.lastUpdateId) return;
    if (this.applied === 0) {
      if (event.U > this.lastUpdateId) this.broken ??= "the first update starts after the snapshot";
    } else if (event.pu !== this.lastUpdateId) this.broken ??= `pu ${event.pu} after ${this.lastUpdateId}`;
    apply(this.bids, event.b);
    apply(this.asks, event.a);
    this.lastUpdateId = event.u;
    this.applied += 1;
  }

  best(side: Side, depth: number, isBid: boolean): string[] {
    const sorted = [...side].sort(([left], [right]) =>
      isBid ? Number(right) - Number(left) : Number(left) - Number(right),
    );
    return sorted.slice(0, depth).map(([price, size]) => `${Number(price)} ${Number(size)}`);
  }
}

function apply(side: Side, levels: readonly (readonly [string, string])[]): void {
  for (const [price, size] of levels) {
    if (Number(size) === 0) side.delete(price);
    else side.set(price, size);
  }
}

function truth({ venue }: Harness, market: string, depth: number) {
  const text = (levels: readonly (readonly [bigint, bigint])[]) =>
    levels.map(([price, size]) => `${Number(formatAmount(price))} ${Number(formatAmount(size))}`);
  const { bids, asks } = venue.engine.book(market, depth);
  return { bids: text(bids), asks: text(asks) };
}

async function bookOf(harness: Harness, socket: TestSocket, symbol: string): Promise<ClientBook> {
  const book = new ClientBook();
  book.snapshot((await harness.get("/fapi/v1/depth", { symbol, limit: 1000 })).json);
  for (const event of socket.of("depthUpdate")) book.update(event);
  return book;
}

describe("a book built as Binance documents it", () => {
  test.each(["100ms", "250ms", "500ms"])("equals the engine's after a minute of @depth@%s", async (speed) => {
    const harness = await startVenue({ quiet: false });
    const socket = await harness.connect(`/public/ws/btcusdt@depth${speed === "250ms" ? "" : `@${speed}`}`);
    await harness.world.advance(1_500);
    const book = await bookOf(harness, socket, "BTCUSDT");
    socket.clear();
    await harness.world.advance(60_000);
    for (const event of socket.of("depthUpdate")) book.update(event);
    expect(book.broken).toBeUndefined();
    expect(book.applied).toBeGreaterThan(60_000 / 500 / 2);
    expect(book.lastUpdateId).toBe(socket.of("depthUpdate").at(-1).u);
    await settle(harness, socket, book);
    const expected = truth(harness, "BTC-USDT", 50);
    expect(book.best(book.bids, 50, true)).toEqual(expected.bids);
    expect(book.best(book.asks, 50, false)).toEqual(expected.asks);
    await harness.venue.stop();
  });

  /** Lets the venue stand still until all that happened is told. */
  async function settle(harness: Harness, socket: TestSocket, book: ClientBook): Promise<void> {
    for (let tries = 0; tries < 200; tries += 1) {
      socket.clear();
      await harness.world.advance(10);
      for (const event of socket.of("depthUpdate")) book.update(event);
      const { bids, asks } = truth(harness, "BTC-USDT", 50);
      const isSame =
        String(book.best(book.bids, 50, true)) === String(bids) &&
        String(book.best(book.asks, 50, false)) === String(asks);
      if (isSame) return;
    }
  }

  test("hangs together where the book stood still between the streams and the snapshot", async () => {
    const harness = await startVenue();
    const socket = await harness.connect("/public/stream?streams=btcusdt@depth@100ms");
    await harness.world.advance(1_000);
    const snapshot = (await harness.get("/fapi/v1/depth", { symbol: "BTCUSDT", limit: 1000 })).json;
    harness.venue.trader.order({ market: "BTC-USDT", side: "buy", size: "1", price: "59000" });
    await harness.world.advance(200);
    const [frame] = socket.frames;
    expect(frame.stream).toBe("btcusdt@depth@100ms");
    const { data } = frame;
    expect(data.U).toBeLessThanOrEqual(snapshot.lastUpdateId);
    expect(data.u).toBeGreaterThanOrEqual(snapshot.lastUpdateId);
    expect(data.b).toEqual([["59000.00", "1.000"]]);
    await harness.venue.stop();
  });
});

describe("the update ids", () => {
  test("are chained by pu and never by U, which has holes before it", async () => {
    const harness = await startVenue({ quiet: false });
    const socket = await harness.connect("/public/ws/ethusdt@depth@100ms");
    await harness.world.advance(20_000);
    const events = socket.of("depthUpdate");
    expect(events.length).toBeGreaterThan(50);
    for (const [index, event] of events.entries()) {
      expect(event.U).toBeLessThanOrEqual(event.u);
      const before = events[index - 1];
      if (before === undefined) continue;
      expect(event.pu).toBe(before.u);
      expect(event.U).toBeGreaterThan(before.u + 1);
    }
    await harness.venue.stop();
  });

  test("of a partial book lead its best levels, whole", async () => {
    const harness = await startVenue({ quiet: false });
    const socket = await harness.connect("/public/ws/btcusdt@depth5@100ms");
    await harness.world.advance(3_000);
    const last = socket.of("depthUpdate").at(-1);
    expect(last.b).toHaveLength(5);
    expect(last.a).toHaveLength(5);
    expect(Number(last.b[0][0])).toBeLessThan(Number(last.a[0][0]));
    await harness.venue.stop();
  });
});

test("a broken sequence shows in pu, and a lost frame as well", async () => {
  const harness = await startVenue({ quiet: false });
  const socket = await harness.connect("/public/ws/btcusdt@depth@100ms");
  const mismatches = () => {
    const events = socket.of("depthUpdate");
    return events.filter((event, index) => index > 0 && event.pu !== events[index - 1].u).length;
  };
  await harness.world.advance(3_000);
  expect(mismatches()).toBe(0);
  harness.venue.faults.set({ breakSequence: 0.2 });
  await harness.world.advance(5_000);
  const broken = mismatches();
  expect(broken).toBeGreaterThan(0);
  harness.venue.faults.set({ dropFrame: 0.2 });
  await harness.world.advance(5_000);
  expect(mismatches()).toBeGreaterThan(broken);
  await harness.venue.stop();
});
