import { describe, expect, test } from "vitest";
import type { OrderBook } from "../../src/market-data/order-book.ts";
import { parseAmount } from "../../src/paper/engine/amount.ts";
import { PAPER_MARKETS } from "../../src/paper/market/markets.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import type { BoxConnector } from "../../src/simulation/box-protocols.ts";
import { MARKET, Stage } from "./stage.ts";

/** Markets in which small orders may rest at every tenth. */
const markets = PAPER_MARKETS.map((market) => ({
  ...market,
  lot: market.minMakerSize,
  minSize: market.minMakerSize,
  tick: market.base === "BTC" ? parseAmount("0.1") : market.tick,
}));

const priceOf = (scaled: bigint): string => String(Number(scaled) / 1e8);
const SIZE = "0.01";
/** The price of the bid or ask of this rank, from the quotes at 19,980 and 20,020 outwards. */
const bidAt = (rank: number): string => (19_979.9 - rank / 10).toFixed(1);
const askAt = (rank: number): string => (20_020.1 + rank / 10).toFixed(1);

/** A venue with this many small levels a side behind its quotes, and a bot that came when they were there. */
async function deep(name: BoxConnector, levels: number, runtime?: (bot: Runtime) => Runtime) {
  const stage = await Stage.open(name, { runtime, venue: { markets, startingBalance: "50000000" } });
  for (let rank = 0; rank < levels; rank += 1) {
    stage.trade("buy", SIZE, bidAt(rank));
    stage.trade("sell", SIZE, askAt(rank));
  }
  await stage.pass(1_000);
  await stage.endBot();
  await stage.pass(1_000);
  await stage.start();
  await stage.pass(1_000);
  const invalid: string[] = [];
  stage.connector.on("bookInvalid", ({ tradingPair, reason }) => {
    if (tradingPair === stage.pair) invalid.push(reason);
  });
  const book = stage.connector.orderBook(stage.pair);
  return {
    stage,
    book,
    invalid,
    /** Best bid and ask of the venue and of the book, or that the book cannot be read. */
    both: () => [truth(stage), seen(book)],
    /** The venue's other user sells into the bids, all of them down to this rank. */
    sellDownTo: (rank: number) => stage.trade("sell", "200", bidAt(rank)),
  };
}

function truth({ venue }: Stage): string {
  const { bids, asks } = venue.engine.book(MARKET, 1);
  const best = [bids[0], asks[0]].map((level) => (level === undefined ? "none" : priceOf(level[0])));
  return best.join(" ");
}

function seen(book: OrderBook): string {
  if (!book.isValid) return "invalid";
  return `${book.bestBid?.price.toFixed() ?? "none"} ${book.bestAsk?.price.toFixed() ?? "none"}`;
}

const CONNECTORS = [
  "ftx_perpetual",
  "bybit_perpetual",
  "binance_perpetual",
  "okx_perpetual",
  "gate_io_perpetual",
] as const;
const DEPTHS = {
  ftx_perpetual: 100,
  bybit_perpetual: 200,
  binance_perpetual: 1_000,
  okx_perpetual: 400,
  gate_io_perpetual: 100,
};

describe.each(CONNECTORS)("a deep book of %s", (name) => {
  const depth = DEPTHS[name];

  test("is never read with a wrong best price after the price fell through all that was told", async () => {
    const { stage, book, both, sellDownTo } = await deep(name, depth + 500);
    expect([book.bidCount, book.askCount, book.bidHorizon === undefined]).toEqual([depth, depth, false]);
    sellDownTo(depth + 100);
    await stage.pass(300);
    for (let step = 0; step < 100; step += 1) {
      // A level far below changes, which is not the best one.
      stage.trade("buy", SIZE, bidAt(depth + 480));
      await stage.pass(150);
      const [venue, own] = both();
      expect([venue, "invalid"]).toContain(own);
    }
    expect(both()[1]).toBe(truth(stage));
    expect(stage.connector.ready).toBe(true);
    // Less than the depth is left: now the side is known to be whole.
    if (name === "binance_perpetual") expect(book.bidHorizon).toBeUndefined();
    await stage[Symbol.asyncDispose]();
  });

  test("stays valid while the price walks through it in steps", async () => {
    const { stage, invalid, both, sellDownTo } = await deep(name, depth + 500);
    for (let rank = 20; rank < depth + 400; rank += 20) {
      sellDownTo(rank);
      await stage.pass(1_000);
      const [venue, own] = both();
      expect(own).toBe(venue);
    }
    expect(invalid).toEqual([]);
    await stage[Symbol.asyncDispose]();
  });

  test("answers that it does not know what a large order would cost", async () => {
    const { stage, book } = await deep(name, depth + 100);
    const { resultPrice, isComplete } = book.getVwapForVolume(false, "1000");
    expect([resultPrice, isComplete]).toEqual([undefined, false]);
    expect(book.getVwapForVolume(false, "50").isComplete).toBe(true);
    const fresh = await stage.run(stage.connector.fetchOrderBook(stage.pair));
    expect([fresh.bidCount, fresh.getVwapForVolume(false, "1000").isComplete]).toEqual([depth, false]);
    await stage[Symbol.asyncDispose]();
  });
});

