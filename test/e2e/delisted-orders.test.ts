import { describe, expect, onTestFinished, test } from "vitest";
import { type BoxConnector, DIALECTS } from "../../src/simulation/dialects.ts";
import { World } from "../../src/simulation/world.ts";

// OKX, hell, seeds 2, 17, 49 and 51; Binance, hell, seeds 8 and 28.
describe.each(Object.keys(DIALECTS) as BoxConnector[])("orders of %s on a market that is delisted", (name) => {
  test("are known to the end, also where their answer and what the stream said was lost", async () => {
    const world = await World.open({ connector: name, seed: 1 });
    onTestFinished(() => world.close());
    const { venue } = world;
    const connector = await world.connect();
    const [tradingPair = ""] = world.tradingPairs;
    const limit = { amount: "0.01", position: "open" } as const;
    const known = connector.buy(tradingPair, { ...limit, price: "18000" });
    await world.run(known.accepted);
    venue.faults.set({ resetAfterEffect: 1, deadChannel: 1 });
    const unknown = connector.buy(tradingPair, { ...limit, price: "18001" });
    await world.advance(500);
    venue.delist("BTC-USD");
    await world.advance(500);
    venue.faults.clear();
    await world.advance(180_000);
    expect([known.isDone, unknown.isDone, known.state, unknown.state]).toEqual([true, true, known.state, known.state]);
    expect(["canceled", "expired"]).toContain(known.state);
  });
});
