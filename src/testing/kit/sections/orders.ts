import { OrderRejectedError, PerpwireError } from "../../../model/error.ts";
import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import { A_MOMENT_MS, assertLogged, COMPONENTS, type Kit, OPEN_ORDER } from "../register.ts";
import { assertAuthenticated, assertRequest } from "../request-shape.ts";
import { orderRuleTests } from "./order-rules.ts";
import { TWO_CANCELS, twoToCancel } from "./two-orders.ts";

/** Fixtures are dated by the day of their scene. */
const MAX_AGE_MS = 86_400_000;

export function orderTests(kit: Kit): void {
  creationTests(kit);
  orderRuleTests(kit);
  cancelationTests(kit);
  cancelAllTests(kit);
}

function creationTests({ test }: Kit): void {
  for (const side of ["buy", "sell"] as const) {
    test(
      side === "buy" ? "create order successfully" : "create sell order successfully",
      { needs: [...OPEN_ORDER, "orderCreationRequest", "auth"] },
      async (scene, f) => {
        const { order, fixture } = await scene.openOrder({ side });
        const [request] = scene.server.requestsOf(scene.fill(f.orderCreationRequestSuccessfulMockResponse, fixture));
        assertRequest(scene, request, f.orderCreationRequest, { order: fixture, auth: f.auth });
        assertAuthenticated(scene, request, f.auth);
        assert.equal(order.exchangeOrderId, f.expectedExchangeOrderId, "the exchange order id of the order");
        assert.equal(order.state, "open", "the state of the order");
        const created = scene.named("orderCreated");
        assert.deepEqual(
          created.map((event) => [event.exchangeOrderId, event.clientOrderId, event.side, event.orderType]),
          [[f.expectedExchangeOrderId, order.clientOrderId, side, "limit"]],
          "the orderCreated events",
        );
        const ageMs = scene.world.now() - (created[0]?.timestampMs ?? 0);
        assert.ok(Math.abs(ageMs) < MAX_AGE_MS, `the event's timestampMs is ${ageMs} ms before now`);
      },
    );
  }

  test(
    "create order fails and raises failure event",
    { needs: ["orderCreationRequestRefusedMockResponse", "expectedExchangeOrderId"] },
    async (scene, f) => {
      const order = scene.order();
      scene.route(f.orderCreationRequestRefusedMockResponse, scene.fixture(order));
      const accepted = await scene.run(order.accepted);
      assert.ok(
        !accepted.ok && accepted.error instanceof OrderRejectedError,
        `orderCreationRequestRefusedMockResponse is no refusal: ${accepted.ok ? "the order was taken" : String(accepted.error)}`,
      );
      assert.equal(accepted.error.outcome, "definite", "the outcome of the error of the accepted");
      assert.equal((await scene.run(order.done)).state, "failed", "the state");
      const [failure, ...others] = scene.named("orderFailed");
      assert.deepEqual(others, [], "further events");
      const { clientOrderId, exchangeOrderId, tradingPair, side, orderType, error } =
        failure ?? assert.fail("no failure was told");
      assert.deepEqual(
        { clientOrderId, exchangeOrderId, tradingPair, side, orderType, outcome: error.outcome },
        {
          ...{ clientOrderId: order.clientOrderId, exchangeOrderId: undefined, tradingPair: order.tradingPair },
          ...{ side: "buy", orderType: "limit", outcome: "definite" },
        },
        "the orderFailed event",
      );
      const ageMs = scene.world.now() - (failure?.timestampMs ?? 0);
      assert.ok(Math.abs(ageMs) < MAX_AGE_MS, `the event's timestampMs is ${ageMs} ms before now`);
      assert.equal(scene.named("orderUnknown").length, 0, "the number of orderUnknown events");
      assert.equal(scene.connector.inFlightOrders.size, 0, "the number of orders in flight");
    },
  );
}

