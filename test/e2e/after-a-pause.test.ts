import { describe, expect, onTestFinished, test } from "vitest";
import { BOX_PROTOCOLS, type BoxConnector } from "../../src/simulation/box-protocols.ts";
import { World } from "../../src/simulation/world.ts";

describe.each(Object.keys(BOX_PROTOCOLS) as BoxConnector[])("%s", (connector) => {
  async function open() {
    const world = await World.open({ connector, seed: 3, venue: { emptyBooks: true } });
    onTestFinished(() => world.close());
    const quote = (market: string, price: string) =>
      world.venue.trader.order({ market, side: "buy", size: "1", price, postOnly: true });
    for (const [market, price] of [
      ["BTC-USD", "19990"],
      ["ETH-USD", "1490"],
    ] as const) {
      quote(market, price);
    }
    return { world, quote };
  }

  // Bybit, hell, seed 198: a dead channel was believed for as long again as before the lid was closed.
  test("believes no book that was silent while its machine slept", async () => {
    const { world, quote } = await open();
    const own = await world.connect();
    const [tradingPair = ""] = world.tradingPairs;
    await world.advance(2_000);
    world.venue.faults.set({ deadChannel: 1 });
    quote("BTC-USD", "19991");
    await world.advance(1_000);
    world.machines.pauseFor("bot", 90_000, "machine");
    await world.advance(90_000);
    await world.advance(20_000);
    const book = own.orderBook(tradingPair);
    expect(book.isValid ? book.bestBid?.price.toFixed() : "invalid").toMatch(/invalid|19991/);
  });

  test("hears its account again soon after its machine slept, though its login has the time of before", async () => {
    const { world } = await open();
    const own = await world.connect();
    await world.advance(2_000);
    world.machines.pauseFor("bot", 900_000, "machine");
    await world.advance(915_000);
    expect(own.ready).toBe(true);
  });

  // Bybit, hell, seed 232; Binance, hell, seed 108: the list of markets was read again half an hour later.
  test("follows a market that was halted when the connector started, soon after it trades again", async () => {
    const { world } = await open();
    world.venue.halt("ETH-USD");
    const own = await world.connect();
    const [, halted = ""] = world.tradingPairs;
    await world.advance(5_000);
    // Hyperliquid's list has no word for a halt, and the book is told as before.
    expect(own.orderBook(halted).isValid).toBe(connector === "hyperliquid_perpetual");
    world.venue.resume("ETH-USD");
    await world.advance(125_000);
    expect([own.ready, own.orderBook(halted).isValid]).toEqual([true, true]);
  });
});
