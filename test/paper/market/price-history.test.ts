import { expect, test } from "vitest";
import { PAPER_MARKETS } from "../../../src/paper/market/markets.ts";
import { type PastCandle, PriceHistory } from "../../../src/paper/market/price-history.ts";
import { MarketStatistics } from "../../../src/paper/protocols/market-statistics.ts";

const HOUR_MS = 3_600_000;
const START = Date.UTC(2024, 1, 29, 13, 37, 42);
const SIZES = [15_000, 60_000, 300_000, HOUR_MS, 4 * HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS];
const history = new PriceHistory(PAPER_MARKETS, START, 7);

function sumOf(candles: readonly PastCandle[]) {
  return {
    open: candles[0]?.open,
    close: candles.at(-1)?.close,
    high: candles.reduce((high, one) => (one.high > high ? one.high : high), 0n),
    low: candles.reduce((low, one) => (one.low < low ? one.low : low), 1n << 80n),
    baseVolume: candles.reduce((sum, { baseVolume }) => sum + baseVolume, 0n),
    quoteVolume: candles.reduce((sum, { quoteVolume }) => sum + quoteVolume, 0n),
  };
}

test.each(PAPER_MARKETS)(
  "the past of $market has more than 200 bars of each size and leads to its first price",
  (spec) => {
    for (const size of SIZES) {
      const candles = history.candles(spec.market, size);
      expect(candles.length).toBeGreaterThan(200);
      expect(candles.at(-1)?.close).toBe(spec.initialPrice);
      expect(candles.at(-1)?.startMs).toBe(Math.floor((START - (START % 15_000) - 1) / size) * size);
      for (const [index, candle] of candles.entries()) {
        const { startMs, open, high, low, close, baseVolume } = candle;
        const before = candles[index - 1];
        expect(startMs % size).toBe(0);
        if (before !== undefined) expect([startMs, open]).toEqual([before.startMs + size, before.close]);
        const isOrdered = low <= open && low <= close && high >= open && high >= close && low > 0n;
        expect([isOrdered, open % spec.tick, high % spec.tick, baseVolume % spec.lot]).toEqual([true, 0n, 0n, 0n]);
      }
    }
  },
);

test("a bar is the sum of the smaller ones in it", () => {
  for (const [small, large] of [
    [15_000, 60_000],
    [60_000, HOUR_MS],
    [300_000, HOUR_MS],
    [HOUR_MS, 24 * HOUR_MS],
    [24 * HOUR_MS, 7 * 24 * HOUR_MS],
  ] as const) {
    const parts = history.candles("ETH-USD", small);
    const bars = history.candles("ETH-USD", large).filter(({ startMs }) => startMs >= (parts[0]?.startMs ?? 0));
    expect(bars.length).toBeGreaterThan(3);
    for (const bar of bars) {
      const inside = parts.filter(({ startMs }) => startMs >= bar.startMs && startMs < bar.startMs + large);
      expect(sumOf(inside)).toEqual(sumOf([bar]));
    }
  }
});

test("the same seed and start have the same past, another seed another", () => {
  const again = new PriceHistory(PAPER_MARKETS, START, 7);
  expect(again.candles("SOL-USD", 60_000)).toEqual(history.candles("SOL-USD", 60_000));
  const other = new PriceHistory(PAPER_MARKETS, START, 8);
  expect(other.candles("SOL-USD", 60_000)).not.toEqual(history.candles("SOL-USD", 60_000));
  expect(history.candles("XYZ-USD", 60_000)).toEqual([]);
});

test("what trades after the start goes on where the past ends, in candles and in the day's figures", () => {
  const statistics = new MarketStatistics(history);
  const price = 20_100n * 100_000_000n;
  const trade = { market: "BTC-USD", size: 100_000_000n, takerSide: "buy", liquidation: false } as const;
  statistics.record({ ...trade, tradeId: 1, price, timeMs: START + 1_000 });
  const [before, hour] = statistics.candles("BTC-USD", HOUR_MS, START - 2 * HOUR_MS, START + 2_000);
  expect(before).toEqual(expect.objectContaining({ startMs: START - (START % HOUR_MS) - HOUR_MS }));
  expect(hour?.close).toBe(price);
  expect(hour?.open).toBe(before?.close);
  const day = statistics.day("BTC-USD", START + 2_000);
  const minutes = history.candles("BTC-USD", 60_000).filter(({ startMs }) => startMs > START + 2_000 - 24 * HOUR_MS);
  const past = sumOf(minutes);
  expect(day.baseVolume).toBe(past.baseVolume + 100_000_000n);
  const change = Number(price - (past.open ?? 0n)) / Number(past.open);
  expect(Number(day.change24h) / 100_000_000).toBeCloseTo(change, 7);
});
