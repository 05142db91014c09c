import { describe, expect, onTestFinished, test } from "vitest";
import { BOX_PROTOCOLS, type BoxConnector } from "../../src/simulation/box-protocols.ts";
import { World } from "../../src/simulation/world.ts";

/** A connector that runs, the market that it is to lose, and the markets that it was told are gone. */
async function following(name: BoxConnector) {
  const world = await World.open({ connector: name, seed: 1, venue: { emptyBooks: true } });
  onTestFinished(() => world.close());
  const connector = await world.connect();
  const unlisted = new Set<string>();
  connector.on("marketUnavailable", ({ tradingPair, isGone }) => isGone && unlisted.add(tradingPair));
  const [, gone = ""] = world.tradingPairs;
  return { world, connector, unlisted, gone };
}

// OKX, hell, seeds 2, 17, 49 and 51; Binance, hell, seeds 8 and 28.
describe.each(Object.keys(BOX_PROTOCOLS) as BoxConnector[])("orders of %s on a market that is delisted", (name) => {
  test("are known to the end, also where their answer and what the stream said was lost", async () => {
    const world = await World.open({ connector: name, seed: 1, venue: { emptyBooks: true } });
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

// Binance, hell, seed 70: the snapshot of the market was asked for and refused until the rules were read, half an hour later.
test.each(Object.keys(BOX_PROTOCOLS) as BoxConnector[])(
  "%s is ready soon after a market was delisted and every connection reset",
  async (name) => {
    const { world, connector, unlisted, gone } = await following(name);
    world.venue.delist("ETH-USD");
    world.machines.network.resetConnections();
    await world.advance(30_000);
    expect([connector.ready, [...unlisted]]).toEqual([true, [gone]]);
  },
);

// OKX, hell, seed 261: the rules were read at the first refusal, when the market was still listed, and not again.
test.each(Object.keys(BOX_PROTOCOLS) as BoxConnector[])(
  "%s is ready soon after a market was delisted whose channels had been refused for another reason",
  async (name) => {
    const { world, connector, unlisted, gone } = await following(name);
    world.venue.faults.set({ refuseSubscription: 1 });
    world.machines.network.resetConnections();
    await world.advance(60_000);
    world.venue.delist("ETH-USD");
    world.venue.faults.clear();
    await world.advance(300_000);
    expect([connector.ready, [...unlisted]]).toEqual([true, [gone]]);
  },
);
