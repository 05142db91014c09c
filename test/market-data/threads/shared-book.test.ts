import { once } from "node:events";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { noBookCounters } from "../../../src/market-data/book-assembler.ts";
import { COPIED } from "../../../src/market-data/book-copy.ts";
import { OrderBook } from "../../../src/market-data/order-book.ts";
import { BookPublisher } from "../../../src/market-data/threads/book-publisher.ts";
import { FollowedBook } from "../../../src/market-data/threads/book-thread.ts";
import { CopiedSides } from "../../../src/market-data/threads/copied-sides.ts";
import { Bell, FIELD, SharedBook } from "../../../src/market-data/threads/shared-book.ts";
import type { FromThread } from "../../../src/market-data/threads/thread-messages.ts";
import { frameOf } from "../frames.ts";

/** Different messages that are read, of the many more that are written meanwhile. */
const READS = 500;

describe("a book in shared memory", () => {
  it("is never read as half of a message and half of another, however fast it is written", async () => {
    const shared = SharedBook.for(200);
    const writer = new Worker(new URL("./fixtures/restless-writer.ts", import.meta.url), { workerData: shared.buffer });
    while (shared.version < 1_000) await new Promise((resolve) => setTimeout(resolve, 1));
    const sides = new CopiedSides();
    const seen = new Set<number>();
    let torn = 0;
    const startMs = performance.now();
    while (seen.size < READS && performance.now() - startMs < 10_000) {
      if (sides.take(shared) !== "taken") continue;
      const message = sides.numbers[FIELD.messages] as number;
      seen.add(message);
      for (const side of [sides.narrowBids, sides.narrowAsks]) {
        if (side.count !== 1 + (message % 200)) torn += 1;
        for (let cursor = side.best; cursor >= 0; cursor = side.worse(cursor)) {
          if (side.priceOf(cursor) !== message + cursor || side.sizeOf(cursor) !== message) torn += 1;
        }
      }
    }
    writer.postMessage("enough");
    await once(writer, "message");
    await writer.terminate();
    expect(torn).toBe(0);
    expect(seen.size).toBeGreaterThan(READS / 10);
  });

  it("keeps what was read before while its writer stands still in the midst of a message", () => {
    const shared = SharedBook.for(200);
    const sides = new CopiedSides();
    expect(sides.take(shared)).toBe("taken");
    shared.begin();
    shared.numbers[FIELD.bidCount] = 5;
    expect(sides.take(shared)).toBe("busy");
    expect(sides.bids.count).toBe(0);
    shared.end();
    expect(sides.take(shared)).toBe("taken");
    expect(sides.bids.count).toBe(5);
  });

  it("takes at most 300 kB for 200 levels a side", () => {
    expect(SharedBook.for(200).buffer.byteLength).toBeLessThanOrEqual(300_000);
  });

  it("answers a bell with every slot that was marked, once, and is told once until then", () => {
    const bell = new Bell();
    const same = new Bell(bell.buffer);
    for (const slot of [0, 31, 32, 4_095]) bell.mark(slot);
    expect([bell.ring(), bell.ring()]).toEqual([true, false]);
    const slots: number[] = [];
    same.answer((slot) => slots.push(slot));
    expect(slots.toSorted((a, b) => a - b)).toEqual([0, 31, 32, 4_095]);
    same.answer((slot) => slots.push(slot));
    expect(slots).toHaveLength(4);
    expect(bell.ring()).toBe(true);
  });
});

