import { describe, expect, it } from "vitest";
import { Stage, VENUE_NAMES } from "../e2e/stage.ts";

describe.each(VENUE_NAMES)("the balances on %s", (name) => {
  it("tell cash and equity apart as the venue's own record does, while a position is open", async () => {
    await using stage = await Stage.open(name);
    const { connector, token, venue } = stage;
    const told = () => connector.balances().find(({ asset }) => asset === token);
    expect(told()?.equity.toFixed()).toBe(told()?.cash.toFixed());
    await stage.taken("buy");
    stage.trade("buy", "1", "20400");
    await stage.pass(5_000);
    await stage.run(connector.refresh());
    await stage.pass(5_000);
    await stage.run(connector.refresh());
    const truth = venue.truth();
    const unrealized = Number(truth.equity) - Number(truth.cash);
    expect(Math.abs(unrealized)).toBeGreaterThan(0);
    expect(told()?.cash.toNumber()).toBeCloseTo(Number(truth.cash), 4);
    expect(told()?.equity.toNumber()).toBeCloseTo(Number(truth.equity), 4);
  });
});
