import { expect, test } from "vitest";
import { MarketStatistics } from "../../../src/paper/protocols/market-statistics.ts";
import { BarQueue, MovingSpan } from "../../../src/paper/protocols/moving-span.ts";
import { SeededRandom } from "../../../src/runtime/simulated-random.ts";

const UNIT = 100_000_000n;
const START = Date.UTC(2022, 8, 14);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BUCKET_MS = 15_000;

function statisticsOf(...trades: [offsetMs: number, price: number, size?: number][]): MarketStatistics {
  const statistics = new MarketStatistics();
  for (const [offsetMs, price, size = 1] of trades) {
    statistics.record({
      tradeId: 1,
      market: "BTC-USD",
      price: BigInt(price) * UNIT,
      size: BigInt(size) * UNIT,
      takerSide: "buy",
      liquidation: false,
      timeMs: START + offsetMs,
    });
  }
  return statistics;
}

test("a stretch without trades repeats the last close, up to now", () => {
  const statistics = statisticsOf([0, 100], [10_000, 110, 2], [50_000, 90]);
  const candles = statistics.candles("BTC-USD", 15_000, 0, START + 70_000);
  const rows = candles.map(({ startMs, open, high, low, close, quoteVolume }) => [
    startMs - START,
    ...[open, high, low, close, quoteVolume].map((amount) => Number(amount / UNIT)),
  ]);
  expect(rows).toEqual([
    [0, 100, 110, 100, 110, 320],
    [15_000, 110, 110, 110, 110, 0],
    [30_000, 110, 110, 110, 110, 0],
    [45_000, 90, 90, 90, 90, 90],
    [60_000, 90, 90, 90, 90, 0],
  ]);
  expect(statistics.candles("BTC-USD", 60_000, 0, START + 70_000)).toMatchObject([
    { open: 100n * UNIT, high: 110n * UNIT, low: 90n * UNIT, close: 90n * UNIT, baseVolume: 4n * UNIT },
    { open: 90n * UNIT, baseVolume: 0n },
  ]);
});

test("changes are fractions of the price an hour, a day and a midnight ago", () => {
  const statistics = statisticsOf([0, 100], [22 * HOUR_MS, 120], [25 * HOUR_MS, 150]);
  const day = statistics.day("BTC-USD", START + 25 * HOUR_MS + 1);
  expect(day).toMatchObject({
    change1h: UNIT / 4n,
    change24h: UNIT / 2n,
    changeBod: UNIT / 4n,
    baseVolume: 2n * UNIT,
    quoteVolume: 270n * UNIT,
    high: 150n * UNIT,
    low: 120n * UNIT,
  });
});

test("a market without trades has no high and no change", () => {
  expect(new MarketStatistics().day("BTC-USD", START)).toMatchObject({ high: null, low: null, change24h: 0n });
  expect(new MarketStatistics().candles("BTC-USD", 15_000, 0, START)).toEqual([]);
});

test("what is older than two days is forgotten", () => {
  const statistics = statisticsOf([0, 100], [49 * HOUR_MS, 110]);
  expect(statistics.candles("BTC-USD", 15_000, 0, START + 49 * HOUR_MS)).toHaveLength(1);
});

test("the day's volume, its high and its low are those of the trades of the last 24 hours, whenever one asks", () => {
  const random = new SeededRandom(1, "statistics");
  const statistics = new MarketStatistics();
  const trades: { readonly timeMs: number; readonly price: bigint; readonly size: bigint }[] = [];
  let nowMs = START;
  for (let step = 0; step < 3_000; step += 1) {
    // Now and then nobody trades for hours.
    nowMs += random.integer(500) === 0 ? 30_000_000 : random.integer(200_000);
    if (random.integer(3) > 0) {
      const price = BigInt(19_000 + random.integer(2_000)) * UNIT;
      const trade = { timeMs: nowMs, price, size: BigInt(1 + random.integer(100)) * UNIT };
      trades.push(trade);
      statistics.record({ market: "BTC-PERP", ...trade });
    }
    const bucketOf = (timeMs: number): number => Math.floor(timeMs / BUCKET_MS) * BUCKET_MS;
    const day = trades.filter(({ timeMs }) => bucketOf(timeMs) > nowMs - DAY_MS);
    const prices = day.map(({ price }) => price).toSorted((a, b) => (a < b ? -1 : 1));
    expect(statistics.day("BTC-PERP", nowMs)).toMatchObject({
      baseVolume: day.reduce((total, { size }) => total + size, 0n),
      quoteVolume: day.reduce((total, { price, size }) => total + (price * size) / UNIT, 0n),
      high: prices.at(-1) ?? null,
      low: prices[0] ?? null,
    });
  }
});

test("what a day's sums are made of is dropped after a day, also where nobody asks for them", () => {
  const read = new Map<number, number>();
  const candle = (number: number) => {
    const flat = { open: UNIT, high: UNIT, low: UNIT, close: UNIT, quoteVolume: UNIT, baseVolume: UNIT };
    const startMs = START + number * HOUR_MS;
    return {
      ...flat,
      get startMs() {
        read.set(number, (read.get(number) ?? 0) + 1);
        return startMs;
      },
    };
  };
  const span = new MovingSpan(DAY_MS);
  for (let number = 0; number < 100; number += 1) span.add(candle(number));
  read.clear();
  expect(span.at(START + 99 * HOUR_MS)).toMatchObject({ baseVolume: 24n * UNIT, high: UNIT });
  // Only the newest, and the oldest that it still has, are looked at.
  expect([...read.keys()].toSorted((a, b) => a - b)).toEqual([76, 99]);
});

test("bars that were dropped are let go before they are more than those that are left, but for a few", () => {
  const queue = new BarQueue();
  let left = 0;
  for (let count = 0; count < 10_000; count += 1) {
    const startMs = count * BUCKET_MS;
    queue.push({ startMs, open: 1n, high: 1n, low: 1n, close: 1n, quoteVolume: 0n, baseVolume: 0n });
    left += 1;
    if (left > 100 || (count > 5_000 && left > 3)) {
      for (let dropped = 0; dropped < 2 && left > 0; dropped += 1) {
        queue.shift();
        left -= 1;
      }
    }
    expect(queue.held).toBeLessThanOrEqual(Math.max(2 * left + 2, left + 33));
  }
  expect(queue.first?.startMs).toBe((10_000 - left) * BUCKET_MS);
});
