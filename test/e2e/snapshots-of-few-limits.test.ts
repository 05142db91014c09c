import { expect, test } from "vitest";
import { PAPER_MARKETS } from "../../src/paper/index.ts";
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

test("many books of Binance that break together are healed each time", async () => {
  const names = Array.from({ length: 24 }, (_, index) => `M${String.fromCharCode(65 + index)}X`);
  const markets = PAPER_MARKETS.slice(0, 1).flatMap((spec) =>
    names.map((base) => ({ ...spec, base, market: `${base}-USD` })),
  );
  await using world = await World.open({ connector: "binance_perpetual", seed: 7, venue: { markets, quiet: true } });
  const connector = await world.connect({ tradingPairs: names.map((base) => `${base}-USDT`) });
  const heals: number[] = [];
  connector.on("bookHealed", ({ healMs }) => heals.push(healMs));
  await world.advance(60_000);
  for (let count = 0; count < 6; count += 1) {
    world.machines.network.resetConnections("bot");
    await world.advance(6_000);
  }
  expect(heals).toHaveLength(6 * names.length);
  expect(Math.max(...heals)).toBeLessThan(2_000);
});

test("a book of Binance with few levels is not asked for again while little is left of the limits, and soon after", async () => {
  let areOthersBusy = false;
  const depths: string[] = [];
  await using world = await World.open({
    connector: "binance_perpetual",
    seed: 7,
    onAnswer: ({ target }, response) => {
      const [, limit] = /\/depth\?.*limit=(\d+)/.exec(target) ?? [];
      if (limit !== undefined) depths.push(limit);
      if (areOthersBusy) Object.assign(response.headers ?? {}, { "x-mbx-used-weight-1m": "2135" });
    },
  });
  const connector = await world.connect({ tradingPairs: ["BTC-USDT"] });
  const book = connector.orderBook("BTC-USDT");
  await world.advance(60_000);
  areOthersBusy = true;
  await world.advance(5_000);
  depths.length = 0;
  world.machines.network.resetConnections("bot");
  await world.advance(240_000);
  expect([book.isValid, book.bidHorizon === undefined, depths]).toEqual([true, false, ["50"]]);
  areOthersBusy = false;
  await world.advance(70_000);
  expect(book.bidHorizon).toBeUndefined();
});

test("a snapshot of Binance that is never answered is asked for again within the time that answers are given by the timings", async () => {
  for (const [requestTimeoutMs, lostForMs] of [
    [10_000, 2_000],
    [1_000, 1_000],
  ] as const) {
    await using world = await World.open({ connector: "binance_perpetual", seed: 7 });
    const connector = await world.connect({ tradingPairs: ["BTC-USDT"], timings: { requestTimeoutMs } });
    const heals: number[] = [];
    connector.on("bookHealed", ({ healMs }) => heals.push(healMs));
    const brokenMs = world.elapsedMs();
    world.machines.network.faults = {
      onHttpRequest: ({ url }) => {
        const isLost = url.includes("/depth") && world.elapsedMs() < brokenMs + 1_000;
        return isLost ? { kind: "dropRequest" } : undefined;
      },
    };
    world.machines.network.resetConnections("bot");
    await world.advance(20_000);
    expect(heals).toHaveLength(1);
    expect(heals[0]).toBeGreaterThan(lostForMs);
    expect(heals[0]).toBeLessThan(lostForMs + 1_900);
  }
});
