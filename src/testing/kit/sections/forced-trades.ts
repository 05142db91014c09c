import assert from "node:assert/strict";
import { type Fixtures, type Kit, OPEN_ORDER } from "../register.ts";
import type { Scene } from "../scene.ts";

const NEEDS = [
  ...OPEN_ORDER,
  "liquidationEvents",
  "configureLiquidationResponse",
  "expectedLiquidation",
  "configureOpenOrderStatusResponse",
] as const;

/** The venue traded once, and our own order has nothing of it. */
function assertLiquidatedOnce(scene: Scene, f: Fixtures<(typeof NEEDS)[number]>): void {
  const told = scene.named("positionAdjustment");
  const { amount, price } = f.expectedLiquidation;
  assert.deepEqual(
    told.map((each) => [each.tradingPair, each.reason, each.amount.toFixed(), each.price.toFixed()]),
    [[scene.fixtures.tradingPair, "liquidation", amount, price]],
  );
  assert.deepEqual(scene.named("orderFilled"), [], "it is no fill of ours");
}

/** What the venue trades for the account by itself changes the position, and is never a fill of an order of ours. */
export function forcedTradeTests({ describe, test }: Kit): void {
  describe("liquidations", () => {
    test(
      "a liquidation on the stream is an adjustment of the position, once, also when the history lists it",
      {
        needs: NEEDS,
      },
      async (scene, f) => {
        const { order, fixture } = await scene.openOrder();
        for (const frame of f.liquidationEvents) scene.send(frame);
        for (const frame of f.liquidationEvents) scene.send(frame);
        await scene.until("the adjustment", () => scene.named("positionAdjustment").length > 0);
        scene.route(f.configureOpenOrderStatusResponse, fixture);
        scene.route(f.configureLiquidationResponse);
        await scene.run(scene.connector.refresh());
        await scene.run(scene.connector.refresh());
        assertLiquidatedOnce(scene, f);
        assert.deepEqual([order.state, order.executedAmount.toFixed()], ["open", "0"]);
      },
    );

    test(
      "a liquidation that only the history tells is an adjustment, once, also when the stream is late",
      {
        needs: NEEDS,
      },
      async (scene, f) => {
        const { order, fixture } = await scene.openOrder();
        scene.route(f.configureOpenOrderStatusResponse, fixture);
        scene.route(f.configureLiquidationResponse);
        await scene.run(scene.connector.refresh());
        assertLiquidatedOnce(scene, f);
        for (const frame of f.liquidationEvents) scene.send(frame);
        await scene.world.advance(1_000);
        assertLiquidatedOnce(scene, f);
        assert.equal(order.executedAmount.toFixed(), "0");
      },
    );
  });
}
