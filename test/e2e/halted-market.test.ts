import { describe, expect, it } from "vitest";
import { DIALECTS } from "../../src/simulation/dialects.ts";
import { World } from "../../src/simulation/index.ts";

const CONNECTORS = Object.keys(DIALECTS) as (keyof typeof DIALECTS)[];

describe.each(CONNECTORS)("a market that is halted on %s", (connectorName) => {
  it("is known to be so after the first order that the venue refuses, and takes orders again soon after it is resumed", async () => {
    await using world = await World.open({ connector: connectorName, seed: 1, venue: { emptyBooks: true } });
    const connector = await world.connect();
    const [pair = ""] = world.tradingPairs;
    const buy = () => connector.buy(pair, { amount: "0.02", price: "19000", position: "open" });
    world.venue.halt("BTC-USD");
    const refused = buy();
    await world.advance(5_000);
    expect(refused.state).toBe("failed");
    expect(buy).toThrow(/does not trade|halted|no longer lists/);
    world.venue.resume("BTC-USD");
    await world.advance(10_000);
    const taken = buy();
    await world.advance(1_000);
    expect(taken.state).toBe("open");
  });
});