/** A book that is published, and its copy. */
function scene() {
  const posted: FromThread[] = [];
  const due: (() => void)[] = [];
  const own = new OrderBook("BTC-USDT");
  const sides = new CopiedSides();
  const followed = new FollowedBook(new OrderBook("BTC-USDT", { sides }), sides, noBookCounters());
  const bell = new Bell();
  const publisher = new BookPublisher({
    clock: { now: () => 0, monotonic: () => 0 },
    timers: {
      after: (_, work) => {
        due.push(work);
        return { cancel: () => undefined };
      },
      sleep: async () => undefined,
    },
    bell,
    post: (message) => posted.push(message),
    soon: (work) => due.push(work),
    onPublish: () => undefined,
  });
  publisher.add(own, noBookCounters(), { slot: 3, buffer: followed.shared.buffer }, () => undefined);
  const publish = (): void => {
    publisher.touch("BTC-USDT");
    for (const work of due.splice(0)) work();
  };
  const take = (): void => {
    const told = (messages: number | string | undefined): void => {
      if (typeof messages === "number") followed.book[COPIED](sides.copyWith(messages));
    };
    for (const message of posted.splice(0)) {
      if (message.kind === "moved") {
        followed.move(new SharedBook(message.buffer));
        told(followed.take());
      }
      if (message.kind === "wide") told(followed.takeWide(message.copy));
      if (message.kind === "ring") bell.answer(() => told(followed.take()));
    }
  };
  const state = (book: OrderBook) => ({
    bids: book.bids().map(({ price, amount }) => `${price} ${amount}`),
    asks: book.asks().map(({ price, amount }) => `${price} ${amount}`),
    best: [book.bestBid?.price.toFixed(), book.bestAsk?.amount.toFixed(), book.bestBidScaled, book.bestAskSizeScaled],
    horizons: [book.bidHorizon?.toFixed(), book.askHorizon?.toFixed()],
    vwap: book.getVwapForVolume(true, "2.5"),
    volume: book.getVolumeForPrice(false, "90"),
    ids: [book.updateId, book.timestampMs, book.receivedAtMs, book.version, book.isWide],
  });
  return { own, copy: followed.book, publish, take, state };
}

/** Messages of a book in few prices, so that they meet: sizes of 0 take levels away, digits and widths vary. */
const level = (from: number) =>
  fc.tuple(
    fc.integer({ min: 0, max: 40 }).map((tick) => `${from + tick}`),
    fc.oneof(
      { weight: 60, arbitrary: fc.constantFrom("0", "1", "2.5", "0.001", "7") },
      { weight: 1, arbitrary: fc.constant("123456789012345678.5") },
    ),
  );
const step = fc.record({
  kind: fc.oneof(
    { weight: 20, arbitrary: fc.constant("diff" as const) },
    { weight: 1, arbitrary: fc.constantFrom("snapshot", "broken") as fc.Arbitrary<"snapshot" | "broken"> },
  ),
  bids: fc.array(level(1_000), { maxLength: 5 }),
  asks: fc.array(level(2_000), { maxLength: 5 }),
  tenths: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
  isPublished: fc.boolean(),
  isTaken: fc.boolean(),
});

