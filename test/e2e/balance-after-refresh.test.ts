import { describe, expect, it } from "vitest";
import { formatAmount } from "../../src/paper/index.ts";
import { BOX_PROTOCOLS } from "../../src/simulation/box-protocols.ts";
import { World } from "../../src/simulation/index.ts";

const CONNECTORS = Object.keys(BOX_PROTOCOLS) as (keyof typeof BOX_PROTOCOLS)[];
const LEVERAGE = 500_000_000n;

/** What the venue would answer now, and what the connector shows. */
async function figures(world: World, connector: Awaited<ReturnType<World["connect"]>>) {
  await world.run(connector.refresh());
  const { cash = 0n, equity = 0n, freeCollateral = 0n } = world.venue.engine.account(world.venue.accountId) ?? {};
  const total = world.protocol.balance === "equity" ? equity : cash;
  return {
    shown: [connector.balance(world.token).toFixed(), connector.availableBalance(world.token).toFixed()],
    venue: [formatAmount(total), formatAmount(freeCollateral)],
  };
}

/** A connector, and somebody who quotes on both sides. */
async function connected(world: World) {
  const connector = await world.connect();
  const [pair = ""] = world.tradingPairs;
  for (const [side, price] of [
    ["sell", "20010"],
    ["buy", "19990"],
  ] as const) {
    world.venue.trader.order({ market: "BTC-USD", side, price, size: "1" });
  }
  await world.advance(1_000);
  return { connector, pair };
}

describe.each(CONNECTORS)("what %s shows after refresh()", (connectorName) => {
  it("is the venue's, though its clock is ahead of what was known of it", async () => {
    await using world = await World.open({ connector: connectorName, seed: 1, venue: { emptyBooks: true } });
    const { connector, pair } = await connected(world);
    world.venue.faults.set({ clockSkewMs: 1_500 });
    connector.buy(pair, { amount: "0.1", price: "20010", position: "open" });
    connector.buy(pair, { amount: "0.2", price: "19980", position: "open" });
    await world.advance(300);
    const { shown, venue } = await figures(world, connector);
    expect(shown).toEqual(venue);
  });

  it("is the venue's, though an order is canceled meanwhile whose collateral the other side's orders keep locked", async () => {
    await using world = await World.open({ connector: connectorName, seed: 3, venue: { emptyBooks: true } });
    const { connector, pair } = await connected(world);
    connector.buy(pair, { amount: "0.3", price: "19900", position: "open" });
    await world.advance(2_000);
    for (let afterMs = 0; afterMs < 40; afterMs += 2) {
      const sold = connector.sell(pair, { amount: "0.1", price: "20100", position: "open" });
      await world.advance(5_000);
      const refreshed = connector.refresh();
      await world.advance(afterMs);
      const canceled = connector.cancel(sold.clientOrderId);
      await world.run(refreshed);
      const { freeCollateral = 0n } = world.venue.engine.account(world.venue.accountId) ?? {};
      expect(connector.availableBalance(world.token).toFixed()).toBe(formatAmount(freeCollateral));
      await world.run(canceled);
    }
  });

  it("stays the venue's when an order is canceled that locked nothing", async () => {
    await using world = await World.open({ connector: connectorName, seed: 4, venue: { emptyBooks: true } });
    const { connector, pair } = await connected(world);
    const free = () => formatAmount(world.venue.engine.account(world.venue.accountId)?.freeCollateral ?? 0n);
    connector.buy(pair, { amount: "0.5", price: "20010", position: "open" });
    await world.advance(2_000);
    const back = connector.sell(pair, { amount: "0.3", price: "20100", position: "open" });
    await world.advance(2_000);
    await world.run(connector.refresh());
    expect(connector.availableBalance(world.token).toFixed()).toBe(free());
    await world.run(connector.cancel(back.clientOrderId));
    await world.advance(1_000);
    expect(connector.availableBalance(world.token).toFixed()).toBe(free());
    connector.buy(pair, { amount: "0.2", price: "19900", position: "open" });
    const lesser = connector.sell(pair, { amount: "0.1", price: "20100", position: "open" });
    await world.advance(2_000);
    await world.run(connector.refresh());
    await world.run(connector.cancel(lesser.clientOrderId));
    await world.advance(1_000);
    expect(connector.availableBalance(world.token).toFixed()).toBe(free());
  });

  it("stays near the venue's when a hand takes a position that an order of ours would take back", async () => {
    await using world = await World.open({ connector: connectorName, seed: 5, venue: { emptyBooks: true } });
    const { connector, pair } = await connected(world);
    connector.sell(pair, { amount: "0.5", price: "20100", position: "open" });
    await world.advance(3_000);
    await world.run(connector.refresh());
    const { venue } = world;
    venue.execute({
      ...{ type: "placeOrder", accountId: venue.accountId, market: "BTC-USD", side: "buy", positionSide: "both" },
      ...{ orderType: "market", price: null, size: 50_000_000n, timeInForce: "IOC", postOnly: false },
      ...{ reduceOnly: false, clientId: null },
    });
    const paidMost = 20;
    for (let round = 0; round < 75; round += 1) {
      await world.advance(2_000);
      const free = Number(formatAmount(venue.engine.account(venue.accountId)?.freeCollateral ?? 0n));
      expect(Math.abs(connector.availableBalance(world.token).toNumber() - free)).toBeLessThan(paidMost);
    }
  });

  it("is the venue's a second after the leverage of a position was set", async () => {
    await using world = await World.open({ connector: connectorName, seed: 6, venue: { emptyBooks: true } });
    const { connector, pair } = await connected(world);
    connector.buy(pair, { amount: "0.5", price: "20010", position: "open" });
    await world.advance(2_000);
    await world.run(connector.setLeverage(pair, 2));
    await world.advance(1_000);
    const free = formatAmount(world.venue.engine.account(world.venue.accountId)?.freeCollateral ?? 0n);
    expect(connector.availableBalance(world.token).toFixed()).toBe(free);
  });

  it("is the venue's when the same answer tells another leverage by hand", async () => {
    await using world = await World.open({ connector: connectorName, seed: 2, venue: { emptyBooks: true } });
    const { connector, pair } = await connected(world);
    connector.buy(pair, { amount: "0.2", price: "19900", position: "open" });
    await world.advance(2_000);
    const { venue } = world;
    venue.execute({ type: "setLeverage", accountId: venue.accountId, leverage: LEVERAGE });
    venue.execute({ type: "setLeverage", accountId: venue.accountId, leverage: LEVERAGE, market: "BTC-USD" });
    const after = await figures(world, connector);
    expect(after.shown).toEqual(after.venue);
  });
});
