import { describe, expect, onTestFinished, test } from "vitest";
import { JournalError } from "../../src/model/error.ts";
import { BOX_PROTOCOLS, type BoxConnector } from "../../src/simulation/box-protocols.ts";
import { World } from "../../src/simulation/world.ts";

// FTX, hell, seed 322: the first two orders of a batch rested, and who had asked for them was told that none was placed.
describe.each(Object.keys(BOX_PROTOCOLS) as BoxConnector[])(
  "a batch of %s whose orders do not all fit on the disk",
  (name) => {
    test.each([0, 1, 2, 3])("is sent whole or not at all, with %i writes left", async (writes) => {
      const world = await World.open({ connector: name, seed: writes, venue: { emptyBooks: true } });
      onTestFinished(() => world.close());
      const connector = await world.connect();
      const [tradingPair = ""] = world.tradingPairs;
      const order = { tradingPair, side: "buy", amount: "0.01", position: "open" } as const;
      await world.advance(1_000);
      world.machines.journals.failAfter(writes);
      let placed = 0;
      try {
        placed = connector.batchOrderCreate(["18000", "18001", "18002"].map((price) => ({ ...order, price }))).length;
      } catch (error) {
        expect(error).toBeInstanceOf(JournalError);
      }
      await world.advance(2_000);
      world.machines.journals.repair();
      await world.advance(10_000);
      expect([0, 3]).toContain(placed);
      expect([world.truth().orders.length, connector.inFlightOrders.size]).toEqual([placed, placed]);
    });
  },
);
