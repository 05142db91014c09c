import { PerpwireError } from "../../../model/error.ts";
import type { InFlightOrder } from "../../../trading/in-flight-order.ts";
import { assert } from "../assertion.ts";
import type { RequestShape } from "../fixture-shapes.ts";
import type { Kit } from "../register.ts";
import type { Scene } from "../scene.ts";
import { wirePathOf } from "../shared-paths.ts";

const NEEDS = ["orderCreationRequest"] as const;
/** Orders are added until the rate limit holds some of them back, up to so many. */
const MAX_ORDERS = 800;
const AT_ONCE = 40;
const options = { options: { budgetCheck: false, rateLimitsSharePercentage: 50 } };

/** Queues more orders at once than the rate limit lets go; the venue does not answer those that it gets. */
async function queueOrders(scene: Scene, shape: RequestShape): Promise<readonly InFlightOrder[]> {
  scene.server.on(shape.method, scene.fill(shape.path), "silence");
  for (let count = 0; count < MAX_ORDERS; count += AT_ONCE) {
    const orders = Array.from({ length: AT_ONCE }, () => scene.order());
    await scene.world.advance(20);
    const unheard = orders.filter((order) => !isNamed(scene, order));
    // The first of them may have left and be on their way: those that came last are held back for certain.
    const queued = unheard.slice(Math.ceil(unheard.length / 2));
    if (queued.length > 0) return queued;
  }
  assert.fail(`no rate limit holds back any of ${MAX_ORDERS} orders`);
}

/** Tells that a request names the order. */
function isNamed(scene: Scene, { clientOrderId }: InFlightOrder): boolean {
  return scene.server.requests.some(({ target, rawBody }) => `${target} ${rawBody}`.includes(clientOrderId));
}

function assertNeverSent(scene: Scene, orders: readonly InFlightOrder[]): void {
  for (const order of orders) {
    assert.ok(!isNamed(scene, order), `order ${order.clientOrderId} was sent after it had been called back`);
    assert.deepEqual(
      [order.state, order.reason, order.openAmount.toFixed()],
      ["canceled", "user", "0"],
      "the state of the order, reason of the order and open amount of the order",
    );
  }
}

/**
 * Tests that an order which has not left can be called back: a rate limit is no reason for it to arrive after its
 * cancel.
 */
export function withdrawnIntentTests({ describe, test }: Kit): void {
  describe("withdrawn intents", () => {
    test(
      "an order that is canceled while it waits for the rate limit is never sent",
      {
        needs: NEEDS,
        scene: options,
      },
      async (scene, f) => {
        const last = (await queueOrders(scene, f.orderCreationRequest)).at(-1) ?? assert.fail("there is no such order");
        const { success } = await scene.run(scene.connector.cancel(last.clientOrderId));
        assert.equal(success, true, "whether the cancel succeeded");
        await scene.world.advance(20_000);
        assertNeverSent(scene, [last]);
      },
    );

    test(
      "an order that the network holds up for too long fails, and is never sent",
      {
        needs: NEEDS,
        scene: { options: { ...options.options, timings: { maxRequestAgeMs: 150 } } },
      },
      async (scene, f) => {
        const { method, path } = f.orderCreationRequest;
        const target = scene.fill(path);
        const wirePath = wirePathOf(target, scene.fixtures.sharedPaths);
        scene.server.on(method, target, "silence");
        scene.world.network.faults.onHttpRequest = (request) =>
          request.method === method && request.url.includes(wirePath) ? { kind: "refuse" } : undefined;
        const last = scene.order();
        const result = await scene.run(last.done);
        scene.world.network.faults.onHttpRequest = undefined;
        if (result.ok) assert.fail("it did not fail");
        assert.ok(result.error instanceof PerpwireError, `${String(result.error)} is no PerpwireError`);
        assert.deepEqual(
          [result.state, result.error.code, result.error.outcome],
          ["failed", "NOT_SENT", "definite"],
          "the state of the result, code of the error of the result and outcome of the error of the result",
        );
        await scene.world.advance(20_000);
        assert.ok(!isNamed(scene, last), "an order that was withdrawn was sent");
      },
    );

    test("flatten calls back what waits", { needs: NEEDS, scene: options }, async (scene, f) => {
      const queued = await queueOrders(scene, f.orderCreationRequest);
      scene.connector.flatten({ timeoutMs: 2_000 }).catch(() => undefined);
      await scene.world.advance(20_000);
      assertNeverSent(scene, queued);
    });

    test("stop calls back what waits", { needs: NEEDS, scene: options }, async (scene, f) => {
      const queued = await queueOrders(scene, f.orderCreationRequest);
      await scene.run(scene.connector.stop());
      await scene.world.advance(20_000);
      for (const order of queued)
        assert.ok(!isNamed(scene, order) && order.isDone, "an order that was withdrawn was sent, or has not ended");
    });
  });
}
