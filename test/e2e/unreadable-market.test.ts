import { describe, expect, onTestFinished, test } from "vitest";
import { type BoxConnector, DIALECTS } from "../../src/simulation/dialects.ts";
import { World } from "../../src/simulation/world.ts";

// FTX, hell, seed 517: one bad row was taken for a delisting, and the connector was ready without the market's book.
describe.each(Object.keys(DIALECTS) as BoxConnector[])("a row of the markets of %s that cannot be read", (name) => {
  test("proves nothing of a market, neither to a process that runs nor to one that starts", async () => {
    const world = await World.open({ connector: name, seed: 3 });
    onTestFinished(() => world.close());
    const unlisted = new Set<string>();
    const start = (readyTimeoutMs?: number) =>
      world.connect({
        readyTimeoutMs,
        timings: { tradingRulesPollIntervalMs: 1_000 },
        onCreated: (created) => void created.on("marketUnavailable", ({ reason }) => unlisted.add(reason)),
      });
    const first = await start();
    // Of every answer: positions and orders too, of which a row that cannot be read is told.
    world.venue.faults.set({ unreadableRow: 0.7 });
    await world.advance(30_000);
    world.kill();
    world.venue.faults.set({ unreadableRow: 0.3 });
    const second = await start(0);
    world.venue.faults.clear();
    await world.advance(30_000);
    expect([...unlisted]).toEqual([]);
    expect([first, second].map(({ tradingPairs }) => tradingPairs.length)).toEqual([2, 2]);
    expect(second.ready).toBe(true);
    const orders = second.tradingPairs.map((pair) =>
      second.buy(pair, { amount: "0.1", price: "1000", position: "open" }),
    );
    await world.run(Promise.all(orders.map((order) => order.accepted)));
  });
});
