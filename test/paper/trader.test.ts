import { describe, expect, it } from "vitest";
import { createPaperVenue } from "../../src/paper/index.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

async function quietVenue() {
  const world = new SimulatedWorld({ seed: 1 });
  const venue = await world.run(createPaperVenue({ api: "bybit", seed: 1, emptyBooks: true }, world.runtime("venue")));
  return { world, venue };
}

describe("the venue's trader", () => {
  it("can take from its own quotes, as a market with more than one user does, and the quotes that are left stay", async () => {
    const { world, venue } = await quietVenue();
    const { trader } = venue;
    trader.order({ market: "BTC-USD", side: "sell", size: "5", price: "20010" });
    const events = trader.order({ market: "BTC-USD", side: "buy", size: "2", price: "20010" });
    expect(events.filter(({ type }) => type === "trade")).toHaveLength(1);
    const [left] = venue.engine.openOrders(trader.accountId, "BTC-USD");
    expect([left?.size, left?.filled]).toEqual([500_000_000n, 200_000_000n]);
    await world.run(venue.stop());
  });

  it("leaves nothing behind when all of its orders are canceled", async () => {
    const { world, venue } = await quietVenue();
    const { trader } = venue;
    trader.order({ market: "BTC-USD", side: "sell", size: "1", price: "20010" });
    trader.order({ market: "BTC-USD", side: "buy", size: "3", price: "20010" });
    trader.cancelAll();
    expect(trader.order({ market: "BTC-USD", side: "sell", size: "1" }).some(({ type }) => type === "trade")).toBe(
      false,
    );
    await world.run(venue.stop());
  });
});
