import { describe, expect, it } from "vitest";
import { noBookCounters } from "../../../src/market-data/book-assembler.ts";
import { COPIED } from "../../../src/market-data/book-copy.ts";
import { OrderBook } from "../../../src/market-data/order-book.ts";
import { BookThreads } from "../../../src/market-data/threads/book-threads.ts";
import { CopiedSides } from "../../../src/market-data/threads/copied-sides.ts";
import { Bell, FIELD, SharedBook } from "../../../src/market-data/threads/shared-book.ts";
import type { FromThread, ThreadSetup, ToThread } from "../../../src/market-data/threads/thread-messages.ts";
import { AbortError } from "../../../src/model/error.ts";
import { SILENT_LOGGER } from "../../../src/runtime/logger.ts";
import type { ThreadHandlers } from "../../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../../src/simulation/index.ts";

/** A thread that does only what the test says. */
interface FakeThread {
  readonly setup: ThreadSetup;
  readonly handlers: ThreadHandlers;
  readonly posted: ToThread[];
  isEnded: boolean;
  say(message: FromThread): void;
}

/** Books of markets A, B, ... that two threads follow, in virtual time. */
function scene(names: readonly string[] = ["A-USDT", "B-USDT", "C-USDT"]) {
  const world = new SimulatedWorld({ seed: 1 });
  const runtime = world.runtime();
  const { timers } = runtime;
  const lasting: number[] = [];
  const after: typeof timers.after = (delayMs, callback, options) => {
    if (options?.background !== true) lasting.push(delayMs);
    return timers.after(delayMs, callback, options);
  };
  const started: FakeThread[] = [];
  const told: string[] = [];
  const asked: unknown[] = [];
  const aborted: AbortSignal[] = [];
  const threads = new BookThreads({
    ...{
      runtime: { ...runtime, timers: { ...timers, after } },
      logger: SILENT_LOGGER,
      count: 2,
      venue: "a venue",
      requestTimeoutMs: 1,
    },
    start(setup, handlers) {
      const thread: FakeThread = {
        ...{ setup, handlers, posted: [], isEnded: false },
        say: (message) => handlers.onMessage(message),
      };
      started.push(thread);
      return {
        post: (message) => thread.posted.push(message as ToThread),
        async end() {
          thread.isEnded = true;
        },
      };
    },
    market: () => undefined,
    isGone: () => false,
    answer: (question, signal) => {
      asked.push(question);
      aborted.push(signal);
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new AbortError())));
    },
    state: () => ({ aheadMs: 0, room: 1 }),
    onAttempt: (url, isOpen) => told.push(`${url} ${isOpen}`),
    onChannel: (news) => told.push(news),
    onMarketFailure: (tradingPair) => told.push(`${tradingPair} failed`),
  });
  const books = new Map<string, OrderBook>();
  const follow = (tradingPair: string): OrderBook => {
    const sides = new CopiedSides();
    const book = new OrderBook(tradingPair, { sides });
    books.set(tradingPair, book);
    threads.follow(book, sides, noBookCounters());
    return book;
  };
  for (const name of names) follow(name);
  const stop = new AbortController();
  const running = threads.run(stop.signal, {
    onCopied: (book, copy) => book[COPIED](copy),
    onInvalid(tradingPair, reason) {
      books.get(tradingPair)?.invalidate(reason);
      told.push(`${tradingPair} invalid`);
    },
    onHealed: (tradingPair, healMs) => told.push(`${tradingPair} healed after ${healMs}`),
    onEmpty: (tradingPair) => told.push(`${tradingPair} empty`),
  });
  running.catch(() => undefined);
  const bookOf = (tradingPair: string): OrderBook => books.get(tradingPair) as OrderBook;
  return { world, threads, started, told, asked, aborted, lasting, stop, running, follow, bookOf };
}

/** Writes a book of one level a side, as its thread does, and rings. */
function publish(thread: FakeThread, tradingPair: string, messages: number): void {
  const followed = thread.setup.followed.find((each) => each.tradingPair === tradingPair);
  if (followed === undefined) throw new Error(`${tradingPair} is not this thread's`);
  const shared = new SharedBook(followed.buffer);
  shared.begin();
  const { numbers } = shared;
  numbers[FIELD.messages] = messages;
  numbers[FIELD.isValid] = 1;
  for (const [side, count, price] of [
    [shared.bids, FIELD.bidCount, 99],
    [shared.asks, FIELD.askCount, 101],
  ] as const) {
    numbers[count] = 1;
    side.prices[0] = price;
    side.sizes[0] = messages;
  }
  shared.end();
  const bell = new Bell(thread.setup.bell);
  bell.mark(followed.slot);
  if (bell.ring()) thread.say({ kind: "ring" });
}

