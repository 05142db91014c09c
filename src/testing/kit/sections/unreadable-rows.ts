import { assert } from "../assertion.ts";
import { eachChanged } from "../each-changed.ts";
import { type Kit, OPEN_ORDER } from "../register.ts";
import type { FixtureOrder, Scene } from "../scene.ts";
import { assertFilledOnce, FILL } from "./facts.ts";

/** Something was left out and told, and keeps nobody from working. */
async function assertLeftOut(scene: Scene, pattern?: RegExp): Promise<void> {
  const told = scene.named("unreadableRow");
  assert.ok(told.length > 0, `no row was told to be unreadable\n${scene.logger.text}`);
  if (pattern !== undefined)
    assert.ok(
      told.every(({ row }) => pattern.test(row)),
      JSON.stringify(told),
    );
  assert.ok(
    told.every(({ mayBeOurs }) => !mayBeOurs),
    "a row that is about nothing of ours is no alarm",
  );
  await scene.until("ready all the same", () => scene.connector.ready);
}

/** A payload with nothing in the place of these numbers. */
function withoutNumbers(value: unknown, numbers: readonly number[]): unknown {
  const isOne = (typeof value === "string" && value !== "") || typeof value === "number";
  if (isOne && numbers.includes(Number(value))) return undefined;
  return eachChanged(value, (each) => withoutNumbers(each, numbers));
}

/** One row that cannot be read is left out and told; what stands beside it is read. */
export function unreadableRowTests({ describe, test }: Kit): void {
  describe("unreadable rows", () => {
    test(
      "an order beside one that cannot be read is told",
      {
        needs: [...OPEN_ORDER, "unreadableRows"],
      },
      async (scene, f) => {
        const foreign: FixtureOrder = {
          ...{
            clientOrderId: scene.foreignClientOrderId("hand-1"),
            exchangeOrderId: f.expectedExchangeOrderId,
            side: "buy",
          },
          ...{ amount: "1", price: "5000" },
        };
        scene.route(f.unreadableRows.openOrders, foreign);
        await scene.run(scene.connector.refresh());
        const told = scene.named("externalOrder").map(({ order }) => order.exchangeOrderId);
        assert.deepEqual(told, [foreign.exchangeOrderId], "what was told");
        await assertLeftOut(scene);
      },
    );

    test(
      "a fill beside one that cannot be read is counted",
      {
        needs: [
          ...OPEN_ORDER,
          ...FILL,
          "unreadableRows",
          "expectedPartialFillAmount",
          "configurePartiallyFilledOrderStatusResponse",
        ],
      },
      async (scene, f) => {
        const { order, fixture } = await scene.openOrder();
        scene.route(f.configurePartiallyFilledOrderStatusResponse, fixture);
        scene.route(f.unreadableRows.fills, fixture);
        await scene.run(scene.connector.refresh());
        assertFilledOnce(scene, f, { side: order.side, amount: f.expectedPartialFillAmount });
        await assertLeftOut(scene);
      },
    );

    test(
      "a position beside one that cannot be read is shown",
      {
        needs: ["unreadableRows", "expectedPositions"],
      },
      async (scene, f) => {
        scene.route(f.unreadableRows.positions);
        await scene.run(scene.connector.refresh());
        const [expected = assert.fail("expectedPositions is empty")] = f.expectedPositions;
        assert.equal(
          scene.connector.position(scene.fixtures.tradingPair)?.amount.toFixed(),
          expected.amount,
          "the amount of the position",
        );
        await assertLeftOut(scene);
      },
    );

    test(
      "an open position is never shown at no price: a row without its entry is left out and reported",
      { needs: ["positionsRequestMockResponse", "expectedPositions"] },
      async (scene, f) => {
        const entries = f.expectedPositions.map(({ entryPrice }) => Number(entryPrice));
        const routes = scene.fill([f.positionsRequestMockResponse].flat());
        scene.route(routes.map((route) => ({ ...route, body: withoutNumbers(route.body, entries) })));
        await scene.run(scene.connector.refresh());
        const shown = scene.connector
          .positions()
          .map(({ amount, entryPrice }) => [amount.toFixed(), entryPrice.toFixed()]);
        assert.deepEqual(shown, [], "the positions");
        assert.ok(scene.named("unreadableRow").length > 0, "nobody was told");
      },
    );

    test("a balance beside one that cannot be read is shown", { needs: ["unreadableRows"] }, async (scene, f) => {
      scene.route(f.unreadableRows.balances);
      await scene.run(scene.connector.refresh());
      assert.equal(scene.connector.balance(scene.collateralToken).toFixed(), "2000", "the balance");
      assert.ok(scene.named("unreadableRow").length > 0, "nobody was told");
      await scene.until("ready all the same", () => scene.connector.ready);
    });

    test(
      "what comes beside or after a private row that cannot be read is told",
      {
        needs: [...OPEN_ORDER, ...FILL, "unreadableRows", "expectedPartialFillAmount"],
      },
      async (scene, f) => {
        const { order, fixture } = await scene.openOrder();
        for (const frame of f.unreadableRows.frames) scene.send(frame, fixture);
        await scene.until("the fill", () => order.executedAmount.toFixed() === f.expectedPartialFillAmount);
        assertFilledOnce(scene, f, { side: order.side, amount: f.expectedPartialFillAmount });
        await assertLeftOut(scene);
      },
    );
  });
}