function cancelationTests({ test }: Kit): void {
  test(
    "cancel order successfully",
    {
      needs: [
        ...OPEN_ORDER,
        "configureSuccessfulCancelationResponse",
        "orderCancelationRequest",
        "auth",
        "isCancelRequestExecutedSynchronouslyByServer",
        "orderEventForCanceledOrderWebsocketUpdate",
      ],
    },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      const answers = scene.fill(f.configureSuccessfulCancelationResponse, fixture);
      scene.route(answers);
      const canceling = scene.connector.cancel(order.clientOrderId);
      await scene.until("the request", () => scene.server.requestsOf(answers).length === 1);
      const [request] = scene.server.requestsOf(answers);
      assertRequest(scene, request, f.orderCancelationRequest, { order: fixture, auth: f.auth });
      assertAuthenticated(scene, request, f.auth);
      await scene.world.advance(A_MOMENT_MS);
      const isCanceled = f.isCancelRequestExecutedSynchronouslyByServer;
      assert.equal(order.state, isCanceled ? "canceled" : "pendingCancel", "what the answer alone tells");
      scene.send(f.orderEventForCanceledOrderWebsocketUpdate, fixture);
      assert.deepEqual(
        await scene.run(canceling),
        { clientOrderId: order.clientOrderId, success: true },
        "the result of the cancel",
      );
      assert.equal(order.state, "canceled", "the state of the order");
      assert.equal(order.reason, "user", "the reason of the order");
      assert.equal(order.executedAmount.toFixed(), "0", "the executed amount of the order");
      assert.equal(scene.named("orderCanceled").length, 1, "the number of orderCanceled events");
      assert.equal(scene.named("orderFilled").length, 0, "the number of orderFilled events");
    },
  );

  test(
    "the answer to a cancel is read as the end only where it is one",
    {
      needs: [
        ...COMPONENTS,
        ...OPEN_ORDER,
        "configureSuccessfulCancelationResponse",
        "isCancelRequestExecutedSynchronouslyByServer",
      ],
    },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      scene.route(f.configureSuccessfulCancelationResponse, fixture);
      const { factory, markets } = createComponents(scene);
      const { request, parse } = scene.venue.derivative.placeCancel(markets, order.reference());
      const end = parse(await scene.run(factory.getRestAssistant().send(request)));
      assert.equal(
        end?.state,
        f.isCancelRequestExecutedSynchronouslyByServer ? "canceled" : undefined,
        "the state that the answer tells",
      );
    },
  );

  test(
    "cancel order raises failure event when request fails",
    {
      needs: [...OPEN_ORDER, "configureErroneousCancelationResponse", "configureOpenOrderStatusResponse"],
    },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      scene.route(f.configureErroneousCancelationResponse, fixture);
      scene.route(f.configureOpenOrderStatusResponse, fixture);
      const result = await scene.run(scene.connector.cancel(order.clientOrderId, 1_000));
      assert.equal(result.success, false, "whether the cancel succeeded");
      assert.equal(order.state, "open", "the state of the order");
      assertLogged(scene, /a cancel was not accepted/);
      assert.equal(scene.named("orderCanceled").length, 0, "the number of orderCanceled events");
    },
  );

  test(
    "cancel order not found in the exchange is looked up, and ends as the venue says",
    {
      needs: [...OPEN_ORDER, "configureOrderNotFoundCancelationResponse", "configureCanceledOrderStatusResponse"],
    },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      scene.route(f.configureOrderNotFoundCancelationResponse, fixture);
      scene.route(f.configureCanceledOrderStatusResponse, fixture);
      const result = await scene.run(scene.connector.cancel(order.clientOrderId));
      assert.equal(result.success, true, "whether the cancel succeeded");
      assert.equal(order.state, "canceled", "the state of the order");
      assert.equal(scene.named("orderCanceled").length, 1, "the number of orderCanceled events");
      assert.equal(scene.named("orderFailed").length, 0, "the number of orderFailed events");
    },
  );

  test(
    "cancel order not found in the exchange that had been filled ends as filled",
    {
      needs: [
        ...OPEN_ORDER,
        "configureOrderNotFoundCancelationResponse",
        "configureCompletelyFilledOrderStatusResponse",
        "configureFullFillTradeResponse",
      ],
    },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      scene.route(f.configureOrderNotFoundCancelationResponse, fixture);
      scene.route(f.configureCompletelyFilledOrderStatusResponse, fixture);
      scene.route(f.configureFullFillTradeResponse, fixture);
      const result = await scene.run(scene.connector.cancel(order.clientOrderId));
      assert.equal(result.success, true, "whether the cancel succeeded");
      assert.equal(order.state, "filled", "the state of the order");
      assert.equal(scene.named("orderCanceled").length, 0, "the number of orderCanceled events");
      assert.equal(scene.named("orderFilled").length, 1, "the number of orderFilled events");
    },
  );
}

function cancelAllTests({ test }: Kit): void {
  test(
    "cancel two orders with cancel all and one fails",
    {
      needs: TWO_CANCELS,
    },
    async (scene, f) => {
      const { one, other, routes } = await twoToCancel(scene, f);
      const all = scene.connector.cancelAll(2_000);
      const count = scene.connector.capabilities.batchCancel ? 1 : 2;
      await scene.until("the requests", () => scene.server.requestsOf(routes).length === count);
      scene.send(f.orderEventForCanceledOrderWebsocketUpdate, one.fixture);
      const results = await scene.run(all);
      assert.deepEqual(
        results.map(({ clientOrderId, success }) => [clientOrderId, success]),
        [
          [one.order.clientOrderId, true],
          [other.order.clientOrderId, false],
        ],
        "the results",
      );
      assert.ok(
        results[1]?.error instanceof PerpwireError,
        `the cancel that failed has the error ${String(results[1]?.error)}`,
      );
      assert.deepEqual(
        [one.order.state, other.order.state],
        ["canceled", "open"],
        "the state of the order of the one and state of the order of the other",
      );
    },
  );
}
