import { describe, expect, it } from "vitest";
import { BOX_PROTOCOLS } from "../../src/simulation/box-protocols.ts";
import { World } from "../../src/simulation/index.ts";

const CONNECTORS = Object.keys(BOX_PROTOCOLS) as (keyof typeof BOX_PROTOCOLS)[];

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
    // Hyperliquid's list has no word for a halt: the next order is sent, and refused for the same reason.
    if (connectorName === "hyperliquid_perpetual") {
      const error = { message: expect.stringMatching(/trading is halted/i) };
      expect(await world.run(buy().accepted)).toMatchObject({ ok: false, error });
    } else expect(buy).toThrow(/does not trade|halted|no longer lists/);
    world.venue.resume("BTC-USD");
    await world.advance(10_000);
    const taken = buy();
    await world.advance(1_000);
    expect(taken.state).toBe("open");
  });
});