describe("threads of books", () => {
  it("have as many markets each, and a market more goes where the fewest are", async () => {
    const { started, follow } = scene();
    const dealt = started.map(({ setup }) => setup.followed.map(({ tradingPair }) => tradingPair));
    expect(dealt).toEqual([["A-USDT", "C-USDT"], ["B-USDT"]]);
    follow("D-USDT");
    expect(started[1]?.posted.at(-1)).toMatchObject({ kind: "follow", tradingPair: "D-USDT", slot: 1 });
  });

  it("are started anew after ever longer waits, and their books say why they cannot be read", async () => {
    const { world, started, told, bookOf } = scene();
    publish(started[0] as FakeThread, "A-USDT", 3);
    expect(bookOf("A-USDT").bestBidSizeScaled).toBe(3);
    started[0]?.handlers.onEnd("out of memory");
    expect(told).toEqual(["A-USDT invalid"]);
    expect(bookOf("A-USDT").invalidReason).toBe("the thread of the book has ended: out of memory");
    expect(bookOf("C-USDT").invalidReason).toBe("the thread of the book has ended: out of memory");
    await world.advance(1_000);
    expect(started).toHaveLength(3);
    publish(started[2] as FakeThread, "A-USDT", 2);
    expect(told[1]).toMatch(/^A-USDT healed after \d+/);
    expect(bookOf("A-USDT").version).toBe(5);
    const waits: number[] = [];
    for (let times = 0; times < 5; times += 1) {
      const before = started.length;
      started.at(-1)?.handlers.onEnd("again");
      let waitedMs = 0;
      while (started.length === before) {
        await world.advance(50);
        waitedMs += 50;
        started[1]?.say({ kind: "attempt", url: "u", isOpen: true });
      }
      waits.push(waitedMs);
    }
    expect(waits.at(-1)).toBeGreaterThan(2 * (waits[0] ?? Number.NaN));
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
  });

  it("keep no program alive that stops while one is to be started anew", async () => {
    const { started, lasting, stop, running } = scene();
    started[0]?.handlers.onEnd("out of memory");
    stop.abort(new AbortError());
    await expect(running).rejects.toThrow(AbortError);
    expect(lasting).toEqual([]);
  });

  it("hear nothing more of one that has ended", async () => {
    const { world, started, told } = scene();
    const [first] = started as [FakeThread];
    first.handlers.onEnd("gone");
    await world.advance(1_000);
    told.length = 0;
    first.say({ kind: "healed", tradingPair: "A-USDT", healMs: 1 });
    first.handlers.onEnd("gone again");
    expect([told, started.length]).toEqual([[], 3]);
  });

  it("are ended and started anew when they hang: a book that nobody follows is not believed", async () => {
    const { world, started, told, bookOf } = scene();
    const [first, second] = started as [FakeThread, FakeThread];
    publish(first, "A-USDT", 1);
    publish(second, "B-USDT", 1);
    for (let times = 0; times < 12; times += 1) {
      await world.advance(1_000);
      second.say({ kind: "attempt", url: "u", isOpen: true });
    }
    expect(told.filter((each) => each !== "u true")).toEqual(["A-USDT invalid"]);
    expect([first.isEnded, second.isEnded, bookOf("B-USDT").isValid]).toEqual([true, false, true]);
    expect(started).toHaveLength(3);
  });

  it("are patient with one that loads its modules", async () => {
    const { world, started } = scene();
    await world.advance(20_000);
    expect(started).toHaveLength(2);
  });

  it("give up the questions of one that has ended or asks no more, and end when they are told to", async () => {
    const { started, asked, aborted, stop, running } = scene();
    const [first, second] = started as [FakeThread, FakeThread];
    first.say({ kind: "ask", id: 1, question: { what: "connection", url: "u" } });
    first.say({ kind: "ask", id: 2, question: { what: "connection", url: "u" } });
    second.say({ kind: "ask", id: 1, question: { what: "connection", url: "u" } });
    first.say({ kind: "abort", id: 2 });
    expect([asked.length, aborted.map((signal) => signal.aborted)]).toEqual([3, [false, true, false]]);
    first.handlers.onEnd("gone");
    expect(aborted.map((signal) => signal.aborted)).toEqual([true, true, false]);
    stop.abort();
    await expect(running).rejects.toThrow(AbortError);
    expect(aborted.map((signal) => signal.aborted)).toEqual([true, true, true]);
    expect(second.isEnded).toBe(true);
  });

  it("tell of an invalid book although it is well again in the memory, and then that it is", () => {
    const { started, told, bookOf } = scene();
    const [first] = started as [FakeThread];
    publish(first, "A-USDT", 1);
    publish(first, "A-USDT", 2);
    first.say({ kind: "invalid", tradingPair: "A-USDT", reason: "a gap" });
    expect([told, bookOf("A-USDT").isValid]).toEqual([["A-USDT invalid"], false]);
    first.say({ kind: "healed", tradingPair: "A-USDT", healMs: 7 });
    expect([told[1], bookOf("A-USDT").isValid]).toEqual(["A-USDT healed after 7", true]);
  });
});
