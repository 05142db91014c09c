import { expiredOrderOf } from "../abilities.ts";
import { assert } from "../assertion.ts";
import { type Kit, OPEN_ORDER } from "../register.ts";
import { assertAuthenticated, assertRequest } from "../request-shape.ts";
import { assertFilledOnce, assertNames, FILL } from "./facts.ts";

const TIMINGS = { timings: { missingFillsMs: 200 } };

/** Tests the end of an order, as its status tells it. */
export function orderEndTests(kit: Kit): void {
  endTests(kit);
  expiryTests(kit);
}

function endTests({ test }: Kit): void {
  test(
    "update order status when failed",
    { needs: [...OPEN_ORDER, "configureFailedOrderStatusResponse", "expectedEventAfterOrderFailure"] },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      scene.route(f.configureFailedOrderStatusResponse, fixture);
      await scene.run(scene.connector.refresh());
      assert.equal(order.isDone, true, "whether the order has ended");
      assertNames(scene.named(f.expectedEventAfterOrderFailure), order, fixture);
      assert.equal(scene.named("orderFilled").length, 0, "the number of orderFilled events");
      assert.equal(scene.connector.inFlightOrders.size, 0, "the number of orders in flight");
    },
  );

  test(
    "update order status when filled waits for the fill and completes once",
    {
      needs: [
        ...OPEN_ORDER,
        ...FILL,
        "auth",
        "orderStatusRequest",
        "configureCompletelyFilledOrderStatusResponse",
        "configureFullFillTradeResponse",
      ],
      scene: TIMINGS,
    },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      const answers = scene.fill(f.configureCompletelyFilledOrderStatusResponse, fixture);
      scene.route(answers);
      await scene.run(scene.connector.refresh());
      assert.equal(order.isAwaitingFills, true, "whether the order waits for its fills");
      assert.equal(scene.named("orderCompleted").length, 0, "the number of orderCompleted events");
      scene.route(f.configureFullFillTradeResponse, fixture);
      await scene.until("done", () => order.isDone);
      const result = await scene.run(order.done);
      assert.equal(result.state, "filled", "the state of the result");
      assert.equal(result.averagePrice?.toFixed(), f.expectedPartialFillPrice, "the average price of the result");
      assert.equal(
        result.fees.get(f.expectedFillFee.token)?.toFixed(),
        f.expectedFillFee.amount,
        "the fees of the order's result",
      );
      const statuses = scene.server.requestsOf(answers);
      const request = statuses.find(({ target, rawBody }) => `${target}${rawBody}`.includes(fixture.exchangeOrderId));
      assertRequest(scene, request, f.orderStatusRequest, { order: fixture, auth: f.auth });
      assertAuthenticated(scene, request, f.auth);
      assertFilledOnce(scene, f, fixture);
      assert.equal(scene.named("orderCompleted").length, 1, "the number of orderCompleted events");
    },
  );

  test(
    "update order status when canceled",
    { needs: [...OPEN_ORDER, "configureCanceledOrderStatusResponse"] },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      scene.route(f.configureCanceledOrderStatusResponse, fixture);
      await scene.run(scene.connector.refresh());
      assert.equal(order.state, "canceled", "the state of the order");
      assert.equal(scene.named("orderCanceled").length, 1, "the number of orderCanceled events");
      assert.equal(scene.named("orderFailed").length, 0, "the number of orderFailed events");
      assert.equal(scene.named("orderFilled").length, 0, "the number of orderFilled events");
    },
  );
}

function expiryTests({ test, fixtures }: Kit): void {
  const { fixture: word, invented, venue } = expiredOrderOf(fixtures);
  test(
    "update order status when expired",
    { needs: [...OPEN_ORDER, "orderStates", "configureCanceledOrderStatusResponse"], invented, scene: { venue } },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      if (invented === undefined) scene.route(f.orderStates.routes, fixture, { orderState: word });
      else scene.route(f.configureCanceledOrderStatusResponse, fixture);
      await scene.run(scene.connector.refresh());
      assert.equal(order.state, "expired", "the state of the order");
      const ended = scene.named("orderExpired").map((event) => [event.clientOrderId, event.exchangeOrderId]);
      assert.deepEqual(ended, [[order.clientOrderId, fixture.exchangeOrderId]], "the orderExpired events");
      for (const other of ["orderCompleted", "orderCanceled", "orderFailed", "orderFilled"] as const)
        assert.deepEqual(scene.named(other), [], other);
      const result = await scene.run(order.done);
      assert.deepEqual([result.ok, result.state], [true, "expired"], "the result of the order");
    },
  );
}
