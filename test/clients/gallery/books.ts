import { setTimeout as pause } from "node:timers/promises";
import { type Bout, BTC, BTC_MARKET, figure, type Protocol, type Ring } from "./peer.ts";

const ALL: readonly Protocol[] = ["binance", "bybit", "okx"];
const BOOK_CHANNEL = { binance: "depth", bybit: "orderbook", okx: "books" } as const;

/** Quotes ten levels a side and changes one until the client has the whole book. */
async function begin(ring: Ring): Promise<void> {
  for (let level = 1; level <= 10; level += 1) {
    ring.quote("buy", 20_000 - level);
    ring.quote("sell", 20_000 + level);
  }
  ring.loop(
    () => ring.exchange.watchOrderBook(BTC),
    () => undefined,
  );
  for (let round = 0; round < 200; round += 1) {
    change(ring, round);
    await pause(30);
    if (ring.exchange.orderbooks[BTC] !== undefined && (await ring.until(() => ring.bookDifferences() === 0, 300)))
      return;
  }
  throw new Error("the client never had the whole book");
}

function change(ring: Ring, round: number): void {
  ring.quote("buy", 19_990 - (round % 7), 0.1 + (round % 9) / 10);
}

/** Levels that differ once the last change has had its time to arrive. */
async function settled(ring: Ring): Promise<number> {
  await ring.until(() => ring.bookDifferences() === 0, 1_000);
  return ring.bookDifferences();
}

/** Looks at the book while it changes ten times a second; how long it was readable and wrong, longest. */
async function watchStale(ring: Ring, forMs: number): Promise<number> {
  const beganMs = performance.now();
  let wrongSinceMs: number | undefined;
  let staleMs = 0;
  for (let round = 0; performance.now() - beganMs < forMs; round += 1) {
    change(ring, round);
    // What is on its way is given time to arrive.
    const isRight = await ring.until(
      () => ring.exchange.orderbooks[BTC] === undefined || ring.bookDifferences() === 0,
      95,
    );
    const nowMs = performance.now();
    wrongSinceMs = isRight ? undefined : (wrongSinceMs ?? nowMs - 95);
    staleMs = Math.max(staleMs, nowMs - (wrongSinceMs ?? nowMs));
    if (isRight) await pause(60);
  }
  return staleMs;
}

export const lostDiff: Bout = {
  name: "lost-diff",
  protocols: ALL,
  play: async (ring) => {
    await begin(ring);
    await watchStale(ring, 1_000);
    ring.errors.length = 0;
    ring.venue.faults.set({ sequenceGap: 1 });
    // A level that does not change again by itself.
    ring.quote("buy", 19_995, 0.7);
    await pause(150);
    ring.venue.faults.clear();
    const staleMs = await watchStale(ring, 5_000);
    const differences = await settled(ring);
    return [
      figure("errors that told of the loss", ring.errors.length, "no matter", true),
      figure(
        "ms for which a wrong book could be read",
        staleMs < 250 ? "less than 250" : Math.round(staleMs),
        "less than 250",
      ),
      figure("levels that differ five seconds later", differences, 0),
    ];
  },
};

export const ghostLevels: Bout = {
  name: "ghost-levels",
  protocols: ALL,
  play: async (ring) => {
    await begin(ring);
    const restarted = ring.venue.restart(1_000);
    ring.venue.trader.cancelAll(BTC_MARKET);
    for (let level = 1; level <= 10; level += 1) {
      ring.quote("buy", 19_800 - level);
      ring.quote("sell", 19_800 + level);
    }
    await restarted;
    for (let round = 0; round < 100; round += 1) {
      ring.quote("buy", 19_780 - (round % 5), 0.1 + (round % 9) / 10);
      await pause(50);
      if (round > 20 && ring.exchange.orderbooks[BTC] !== undefined && ring.bookDifferences() === 0) break;
    }
    const differences = await settled(ring);
    const book = ring.exchange.orderbooks[BTC] ?? { bids: [], asks: [] };
    const ghosts = [...book.bids, ...book.asks].filter(([price]: number[]) => (price ?? 0) > 19_900).length;
    return [
      figure("levels from before the disconnect", ghosts, 0),
      figure("levels that differ from the venue's", differences, 0),
    ];
  },
};

export const deadChannel: Bout = {
  name: "dead-channel",
  protocols: ALL,
  play: async (ring) => {
    await begin(ring);
    ring.errors.length = 0;
    ring.venue.faults.set({ deadChannel: { channel: BOOK_CHANNEL[ring.protocol] } });
    const staleMs = await watchStale(ring, 95_000);
    const wanted = { binance: 75_000, bybit: 37_500, okx: 93_750 }[ring.protocol];
    return [
      figure(
        "seconds of 95 for which a stale book could be read",
        Math.round(staleMs / 1_000),
        `at most ${Math.floor(wanted / 1_000)}`,
        staleMs <= wanted,
      ),
      figure("errors told", ring.errors.length, "no matter", true),
      figure("levels that differ at the end", await settled(ring), 0),
    ];
  },
};
