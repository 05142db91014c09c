import { expect, it } from "vitest";
import { Stage } from "./stage.ts";

// Gate.io, hell, seed 230: the hand had changed the mode, and the venue took an order of the mode before.
it("gate_io_perpetual: a fill before the news of another position mode is of the leg that the venue opened", async () => {
  await using stage = await Stage.open("gate_io_perpetual");
  const { venue, connector, pair } = stage;
  venue.execute({ type: "setPositionMode", accountId: venue.accountId, mode: "hedge" });
  const told: string[] = [];
  connector.on("positionModeChanged", ({ positionMode }) => told.push(positionMode));
  const order = stage.order("sell", { amount: "0.03", type: "market" });
  await stage.until("it is filled", () => order.isDone);
  await stage.until("the mode is told", () => told.length > 0);
  await stage.pass(1_000);
  expect(told).toEqual(["hedge"]);
  expect(connector.position(pair, "short")?.amount.toFixed()).toBe("-0.03");
  expect(stage.ledgers.flatMap(({ fills }) => fills.map(({ positionSide }) => positionSide))).toEqual(["short"]);
});
