import { expect, test } from "vitest";
import { World } from "../../src/simulation/world.ts";

test("a book of Binance that breaks again and again with a quarter of the limits is healed each time, with fewer levels when little is left", async () => {
  const depths: number[] = [];
  await using world = await World.open({
    connector: "binance_perpetual",
    seed: 7,
    onAnswer: ({ target }) => {
      const [, limit] = /\/depth\?.*limit=(\d+)/.exec(target) ?? [];
      if (limit !== undefined) depths.push(Number(limit));
    },
  });
  const connector = await world.connect({ tradingPairs: ["BTC-USDT"], rateLimitsSharePercentage: 25 });
  const heals: number[] = [];
  connector.on("bookHealed", ({ healMs }) => heals.push(healMs));
  const book = connector.orderBook("BTC-USDT");
  for (let count = 0; count < 10; count += 1) {
    world.machines.network.resetConnections("bot");
    await world.advance(6_000);
  }
  expect([heals.length, book.isValid]).toEqual([10, true]);
  expect(Math.max(...heals)).toBeLessThan(2_000);
  expect([depths[0], Math.min(...depths)]).toEqual([1_000, 50]);
  await world.advance(120_000);
  expect(book.bidHorizon).toBeUndefined();
});
