import { expect, test } from "vitest";
import { MarketStatistics } from "../../../src/paper/api/market-statistics.ts";

const UNIT = 100_000_000n;
const START = Date.UTC(2022, 8, 14);
const HOUR_MS = 3_600_000;

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
