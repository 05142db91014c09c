import { describe, expect, it } from "vitest";
import { Stage, VENUE_NAMES } from "./stage.ts";

describe.each(VENUE_NAMES)("on %s an open position whose leverage is set", (name) => {
  it("is told with it at once, and not only shown", async () => {
    await using stage = await Stage.open(name);
    const { connector, pair } = stage;
    const order = connector.buy(pair, { amount: "0.02", type: "market", position: "open" });
    await stage.run(order.done);
    await stage.pass(10_000);
    const told: string[] = [];
    connector.on("position", ({ leverage }) => void told.push(leverage.toFixed()));
    await stage.run(connector.setLeverage(pair, 7));
    expect(connector.position(pair)?.leverage.toFixed()).toBe("7");
    expect(told.at(-1)).toBe("7");
    await stage.pass(10_000);
    expect(new Set(told)).toEqual(new Set(["7"]));
  });
});
