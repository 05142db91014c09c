import { describe, expect, test } from "vitest";
import type { ContinuityRule } from "../../src/market-data/continuity.ts";
import { OrderBookTracker, type OrderBookTrackerOptions } from "../../src/market-data/order-book-tracker.ts";
import { book, type FakeMessage, fakeVenue, looping } from "./fake-venue.ts";
import type { LevelInput } from "./frames.ts";

const REST: ContinuityRule = { kind: "sequence", style: "previousId", snapshotSource: "rest", depth: 10 };

const bidsFrom = (best: number, count = 10): LevelInput[] =>
  Array.from({ length: count }, (_, index) => [best - index, "1"]);
const gone = (from: number, count: number): LevelInput[] => bidsFrom(from, count).map(([price]) => [price, "0"]);

/** A venue with one market: its answers take as long as a test wants, and no abort shortens that. */
async function scene(tracker: Partial<OrderBookTrackerOptions> = {}) {
  const state = { u: 100, best: 99, delayMs: 0 };
  const asked: number[] = [];
  const fake = await fakeVenue({
    source: { tradingPairs: ["BTC-USD"], snapshotSource: "rest" },
    onRest: async (path) => {
      if (!path.startsWith("/book/")) throw new Error("no such path");
      // What the venue says is of when it was asked.
      const answer = book("orderBookSnapshot", state.u, { bids: bidsFrom(state.best), ts: fake.world.now() });
      const { delayMs } = state;
      asked.push(Math.round(fake.world.elapsedMs()));
      if (delayMs > 0) await fake.runtime.timers.sleep(delayMs);
      return answer;
    },
  });
  const events: string[] = [];
  const books = new OrderBookTracker({
    runtime: fake.runtime,
    logger: fake.logger,
    dataSource: fake.source,
    rule: REST,
    onBookInvalid: (_, reason) => events.push(`invalid: ${reason}`),
    onBookHealed: () => events.push("healed"),
    ...tracker,
  });
  const loop = looping((signal) => books.start(signal));
  const { world } = fake;
  await world.advance(50);
  /** The venue's book changes, and says so where it is heard. */
  const change = (best: number, bids: readonly LevelInput[], isHeard = true) => {
    state.u += 1;
    state.best = best;
    const more: Partial<FakeMessage> = { U: state.u, pu: state.u - 1, bids, ts: world.now() };
    if (isHeard) fake.say("books", book("orderBookDiff", state.u, more));
  };
  const best = () => {
    const live = books.orderBook("BTC-USD");
    return live.isValid ? live.bestBid?.price.toNumber() : undefined;
  };
  return { ...fake, state, asked, events, books, loop, change, best };
}

/** A book that waits for an answer of 5 s, asked for now. */
async function waiting(tracker: Partial<OrderBookTrackerOptions> = {}) {
  const started = await scene(tracker);
  started.state.delayMs = 5_000;
  started.change(99, [["99", "2"]]);
  await started.world.advance(50);
  expect(started.asked).toHaveLength(1);
  started.state.delayMs = 0;
  return started;
}

describe("a snapshot that was asked for before", () => {
  test("the connection was lost is not joined with the next one, however late it comes", async () => {
    const { world, latest, change, best, books, asked } = await waiting();
    latest("books").terminate();
    await world.advance(10);
    // Nobody is told that the best bid went.
    change(98, gone(99, 1), false);
    for (let step = 0; step < 200; step += 1) {
      await world.advance(50);
      expect([undefined, 98]).toContain(best());
    }
    expect([books.ready(), best(), asked.length]).toEqual([true, 98, 2]);
  });

  test("the connection was lost does not keep the next one from being asked for at once", async () => {
    const { world, latest, change, best } = await waiting();
    latest("books").terminate();
    await world.advance(2_000);
    change(98, gone(99, 1));
    await world.advance(100);
    expect(best()).toBe(98);
  });

  test("the market was let go is not joined when it is taken up again", async () => {
    const { world, books, source, change, best } = await waiting();
    books.removeTradingPair("BTC-USD");
    await world.advance(500);
    change(98, gone(99, 1), false);
    books.addTradingPair("BTC-USD");
    expect(source.tradingPairs).toEqual(["BTC-USD"]);
    for (let step = 0; step < 200; step += 1) {
      await world.advance(50);
      expect([undefined, 98]).toContain(best());
    }
    expect(best()).toBe(98);
  });

  test("a silent channel was subscribed anew is not joined with what comes after", async () => {
    const { world, change, best, books } = await waiting({ cadences: { orderBook: 2_000 } });
    await world.advance(2_000);
    change(98, gone(99, 1), false);
    for (let step = 0; step < 100; step += 1) {
      await world.advance(50);
      expect([undefined, 98]).toContain(best());
    }
    expect([best(), books.metrics().silences > 0]).toEqual([98, true]);
  });

  test("the tracker was stopped is not joined when it is started again", async () => {
    const { world, loop, books, change, best } = await waiting();
    loop.abort();
    await world.run(loop.ended);
    change(98, gone(99, 1), false);
    looping((signal) => books.start(signal));
    for (let step = 0; step < 140; step += 1) {
      await world.advance(50);
      expect([undefined, 98]).toContain(best());
    }
    expect(best()).toBe(98);
  });
});

