import { describe, expect, it } from "vitest";
import { Stage, VENUE_NAMES } from "./stage.ts";

describe.each(VENUE_NAMES)("on %s with a small share of the rate limits", (name) => {
  it("sends batches of orders and of cancels in parts that the share lets through", async () => {
    await using stage = await Stage.open(name, { connector: { rateLimitsSharePercentage: 50 } });
    const { connector, pair } = stage;
    const orders = Array.from({ length: 10 }, (_, index) => ({
      tradingPair: pair,
      side: "buy" as const,
      price: String(19_000 + index),
      amount: "0.01",
      position: "open" as const,
    }));
    const placed = connector.batchOrderCreate(orders);
    await stage.until("all rest", () => placed.every(({ state }) => state === "open"));
    const results = await stage.run(connector.batchOrderCancel(placed.map(({ clientOrderId }) => clientOrderId)));
    expect(results.filter(({ success }) => !success)).toEqual([]);
    const report = await stage.run(connector.flatten());
    expect(report.problems).toEqual([]);
  });
});
