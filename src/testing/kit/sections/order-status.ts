import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import { COMPONENTS, type Kit, OPEN_ORDER } from "../register.ts";
import { assertRequest } from "../request-shape.ts";
import { assertIds, assertOrderUpdate } from "./facts.ts";
import { orderEndTests } from "./order-ends.ts";

export function orderStatusTests(kit: Kit): void {
  orderEndTests(kit);
  liveTests(kit);
  translationTests(kit);
  openOrderTests(kit);
  lostOrderTests(kit);
  forgottenOrderTest(kit);
}

function liveTests({ test }: Kit): void {
  test(
    "update order status when open changes nothing",
    { needs: [...OPEN_ORDER, "configureOpenOrderStatusResponse"] },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      scene.route(f.configureOpenOrderStatusResponse, fixture);
      await scene.run(scene.connector.refresh());
      assert.equal(order.state, "open", "the state of the order");
      assert.equal(order.executedAmount.toFixed(), "0", "the executed amount of the order");
      assert.equal(scene.named("orderCreated").length, 1, "the number of orderCreated events");
    },
  );

  test(
    "update order status when the request fails changes nothing",
    { needs: [...OPEN_ORDER, "configureHttpErrorOrderStatusResponse"] },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      const answers = scene.fill(f.configureHttpErrorOrderStatusResponse, fixture);
      scene.route(answers);
      scene.connector.refresh().catch(() => undefined);
      await scene.world.advance(5_000);
      assert.ok(scene.server.requestsOf(answers).length > 0, "the status of the order was not asked for");
      assert.equal(order.state, "open", "the state of the order");
      assert.equal(scene.named("orderFailed").length, 0, "the number of orderFailed events");
      assert.equal(scene.named("orderUnknown").length, 0, "the number of orderUnknown events");
    },
  );
}

const STATUSES = [
  ["configureOpenOrderStatusResponse", "open"],
  ["configurePartiallyFilledOrderStatusResponse", "partiallyFilled"],
  ["configureCompletelyFilledOrderStatusResponse", "filled"],
  ["configureCanceledOrderStatusResponse", "canceled"],
] as const;

/** Everything that a status says is read. */
function translationTests({ test, fixtures }: Kit): void {
  const { tradingPair } = fixtures;
  for (const [name, state] of STATUSES) {
    test(
      `a status that says ${state} is read with its amounts, ids and times`,
      {
        needs: [
          ...COMPONENTS,
          ...OPEN_ORDER,
          name,
          "expectedPartialFillAmount",
          "expectedPartialFillPrice",
          "expectedOrderTimestamps",
        ],
      },
      async (scene, f) => {
        const { order, fixture } = await scene.openOrder({ side: "sell" });
        scene.route(f[name], fixture);
        const { context } = createComponents(scene);
        const update = await scene.run(scene.venue.derivative.requestOrderStatus(context(), order.reference()));
        const executedAmount = { open: "0", canceled: "0", filled: "1", partiallyFilled: f.expectedPartialFillAmount };
        const isExecuted = state === "filled" || state === "partiallyFilled";
        assertOrderUpdate(update, fixture, {
          state,
          tradingPair,
          executedAmount: executedAmount[state],
          averagePrice:
            isExecuted && fixtures.orderRowsHaveAveragePrice !== false ? f.expectedPartialFillPrice : undefined,
          updatedMs: f.expectedOrderTimestamps.updatedMs,
        });
        if (!isExecuted)
          assert.ok(
            update.averagePrice === undefined || update.averagePrice.isZero(),
            `an order without a fill has the average price ${update.averagePrice?.toFixed()}`,
          );
      },
    );
  }

  test(
    "every word of the venue for an order's state is read as what it means",
    { needs: [...COMPONENTS, ...OPEN_ORDER, "orderStates"] },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      const { routes, states } = f.orderStates;
      const words = Object.entries(states).flatMap(([state, texts]) =>
        texts.split(" ").map((orderState) => ({ orderState, state })),
      );
      assert.ok(words.length > 1, "the fixtures name the venue's words");
      const { context } = createComponents(scene);
      for (const { orderState, state } of words) {
        scene.route(routes, fixture, { orderState });
        const update = await scene.run(scene.venue.derivative.requestOrderStatus(context(), order.reference()));
        assert.equal(update.state, state, orderState);
      }
    },
  );

  test(
    "a status is asked for by the client order id while there is no other",
    {
      needs: [
        ...COMPONENTS,
        ...OPEN_ORDER,
        "auth",
        "orderStatusRequestByClientOrderId",
        "configureOpenOrderStatusResponse",
      ],
    },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      const answers = scene.fill(f.configureOpenOrderStatusResponse, fixture);
      scene.route(answers);
      const { context } = createComponents(scene);
      const reference = { ...order.reference(), exchangeOrderId: undefined };
      const asked = new Set(scene.server.requests);
      const update = await scene.run(scene.venue.derivative.requestOrderStatus(context(), reference));
      assert.equal(update.exchangeOrderId, fixture.exchangeOrderId, "the exchange order id of the update");
      const [request] = scene.server.requestsOf(answers).filter((each) => !asked.has(each));
      assertRequest(scene, request, f.orderStatusRequestByClientOrderId, { order: fixture, auth: f.auth });
    },
  );
}

