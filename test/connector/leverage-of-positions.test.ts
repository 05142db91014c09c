import { describe, expect, onTestFinished, test } from "vitest";
import { BOX_PROTOCOLS, type BoxConnector } from "../../src/simulation/box-protocols.ts";
import { World } from "../../src/simulation/world.ts";

describe.each(Object.keys(BOX_PROTOCOLS) as BoxConnector[])("the leverage of a position of %s", (connector) => {
  async function withPosition() {
    const world = await World.open({ connector, seed: 4, venue: { emptyBooks: true } });
    onTestFinished(() => world.close());
    for (const [side, price] of [
      ["sell", "20005"],
      ["buy", "19995"],
    ] as const) {
      world.venue.trader.order({ market: "BTC-USD", side, size: "5", price });
    }
    const own = await world.connect();
    const [tradingPair = ""] = world.tradingPairs;
    const told: string[] = [];
    await world.run(own.setLeverage(tradingPair, 20));
    await world.run(own.buy(tradingPair, { amount: "1", type: "market", position: "open" }).done);
    await world.advance(5_000);
    own.on("leverageChanged", ({ leverage }) => void told.push(leverage.toFixed()));
    const shown = () => [own.leverage(tradingPair), own.position(tradingPair)?.leverage].map((each) => each?.toFixed());
    return { world, own, tradingPair, told, shown };
  }

  test("is the one that was set while it was open", async () => {
    const { world, own, tradingPair, told, shown } = await withPosition();
    await world.run(own.setLeverage(tradingPair, 4));
    await world.advance(1_000);
    expect([shown(), told]).toEqual([["4", "4"], ["4"]]);
    await world.run(own.refresh());
    expect([shown(), told]).toEqual([["4", "4"], ["4"]]);
  });

  test("is the one that was set by hand, which is told once", async () => {
    const { world, own, told, shown } = await withPosition();
    const { venue } = world;
    const scope = BOX_PROTOCOLS[connector].name === "ftx" ? {} : { market: "BTC-USD" };
    venue.execute({ type: "setLeverage", accountId: venue.accountId, leverage: 300_000_000n, ...scope });
    await world.run(own.refresh());
    expect([shown(), told]).toEqual([["3", "3"], ["3"]]);
  });
});
