import { expect, onTestFinished, test } from "vitest";
import { World } from "../../src/simulation/world.ts";

test("a snapshot of Binance that ends at a lesser depth than was asked for is not taken for the whole book, and deepened", async () => {
  const world = await World.open({ connector: "binance_perpetual", seed: 7, venue: { emptyBooks: true } });
  onTestFinished(() => world.close());
  const { venue } = world;
  for (let rank = 0; rank < 30; rank += 1) {
    venue.trader.order({ market: "BTC-USD", side: "buy", size: "0.01", price: String(19_990 - rank) });
    if (rank < 3) venue.trader.order({ market: "BTC-USD", side: "sell", size: "0.01", price: String(20_010 + rank) });
  }
  venue.faults.set({ shallowSnapshot: 1 });
  const connector = await world.connect({ tradingPairs: ["BTC-USDT"] });
  const book = connector.orderBook("BTC-USDT");
  const { bidCount } = book;
  expect([5, 10, 20]).toContain(bidCount);
  // Two asks of the twenty are below any depth: they are all there are.
  expect([book.bidHorizon?.toFixed(), book.askHorizon]).toEqual([String(19_991 - bidCount), undefined]);
  expect(book.getVolumeForPrice(false, "19000").isComplete).toBe(false);
  venue.faults.clear();
  await world.advance(7_000);
  expect([book.bidCount, book.bidHorizon, book.isValid]).toEqual([30, undefined, true]);
});

/** Snapshots that are asked for in twenty minutes of a quiet book. */
async function snapshotsOf(levels: number): Promise<number> {
  let asked = 0;
  await using world = await World.open({
    connector: "binance_perpetual",
    seed: 7,
    venue: { emptyBooks: true },
    onAnswer: ({ target }) => {
      if (target.includes("/depth")) asked += 1;
    },
  });
  for (let rank = 0; rank < levels; rank += 1) {
    world.venue.trader.order({ market: "BTC-USD", side: "buy", size: "0.01", price: String(19_990 - rank) });
    world.venue.trader.order({ market: "BTC-USD", side: "sell", size: "0.01", price: String(20_010 + rank) });
  }
  await world.connect({ tradingPairs: ["BTC-USDT"] });
  await world.advance(1_200_000);
  return asked;
}

test("a book of Binance that has just so many levels as a lesser depth is asked for ever more rarely", async () => {
  const more = (await snapshotsOf(10)) - (await snapshotsOf(11));
  // After 3, 6, 12, ... seconds, and then every five minutes.
  expect(more).toBeGreaterThan(0);
  expect(more).toBeLessThan(12);
});