/** Answers to requests of this path come later than they were made. */
function slow(path: string, delayMs: () => number): (bot: Runtime) => Runtime {
  return (bot) => ({
    ...bot,
    http: {
      request: async (request) => {
        const answer = await bot.http.request(request);
        if (new URL(request.url).pathname.endsWith(path)) await bot.timers.sleep(delayMs());
        return answer;
      },
      close: () => bot.http.close(),
    },
  });
}

describe("an answer of before", () => {
  test("a snapshot of before a reconnect never makes a book of Binance valid", async () => {
    let delayMs = 0;
    const stage = await Stage.open("binance_perpetual", { seed: 2, runtime: slow("/depth", () => delayMs) });
    const { venue, connector, raw } = stage;
    const book = connector.orderBook(stage.pair);
    await stage.pass(2_000);
    delayMs = 4_000;
    raw.network.resetConnections("bot");
    await stage.pass(800);
    stage.trade("buy", "0.1", "19000");
    await stage.pass(300);
    raw.network.resetConnections("bot");
    await stage.pass(10);
    // While nothing is heard, all of the best ask goes.
    stage.trade("buy", "50", "20010");
    for (let step = 0; step < 1_000; step += 1) {
      await stage.pass(20);
      expect([truth(stage), "invalid"]).toContain(seen(book));
    }
    expect(seen(book)).toBe(truth(stage));
    expect(venue.engine.book(MARKET, 1).asks).toHaveLength(1);
    await stage[Symbol.asyncDispose]();
  });

  test("a snapshot of before the subscription never makes a book of Binance valid", async () => {
    const stage = await Stage.open("binance_perpetual", { seed: 3 });
    const { connector, raw } = stage;
    const book = connector.orderBook(stage.pair);
    await stage.pass(2_000);
    // The request that subscribes waits for its turn, as it does behind those of hundreds of markets.
    raw.network.faults = {
      onFrame: (direction, text) =>
        direction === "toServer" && text.includes("depth@100ms") ? { delayMs: 4_000 } : undefined,
    };
    raw.network.resetConnections("bot");
    for (let step = 0; step < 400; step += 1) {
      await stage.pass(20);
      // All of the best ask goes while nothing is subscribed.
      if (step === 130) stage.trade("buy", "50", "20010");
      expect([truth(stage), "invalid"]).toContain(seen(book));
    }
    expect(seen(book)).toBe(truth(stage));
    await stage[Symbol.asyncDispose]();
  });

  test("funding info of FTX that was long on its way does not look new", async () => {
    let delayMs = 0;
    const stage = await Stage.open("ftx_perpetual", { runtime: slow("/stats", () => delayMs) });
    await stage.pass(10_000);
    delayMs = 20_000;
    await stage.pass(24_000);
    const ages: number[] = [];
    const stop = stage.connector.on("fundingInfo", ({ timestampMs }) => {
      ages.push(stage.raw.now() - timestampMs);
    });
    await stage.pass(21_000);
    stop();
    expect(ages.length).toBeGreaterThan(0);
    expect(Math.min(...ages)).toBeGreaterThan(19_000);
    await stage[Symbol.asyncDispose]();
  });
});
