import { describe, expect, it } from "vitest";
import { formatAmount } from "../../src/paper/engine/amount.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { settle } from "./agreement.ts";
import { Stage } from "./stage.ts";

/** Calls `before` when an amend has left and has not arrived. */
function watched(state: { before?: (() => void) | undefined }) {
  return (runtime: Runtime): Runtime => ({
    ...runtime,
    http: {
      request(request) {
        if (request.body?.includes("batchModify")) {
          state.before?.();
          state.before = undefined;
        }
        return runtime.http.request(request);
      },
      close: () => runtime.http.close(),
    },
  });
}

/** An order of 0.02 that was amended while 0.005 of it was filled: the venue has 0.02 more of it. */
async function enlarged() {
  const state: { before?: (() => void) | undefined } = {};
  const stage = await Stage.open("hyperliquid_perpetual", { runtime: watched(state) });
  const { connector, venue } = stage;
  const order = await stage.resting("buy", "19995");
  state.before = () => stage.trade("sell", "0.005", "19995");
  await stage.run(connector.amend(order.clientOrderId, { price: "19996" }));
  await stage.until("both are known", () => order.amount.eq("0.025") && order.executedAmount.eq("0.005"));
  const left = () => venue.engine.openOrders(venue.accountId).map(({ size, filled }) => formatAmount(size - filled));
  expect(left()).toEqual(["0.02"]);
  return { stage, connector, order, left };
}

describe("an order of Hyperliquid that an amend has made larger than was asked for", () => {
  it("has the asked amount again after the next amend, also of the price alone", async () => {
    const { stage: opened, connector, order, left } = await enlarged();
    await using stage = opened;
    await stage.run(connector.amend(order.clientOrderId, { price: "19997" }));
    await stage.until("it is smaller", () => order.amount.eq("0.02"));
    expect(left()).toEqual(["0.015"]);
    await settle(stage);
  });

  it("is canceled when all that was asked for is executed", async () => {
    const { stage: opened, order, left } = await enlarged();
    await using stage = opened;
    stage.trade("sell", "0.01", "19996");
    await stage.until("most is executed", () => order.executedAmount.eq("0.015"));
    expect([order.state, left()]).toEqual(["partiallyFilled", ["0.01"]]);
    stage.trade("sell", "0.005", "19996");
    await stage.run(order.done);
    expect([order.state, order.executedAmount.toFixed(), left()]).toEqual(["canceled", "0.02", []]);
    await settle(stage);
  });

  it("keeps what it was asked for across a restart", async () => {
    const { stage: opened, order, left } = await enlarged();
    await using stage = opened;
    await stage.endBot();
    await stage.start();
    await stage.run(stage.connector.amend(order.clientOrderId, { price: "19997" }));
    await stage.pass(1_000);
    expect(left()).toEqual(["0.015"]);
    await settle(stage);
  });
});