describe("a copy of a book", () => {
  it("is equal to the book whatever comes, and the changes that it tells cover every level that is another", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { own, copy, publish, take, state } = scene();
        let before: ReadonlyMap<string, string> = new Map();
        const levelsOf = (): ReadonlyMap<string, string> =>
          new Map([...copy.bids(), ...copy.asks()].map(({ price, amount }) => [price.toFixed(), amount.toFixed()]));
        // A listener that throws is reported, and nothing more.
        const uncovered: string[] = [];
        copy.onUpdate((_, change) => {
          const now = levelsOf();
          const { bids, asks, isWhole } = change;
          const isCovered = (price: string): boolean =>
            [bids, asks].some((range) => {
              if (range === undefined) return false;
              const [low, high] = range.best.lt(range.worst) ? [range.best, range.worst] : [range.worst, range.best];
              return low.lte(price) && high.gte(price);
            });
          const changed = [...new Set([...before.keys(), ...now.keys()])].filter(
            (price) => before.get(price) !== now.get(price),
          );
          if (!isWhole) uncovered.push(...changed.filter((price) => !isCovered(price)));
          before = now;
        });
        own.apply(frameOf({ kind: "snapshot", bids: [["1010", "1.001"]], asks: [["2010", "1"]] }), 0);
        let atMs = 0;
        for (const { kind, bids, asks, tenths, isPublished, isTaken } of steps) {
          atMs += 1;
          if (kind === "broken") own.invalidate("a gap");
          else {
            const unique = (levels: readonly (readonly [string, string])[], sign: number) =>
              [...new Map(levels).entries()]
                .map(([price, size]) => [tenths && kind === "diff" ? `${price}.5` : price, size] as const)
                .filter(([, size]) => kind === "diff" || size !== "0")
                .toSorted(([a], [b]) => sign * (Number(a) - Number(b)));
            own.apply(
              frameOf({ kind, bids: unique(bids, -1), asks: unique(asks, 1), updateId: atMs, timestampMs: atMs }),
              atMs,
            );
          }
          if (isPublished) publish();
          if (!isTaken) continue;
          publish();
          take();
          expect([copy.isValid, copy.invalidReason]).toEqual([own.isValid, own.invalidReason]);
          if (own.isValid) expect(state(copy)).toEqual(state(own));
          expect(uncovered).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("is the book, and tells of all that changed since it was copied last", () => {
    const { own, copy, publish, take, state } = scene();
    const told: unknown[] = [];
    copy.onUpdate((_, change) => {
      const range = (side: "bids" | "asks") => [change[side]?.best.toFixed(), change[side]?.worst.toFixed()];
      told.push(change.isWhole ? "whole" : [...range("bids"), ...range("asks")]);
    });
    expect(() => copy.bestBid).toThrow("no snapshot yet");
    own.apply(
      frameOf({
        kind: "snapshot",
        bids: [
          ["100.5", "1"],
          ["99", "2"],
        ],
        asks: [
          ["101", "1.5"],
          ["102", "7"],
        ],
      }),
      5,
    );
    publish();
    take();
    expect(state(copy)).toEqual(state(own));
    own.apply(frameOf({ kind: "diff", bids: [["99.5", "3"]], asks: [] }), 6);
    publish();
    own.apply(frameOf({ kind: "diff", bids: [["98", "4"]], asks: [["101", "0"]] }), 7);
    own.apply(frameOf({ kind: "diff", bids: [], asks: [["103", "2"]] }), 8);
    publish();
    take();
    expect(state(copy)).toEqual(state(own));
    own.apply(frameOf({ kind: "diff", bids: [["98", "5"]], asks: [] }), 9);
    publish();
    take();
    expect(told).toEqual(["whole", ["99.5", "98", "101", "103"], ["98", "98", undefined, undefined]]);
    own.invalidate("a gap");
    publish();
    take();
    expect([copy.isValid, copy.invalidReason]).toEqual([false, "a gap"]);
    expect(() => copy.bids()).toThrow("a gap");
  });

  it("gets more room where a book has more levels, and more digits than 15 by a message", () => {
    const { own, copy, publish, take, state } = scene();
    const many = (from: number, step: number) =>
      Array.from({ length: 900 }, (_, at) => [`${from + at * step}`, "1"] as const);
    own.apply(frameOf({ kind: "snapshot", bids: many(1_000, -1), asks: many(1_001, 1) }), 5);
    publish();
    take();
    expect(state(copy)).toEqual(state(own));
    expect(copy.bidCount).toBe(900);
    const told: boolean[] = [];
    copy.onUpdate((_, change) => told.push(change.isWhole));
    own.apply(frameOf({ kind: "diff", bids: [["1000", "3"]], asks: [] }), 6);
    publish();
    own.apply(frameOf({ kind: "diff", bids: [], asks: many(2_000, 1) }), 6);
    expect(own.askCount).toBeGreaterThan(1_024);
    publish();
    take();
    expect(state(copy)).toEqual(state(own));
    expect(told.at(-1)).toBe(true);
    own.apply(frameOf({ kind: "diff", bids: [["1000.00000000000001", "12345678901234567.5"]], asks: [] }), 6);
    expect(own.isWide).toBe(true);
    publish();
    take();
    expect(state(copy)).toEqual(state(own));
  });
});
