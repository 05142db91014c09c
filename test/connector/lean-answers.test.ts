import { describe, expect, it } from "vitest";
import type { PerpetualVenue, PlacedOrder } from "../../src/connector/perpetual-venue.ts";
import { openScene } from "../../src/testing/kit/scene.ts";
import { bybitFixtures } from "../venues/bybit/fixtures.ts";

/** Leaves out of an acknowledgement what some venues do not say: the exchange's id, the time, or both. */
function withoutAnswered(...names: readonly ("exchangeOrderId" | "timestampMs")[]) {
  return (venue: PerpetualVenue): PerpetualVenue => ({
    ...venue,
    derivative: {
      ...venue.derivative,
      placeOrder(markets, order) {
        const placing = venue.derivative.placeOrder(markets, order);
        const parse = (payload: unknown): PlacedOrder => {
          const placed = placing.parse(payload);
          return { ...placed, ...Object.fromEntries(names.map((name) => [name, undefined])) };
        };
        return { ...placing, parse };
      },
    },
  });
}

describe("an acknowledgement that says little", () => {
  it.each([[["exchangeOrderId"]], [["timestampMs"]], [["exchangeOrderId", "timestampMs"]]] as const)(
    "opens the order without %s, and the first row of the stream tells the rest",
    async (names) => {
      await using scene = await openScene(bybitFixtures, { venue: withoutAnswered(...names) });
      const { order, fixture } = await scene.openOrder();
      expect(order.state).toBe("open");
      const isIdTold = !names.some((name) => name === "exchangeOrderId");
      expect(order.exchangeOrderId).toBe(isIdTold ? fixture.exchangeOrderId : undefined);
      const accepted = await scene.run(order.accepted);
      expect(accepted.ok && accepted.timestampMs).toBeGreaterThan(
        scene.world.runtime("looking on").clock.now() - 60_000,
      );
      scene.send(bybitFixtures.orderEventForNewOrderWebsocketUpdate, fixture);
      await scene.world.advance(100);
      expect(order.exchangeOrderId).toBe(fixture.exchangeOrderId);
      expect(order.state).toBe("open");
    },
  );
});