function openOrderTests({ test, fixtures: { tradingPair } }: Kit): void {
  for (const side of ["buy", "sell"] as const) {
    test(
      `the list of open orders tells an order to ${side} as it is`,
      { needs: [...OPEN_ORDER, "configureOpenOrdersResponse", "expectedOrderTimestamps"] },
      async (scene, f) => {
        const { fixture } = await scene.openOrder({ side });
        scene.route(f.configureOpenOrdersResponse, fixture);
        const orders = await scene.run(scene.connector.fetchOpenOrders());
        // Rows dated by their creation could never correct terms that another hand changed.
        for (const { updatedAtMs } of orders)
          assert.ok(
            updatedAtMs === undefined || updatedAtMs >= f.expectedOrderTimestamps.updatedMs,
            `an open order is dated ${updatedAtMs}, before its change at ${f.expectedOrderTimestamps.updatedMs}: is it its creation?`,
          );
        const told = orders.map(({ price, amount, executedAmount, averagePrice, updatedAtMs: _, ...others }) => ({
          ...others,
          price: price?.toFixed(),
          amount: amount.toFixed(),
          executedAmount: executedAmount.toFixed(),
          averagePrice: averagePrice?.toFixed() ?? "0",
        }));
        assert.deepEqual(
          told,
          [
            {
              tradingPair,
              exchangeOrderId: fixture.exchangeOrderId,
              clientOrderId: fixture.clientOrderId,
              side,
              type: "limit",
              price: "5000",
              amount: "1",
              executedAmount: "0",
              averagePrice: "0",
              reduceOnly: false,
              state: "open",
              timestampMs: f.expectedOrderTimestamps.createdMs,
            },
          ],
          "what was told",
        );
      },
    );
  }

  test(
    "open orders are listed to the last page",
    { needs: [...COMPONENTS, "auth", "openOrderPages", "expectedExchangeOrderId"] },
    async (scene, f) => {
      const { routes, request, expectedIds } = f.openOrderPages;
      const terms = { clientOrderId: "pw-kit-1", side: "buy", amount: "1", price: "5000" } as const;
      scene.route(routes, { ...terms, exchangeOrderId: f.expectedExchangeOrderId });
      const before = scene.server.requests.length;
      const { context } = createComponents(scene);
      const orders = await scene.run(scene.venue.derivative.fetchOpenOrders(context(), [tradingPair]));
      const ids = orders.map(({ exchangeOrderId }) => exchangeOrderId);
      assertIds(ids, expectedIds);
      const asked = scene.server.requests.slice(before);
      if (request !== undefined) assertRequest(scene, asked[0], request, { auth: f.auth });
    },
  );

  test(
    "an order that is listed as open is not asked for by itself",
    { needs: [...OPEN_ORDER, "configureOpenOrdersResponse", "configureOrderNotFoundResponse"] },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      scene.route(f.configureOrderNotFoundResponse, fixture);
      scene.route(f.configureOpenOrdersResponse, fixture);
      await scene.run(scene.connector.refresh());
      assert.equal(order.state, "open", "the state of the order");
      assert.equal(scene.named("externalOrder").length, 0, "it is ours");
    },
  );
}

function forgottenOrderTest({ test, fixtures }: Kit): void {
  if (fixtures.configureForgottenOrderStatusResponse === undefined) return;
  test(
    "an order that is not known by its id any more is found among those that ended",
    { needs: [...COMPONENTS, ...OPEN_ORDER, "configureForgottenOrderStatusResponse"] },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      scene.route(f.configureForgottenOrderStatusResponse, fixture);
      const { context } = createComponents(scene);
      await scene.world.advance(scene.venue.manifest.clientOrderId.queryableForMs ?? 0);
      const { requestOrderStatus } = scene.venue.derivative;
      const reference = order.reference();
      const byClientId = { ...reference, exchangeOrderId: undefined };
      const update = await scene.run(
        requestOrderStatus(context(), reference).catch(() => requestOrderStatus(context(), byClientId)),
      );
      assert.deepEqual(
        [update.state, update.exchangeOrderId],
        ["canceled", fixture.exchangeOrderId],
        "the status of an order that only the list of ended ones has",
      );
    },
  );
}

function lostOrderTests({ test }: Kit): void {
  const needs = [...OPEN_ORDER, "configureOrderNotFoundResponse", "configureCanceledOrderStatusResponse"] as const;

  test(
    "an open order that the venue no longer knows is unknown, then lost, then found again",
    { needs },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      scene.route(f.configureOrderNotFoundResponse, fixture);
      await scene.run(scene.connector.refresh());
      assert.equal(order.state, "unknown", "the state of the order");
      assert.equal(scene.named("orderCanceled").length, 0, "the number of orderCanceled events");
      await scene.world.advance(330_000);
      assert.equal(order.state, "lost", "the state of the order");
      assert.equal(scene.connector.lostOrders.length, 1, "the number of lost orders");
      scene.route(f.configureCanceledOrderStatusResponse, fixture);
      await scene.world.advance(120_000);
      assert.equal(order.state, "canceled", "the state of the order");
      assert.equal(scene.named("orderLost").length, 1, "the number of orderLost events");
      assert.equal(scene.named("orderFailed").length, 0, "the number of orderFailed events");
    },
  );
}