describe("a snapshot that is asked for by hand", () => {
  test("is asked for anew when the connection comes up meanwhile", async () => {
    const fake = await fakeVenue({
      source: { tradingPairs: ["BTC-USD"], snapshotSource: "rest" },
      onRest: () => book("orderBookSnapshot", 100),
    });
    const heard: number[] = [];
    const listening = looping((signal) =>
      fake.source.listenForOrderBookSnapshots(signal, (frame) => heard.push(frame.updateId)),
    );
    const subscribed = looping((signal) => fake.source.listenForSubscriptions(signal));
    await fake.world.advance(200);
    expect([fake.restPaths.length, heard]).toEqual([2, [100]]);
    for (const loop of [listening, subscribed]) loop.abort();
    await fake.world.run(Promise.all([listening.ended, subscribed.ended]));
  });
});

describe("a book whose snapshot was cut off", () => {
  test("fetches the next one before the price gets to its end, and stays valid", async () => {
    const { world, events, asked, change, best, books } = await scene();
    await world.advance(1_500);
    expect([best(), asked.length]).toEqual([99, 1]);
    for (let price = 99; price > 49; price -= 1) {
      change(price - 1, gone(price, 1));
      await world.advance(100);
      expect(best()).toBe(price - 1);
    }
    expect(events).toEqual([]);
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.length).toBeLessThan(9);
    expect(books.metrics()).toMatchObject({ exhausted: 0, gaps: 0 });
  });

  test("fetches it once while the answer takes long, and joins it with what came meanwhile", async () => {
    const { world, events, asked, change, best, state } = await scene();
    await world.advance(1_500);
    state.delayMs = 2_000;
    change(91, gone(99, 8));
    await world.advance(100);
    for (let step = 0; step < 19; step += 1) {
      change(91, [["90.5", String(step + 1)]]);
      await world.advance(100);
      expect(best()).toBe(91);
    }
    await world.advance(200);
    change(90.5, gone(91, 1));
    await world.advance(50);
    expect([best(), asked.length, events]).toEqual([90.5, 2, []]);
  });

  test("is invalid while the price is beyond its end, and heals with the answer that is on its way", async () => {
    const { world, events, asked, change, best, state } = await scene();
    await world.advance(1_500);
    state.delayMs = 2_000;
    change(91, gone(99, 8));
    await world.advance(100);
    change(80, gone(91, 11));
    await world.advance(100);
    expect(best()).toBeUndefined();
    // A level far below is not the best one.
    change(80, [["50", "3"]]);
    await world.advance(2_500);
    // The answer is from before the fall: with what came after it nothing is left of it either.
    expect([undefined, 80]).toContain(best());
    state.delayMs = 0;
    await world.advance(35_000);
    expect([best(), events.at(-1)]).toEqual([80, "healed"]);
    expect(events[0]).toBe("invalid: the price left the levels that the venue told");
    expect(asked.length).toBeLessThan(6);
  });

  test("asks with a back-off while the answers are too old to be joined", async () => {
    const { world, events, asked, change, best, state } = await scene();
    await world.advance(1_500);
    const before = asked.length;
    change(91, gone(99, 8));
    await world.advance(1);
    for (let step = 0; step < 300; step += 1) {
      change(91, [["91", String(step + 2)]]);
      const now = state.u;
      // A cache at the venue answers with what was true long ago.
      state.u = 100;
      await world.advance(100);
      state.u = now;
      expect(best()).toBe(91);
    }
    expect(events).toEqual([]);
    expect(asked.length - before).toBeGreaterThan(3);
    expect(asked.length - before).toBeLessThan(12);
  });
});
